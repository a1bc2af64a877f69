/** What a leaf asks of the index: rows of one table under a condition. `at` says whether the table carries the main date. */
import type { IndexedType } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { type TableName } from "../rows.ts";
import { storedParams } from "../stored-params.ts";
import { numbers, raw, sql, type Sql } from "../sql.ts";

export type Source = { table: Extract<TableName, "token" | "reference" | "date" | "string" | "number" | "quantity" | "uri">; condition: (alias: string) => Sql };

export const tableOf: Readonly<Record<IndexedType, Source["table"]>> = { token: "token", string: "string", date: "date", number: "number", quantity: "quantity", reference: "reference", uri: "uri" };

export function hasMainDate(table: Source["table"]): boolean {
  return table === "token" || table === "reference";
}

/** Rows of a parameter; `targets`: those that lead to resources here of one of these types. */
export function ofParam(alias: string, type: string, param: string, targets?: readonly string[]): Sql {
  const [only, ...more] = storedParams(type, param, targets).map((one) => paramKey(type, one));
  return more.length ? sql`${raw(alias)}.param = any(${numbers([only!, ...more])}::int[])` : sql`${raw(alias)}.param = ${only!}::int`;
}

export function anyOf(pieces: readonly Sql[]): Sql {
  if (!pieces.length) return raw("false");
  return sql`(${pieces.reduce((all, piece) => sql`${all} or ${piece}`)})`;
}
