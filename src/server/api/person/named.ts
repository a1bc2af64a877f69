/** Practitioners and institutions by reference, as far as the caller may see them: for their names in both scripts. */
import { isId, type Resource } from "#fhir/resource.ts";
import type { Caller, HealthRecord } from "#record/record.ts";

const types = ["Practitioner", "Organization"];
const namedMax = 50;

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
