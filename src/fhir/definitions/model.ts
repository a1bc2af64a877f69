/**
 * The words of the R4 definitions. `Compiled` is the compact form at rest (build/fhir-r4.json, plain JSON);
 * the other types are what load.ts answers.
 */

/** resource: Patient; complex: HumanName; primitive: dateTime; backbone: "Observation.component". */
export type TypeKind = "resource" | "complex" | "primitive" | "backbone";

/** Search parameter types (https://hl7.org/fhir/R4/search.html#ptypes). */
export type SearchType = "number" | "date" | "string" | "token" | "reference" | "composite" | "quantity" | "uri" | "special";

export type SearchParameter = {
  url: string;
  code: string;
  type: SearchType;
  base: readonly string[];
  /** FHIRPath; absent for _text, _content, _query. */
  expression?: string;
  /** Resource types a reference parameter may point to. */
  target?: readonly string[];
  /** For composites: url of each component parameter and its FHIRPath relative to `expression`. */
  component?: readonly { definition: string; expression: string }[];
};

/** One element as stored: short names keep the file small. */
export type CompiledElement = {
  /** Name without [x]. */
  n: string;
  min: number;
  /** -1 means *. */
  max: number;
  /** Type names; a backbone or content reference is the path of the element that defines it. */
  t: string[];
  /** 1 when the element is a choice, value[x]. */
  c?: 1;
  /** Allowed target types of Reference. */
  r?: string[];
  /** Required binding: value set url without version. */
  b?: string;
  /** 1 when the type is SimpleQuantity (no comparator). */
  q?: 1;
  /** 1 when part of the summary; 1 when a modifier. */
  s?: 1;
  m?: 1;
};

export type CompiledType = { kind: TypeKind; base?: string; abstract?: 1; regex?: string; e: CompiledElement[] };

export type Compiled = {
  compiler: number;
  source: string;
  fhirVersion: string;
  types: Record<string, CompiledType>;
  /** Value sets of required bindings that can be enumerated here: url → system → codes. */
  valueSets: Record<string, Record<string, string[]>>;
  searchParameters: SearchParameter[];
  /** Patient compartment: type → search parameter codes that place a resource in it. */
  patientCompartment: Record<string, string[]>;
};

/** Codes of an enumerated value set. */
export type CodeSet = {
  url: string;
  /** Every code, whatever its system: for elements of type code. */
  codes: ReadonlySet<string>;
  /** system → codes: for Coding and CodeableConcept. */
  bySystem: ReadonlyMap<string, ReadonlySet<string>>;
};

export type ElementDefinition = {
  /** "Observation.value": path without [x]. */
  path: string;
  /** "value" */
  name: string;
  /** True for value[x]. */
  choice: boolean;
  min: number;
  /** Infinity for *. */
  max: number;
  /** Names for `typeDefinition`: "Quantity", "Observation.component", "Resource" for any resource. */
  types: readonly string[];
  /** JSON member names with their types: value[x] has valueQuantity, valueString…; others only themselves. */
  members: readonly { name: string; type: string }[];
  /** Allowed target types of Reference; undefined when the element is no Reference, ["Resource"] for any. */
  targets?: readonly string[];
  /** Value set url of a required binding. `codeSet(url)` answers its codes when they can be enumerated. */
  binding?: string;
  simpleQuantity: boolean;
  summary: boolean;
  modifier: boolean;
};

export type TypeDefinition = {
  name: string;
  kind: TypeKind;
  /** Next type up: Patient → DomainResource → Resource; code → string → Element. */
  base?: string;
  abstract: boolean;
  /** Primitive types: the specification's regular expression, anchored. */
  regex?: RegExp;
  /** In the specification's order, inherited ones included. */
  elements: readonly ElementDefinition[];
  /** By JSON member name ("valueQuantity"). */
  members: ReadonlyMap<string, { element: ElementDefinition; type: string }>;
  /** By element name ("value"). */
  byName: ReadonlyMap<string, ElementDefinition>;
};
