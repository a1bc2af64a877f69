/** People as lists show them, their institutions named in both scripts. */
import type { Resource } from "#fhir/resource.ts";
import type { Caller, HealthRecord } from "#record/record.ts";
import type { PersonSummary } from "../contract.ts";
import { personSummary } from "./chart.ts";
import { named, namesIn } from "./named.ts";

export async function summaries(record: Pick<HealthRecord, "search">, caller: Caller, patients: readonly Resource[], asOf: string): Promise<PersonSummary[]> {
  const organizations = namesIn(patients).filter((reference) => reference.startsWith("Organization/"));
  const names = await named(record, caller, organizations);
  return patients.map((patient) => personSummary(patient, asOf, names));
}
