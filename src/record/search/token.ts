/** Search type `token` on its rows. `code` hashes type, parameter and code; `system|` alone looks through the parameter's rows. */
import type { Filter } from "#fhir/search/query-model.ts";
import { codeKey, paramKey, systemKey } from "../keys.ts";
import { indexText } from "../rows.ts";
import { raw, sql } from "../sql.ts";
import { anyOf, type Source } from "./source.ts";

export function tokenSource(type: string, { param, terms }: Extract<Filter, { kind: "token" }>): Source {
  return {
    table: "token",
    condition: (alias) => anyOf(terms.map(({ system, code }) => {
      const ofSystem = system === undefined ? raw("true") : sql`${raw(alias)}.system = ${systemKey(system === "" ? undefined : system)}::int`;
      if (code === undefined) return sql`(${raw(alias)}.param = ${paramKey(type, param)}::int and ${ofSystem})`;
      return sql`(${raw(alias)}.code = ${codeKey(type, param, code)}::bigint and ${ofSystem})`;
    })),
  };
}

export function tokenTextSource(type: string, { param, terms }: Extract<Filter, { kind: "token-text" }>): Source {
  return { table: "token", condition: (alias) => sql`${raw(alias)}.param = ${paramKey(type, param)}::int and ${anyOf(terms.map((term) => sql`starts_with(${raw(alias)}.text, ${indexText(term)})`))}` };
}
