/**
 * What a concept's properties and extensions say of its state. Properties are known by the uri their code system gives
 * them (https://hl7.org/fhir/R4/codesystem-concept-properties.html), else by their customary code.
 */
import { extensionText, standardsStatusExtension, type CodeSystemConcept, type ConceptProperty, type PropertyDefinition } from "./resources.ts";

const uri = "http://hl7.org/fhir/concept-properties#";

/** Code in this system → the standard property it is. */
export type PropertyRoles = ReadonlyMap<string, "notSelectable" | "status" | "inactive" | "deprecated" | "parent" | "child">;

const roles = ["notSelectable", "status", "inactive", "deprecated", "parent", "child"] as const;

/** By uri first; a customary code counts whatever uri its system gives it. */
export function propertyRoles(definitions: readonly PropertyDefinition[]): PropertyRoles {
  const found = new Map<string, (typeof roles)[number]>([["abstract", "notSelectable"], ["subsumedBy", "parent"]]);
  for (const role of roles) {
    found.set(role, role);
    for (const { code, uri: defined } of definitions) if (defined === uri + role) found.set(code, role);
  }
  return found;
}

/** The value of a property as text; a Coding gives its code. */
export function propertyText(property: ConceptProperty): string | undefined {
  const value = property.valueCode ?? property.valueString ?? property.valueBoolean ?? property.valueInteger ?? property.valueDecimal ?? property.valueDateTime ?? property.valueCoding?.code;
  return value === undefined ? undefined : String(value);
}

export function stateOf(concept: CodeSystemConcept, properties: PropertyRoles): { abstract: boolean; inactive: boolean; status?: string } {
  let abstract = false;
  let inactive = false;
  let status: string | undefined;
  let implied: string | undefined;
  for (const property of concept.property ?? []) {
    const role = properties.get(property.code);
    if (role === undefined) continue;
    const text = propertyText(property);
    if (role === "notSelectable") abstract ||= text === "true";
    else if (role === "status") {
      status ??= text;
      inactive ||= text === "inactive" || text === "retired";
    } else if (role === "inactive" && text === "true") {
      inactive = true;
      implied ??= "inactive";
    } else if (role === "deprecated" && text === "true") implied = "deprecated";
  }
  const standards = extensionText(concept, standardsStatusExtension);
  inactive ||= standards === "withdrawn";
  status ??= implied ?? standards;
  return status === undefined ? { abstract, inactive } : { abstract, inactive, status };
}
