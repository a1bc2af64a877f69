/** What a leaf asks of the index: rows of one table under a condition. `at` says whether the table carries the main date. */
import type { IndexedType } from "#fhir/search/query-model.ts";
import { raw, sql, type Sql } from "../sql.ts";
import type { TableName } from "../rows.ts";

export type Source = { table: Extract<TableName, "token" | "reference" | "date" | "string" | "number" | "quantity" | "uri">; condition: (alias: string) => Sql };

export const tableOf: Readonly<Record<IndexedType, Source["table"]>> = { token: "token", string: "string", date: "date", number: "number", quantity: "quantity", reference: "reference", uri: "uri" };

export function hasMainDate(table: Source["table"]): boolean {
  return table === "token" || table === "reference";
}

export function anyOf(pieces: readonly Sql[]): Sql {
  if (!pieces.length) return raw("false");
  return sql`(${pieces.reduce((all, piece) => sql`${all} or ${piece}`)})`;
}
