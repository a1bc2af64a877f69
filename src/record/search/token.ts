/** Search type `token` on its rows. `code` hashes type, parameter and code; `system|` alone looks through the parameter's rows. */
import type { Filter, TokenTerm } from "#fhir/search/query-model.ts";
import { codeKey, systemKey } from "../keys.ts";
import { indexText } from "../rows.ts";
import { storedParams } from "../stored-params.ts";
import { numbers, raw, sql, type Sql } from "../sql.ts";
import { anyOf, ofParam, type Source } from "./source.ts";

/** So many alternatives stand in the statement one by one; more, from a value set, as a list for each system. */
const singlyMax = 8;

export function tokenSource(type: string, { param, terms }: Pick<Extract<Filter, { kind: "token" }>, "param" | "terms">): Source {
  return { table: "token", condition: (alias) => anyOf(terms.length > singlyMax ? lists(alias, type, param, terms) : terms.map((term) => single(alias, type, param, term))) };
}

function single(alias: string, type: string, param: string, { system, code }: TokenTerm): Sql {
  const ofSystem = systemIs(alias, system);
  if (code === undefined) return sql`(${ofParam(alias, type, param)} and ${ofSystem})`;
  const [only, ...more] = keysOf(type, param, code);
  return more.length ? sql`(${raw(alias)}.code = any(${numbers([only!, ...more])}::bigint[]) and ${ofSystem})` : sql`(${raw(alias)}.code = ${only!}::bigint and ${ofSystem})`;
}

function keysOf(type: string, param: string, code: string): string[] {
  return storedParams(type, param).map((one) => codeKey(type, one, code));
}

function systemIs(alias: string, system: string | undefined): Sql {
  return system === undefined ? raw("true") : sql`${raw(alias)}.system = ${systemKey(system === "" ? undefined : system)}::int`;
}

function lists(alias: string, type: string, param: string, terms: readonly TokenTerm[]): Sql[] {
  const codes = Map.groupBy(terms.filter((term) => term.code !== undefined), ({ system }) => system);
  return [
    ...terms.filter((term) => term.code === undefined).map((term) => single(alias, type, param, term)),
    ...[...codes].map(([system, own]) => sql`(${raw(alias)}.code = any(${numbers(own.flatMap(({ code }) => keysOf(type, param, code!)))}::bigint[]) and ${systemIs(alias, system)})`),
  ];
}

export function tokenTextSource(type: string, { param, terms }: Extract<Filter, { kind: "token-text" }>): Source {
  return { table: "token", condition: (alias) => sql`${ofParam(alias, type, param)} and ${anyOf(terms.map((term) => sql`starts_with(${raw(alias)}.text, ${indexText(term)}::text)`))}` };
}
