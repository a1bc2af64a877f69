/** `_include` and `_revinclude`: one statement a round, through the caller's filter like every other path. */
import { searchParametersOf } from "#fhir/definitions/load.ts";
import type { Include, SearchQuery } from "#fhir/search/query-model.ts";
import { rowVisible } from "../access.ts";
import { paramKey } from "../keys.ts";
import type { Caller } from "../record.ts";
import type { ResourceRecord } from "../read/read.ts";
import { join, numbers, raw, run, sql, type Queryable, type Sql } from "../sql.ts";

export type Found = ResourceRecord & { ck: string; rid: string };

const roundsMax = 4;
/** Beyond this many the rest is left out: an include is a convenience, not a download. */
export const includedMax = 1000;

const columns = raw("r.ck, r.rid, r.type, r.id, r.version, r.updated, r.deleted, r.content, r.persons::text as persons");

export async function included(db: Queryable, caller: Caller, query: SearchQuery, matched: readonly Found[]): Promise<Found[]> {
  if (!query.includes.length && !query.revincludes.length) return [];
  const seen = new Set(matched.map((row) => row.rid));
  const all: Found[] = [];
  let from: readonly Found[] = matched;
  for (let round = 0; round < roundsMax && from.length && all.length < includedMax; round++) {
    const includes = query.includes.filter((include) => round === 0 || include.iterate);
    const revincludes = query.revincludes.filter((include) => round === 0 || include.iterate);
    const asked = [...includes.map((include) => forward(include, from)), ...revincludes.map((include) => backward(include, from))].filter((piece) => piece !== undefined);
    if (!asked.length) break;
    const rows = await run<Found>(db, sql`select distinct on (r.rid) ${columns} from (${join(asked, " union all ")}) k join resource r on r.ck = k.ck and r.rid = k.rid
      where not r.deleted and (k.type is null or r.type = k.type) and ${rowVisible(caller.filter, "r")} order by r.rid limit ${includedMax - all.length + seen.size}::int`);
    from = rows.filter((row) => !seen.has(row.rid)).slice(0, includedMax - all.length);
    for (const row of from) { seen.add(row.rid); all.push(row); }
  }
  return all;
}

function paramKeys({ source, param }: Include): number[] {
  const params = param === "*" ? searchParametersOf(source).filter((parameter) => parameter.type === "reference").map((parameter) => parameter.code) : [param];
  return params.map((code) => paramKey(source, code));
}

function forward(include: Include, from: readonly Found[]): Sql | undefined {
  const rows = from.filter((row) => row.type === include.source);
  if (!rows.length) return undefined;
  return sql`select coalesce(f.place, d.ck) as ck, f.target as rid, ${include.target ?? null}::text as type
    from unnest(${numbers(rows.map((row) => row.ck))}::bigint[], ${numbers(rows.map((row) => row.rid))}::bigint[]) u(ck, rid)
    join reference f on f.ck = u.ck and f.rid = u.rid and f.param = any(${numbers(paramKeys(include))}::int[])
    left join directory d on f.place is null and d.rid = f.target`;
}

function backward(include: Include, from: readonly Found[]): Sql | undefined {
  const rows = include.target === undefined ? from : from.filter((row) => row.type === include.target);
  if (!rows.length) return undefined;
  return sql`select f.ck, f.rid, ${include.source}::text as type from reference f
    where f.target = any(${numbers(rows.map((row) => row.rid))}::bigint[]) and f.param = any(${numbers(paramKeys(include))}::int[])`;
}
