/** Stored index rows beside those that content gives: what is missing, what is too much, by resource. */
import { tableNames, tables, type Cell, type TableName } from "../rows.ts";
import { inBuckets, type Queryable } from "../sql.ts";

/** Tables with rows of parameters; all of them when no parameters are named. */
export function tablesOf(params: ReadonlySet<number> | undefined): readonly TableName[] {
  return params ? tableNames.filter((name) => paramColumn(name) >= 0) : tableNames;
}

/** Place of the parameter's key in a row; -1 for tables that are not by parameter. */
export function paramColumn(table: TableName): number {
  return Object.keys(tables[table]).indexOf("param");
}

/** `keys`: array literals of ck and rid. */
export async function storedRows(db: Queryable, table: TableName, keys: readonly string[]): Promise<Cell[][]> {
  const names = Object.keys(tables[table]);
  const rows = await db.unsafe<Record<string, Cell>[]>(`select ${Object.entries(tables[table]).map(([name, kind]) => kind === "tsvector" ? `t.${name}::text as ${name}` : `t.${name}`).join(", ")} from unnest($1::bigint[], $2::bigint[]) u(ck, rid) join ${table} t on t.ck = u.ck and t.rid = u.rid${inBuckets(db, "t", 1)}`, [...keys], { prepare: true });
  return rows.map((row) => names.map((name) => row[name]!));
}

/** As a condition on a row `t`: its resource is not there. `care` is asked the other way round, for on Citus every worker has all of it. */
export function isOrphan(table: TableName): string {
  return table === "care" ? "(t.ck, t.rid) not in (select r.ck, r.rid from care c join resource r on r.ck = c.ck and r.rid = c.rid)"
    : "not exists (select from resource r where r.ck = t.ck and r.rid = t.rid)";
}

/** Both as multisets, by "ck rid". Only rows of `params` are looked at where given, none of `without`. */
export function differences(table: TableName, expected: readonly Cell[][], stored: readonly Cell[][], params?: ReadonlySet<number>, without?: ReadonlySet<number>): Map<string, { missing: number; extra: number }> {
  const param = paramColumn(table);
  const kinds = Object.values(tables[table]);
  const lines = new Map<string, { count: number; key: string }>();
  const add = (row: readonly Cell[], sign: number) => {
    if (param >= 0 && (params || without?.size)) {
      const key = Number(row[param]);
      if ((params && !params.has(key)) || without?.has(key)) return;
    }
    const line = row.map((cell, i) => cell === null ? "\u0000" : kinds[i] === "tsvector" ? inOrder(String(cell)) : String(cell)).join("\u001f");
    const known = lines.get(line);
    if (known) known.count += sign; else lines.set(line, { count: sign, key: `${row[0]} ${row[1]}` });
  };
  for (const row of expected) add(row, 1);
  for (const row of stored) add(row, -1);
  const differing = new Map<string, { missing: number; extra: number }>();
  for (const { count, key } of lines.values()) {
    if (count === 0) continue;
    const sums = differing.get(key) ?? { missing: 0, extra: 0 };
    if (count > 0) sums.missing += count; else sums.extra -= count;
    differing.set(key, sums);
  }
  return differing;
}

/** PostgreSQL keeps words in an order of its own. */
function inOrder(vector: string): string {
  return vector.split(" ").sort().join(" ");
}
