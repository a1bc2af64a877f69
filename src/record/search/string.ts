/** Search type `string` on its rows; the first hundred characters are indexed, the rest is compared in the row. */
import type { Filter } from "#fhir/search/query-model.ts";
import { paramKey } from "../keys.ts";
import { indexText } from "../rows.ts";
import { raw, sql } from "../sql.ts";
import { anyOf, type Source } from "./source.ts";

/** After every character of Unicode. */
const lastText = "\u{10ffff}\u{10ffff}";

export function stringSource(type: string, { param, modifier, terms }: Extract<Filter, { kind: "string" }>): Source {
  return {
    table: "string",
    condition: (alias) => {
      const value = raw(`${alias}.value`), beginning = raw(`left(${alias}.value, 100)`), exact = raw(`${alias}.exact`);
      const tests = terms.map((term) => {
        const asked = indexText(term.value);
        switch (modifier) {
          case "exact": return sql`(${beginning} = left(${asked}::text, 100) and ${exact} = ${indexText(term.exact)}::text)`;
          case "equals": return sql`(${beginning} = left(${asked}::text, 100) and ${value} = ${asked}::text)`;
          case "ends": return sql`right(${value}, ${String([...asked].length)}::int) = ${asked}::text`;
          case "contains": return sql`strpos(${value}, ${asked}::text) > 0`;
          default: return sql`(${beginning} >= left(${asked}::text, 100) and ${beginning} <= left(${asked}::text, 100) || ${lastText}::text and starts_with(${value}, ${asked}::text))`;
        }
      });
      return sql`${raw(alias)}.param = ${paramKey(type, param)}::int and ${anyOf(tests)}`;
    },
  };
}
