/** Search type `number`: `eq` and `ne` by stated precision, the others exactly. Source: https://hl7.org/fhir/R4/search.html#number */
import { unreachable } from "#platform/result.ts";
import type { Filter, NumberTerm } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { raw, sql, type Sql } from "../sql.ts";
import { anyOf, type Source } from "./source.ts";

export function numberSource(type: string, { param, terms }: Extract<Filter, { kind: "number" }>): Source {
  return {
    table: "number",
    condition: (alias) => sql`${raw(alias)}.param = ${paramKey(type, param)}::int and ${anyOf(terms.map((term) => numberTest(raw(`${alias}.low`), raw(`${alias}.high`), term)))}`,
  };
}

export function numberTest(rowLow: Sql, rowHigh: Sql, { prefix, value, low, high }: Pick<NumberTerm, "prefix" | "value" | "low" | "high">): Sql {
  const asked = float(value), from = float(low), to = float(high);
  const within = sql`(${rowLow} >= ${from} and ${rowHigh} < ${to})`;
  switch (prefix) {
    case "eq": return within;
    case "ne": return sql`not ${within}`;
    case "gt": return sql`${rowHigh} > ${asked}`;
    case "lt": return sql`${rowLow} < ${asked}`;
    case "ge": return sql`${rowHigh} >= ${asked}`;
    case "le": return sql`${rowLow} <= ${asked}`;
    case "sa": return sql`${rowLow} > ${asked}`;
    case "eb": return sql`${rowHigh} < ${asked}`;
    case "ap": return sql`(${rowLow} <= ${to} and ${rowHigh} >= ${from})`;
    default: return unreachable(prefix);
  }
}

/** As text: the driver would send a number by its own idea of the column's type. */
function float(value: number): Sql {
  return sql`${String(value)}::float8`;
}
