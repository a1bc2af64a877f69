/** Persons of a stored resource, derived again from what it says, what it refers to, and who subscribed. */
import type { Resource } from "#fhir/resource.ts";
import type { IndexRows } from "#fhir/search/rows.ts";
import { sharedTypes } from "../access.ts";
import { ridOf } from "../keys.ts";
import { inheritedPersons, patientsOf, targetsOf } from "../persons.ts";
import type { Queryable } from "../sql.ts";
import { storedOwners } from "../subscriptions/owner.ts";
import { readCurrent } from "../write/current.ts";

export async function storedPersons(tx: Queryable, value: Resource, rid: string, index: IndexRows): Promise<readonly string[]> {
  const type = value.resourceType;
  if (type === "Subscription") return await storedOwners(tx, rid);
  const own = patientsOf(value, index).map((id) => ridOf("Patient", id));
  if (own.length) return own;
  const targets = targetsOf(value, index);
  const stored = await readCurrent(tx, targets);
  const inherited = inheritedPersons(type, targets.map((target) => stored.get(ridOf(target.type, target.id))?.current?.persons ?? []));
  return inherited.length ? inherited : sharedTypes.has(type) ? ["0"] : [];
}
