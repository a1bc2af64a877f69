/**
 * Who sees which rows, as SQL, of rows that carry persons; of index rows see about.ts. A resource is filed under its
 * persons; shared ones (organisations, terminology, …, see `sharedTypes`) under person 0, which every signed-in person sees.
 * - patient: rows of the own compartment and shared ones.
 * - practitioner: rows of people in their care (table `care`: general practitioner, care team, encounter) and shared ones.
 */
import { unreachable } from "#platform/result.ts";
import { ridOf } from "./keys.ts";
import type { AccessFilter, Caller } from "./record.ts";
import { raw, sql, type Sql } from "./sql.ts";

/** Without a person these are seen by every patient and practitioner of the node. */
export const sharedTypes: ReadonlySet<string> = new Set([
  "ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition", "ConceptMap", "Device",
  "DeviceDefinition", "Endpoint", "EventDefinition", "Evidence", "EvidenceVariable", "GraphDefinition", "HealthcareService",
  "ImplementationGuide", "InsurancePlan", "Library", "Location", "Measure", "Medication", "MedicationKnowledge", "NamingSystem",
  "ObservationDefinition", "OperationDefinition", "Organization", "OrganizationAffiliation", "PlanDefinition", "Practitioner",
  "PractitionerRole", "Questionnaire", "ResearchDefinition", "ResearchStudy", "SearchParameter", "SpecimenDefinition",
  "StructureDefinition", "StructureMap", "Substance", "TerminologyCapabilities", "ValueSet",
]);

/** rid of the one a filter is about; "0" where it is about nobody. */
export function whoOf(filter: AccessFilter): string {
  switch (filter.kind) {
    case "all": case "none": return "0";
    case "patient": return ridOf("Patient", filter.patient);
    case "practitioner": return ridOf("Practitioner", filter.practitioner);
    default: return unreachable(filter);
  }
}

/** For rows that carry `persons` themselves (`resource`, `version`); `alias` is of the code. */
export function rowVisible(filter: AccessFilter, alias: string): Sql {
  return rowVisibleTo(filter.kind, sql`${whoOf(filter)}::bigint`, alias);
}

/** The same for many callers of one kind in one statement: `who` is a column. */
export function rowVisibleTo(kind: AccessFilter["kind"], who: Sql, alias: string): Sql {
  const persons = raw(`${alias}.persons`);
  switch (kind) {
    case "all": return raw("true");
    case "none": return raw("false");
    case "patient": return sql`${persons} && array[0, ${who}]`;
    case "practitioner": return sql`(${persons} && array[0]::bigint[] or (select true from care k where k.practitioner = ${who} and k.person = any(${persons}) limit 1))`;
    default: return unreachable(kind);
  }
}

/** The node's own jobs leave no access leaves: what they conclude is written, and its leaves say so. */
export function leavesTrace(caller: Caller): boolean {
  return caller.role !== "system";
}
