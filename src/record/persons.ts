/**
 * Whose record a resource belongs to, and who cares for them.
 * Persons: the Patients of R4's compartment definition; for types outside it (Device, GuidanceResponse, Contract, …)
 * every Patient a reference parameter names; for resources that reach a person only through their target
 * (Provenance, AuditEvent, Task, …) the persons of the targets; for a Binary those of its securityContext.
 */
import { patientCompartments } from "#fhir/compartment/patient.ts";
import { patientCompartmentParams } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";
import { securityContext } from "#fhir/search/index-rows.ts";
import type { IndexRows } from "#fhir/search/rows.ts";
import { sharedTypes } from "./access.ts";
import { paramKey, ridOf } from "./keys.ts";
import { storedParams } from "./stored-params.ts";

/** Parameters through which a resource without a person of its own takes the persons of its targets. */
const inheriting: Readonly<Record<string, readonly string[]>> = {
  Provenance: ["target"], AuditEvent: ["entity"], Task: ["focus", "based-on", "part-of"], Linkage: ["item", "source"],
  VerificationResult: ["target"], List: ["item"], Basic: ["subject"], DetectedIssue: ["implicated"], Binary: [securityContext],
};

/** Whether resources of the type may take their persons from what they refer to. */
export function inheritsPersons(type: string): boolean {
  return inheriting[type] !== undefined;
}

/** Ids of the Patients that the resource itself names. */
export function patientsOf(resource: Resource, index: IndexRows): string[] {
  const own = patientCompartments(resource, index);
  if (own.length || patientCompartmentParams(resource.resourceType)) return own;
  const ids = new Set<string>();
  for (const row of index.references) if (row.targetType === "Patient" && row.targetId !== undefined) ids.add(row.targetId);
  return [...ids].sort();
}

/**
 * Whether all resources of the type lie in the bucket of each of their persons, or in one that is noted as that person's
 * stray: where persons are those the resource itself refers to, and nobody's are not for everybody.
 */
export function liesWithPersons(type: string): boolean {
  return patientCompartmentParams(type) !== undefined && !inheritsPersons(type) && !sharedTypes.has(type);
}

/** Local resources whose persons a resource without own persons takes. */
export function targetsOf(resource: Resource, index: IndexRows): { type: string; id: string }[] {
  const params = inheriting[resource.resourceType];
  if (!params) return [];
  const found = new Map<string, { type: string; id: string }>();
  for (const { param, targetType, targetId } of index.references)
    if (targetType !== undefined && targetId !== undefined && params.includes(param)) found.set(`${targetType}/${targetId}`, { type: targetType, id: targetId });
  return [...found.values()];
}

/** The persons a resource takes from its targets, given those of each. A Binary is for everybody where its securityContext is. */
export function inheritedPersons(type: string, targets: readonly (readonly string[])[]): string[] {
  const all = new Set(targets.flat()), shared = all.delete("0");
  return shared && type === "Binary" ? ["0"] : [...all].sort();
}

/** Keys of all parameters through which persons are inherited: to find the heirs of a resource. */
export function inheritingParams(): number[] {
  return Object.entries(inheriting).flatMap(([type, params]) => params.flatMap((param) => storedParams(type, param)).map((param) => paramKey(type, param)));
}

const carers: Readonly<Record<string, { params: readonly string[]; void: readonly string[] }>> = {
  Patient: { params: ["general-practitioner"], void: [] },
  CareTeam: { params: ["participant"], void: ["entered-in-error", "inactive", "proposed"] },
  Encounter: { params: ["practitioner", "participant"], void: ["entered-in-error", "cancelled"] },
};

/** rids of the practitioners to whom this resource gives the care of its persons. */
export function careOf(resource: Resource, index: IndexRows): string[] {
  const rule = carers[resource.resourceType];
  if (!rule || rule.void.includes(String(resource.status))) return [];
  const found = new Set<string>();
  for (const { param, targetType, targetId } of index.references)
    if (targetType === "Practitioner" && targetId !== undefined && rule.params.includes(param)) found.add(ridOf("Practitioner", targetId));
  return [...found];
}
