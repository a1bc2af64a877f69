/** Names of types: GraphQL allows no points, so the backbone Patient.contact is PatientContact there. */
import { resourceTypes, typeDefinition } from "../definitions/load.ts";

/** "Observation.referenceRange" → "ObservationReferenceRange"; pages of searches: "PatientConnection", "PatientEdge". */
export function graphqlName(type: string): string {
  if (type.startsWith("Connection:")) return `${type.slice(11)}Connection`;
  if (type.startsWith("Edge:")) return `${type.slice(5)}Edge`;
  return type.includes(".") ? type.split(".").map(part => part[0]!.toUpperCase() + part.slice(1)).join("") : type;
}

let reached: readonly string[] | undefined;

/** Every type that a query can come to and that has fields: resources first, then datatypes and backbones as met. */
export function typesReached(): readonly string[] {
  if (reached) return reached;
  const found = new Set<string>([...resourceTypes(), "Resource", "DomainResource", "Element"]);
  for (const type of found)
    for (const element of typeDefinition(type)?.elements ?? [])
      for (const { type: inner } of element.members) if (typeDefinition(inner)?.kind !== "primitive") found.add(inner);
  return reached = [...found];
}

let backbones: ReadonlyMap<string, string> | undefined;

/** FHIR's name of a type that a fragment names; undefined when R4 has none. */
export function fhirName(name: string): string | undefined {
  if (typeDefinition(name) && typeDefinition(name)!.kind !== "primitive") return name;
  backbones ??= new Map(typesReached().filter(type => type.includes(".")).map(type => [graphqlName(type), type]));
  return backbones.get(name);
}
