/**
 * The rest of a search kept as a list, where its pages cannot be told again from versions: when very much changed since
 * the first page, and where a match hangs on other resources, which have moments of their own. Kept at the second page
 * or later, never at the first; other pages are slices of it. Rows of `page_list` go when their time is over.
 */
import { randomUUID } from "node:crypto";
import { fail, ok, type Result } from "#platform/result.ts";
import { rowVisible } from "../access.ts";
import { hash64 } from "../keys.ts";
import type { Caller } from "../record.ts";
import { numbers, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import type { Found } from "./include.ts";
import { gone, pagesMinutesMax } from "./snapshot.ts";

/** So many matches are kept in one list; the next one begins where it ends. */
export const listMax = 10_000;
const idForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `id` of the list, `from`: how many of it were shown, `onward`: the cursor that goes on after its end, or "". */
export type ListPlace = { id: string; from: number; onward: string };

/** Answers the id. `question`: what was searched; another search may not use the list. */
export async function keepList(writers: Queryable, rows: readonly Found[], question: string, now: number): Promise<string> {
  const id = randomUUID();
  await run(writers, sql`with gone as (delete from page_list where at < ${now - pagesMinutesMax * 60_000}::bigint)
    insert into page_list (id, at, question, cks, rids, versions) values (${id}::uuid, ${now}::bigint, ${hash64(question)}::bigint, ${numbers(rows.map((row) => row.ck))}::bigint[], ${numbers(rows.map((row) => row.rid))}::bigint[], ${numbers(rows.map((row) => row.version))}::int[])`);
  return id;
}

/** A slice of the list, each version as it stood, to those only who may see it; `left`: how many come after. */
export async function listedRows(db: Queryable, caller: Caller, { id, from }: ListPlace, count: number, question: string, now: number): Promise<Result<{ rows: Found[]; left: number }>> {
  if (!idForm.test(id) || from < 0 || from > listMax) return fail("value", "The page cursor does not belong to this request; start again from the first page");
  if (db.distributed) return await listedSpread(db, caller, { id, from }, count, question, now);
  const slice = (column: string) => sql`l.${raw(column)}[(${from + 1}::int):(${from + count}::int)]`;
  const same = sql`r.ck = u.ck and r.rid = u.rid and r.version = u.version and ${rowVisible(caller.filter, "r")}`;
  const version = (table: string): Sql => sql`select r.type, r.id, r.updated, r.content, r.persons from ${raw(table)} r where ${same}`;
  const rows = await run<Found & { size: number }>(db, sql`select cardinality(l.rids) as size, x.ck, x.rid, x.version, x.type, x.id, x.updated, x.content, x.persons::text as persons
    from page_list l left join lateral (select u.*, r.* from unnest(${slice("cks")}, ${slice("rids")}, ${slice("versions")}) with ordinality u(ck, rid, version, n)
      cross join lateral (${version("resource")} union all ${version("version")} limit 1) r) x on true
    where l.id = ${id}::uuid and l.question = ${hash64(question)}::bigint and l.at >= ${now - pagesMinutesMax * 60_000}::bigint order by x.n`);
  const [first] = rows;
  return first ? ok({ rows: rows.filter((row) => row.rid !== null), left: first.size - from - count }) : gone();
}

/** For Citus: the slice first, then the versions of the shards it names. */
async function listedSpread(db: Queryable, caller: Caller, { id, from }: Pick<ListPlace, "id" | "from">, count: number, question: string, now: number): Promise<Result<{ rows: Found[]; left: number }>> {
  const kept = await run<{ size: number; ck: string; rid: string; version: number }>(db, sql`select cardinality(l.rids) as size, u.ck, u.rid, u.version from page_list l left join lateral unnest(l.cks, l.rids, l.versions) with ordinality u(ck, rid, version, n) on u.n > ${from}::int and u.n <= ${from + count}::int
    where l.id = ${id}::uuid and l.question = ${hash64(question)}::bigint and l.at >= ${now - pagesMinutesMax * 60_000}::bigint order by u.n`);
  const [first] = kept;
  if (!first) return gone();
  const cks = numbers(kept.map(({ ck }) => ck)), rids = numbers(kept.map(({ rid }) => rid)), versions = numbers(kept.map(({ version }) => version));
  const found = await Promise.all(["resource", "version"].map((table) => run<Found>(db, sql`select r.ck, r.rid, r.version, r.type, r.id, r.updated, r.content, r.persons::text as persons from unnest(${cks}::bigint[], ${rids}::bigint[], ${versions}::int[]) u(ck, rid, version)
    join ${raw(table)} r on r.ck = u.ck and r.rid = u.rid and r.version = u.version where r.ck = any(${cks}::bigint[]) and ${rowVisible(caller.filter, "r")}`)));
  const byRid = new Map(found.flat().map((row) => [row.rid, row]));
  return ok({ rows: kept.flatMap(({ rid }) => byRid.get(rid) ?? []), left: first.size - from - count });
}
