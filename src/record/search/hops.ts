/**
 * Chains and `_has` of versions that were replaced: whom they refer to is read from the version, the other end is asked
 * of the database, as it is now and as the caller sees it.
 */
import { isNamedBy, leadsIntoContained, type World } from "#fhir/search/matches.ts";
import type { Filter } from "#fhir/search/query-model.ts";
import type { IndexRows } from "#fhir/search/rows.ts";
import type { Resource } from "#fhir/resource.ts";
import type { Caller } from "../record.ts";
import { paramKey } from "../keys.ts";
import { raw, run, sql, type Queryable } from "../sql.ts";
import { candidates } from "./candidates.ts";
import { isCanonical, versionText } from "./canonical.ts";
import { allOf } from "./cost.ts";

type Version = { resource: Resource; rows: IndexRows };

/** The world of these versions, one statement a hop and type. */
export async function worldOf(db: Queryable, caller: Caller, type: string, filters: readonly Filter[], versions: readonly Version[]): Promise<World> {
  const found = new Map<Filter, ReadonlySet<string>>(), named = new Map<Filter, readonly Named[]>();
  // What is contained refers to others as well.
  const within = versions.flatMap(({ rows }) => rows.contained), sources = [...versions, ...within];
  for (const hop of hopsOf(filters, within.length > 0)) {
    if (hop.kind === "has") found.set(hop, await findIds(db, caller, type, versions.map(({ resource }) => resource.id!), hop));
    else for (const branch of hop.branches) {
      const ids = sources.flatMap(({ rows }) => rows.references.flatMap((row) => row.param === hop.param && row.targetType === branch.type && row.targetId !== undefined ? [row.targetId] : []));
      found.set(branch.filter, await findIds(db, caller, branch.type, ids, branch.filter));
      const urls = hop.canonical ? sources.flatMap(({ rows }) => rows.references.flatMap((row) => row.param === hop.param && row.url !== undefined ? [row.url] : [])) : [];
      named.set(branch.filter, await findNamed(db, caller, branch.type, urls, branch.filter));
    }
  }
  const world: World = {
    refersTo: (rows, { param, branches }) => rows.references.some((row) => row.param === param && branches.some((branch) =>
      row.targetId !== undefined && row.targetType === branch.type && found.get(branch.filter)!.has(row.targetId) || named.get(branch.filter)!.some((one) => isNamedBy(one, row)) || leadsIntoContained(rows, row, branch, world))),
    isReferredTo: ({ id }, has) => found.get(has)!.has(id!),
  };
  return world;
}

/** The first hops: what lies beyond them is the database's. `chained`: further chains too, which may go on from a contained resource. */
function* hopsOf(filters: readonly Filter[], chained: boolean): Iterable<Extract<Filter, { kind: "chain" | "has" }>> {
  for (const filter of filters) {
    if (filter.kind === "chain" || filter.kind === "has") yield filter;
    if (filter.kind === "and" || filter.kind === "or" || filter.kind === "contained") yield* hopsOf(filter.filters, chained);
    else if (filter.kind === "not") yield* hopsOf([filter.filter], chained);
    else if (filter.kind === "chain" && chained) for (const hop of hopsOf(filter.branches.map((branch) => branch.filter), true)) if (hop.kind === "chain") yield hop;
  }
}

async function findIds(db: Queryable, caller: Caller, type: string, ids: readonly string[], filter: Filter): Promise<ReadonlySet<string>> {
  if (!ids.length) return new Set();
  const { from, where } = candidates(allOf(type), [{ kind: "id", ids: [...new Set(ids)] }, filter], caller, { choice: 0, distributed: db.distributed });
  return new Set((await run<{ id: string }>(db, sql`select m.id from ${from} where ${where}`)).map(({ id }) => id));
}

type Named = { url: string; version: string | null };

/** What has one of these urls and is found by the filter, as it says of itself. */
async function findNamed(db: Queryable, caller: Caller, type: string, urls: readonly string[], filter: Filter): Promise<readonly Named[]> {
  if (!urls.length || !isCanonical(type)) return [];
  const { from, where } = candidates(allOf(type), [{ kind: "uri", param: "url", terms: [...new Set(urls)].map((value) => ({ value })) }, filter], caller, { choice: 0, distributed: db.distributed });
  return await run<Named>(db, sql`select u.value as url, ${raw(versionText("v"))} as version from ${from} join uri u on u.ck = m.ck and u.rid = m.rid and u.param = ${paramKey(type, "url")}::int
    left join token v on v.ck = m.ck and v.rid = m.rid and v.param = ${paramKey(type, "version")}::int where ${where}`);
}
