/**
 * Stored resources whose persons follow from resources that change: a Provenance of an Observation whose subject is
 * corrected moves to the other person with it, in the same transaction. Their content and version stay.
 */
import type { Resource } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { ridOf } from "../keys.ts";
import { inheritedPersons, inheritingParams, patientsOf, targetsOf } from "../persons.ts";
import { numbers, type Queryable } from "../sql.ts";
import { bigints, readCurrent } from "./current.ts";

export type Heir = { ck: number; rid: string; persons: readonly string[] };

/** A Provenance of a Provenance of a …: followed so far. */
const generationsMax = 8;

/** The parameters stand in the text: PostgreSQL sees that the index of just these (schema/0022-initial-load.ts) answers. */
const select = `select distinct on (r.ck, r.rid) r.ck, r.rid, r.persons::text as persons, r.content from reference f join resource r on r.ck = f.ck and r.rid = f.rid
  where f.target = any($1::bigint[]) and f.param in (${[...new Set(inheritingParams())].join(", ")}) and not r.deleted`;

/** `persons`: by rid, those this commit gives; what it writes itself is no heir. */
export async function heirsOf(db: Queryable, changed: readonly string[], persons: ReadonlyMap<string, readonly string[]>): Promise<Heir[]> {
  const known = new Map(persons);
  const heirs: Heir[] = [];
  for (let next = changed, generation = 0; next.length && generation < generationsMax; generation++) {
    const rows = await db.unsafe<{ ck: string; rid: string; persons: string; content: string }[]>(select, [numbers(next)], { prepare: true });
    const moved: string[] = [];
    for (const row of rows) {
      if (known.has(row.rid)) continue;
      const value = JSON.parse(row.content) as Resource;
      const index = indexRows(value);
      if (patientsOf(value, index).length) continue;
      const targets = targetsOf(value, index);
      const stored = await readCurrent(db, targets.filter(({ type, id }) => !known.has(ridOf(type, id))));
      const inherited = inheritedPersons(value.resourceType, targets.map(({ type, id }) => known.get(ridOf(type, id)) ?? stored.get(ridOf(type, id))?.current?.persons ?? []));
      known.set(row.rid, inherited);
      if (inherited.join() === bigints(row.persons).join()) continue;
      heirs.push({ ck: Number(row.ck), rid: row.rid, persons: inherited });
      moved.push(row.rid);
    }
    next = moved;
  }
  return heirs;
}
