/**
 * Stored resources whose persons follow from resources that change: a Provenance of an Observation whose subject is
 * corrected moves to the other person with it, in the same transaction. Their content and version stay.
 */
import type { Resource } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { ridOf } from "../keys.ts";
import { inheritedPersons, patientsOf, targetsOf } from "../persons.ts";
import { numbers, type Queryable } from "../sql.ts";
import { bigints, readCurrent } from "./current.ts";
import { personsOf, referring, type Heritage } from "./heritage.ts";

export type Heir = { ck: number; rid: string; persons: readonly string[] };

/** A Provenance of a Provenance of a …: followed so far. */
export const generationsMax = 8;

const select = `select distinct on (r.ck, r.rid) r.ck, r.rid, r.version, r.persons::text as persons, r.content ${referring}`;

type Row = { ck: string; rid: string; version: number; persons: string; content: string };

/**
 * `persons`: by rid, those this commit gives to what it writes itself, which is no heir. What was looked at is noted in
 * `heritage`.
 */
export async function heirsOf(db: Queryable, changed: readonly string[], persons: ReadonlyMap<string, readonly string[]>, heritage: Heritage): Promise<Heir[]> {
  const moved = new Map<string, Heir>();
  const known = (rid: string): readonly string[] | undefined => persons.get(rid) ?? moved.get(rid)?.persons;
  for (let next: readonly string[] = changed, generation = 0; next.length && generation < generationsMax; generation++) {
    for (const rid of next) heritage.changed.add(rid);
    const again = new Set<string>();
    for (const row of await db.unsafe<Row[]>(select, [numbers(next)], { prepare: true })) {
      if (persons.has(row.rid)) continue;
      heritage.heirs.set(row.rid, row.version);
      const value = JSON.parse(row.content) as Resource;
      const index = indexRows(value);
      if (patientsOf(value, index).length) continue;
      const targets = targetsOf(value, index);
      const others = targets.filter(({ type, id }) => known(ridOf(type, id)) === undefined);
      const stored = await readCurrent(db, others);
      for (const key of others) heritage.taken.set(ridOf(key.type, key.id), { key, persons: personsOf(stored, key) });
      const inherited = inheritedPersons(value.resourceType, targets.map((key) => known(ridOf(key.type, key.id)) ?? personsOf(stored, key)));
      if (inherited.join() === (known(row.rid) ?? bigints(row.persons)).join()) continue;
      moved.set(row.rid, { ck: Number(row.ck), rid: row.rid, persons: inherited });
      again.add(row.rid);
    }
    next = [...again];
  }
  for (const rid of moved.keys()) heritage.taken.delete(rid);
  return [...moved.values()];
}
