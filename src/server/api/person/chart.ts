/**
 * One person's chart as the screens read it: the compartment, parsed once, with the look-ups every view shares.
 * Records entered in error, cancelled or refuted are not part of it.
 */
import type { Facts } from "#findings/method.ts";
import type { Resource } from "#fhir/resource.ts";
import type { Cited, PersonSummary } from "../contract.ts";
import { humanName } from "./labels.ts";
import { nameBy, noNames, type Names, type Reference } from "./named.ts";

export type Chart = {
  patient: Resource;
  resources: readonly Resource[];
  of(type: string): readonly Resource[];
  facts: Facts;
  /** Practitioners, institutions and devices it speaks of. */
  names: Names;
};

const struck = new Set(["entered-in-error", "cancelled", "refuted", "not-done"]);

function isStruck(resource: Resource): boolean {
  if (struck.has(String(resource.status ?? ""))) return true;
  const verification = (resource.verificationStatus as { coding?: { code?: string }[] } | undefined)?.coding ?? [];
  return verification.some(({ code }) => code !== undefined && struck.has(code));
}

export function openChart(patientId: string, all: readonly Resource[], asOf: string, names: Names = noNames): Chart | undefined {
  const patient = all.find((resource) => resource.resourceType === "Patient" && resource.id === patientId);
  if (!patient) return undefined;
  const resources = all.filter((resource) => !isStruck(resource));
  const byType = Map.groupBy(resources, (resource) => resource.resourceType);
  return { patient, resources, of: (type) => byType.get(type) ?? [], facts: { subject: `Patient/${patientId}`, asOf, resources: all }, names };
}

export function cited(resource: Resource): Cited {
  return { reference: `${resource.resourceType}/${resource.id}`, ...(resource.meta?.versionId ? { version: resource.meta.versionId } : {}) };
}

/** When the thing happened, whatever its type calls it. */
export function happened(resource: Resource): { start?: string; end?: string } {
  const period = (value: unknown): { start?: string; end?: string } | undefined => value as { start?: string; end?: string } | undefined;
  const text = (name: string): string | undefined => (typeof resource[name] === "string" ? (resource[name] as string) : undefined);
  switch (resource.resourceType) {
    case "Encounter": return period(resource.period) ?? {};
    case "Condition": return { start: text("onsetDateTime") ?? text("recordedDate"), end: text("abatementDateTime") };
    case "MedicationRequest": {
      const bounds = period((resource.dosageInstruction as { timing?: { repeat?: { boundsPeriod?: unknown } } }[] | undefined)?.[0]?.timing?.repeat?.boundsPeriod)
        ?? period((resource.dispenseRequest as { validityPeriod?: unknown } | undefined)?.validityPeriod);
      return { start: bounds?.start ?? text("authoredOn"), end: bounds?.end };
    }
    case "MedicationStatement": return period(resource.effectivePeriod) ?? { start: text("effectiveDateTime") ?? text("dateAsserted") };
    case "Procedure": return period(resource.performedPeriod) ?? { start: text("performedDateTime") };
    case "Immunization": return { start: text("occurrenceDateTime") };
    case "AllergyIntolerance": return { start: text("onsetDateTime") ?? text("recordedDate") };
    case "RiskAssessment": return { start: text("occurrenceDateTime") };
    case "Composition": case "DocumentReference": return { start: text("date") };
    default: return period(resource.effectivePeriod) ?? { start: text("effectiveDateTime") ?? text("effectiveInstant") ?? text("issued") ?? text("date") };
  }
}

export function ageOn(birthDate: string | undefined, at: string): number | undefined {
  if (!birthDate || !/^\d{4}-\d{2}-\d{2}/.test(birthDate)) return undefined;
  const years = Number(at.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return at.slice(5, 10) < birthDate.slice(5, 10) ? years - 1 : years;
}

export function personSummary(patient: Resource, asOf: string, names: Names = noNames): PersonSummary {
  const birthDate = typeof patient.birthDate === "string" ? patient.birthDate : undefined;
  const deceased = typeof patient.deceasedDateTime === "string" ? patient.deceasedDateTime : patient.deceasedBoolean === true ? "yes" : undefined;
  const age = ageOn(birthDate, deceased !== undefined && deceased !== "yes" ? deceased : asOf);
  const sex = patient.gender;
  const institution = nameBy(names, patient.managingOrganization as Reference | undefined);
  const identifiers = (patient.identifier as { value?: string; type?: { coding?: { code?: string }[] } }[] | undefined) ?? [];
  const mrn = (identifiers.find((identifier) => identifier.type?.coding?.some(({ code }) => code === "MR")) ?? identifiers[0])?.value;
  return {
    id: patient.id!, name: humanName(patient.name), ...(birthDate ? { birthDate } : {}), ...(age === undefined ? {} : { ageYears: age }),
    sex: sex === "male" || sex === "female" || sex === "other" ? sex : "unknown",
    ...(deceased ? { deceased } : {}), ...(mrn ? { mrn } : {}), ...(institution ? { institution } : {}),
  };
}
