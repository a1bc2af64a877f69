/**
 * Derives index rows again while the record is in use, type by type in the order of change, in bounded batches, and
 * remembers how far it is. A resource that changes meanwhile moves to the end of the walk or out of it: its writer
 * derives its rows itself. Rows that are right are only read; a resource whose rows differ is locked, derived anew and
 * its rows replaced, so running it again changes nothing.
 */
import { indexRows, type IndexRows } from "#fhir/search/index-rows.ts";
import type { Resource } from "#fhir/resource.ts";
import { resourceTypes } from "#fhir/definitions/load.ts";
import type postgres from "postgres";
import { ok } from "#platform/result.ts";
import { readDefinitions, withCustom, type Definitions } from "../parameters/definitions.ts";
import { derive, emptyRows, straysOf, type Cell, type Rows, type TableName } from "../rows.ts";
import { numbers, send, type Queryable } from "../sql.ts";
import { bigints } from "../write/current.ts";
import { moveHeirs } from "../write/flush.ts";
import { insertRows, insertStrays } from "../write/insert.ts";
import { transact } from "../write/transact.ts";
import { differences, paramColumn, storedRows, tablesOf } from "./differences.ts";
import { storedPersons } from "./stored-persons.ts";

export type Rederiving = {
  /** Names the work: a walk of the same scope goes on where one was broken off. */
  scope: string;
  /** Of these types; all by default. */
  types?: readonly string[];
  /** Keys of the parameters whose rows are looked at; by default all rows, those of compartments and care too. */
  params?: ReadonlySet<number>;
};
export type RederiveReport = { resources: number; changed: number };
export type RederiveRun = { signal?: AbortSignal; progress?: (done: number, total: number, type: string) => void };

type Row = { ck: string; rid: string; type: string; id: string; updated: string; deleted: boolean; persons: string; content: string };

const batch = 500;
/** The place is written down after so many batches. */
const placeEvery = 8;
const beginning = { updated: "-9223372036854775808", rid: "-9223372036854775808" };

/** `aborted`: stopped by the signal; its place is kept. */
export async function rederive(db: postgres.Sql, { scope, types = resourceTypes(), params }: Rederiving, { signal, progress = () => {} }: RederiveRun = {}): Promise<RederiveReport | "aborted"> {
  const wanted = [...types].sort();
  const [counted] = await db.unsafe<{ total: string }[]>("select count(*) as total from resource where type = any(string_to_array($1, ' '))", [wanted.join(" ")], { prepare: true });
  const total = Number(counted!.total);
  const [kept] = await db.unsafe<{ type: string; updated: string; rid: string; done: string }[]>("select type, updated, rid, done from reindex_place where scope = $1", [scope], { prepare: true });
  let done = Number(kept?.done ?? 0), changed = 0;
  for (const type of kept ? wanted.filter((one) => one >= kept.type) : wanted) {
    let place = kept?.type === type ? { updated: kept.updated, rid: kept.rid } : beginning;
    for (let batches = 1; ; batches++) {
      if (signal?.aborted) {
        await keepPlace(db, scope, { type, ...place, done });
        return "aborted";
      }
      const rows = await db.unsafe<Row[]>(`select ck, rid, type, id, updated, deleted, persons::text as persons, content from resource
        where type = $1 and (updated, rid) > ($2::bigint, $3::bigint) order by updated, rid limit ${batch}`, [type, place.updated, place.rid], { prepare: true });
      const last = rows.at(-1);
      if (!last) break;
      const wrong = await differing(db, rows, await readDefinitions(db), params);
      if (wrong.length) changed += await replace(db, wrong, params);
      done += rows.length;
      place = { updated: last.updated, rid: last.rid };
      if (batches % placeEvery === 0) await keepPlace(db, scope, { type, ...place, done });
      progress(done, Math.max(done, total), type);
    }
  }
  await db.unsafe("delete from reindex_place where scope = $1", [scope], { prepare: true });
  return { resources: done, changed };
}

async function keepPlace(db: Queryable, scope: string, { type, updated, rid, done }: { type: string; updated: string; rid: string; done: number }): Promise<void> {
  await db.unsafe(`insert into reindex_place (scope, type, updated, rid, done) values ($1, $2, $3::bigint, $4::bigint, $5::bigint)
    on conflict (scope) do update set type = excluded.type, updated = excluded.updated, rid = excluded.rid, done = excluded.done`, [scope, type, updated, rid, String(done)], { prepare: true });
}

/** Adds what the content of a stored resource gives, under the persons it is filed with. */
function deriveRow(into: Rows, row: Row, definitions: Definitions): IndexRows | undefined {
  if (row.deleted) return undefined;
  const value = JSON.parse(row.content) as Resource;
  const index = withCustom(indexRows(value), value, definitions);
  derive(into, value, Number(row.ck), row.rid, bigints(row.persons), index);
  return index;
}

function only(table: TableName, rows: Rows, params: ReadonlySet<number> | undefined): Cell[][] {
  return params ? rows[table].filter((row) => params.has(Number(row[paramColumn(table)]))) : rows[table];
}

async function differing(db: Queryable, rows: readonly Row[], definitions: Definitions, params: ReadonlySet<number> | undefined): Promise<Row[]> {
  const expected = emptyRows();
  for (const row of rows) deriveRow(expected, row, definitions);
  const keys = [numbers(rows.map((row) => row.ck)), numbers(rows.map((row) => row.rid))];
  const wrong = new Set<string>();
  for (const table of tablesOf(params)) for (const key of differences(table, expected[table], await storedRows(db, table, keys), params).keys()) wrong.add(key);
  return wrong.size ? rows.filter((row) => wrong.has(`${row.ck} ${row.rid}`)) : [];
}

/** Where this code files a resource under other persons than the code that wrote it. */
async function renewPersons(tx: Queryable, rows: readonly Row[]): Promise<void> {
  const moved: { ck: number; rid: string; persons: readonly string[] }[] = [];
  for (const row of rows) {
    if (row.deleted) continue;
    const value = JSON.parse(row.content) as Resource;
    const persons = await storedPersons(tx, value, row.rid, indexRows(value));
    const literal = `{${persons.join(",")}}`;
    if (literal === row.persons) continue;
    row.persons = literal;
    moved.push({ ck: Number(row.ck), rid: row.rid, persons });
  }
  if (moved.length) await Promise.all(moveHeirs(tx, moved));
}

/** Under a lock on each resource, so that no writer changes it meanwhile; by bucket, as Citus locks rows. */
async function replace(db: postgres.Sql, rows: readonly Row[], params: ReadonlySet<number> | undefined): Promise<number> {
  const written = await transact(db, async (tx) => {
    const locked: Row[] = [];
    const buckets = [...Map.groupBy(rows, (row) => row.ck)].sort(([a], [b]) => Number(a) - Number(b));
    await Promise.all(buckets.map(async ([ck, of]) => {
      locked.push(...await tx.unsafe<Row[]>("select ck, rid, type, id, updated, deleted, persons::text as persons, content from resource where ck = $1::bigint and rid = any($2::bigint[]) order by rid for share",
        [ck, numbers(of.map((row) => row.rid))], { prepare: true }));
    }));
    // Read under the locks: a definition that came later is the next walk's, and its writers' own.
    const definitions = await readDefinitions(tx);
    const fresh = emptyRows();
    const strays: { person: string; ck: number }[] = [];
    if (!params) await renewPersons(tx, locked);
    for (const row of locked) {
      const index = deriveRow(fresh, row, definitions);
      if (index) strays.push(...straysOf(index, Number(row.ck)));
    }
    const keys = [numbers(locked.map((row) => row.ck)), numbers(locked.map((row) => row.rid))];
    const which = params ? "and t.param = any($3::int[])" : "";
    const more = params ? [numbers([...params])] : [];
    const kept = emptyRows();
    for (const table of tablesOf(params)) kept[table] = only(table, fresh, params);
    // In this order: what is written is not to be deleted.
    await Promise.all([
      ...tablesOf(params).map((table) => send(tx, `delete from ${table} t using unnest($1::bigint[], $2::bigint[]) u(ck, rid) where t.ck = u.ck and t.rid = u.rid ${which}`, [...keys, ...more])),
      ...insertRows(tx, kept), ...insertStrays(tx, strays),
    ]);
    return ok(locked.length);
  });
  if (!written.ok) throw new Error(written.failure.text);
  return written.value;
}
