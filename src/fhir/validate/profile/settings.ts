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
  /** Whether a canonical that leads to something known must lead to the right type. */
  checkTargets: boolean;
  /** Absolute references are to FHIR servers, so that their path names a resource type. */
  restReferences: boolean;
  /** Whether the profiles on Parameters that an OperationDefinition names may narrow its parameters (R4) or say the same (HL7's validator). */
  operationProfiles: "narrow" | "equal";
  /** "hl7": the few faults that HL7's validator tells at another place than the element's are told there (places.ts). */
  places: "exact" | "hl7";
};

/** Names that are kept for examples (RFC 2606), and one that examples have always used. */
export const exampleUrl = /^https?:\/\/([\w-]+\.)*(example\.(org|com|net)|acme\.com)([/:]|$)/;

export const defaultSettings: Settings = {
  unknownExtensions: "warning", extensionDomains: [], exampleUrls: "accept", htmlInStrings: "information",
  htmlInMarkdown: "warning", wrongDisplay: "error", checkTargets: false, restReferences: false, operationProfiles: "narrow", places: "exact",
};
