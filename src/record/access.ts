/**
 * Who sees which rows, as SQL. A resource stands in the compartments of its persons; shared ones (organisations,
 * terminology, …, see `sharedTypes`) stand under person 0, which every signed-in person sees.
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

/** For rows of index tables, by (ck, rid): one probe a row (see Candidates). */
export function candidateVisible(filter: AccessFilter, alias: string): Sql {
  const same = raw(`c.ck = ${alias}.ck and c.rid = ${alias}.rid`);
  switch (filter.kind) {
    case "all": return raw("true");
    case "none": return raw("false");
    case "patient": return sql`(select true from compartment c where ${same} and c.person in (0, ${ridOf("Patient", filter.patient)}::bigint) limit 1) is not null`;
    case "practitioner": return sql`(select true from compartment c where ${same} and (c.person = 0 or (select true from care k where k.practitioner = ${ridOf("Practitioner", filter.practitioner)}::bigint and k.person = c.person limit 1)) limit 1) is not null`;
    default: return unreachable(filter);
  }
}

/**
 * Every bucket in which something of those in a practitioner's care stands: mostly one each, so that its lowest and its
 * highest are two looks into an index; what lies between is one's own bucket only where somebody has three.
 */
export function bucketsInCare(practitioner: string): Sql {
  return sql`select distinct b.ck from (select distinct k.person from care k where k.practitioner = ${ridOf("Practitioner", practitioner)}::bigint) p
    cross join lateral (select min(c.ck) as low, max(c.ck) as high from compartment c where c.person = p.person and c.person <> 0) e
    cross join lateral (select e.low as ck union all select e.high where e.high > e.low union all select c.ck from compartment c where c.person = p.person and c.person <> 0 and c.ck > e.low and c.ck < e.high) b
    where b.ck is not null`;
}

/** The node's own jobs leave no access leaves: what they conclude is written, and its leaves say so. */
export function leavesTrace(caller: Caller): boolean {
  return caller.role !== "system";
}
