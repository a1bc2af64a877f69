/** What the engine can do, as a server's `metadata?mode=terminology`: https://hl7.org/fhir/R4/terminologycapabilities.html */
import type { Resource } from "../../resource.ts";

const expansionParameters: Readonly<Record<string, string>> = {
  url: "canonical url of the value set, with or without |version", valueSet: "a value set brought along", valueSetVersion: "its version",
  filter: "words that begin words of a display or designation", offset: "concepts left out at the front", count: "concepts of the page; 0 gives the total alone",
  activeOnly: "without inactive concepts", excludeNested: "flat", excludeNotForUI: "without abstract concepts", includeDefinition: "with the value set's definition",
  includeDesignations: "with designations", designation: "uses (system|code) and languages (urn:ietf:bcp:47|code) of the designations", displayLanguage: "languages of the display, weighted as in Accept-Language",
  property: "properties of the concepts to show; definition for the definition, * for all", useSupplement: "supplements to lay over code systems",
  "system-version": "version of a system where the value set names none", "check-system-version": "version that a system must have", "force-system-version": "version of a system whatever the value set names",
  "default-valueset-version": "version of an imported value set where none is named", "check-valueset-version": "version that it must have", "force-valueset-version": "version of it whatever is named", "tx-resource": "resources for this request alone",
};

export type Described = {
  version: string; date: string;
  /** Systems with content here. */
  systems: readonly { url: string; versions: readonly string[] }[];
};

export function terminologyCapabilities({ version, date, systems }: Described): Resource {
  return {
    resourceType: "TerminologyCapabilities", version, name: "SalusTerminology", title: "Salus terminology", status: "active", date, kind: "instance", codeSearch: "all",
    codeSystem: systems.map(({ url, versions }) => ({ uri: url, ...(versions.length > 0 ? { version: versions.map((code) => ({ code })) } : {}), subsumption: true })),
    expansion: { hierarchical: true, paging: true, incomplete: false, parameter: Object.entries(expansionParameters).map(([name, documentation]) => ({ name, documentation })), textFilter: "every word begins a word of the display, of a designation, or of the code" },
    validateCode: { translations: true }, translation: { needsMap: true },
  };
}
