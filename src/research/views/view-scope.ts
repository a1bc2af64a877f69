/** Of whom a view's rows are: everybody within reach, or the Patients and members of Groups that are named. */
import type { Resource } from "#fhir/resource.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { membersOf, type ExportScope } from "#record/export/export.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";

/** `patients`, `groups`: references as sent. With both, the members among the Patients. What is beyond reach is not found. */
export async function scopeOf(record: Pick<OpenRecord, "read">, caller: Caller, { patients, groups }: { patients: readonly string[]; groups: readonly string[] }): Promise<Result<ExportScope>> {
  if (!patients.length && !groups.length) return ok({ level: "system" });
  const named = await find(record, caller, "patient", "Patient", patients);
  if (!named.ok) return named;
  const found = await find(record, caller, "group", "Group", groups);
  if (!found.ok) return found;
  const members = new Set(found.value.flatMap(membersOf));
  const ids = named.value.map(({ id }) => id!);
  return ok({ level: "group", patients: !groups.length ? ids : patients.length ? ids.filter((id) => members.has(id)) : [...members] });
}

async function find(record: Pick<OpenRecord, "read">, caller: Caller, name: string, type: string, references: readonly string[]): Promise<Result<Resource[]>> {
  const found: Resource[] = [];
  for (const reference of references) {
    const id = new RegExp(`^(?:${type}/)?([A-Za-z0-9\\-.]{1,64})$`).exec(reference)?.[1];
    if (id === undefined) return fail("value", `${name}: "${reference.slice(0, 80)}" must be a reference such as ${type}/123`);
    const read = await record.read(caller, { type, id });
    if (read.kind !== "current") return fail("not-found", `${name}: ${type}/${id} is not known`);
    found.push({ ...JSON.parse(read.stored.text) as Resource, id });
  }
  return ok(found);
}
