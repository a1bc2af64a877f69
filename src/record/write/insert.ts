/** One statement per table: any number of rows in one round trip, one prepared statement for all sizes. */
import { arrayOf, type ArrayKind } from "#platform/database/arrays.ts";
import { inBuckets, numbers, send, type Queryable } from "../sql.ts";
import type { Part } from "./one-statement.ts";
import { tableNames, tables, type Rows, type TableName } from "../rows.ts";

type Insert = { text: string; /** For tables that Citus spreads. */ spread: string; kinds: readonly ArrayKind[] };

const inserts = Object.fromEntries(tableNames.map((name) => {
  const columns = Object.entries(tables[name]);
  const into = `insert into ${name} (${columns.map(([column]) => column).join(", ")})`;
  const sources = columns.map(([, kind], i) => kind === "tsvector" ? `$${i + 1}::text[]::tsvector[]` : `$${i + 1}::${kind}[]`);
  const insert: Insert = { text: `${into} ${together(sources)}`, spread: `${into} select * from unnest(${sources.join(", ")})`, kinds: columns.map(([, kind]) => kind === "tsvector" ? "text" : kind) };
  return [name, insert];
})) as Record<TableName, Insert>;

/** Rows of arrays of one length. In the list of columns they are read one row at a time; as a table in FROM each is laid out first. */
export function together(arrays: readonly string[]): string {
  return `select ${arrays.map((array) => `unnest(${array})`).join(", ")}`;
}

export function rowParts(rows: Rows, distributed = false): Part[] {
  return tableNames.filter((name) => rows[name].length > 0).map((name) => {
    const { text, spread, kinds } = inserts[name], of = rows[name];
    return { name: `${name}_rows`, text: distributed ? spread : text, values: kinds.map((kind, c) => arrayOf(kind, of.length, (i) => of[i]![c] ?? null)) };
  });
}

export function insertRows(db: Queryable, rows: Rows): Promise<unknown>[] {
  return rowParts(rows, db.distributed).map(({ text, values }) => send(db, text, values));
}

/** Removes the index rows of resources; history and the resource rows stay. */
export function deleteRows(db: Queryable, keys: readonly Key[]): Promise<unknown>[] {
  return deleteParts(keys).map(async ({ name, text, values }) => {
    // Every worker has a copy of `care`, and a deletion locks them all: few resources have rows there.
    if (db.distributed && name === "care_gone" && !(await db.unsafe("select 1 from care t, unnest($1::bigint[], $2::bigint[]) u(ck, rid) where t.ck = u.ck and t.rid = u.rid limit 1", values as string[], { prepare: true })).length) return;
    await db.unsafe(name === "care_gone" ? text : text + inBuckets(db, "t", 1), values as string[], { prepare: true });
  });
}

type Key = { ck: number | string; rid: string };

export function deleteParts(keys: readonly Key[]): Part[] {
  const values = [numbers(keys.map((key) => key.ck)), numbers(keys.map((key) => key.rid))];
  return tableNames.map((name) => ({ name: `${name}_gone`, text: `delete from ${name} t using unnest($1::bigint[], $2::bigint[]) u(ck, rid) where t.ck = u.ck and t.rid = u.rid`, values }));
}

/** Persons who stand in a bucket other than their own; searches by person look there too. */
export function strayParts(strays: readonly { person: string; ck: number }[]): Part[] {
  if (!strays.length) return [];
  // In one order: of two writers who note the same ones, neither waits for the other crosswise.
  const distinct = [...new Map(strays.map((stray) => [`${stray.person} ${stray.ck}`, stray]))].sort(([a], [b]) => a < b ? -1 : 1).map(([, stray]) => stray);
  return [{ name: "stray_rows", text: "insert into stray select * from unnest($1::bigint[], $2::bigint[]) on conflict do nothing", values: [numbers(distinct.map((s) => s.person)), numbers(distinct.map((s) => s.ck))] }];
}

export function insertStrays(db: Queryable, strays: readonly { person: string; ck: number }[]): Promise<unknown>[] {
  return strayParts(strays).map(({ text, values }) => db.unsafe(text, values as string[], { prepare: true }));
}
