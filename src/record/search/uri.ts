/** Search type `uri`: exactly, or along the path with `:above` and `:below`. Source: https://hl7.org/fhir/R4/search.html#uri */
import type { Filter } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { indexText } from "../rows.ts";
import { raw, sql } from "../sql.ts";
import { anyOf, type Source } from "./source.ts";

export function uriSource(type: string, { param, modifier, terms }: Extract<Filter, { kind: "uri" }>): Source {
  return {
    table: "uri",
    condition: (alias) => {
      const value = raw(`${alias}.value`);
      const tests = terms.map((term) => {
        const asked = indexText(term.value);
        const under = asked.endsWith("/") ? asked : `${asked}/`;
        switch (modifier) {
          case "below": return sql`(${value} = ${asked}::text or starts_with(${value}, ${under}::text))`;
          case "above": return sql`(${value} = ${asked}::text or starts_with(${asked}::text, case when right(${value}, 1) = '/' then ${value} else ${value} || '/' end))`;
          default: return sql`(left(${value}, 200) = left(${asked}::text, 200) and ${value} = ${asked}::text)`;
        }
      });
      return sql`${raw(alias)}.param = ${paramKey(type, param)}::int and ${anyOf(tests)}`;
    },
  };
}
