/**
 * Chains and `_has` of versions that were replaced: whom they refer to is read from the version, the other end is asked
 * of the database, as it is now and as the caller sees it.
 */
import { isNamedBy, type World } from "#fhir/search/matches.ts";
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
  for (const hop of hopsOf(filters)) {
    if (hop.kind === "has") found.set(hop, await findIds(db, caller, type, versions.map(({ resource }) => resource.id!), hop));
    else for (const branch of hop.branches) {
      const ids = versions.flatMap(({ rows }) => rows.references.flatMap((row) => row.param === hop.param && row.targetType === branch.type && row.targetId !== undefined ? [row.targetId] : []));
      found.set(branch.filter, await findIds(db, caller, branch.type, ids, branch.filter));
      const urls = hop.canonical ? versions.flatMap(({ rows }) => rows.references.flatMap((row) => row.param === hop.param && row.url !== undefined ? [row.url] : [])) : [];
      named.set(branch.filter, await findNamed(db, caller, branch.type, urls, branch.filter));
    }
  }
  return {
    refersTo: (rows, { param, branches }) => rows.references.some((row) => row.param === param && branches.some(({ type: target, filter }) =>
      row.targetId !== undefined && row.targetType === target && found.get(filter)!.has(row.targetId) || named.get(filter)!.some((one) => isNamedBy(one, row)))),
    isReferredTo: ({ id }, has) => found.get(has)!.has(id!),
  };
}

/** The first hops: what lies beyond them is the database's. */
function* hopsOf(filters: readonly Filter[]): Iterable<Extract<Filter, { kind: "chain" | "has" }>> {
  for (const filter of filters) {
    if (filter.kind === "chain" || filter.kind === "has") yield filter;
    else if (filter.kind === "and" || filter.kind === "or") yield* hopsOf(filter.filters);
    else if (filter.kind === "not") yield* hopsOf([filter.filter]);
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
