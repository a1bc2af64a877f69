/** Practitioners, institutions and devices by reference, as far as the caller may see them: for their names in both scripts. */
import { isId, type Resource } from "#fhir/resource.ts";
import type { Bilingual } from "#findings/finding.ts";
import type { Caller, HealthRecord } from "#record/record.ts";
import { bilingual, resourceLabel } from "./labels.ts";

const types = ["Practitioner", "Organization", "Device"];
const namedMax = 50;

/** As a FHIR Reference comes; `_display` may carry the second language. */
export type Reference = { reference?: string; display?: string; _display?: unknown };
export type Names = ReadonlyMap<string, Resource>;
export const noNames: Names = new Map();

/** The resource's own name in both scripts where it is at hand, else the display of the reference. */
export function nameBy(names: Names, one: Reference | undefined): Bilingual | undefined {
  const found = one?.reference === undefined ? undefined : names.get(one.reference);
  if (found) return resourceLabel(found);
  return one?.display === undefined ? undefined : bilingual(one.display, one._display);
}

/** Who and what these resources name: care, places and devices. */
export function namesIn(resources: readonly Resource[]): string[] {
  const one = (value: unknown): string[] => ((value as Reference | undefined)?.reference === undefined ? [] : [(value as Reference).reference!]);
  const many = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap(one) : []);
  return [...new Set(resources.flatMap((resource): string[] => {
    switch (resource.resourceType) {
      case "Patient": return [...many(resource.generalPractitioner), ...one(resource.managingOrganization)];
      case "CareTeam": return ((resource.participant as { member?: Reference }[] | undefined) ?? []).flatMap(({ member }) => one(member));
      case "Encounter": return one(resource.serviceProvider);
      case "Observation": return [...many(resource.performer), ...one(resource.device)];
      default: return [];
    }
  }))];
}

export async function named(record: Pick<HealthRecord, "search">, caller: Caller, references: Iterable<string>): Promise<Map<string, Resource>> {
  const wanted = [...new Set(references)];
  const found = new Map<string, Resource>();
  for (const type of types) {
    const ids = wanted.filter((reference) => reference.startsWith(`${type}/`)).map((reference) => reference.slice(type.length + 1)).filter(isId);
    if (ids.length === 0) continue;
    const page = await record.search(caller, type, `_id=${ids.slice(0, namedMax).join(",")}&_count=${namedMax}`);
    if (page.ok) for (const { stored } of page.value.entries) found.set(`${type}/${stored.id}`, JSON.parse(stored.text) as Resource);
  }
  return found;
}
