/** Many versions in one statement, current or replaced: their content, and which of them a caller may read. */
import type { Resource } from "#fhir/resource.ts";
import { rowVisible } from "../access.ts";
import { placeOf, ridOf } from "../keys.ts";
import type { Caller } from "../record.ts";
import { numbers, raw, run, sql, type Queryable, type Sql } from "../sql.ts";

export type VersionKey = { type: string; id: string; version: number };

/**
 * Of those that are current first: one that is replaced meanwhile moves from there to the replaced ones. On Citus, whose
 * workers have no snapshot in common, these are two statements in this order, else one might be found in neither.
 */
async function find<Row extends Record<string, unknown>>(db: Queryable, keys: readonly VersionKey[], columns: Sql, where: Sql): Promise<Row[]> {
  const [current, replaced] = asked(keys, columns, where);
  return db.distributed ? [...await run<Row>(db, current), ...await run<Row>(db, replaced)] : await run<Row>(db, sql`${current} union all ${replaced}`);
}

function asked(keys: readonly VersionKey[], columns: Sql, where: Sql): [current: Sql, replaced: Sql] {
  const u = sql`unnest(${numbers(keys.map(({ type, id }) => ridOf(type, id)))}::bigint[], ${`{${keys.map(({ type, id }) => placeOf(type, id) ?? "null").join(",")}}`}::bigint[], ${numbers(keys.map(({ version }) => version))}::int[]) a(rid, ck, version)`;
  const placed = sql`(select a.rid, coalesce(a.ck, d.ck) as ck, a.version from ${u} left join directory d on a.ck is null and d.rid = a.rid) u`;
  const of = (table: string): Sql => sql`select ${columns} from ${placed} join ${raw(table)} r on r.ck = u.ck and r.rid = u.rid and r.version = u.version where ${where}`;
  return [of("resource"), of("version")];
}

/** By "Type/id/version"; deletions and unknown versions are left out. Without a caller: for the node's own decisions. */
export async function readVersions(db: Queryable, keys: readonly VersionKey[]): Promise<Map<string, Resource>> {
  const real = keys.filter(({ version }) => version > 0);
  if (!real.length) return new Map();
  const rows = await find<{ type: string; id: string; version: number; content: string }>(db, real, raw("r.type, r.id, r.version, r.content"), raw("not r.deleted"));
  return new Map(rows.map(({ type, id, version, content }) => [`${type}/${id}/${version}`, JSON.parse(content) as Resource]));
}

/** Those of the versions that stand within the caller's reach, deletions among them, as "Type/id/version". */
export async function visibleVersions(db: Queryable, caller: Caller, keys: readonly VersionKey[]): Promise<Set<string>> {
  const real = keys.filter(({ version }) => version > 0);
  if (!real.length) return new Set();
  const rows = await find<{ type: string; id: string; version: number }>(db, real, raw("r.type, r.id, r.version"), rowVisible(caller.filter, "r"));
  return new Set(rows.map(({ type, id, version }) => `${type}/${id}/${version}`));
}
