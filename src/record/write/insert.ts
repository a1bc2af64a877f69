/** One `unnest` statement per table: any number of rows in one round trip, one prepared statement for all sizes. */
import { inBuckets, numbers, separator, type Queryable } from "../sql.ts";
import type { Part } from "./one-statement.ts";
import { tableNames, tables, type Cell, type Rows, type TableName } from "../rows.ts";

const nullText = "\u001d";

type Insert = { text: string; kinds: readonly string[] };

const inserts = Object.fromEntries(tableNames.map((name) => {
  const columns = Object.entries(tables[name]);
  // The leading separator and [2:] keep a single empty text apart from no text at all.
  const sources = columns.map(([, kind], i) => kind === "text" || kind === "tsvector" ? `((string_to_array($${i + 1}, chr(30), chr(29)))[2:])::${kind}[]` : `$${i + 1}::${kind}[]`);
  return [name, { text: `insert into ${name} (${columns.map(([column]) => column).join(", ")}) select * from unnest(${sources.join(", ")})`, kinds: columns.map(([, kind]) => kind) }];
})) as unknown as Record<TableName, Insert>;

export function rowParts(rows: Rows): Part[] {
  return tableNames.filter((name) => rows[name].length > 0).map((name) => ({ name: `${name}_rows`, text: inserts[name].text, values: columnsOf(inserts[name].kinds, rows[name]) }));
}

export function insertRows(db: Queryable, rows: Rows): Promise<unknown>[] {
  return rowParts(rows).map(({ text, values }) => db.unsafe(text, values as string[], { prepare: true }));
}

function columnsOf(kinds: readonly string[], rows: readonly Cell[][]): string[] {
  return kinds.map((kind, c) => {
    const isText = kind === "text" || kind === "tsvector", none = isText ? nullText : "null";
    const cells = rows.map((row) => row[c] ?? none);
    return isText ? separator + cells.join(separator) : `{${cells.join(",")}}`;
  });
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
  const distinct = [...new Map(strays.map((stray) => [`${stray.person} ${stray.ck}`, stray])).values()];
  return [{ name: "stray_rows", text: "insert into stray select * from unnest($1::bigint[], $2::bigint[]) on conflict do nothing", values: [numbers(distinct.map((s) => s.person)), numbers(distinct.map((s) => s.ck))] }];
}

export function insertStrays(db: Queryable, strays: readonly { person: string; ck: number }[]): Promise<unknown>[] {
  return strayParts(strays).map(({ text, values }) => db.unsafe(text, values as string[], { prepare: true }));
}
