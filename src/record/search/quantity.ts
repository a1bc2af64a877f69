/** Search type `quantity`: as stated, or in UCUM base units when the units differ. Source: https://hl7.org/fhir/R4/search.html#quantity */
import type { Filter, QuantityTerm } from "#fhir/search/query-model.ts";
import { systemKey } from "../keys.ts";
import { textKey } from "../rows.ts";
import { raw, sql, type Sql } from "../sql.ts";
import { numberTest } from "./number.ts";
import { anyOf, ofParam, type Source } from "./source.ts";

export function quantitySource(type: string, { param, terms }: Extract<Filter, { kind: "quantity" }>): Source {
  return { table: "quantity", condition: (alias) => sql`${ofParam(alias, type, param)} and ${anyOf(terms.map((term) => quantityTest(alias, term)))}` };
}

function quantityTest(alias: string, term: QuantityTerm): Sql {
  const column = (name: string) => raw(`${alias}.${name}`);
  const stated = numberTest(column("low"), column("high"), term);
  const { system, code, canonical } = term;
  if (system === undefined && code === undefined) return stated;
  if (system === undefined) return sql`(${textKey(code)}::bigint in (${column("code")}, ${column("unit")}) and ${stated})`;
  const sameUnit = sql`${column("system")} = ${systemKey(system)}::int${code === undefined ? raw("") : sql` and ${column("code")} = ${textKey(code)}::bigint`}`;
  if (!canonical) return sql`(${sameUnit} and ${stated})`;
  const inBase = sql`${column("base")} = ${textKey(canonical.unit)}::bigint and ${numberTest(column("base_low"), column("base_high"), { prefix: term.prefix, value: canonical.value, low: canonical.low, high: canonical.high })}`;
  return sql`case when ${sameUnit} then ${stated} else ${inBase} end`;
}
