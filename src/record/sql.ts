/** SQL in pieces: values become parameters wherever a piece is put. The text alone decides the prepared statement. */
import type postgres from "postgres";
import type { ArrayParameter } from "#platform/database/arrays.ts";
import { withMarks } from "#platform/database/bind-arrays.ts";
import { preparing } from "./prepared.ts";

export type Value = string | number | boolean | null;
export type Sql = { readonly texts: readonly string[]; readonly values: readonly Value[] };

/** A connection pool or one transaction. `distributed`: its tables are spread by Citus, see citus/connection.ts. */
export type Queryable = Pick<postgres.Sql, "unsafe"> & { readonly distributed?: true };

export function sql(strings: TemplateStringsArray, ...parts: readonly (Value | Sql)[]): Sql {
  const texts = [strings[0]!];
  const values: Value[] = [];
  parts.forEach((part, i) => {
    const after = strings[i + 1]!;
    if (isSql(part)) {
      texts[texts.length - 1] += part.texts[0]!;
      for (let k = 0; k < part.values.length; k++) { values.push(part.values[k]!); texts.push(part.texts[k + 1]!); }
      texts[texts.length - 1] += after;
    } else { values.push(part); texts.push(after); }
  });
  return { texts, values };
}

/** Text of the code itself; never of a request. */
export function raw(text: string): Sql {
  return { texts: [text], values: [] };
}

export function join(pieces: readonly Sql[], separator: string): Sql {
  const [first, ...rest] = pieces;
  if (!first) return raw("");
  return rest.reduce((all, piece) => sql`${all}${raw(separator)}${piece}`, first);
}

function isSql(part: Value | Sql): part is Sql {
  return typeof part === "object" && part !== null;
}

export async function run<Row extends Record<string, unknown>>(db: Queryable, piece: Sql): Promise<Row[]> {
  const text = statement(piece);
  return await db.unsafe<Row[]>(text, piece.values as Value[], preparing(text));
}

/** Of a statement with arrays in binary (platform/database/arrays.ts). */
export type Parameter = string | number | ArrayParameter;

/** Sends a statement now, in the order of the calls; the driver's own `unsafe` waits until somebody waits for it. */
export function send<Row extends Record<string, unknown> = postgres.Row>(db: Queryable, text: string, values: readonly Parameter[]): Promise<postgres.RowList<Row[]>> {
  return withMarks(values, () => db.unsafe<Row[]>(text, values as string[], { prepare: true }));
}

/** The text of a statement, parameters as $1, $2, … */
export function statement({ texts }: Sql): string {
  let text = texts[0]!;
  for (let i = 1; i < texts.length; i++) text += `$${i}${texts[i]!}`;
  return text;
}

/** PostgreSQL array literal of whole numbers, for `::bigint[]` and `::int[]` parameters. */
export function numbers(values: readonly (string | number | bigint)[]): string {
  return `{${values.join(",")}}`;
}

/** PostgreSQL array literal of texts, for `::text[]` parameters. */
export function texts(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

/** A further condition that names the buckets of `alias`, the array `$parameter`: from it Citus knows which shards to ask; one PostgreSQL has no need of it. */
export function inBuckets(db: Queryable, alias: string, parameter: number): string {
  return db.distributed ? ` and ${alias}.ck = any($${parameter}::bigint[])` : "";
}

/** JSON text, ids and normalised strings never hold U+001E; with it a column of texts is one parameter without escaping. */
export const separator = "\u001e";
