/**
 * Patient compartment: whose record a resource belongs to.
 * Source: https://hl7.org/fhir/R4/compartmentdefinition-patient.html: a resource is in a Patient's compartment
 * when one of the listed reference parameters names that Patient; a Patient is in its own.
 */
import type { Resource } from "../resource.ts";
import { patientCompartmentParams } from "../definitions/load.ts";
import { indexRows } from "../search/index-rows.ts";
import type { IndexRows } from "../search/rows.ts";

/**
 * Ids of the Patients on this node that a resource belongs to, each once, sorted. Empty for types outside the
 * compartment and for subjects given only by identifier, urn or absolute url. `rows`: the resource's index rows, when at hand.
 */
export function patientCompartments(resource: Resource, rows: IndexRows = indexRows(resource)): string[] {
  const params = patientCompartmentParams(resource.resourceType);
  if (!params) return [];
  const ids = new Set<string>();
  if (resource.resourceType === "Patient" && resource.id !== undefined) ids.add(resource.id);
  for (const row of rows.references)
    if (row.targetType === "Patient" && row.targetId !== undefined && params.includes(row.param)) ids.add(row.targetId);
  return [...ids].sort();
}
