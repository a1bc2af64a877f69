/**
 * The terminology resources as this room reads them: R4 members, and those R5 members that are harmless in R4 input
 * (`versionNeeded`, properties in an expansion). Unknown members are kept and ignored.
 * https://hl7.org/fhir/R4/codesystem.html, valueset.html, conceptmap.html
 */
import type { Coding, Resource } from "../resource.ts";

export type Extension = {
  url: string; extension?: Extension[];
  valueString?: string; valueCode?: string; valueUri?: string; valueCanonical?: string; valueBoolean?: boolean;
  valueDecimal?: number; valueInteger?: number; valueMarkdown?: string; [value: string]: unknown;
};

/** Status, publication and display members that all three canonical resources share. */
export type Canonical = Resource & {
  url?: string; version?: string; name?: string; title?: string; status?: string; experimental?: boolean; language?: string; extension?: Extension[];
};

export type Designation = { language?: string; use?: Coding; additionalUse?: Coding[]; value: string; extension?: Extension[] };

export type ConceptProperty = {
  code: string; valueCode?: string; valueCoding?: Coding; valueString?: string; valueInteger?: number; valueBoolean?: boolean;
  valueDateTime?: string; valueDecimal?: number;
};

export type CodeSystemConcept = {
  code: string; display?: string; definition?: string; designation?: Designation[]; property?: ConceptProperty[]; extension?: Extension[]; concept?: CodeSystemConcept[];
};

export type PropertyDefinition = { code: string; uri?: string; description?: string; type?: string };

export type ContentMode = "not-present" | "example" | "fragment" | "complete" | "supplement";

export type CodeSystem = Canonical & {
  content?: ContentMode; caseSensitive?: boolean; hierarchyMeaning?: string; valueSet?: string; supplements?: string; versionNeeded?: boolean;
  versionAlgorithmString?: string; count?: number; property?: PropertyDefinition[]; concept?: CodeSystemConcept[];
};

export type ComposeConcept = { code: string; display?: string; designation?: Designation[]; extension?: Extension[] };
export type ComposeFilter = { property: string; op: string; value?: string };
export type Include = { system?: string; version?: string; concept?: ComposeConcept[]; filter?: ComposeFilter[]; valueSet?: string[]; extension?: Extension[] };
export type Compose = { lockedDate?: string; inactive?: boolean; include?: Include[]; exclude?: Include[]; extension?: Extension[] };

export type Contains = {
  system?: string; version?: string; code?: string; display?: string; abstract?: boolean; inactive?: boolean;
  designation?: Designation[]; property?: ConceptProperty[]; extension?: Extension[]; contains?: Contains[];
};
export type ExpansionParameter = { name: string; [value: string]: unknown };
export type Expansion = {
  identifier?: string; timestamp?: string; total?: number; offset?: number; parameter?: ExpansionParameter[]; property?: { code: string; uri?: string }[];
  extension?: Extension[]; contains?: Contains[];
};

export type ValueSet = Canonical & { compose?: Compose; expansion?: Expansion; immutable?: boolean };

/** Elements of a map; R5 says `relationship` where R4 says `equivalence`. */
export type MapTarget = { code?: string; display?: string; equivalence?: string; relationship?: string; comment?: string; product?: MapDependency[]; dependsOn?: MapDependency[] };
export type MapDependency = { property?: string; attribute?: string; system?: string; value?: string };
export type MapElement = { code?: string; display?: string; noMap?: boolean; target?: MapTarget[] };
export type Unmapped = { mode: string; code?: string; display?: string; url?: string; otherMap?: string };
export type MapGroup = { source?: string; sourceVersion?: string; target?: string; targetVersion?: string; element?: MapElement[]; unmapped?: Unmapped };
export type ConceptMap = Canonical & {
  sourceUri?: string; sourceCanonical?: string; targetUri?: string; targetCanonical?: string;
  sourceScopeUri?: string; sourceScopeCanonical?: string; targetScopeUri?: string; targetScopeCanonical?: string; group?: MapGroup[];
};

export type TerminologyResource = CodeSystem | ValueSet | ConceptMap;

export const standardsStatusExtension = "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status";

/** The text of an extension with a string-like value. */
export function extensionText(of: { extension?: readonly Extension[] } | undefined, url: string): string | undefined {
  const found = of?.extension?.find((extension) => extension.url === url);
  return found && (found.valueCode ?? found.valueString ?? found.valueUri ?? found.valueCanonical);
}
