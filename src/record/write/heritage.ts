/**
 * Persons that a commit takes from other resources, and those it changes under others that take them, as they were when it
 * was decided: at its end it looks at both again. Two commits of which each would have to see the other hold a lock against
 * each other from that look until they are written, so that the later one sees what the earlier did and is decided again.
 */
import type { ResourceKey } from "#fhir/resource.ts";
import { ridOf } from "../keys.ts";
import { inheritingParams } from "../persons.ts";
import { numbers, send, type Queryable } from "../sql.ts";
import { readCurrent, type Found } from "./current.ts";
import { Raced } from "./transact.ts";

export type Heritage = {
  /** By rid: what persons were taken from, and which. */
  taken: Map<string, { key: ResourceKey; persons: readonly string[] }>;
  /** rids of what gets other persons than it had. */
  changed: Set<string>;
  /** By rid: the version of each stored resource that refers to those and may take persons from them; not of what the commit itself writes. */
  heirs: Map<string, number>;
};

export function emptyHeritage(): Heritage {
  return { taken: new Map(), changed: new Set(), heirs: new Map() };
}

/** Throws where the two saw different states. */
export function addHeritage(into: Heritage, { taken, changed, heirs }: Heritage): void {
  for (const [rid, one] of taken) {
    if ((into.taken.get(rid) ?? one).persons.join() !== one.persons.join()) throw new Raced();
    into.taken.set(rid, one);
  }
  for (const rid of changed) into.changed.add(rid);
  for (const [rid, version] of heirs) {
    if ((into.heirs.get(rid) ?? version) !== version) throw new Raced();
    into.heirs.set(rid, version);
  }
}

export function isEmptyHeritage({ taken, changed }: Heritage): boolean {
  return taken.size === 0 && changed.size === 0;
}

/** None of what is not there. */
export function personsOf(stored: ReadonlyMap<string, Found>, { type, id }: ResourceKey): readonly string[] {
  return stored.get(ridOf(type, id))?.current?.persons ?? [];
}

/** What refers to resources by the parameters that persons are taken by; they stand in the text: PostgreSQL sees that the index of just these (schema/0022-initial-load.ts) answers. */
export const referring = `from reference f join resource r on r.ck = f.ck and r.rid = f.rid
  where f.target = any($1::bigint[]) and f.param in (${[...new Set(inheritingParams())].join(", ")}) and not r.deleted`;

/**
 * Of 64 locks, by target. Who takes persons holds one alone, who changes them with others that do: of the latter there are
 * many, by each import under ids of its own. In one order, and nothing else is waited for after them.
 */
const locks = `select case when s.alone then pg_advisory_xact_lock(1751217262, s.lock)::text else pg_advisory_xact_lock_shared(1751217262, s.lock)::text end
  from (select (t.rid & 63)::int as lock, bool_or(t.alone) as alone
    from (select unnest($1::bigint[]) as rid, true as alone union all select unnest($2::bigint[]), false) t group by 1 order by 1) s`;
const heirsNow = `select distinct r.rid, r.version ${referring}`;

/**
 * To be sent last in a transaction, after all it writes: whether nobody else changed what it goes by. `written`: rids of
 * what it writes itself.
 */
export async function isSettled(tx: Queryable, { taken, changed, heirs }: Heritage, written: ReadonlySet<string>): Promise<boolean> {
  const locked = send(tx, locks, [numbers([...taken.keys()]), numbers([...changed])]);
  // Each sees what was written until the locks were there.
  const found = changed.size ? send<{ rid: string; version: number }>(tx, heirsNow, [numbers([...changed])]) : [];
  const stored = readCurrent(tx, [...taken.values()].map(({ key }) => key));
  const [, refer, current] = await Promise.all([locked, found, stored]);
  const others = refer.filter(({ rid }) => !written.has(rid));
  return others.length === heirs.size && others.every(({ rid, version }) => heirs.get(rid) === version)
    && [...taken.values()].every(({ key, persons }) => personsOf(current, key).join() === persons.join());
}
