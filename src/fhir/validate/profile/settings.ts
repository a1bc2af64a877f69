/** What a validation is to be strict about. The defaults are what a person at the command line wants. */
export type Settings = {
  /** An extension whose definition is not known. */
  unknownExtensions: "error" | "warning" | "ignore";
  /** Extension urls beginning with one of these are taken as they are. */
  extensionDomains: readonly string[];
  /** example.org and its like in urls. */
  exampleUrls: "refuse" | "accept";
  /** Text that looks like HTML tags in strings: "error" where strings go into pages unescaped. */
  htmlInStrings: "error" | "information";
  htmlInMarkdown: "error" | "warning" | "accept";
  /** A display that is none of the concept's. */
  wrongDisplay: "error" | "warning";
  /** Whether a reference or canonical must lead to something of the right type that is here. */
  checkTargets: boolean;
  /** Absolute references are to FHIR servers, so that their path names a resource type. */
  restReferences: boolean;
};

export const defaultSettings: Settings = {
  unknownExtensions: "warning", extensionDomains: [], exampleUrls: "accept", htmlInStrings: "information",
  htmlInMarkdown: "warning", wrongDisplay: "error", checkTargets: false, restReferences: false,
};
