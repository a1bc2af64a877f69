/** History where Citus spreads the tables: current and replaced versions as a statement each, which every shard cuts for itself, and what is told of each version besides asked after. */
import { numbers, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import type { Row } from "../read/history.ts";

export async function spreadHistory(db: Queryable, columns: Sql, where: Sql, limit: number, back: boolean): Promise<Row[]> {
  const order = raw(back ? "updated, rid, version" : "updated desc, rid desc, version desc");
  const of = (table: string): Promise<Row[]> => run<Row>(db, sql`select ${columns} from ${raw(table)} r where ${where} order by ${order} limit ${limit}::int`);
  const rows = (await Promise.all([of("resource"), of("version")])).flat().sort((a, b) => back ? newestFirst(b, a) : newestFirst(a, b)).slice(0, limit);
  if (!rows.length) return [];
  const cks = numbers(rows.map((row) => row.ck)), rids = numbers(rows.map((row) => row.rid));
  const [before, listed] = await Promise.all([
    run<{ rid: string; version: number; deleted: boolean }>(db, sql`select p.rid, p.version, p.deleted from unnest(${cks}::bigint[], ${rids}::bigint[], ${numbers(rows.map(({ version }) => version - 1))}::int[]) u(ck, rid, version)
      join version p on p.ck = u.ck and p.rid = u.rid and p.version = u.version where p.ck = any(${cks}::bigint[])`),
    run<{ rid: string }>(db, sql`select d.rid from directory d where d.rid = any(${rids}::bigint[])`),
  ]);
  const deleted = new Map(before.map((row) => [`${row.rid} ${row.version}`, row.deleted])), known = new Set(listed.map(({ rid }) => rid));
  return rows.map((row) => ({ ...row, revived: deleted.get(`${row.rid} ${row.version - 1}`) ?? null, listed: known.has(row.rid) }));
}

function newestFirst(a: Row, b: Row): number {
  return Number(b.updated) - Number(a.updated) || (a.rid === b.rid ? b.version - a.version : BigInt(a.rid) < BigInt(b.rid) ? 1 : -1);
}
