/** Search type `date`: stored ranges [low, high) in epoch milliseconds against the term's. Source: https://hl7.org/fhir/R4/search.html#date */
import { unreachable } from "#platform/result.ts";
import type { DateTerm, Filter } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { raw, sql, type Sql } from "../sql.ts";
import { anyOf, type Source } from "./source.ts";

export function dateSource(type: string, { param, terms }: Extract<Filter, { kind: "date" }>): Source {
  return {
    table: "date",
    condition: (alias) => sql`${raw(alias)}.param = ${paramKey(type, param)}::int and ${anyOf(terms.map((term) => dateTest(raw(`${alias}.low`), raw(`${alias}.high`), term)))}`,
  };
}

/** `_lastUpdated` of a row of `resource`: a range of one millisecond. */
export function updatedTest(alias: string, { terms }: Extract<Filter, { kind: "lastUpdated" }>): Sql {
  return anyOf(terms.map((term) => dateTest(raw(`${alias}.updated`), raw(`(${alias}.updated + 1)`), term)));
}

export function dateTest(low: Sql, high: Sql, term: DateTerm): Sql {
  const from = sql`${Math.round(term.low)}::bigint`, to = sql`${Math.round(term.high)}::bigint`;
  const within = sql`(${low} >= ${from} and ${high} <= ${to})`;
  switch (term.prefix) {
    case "eq": return within;
    case "ne": return sql`not ${within}`;
    case "gt": return sql`${high} > ${to}`;
    case "lt": return sql`${low} < ${from}`;
    case "ge": return sql`(${within} or ${high} > ${to})`;
    case "le": return sql`(${within} or ${low} < ${from})`;
    case "sa": return sql`${low} >= ${to}`;
    case "eb": return sql`${high} <= ${from}`;
    case "ap": return sql`(${low} < ${to} and ${high} > ${from})`;
    default: return unreachable(term.prefix);
  }
}
