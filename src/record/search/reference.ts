/** Search type `reference`: rows name their target by the same hash that names its rows. */
import { searchParametersOf, resourceTypes } from "#fhir/definitions/load.ts";
import { unreachable } from "#platform/result.ts";
import type { Filter, ReferenceTerm } from "#fhir/search/query-model.ts";
import { identifierKey, paramKey, ridOf, urlKey } from "../keys.ts";
import { versionKey } from "../rows.ts";
import { numbers, raw, sql, type Sql } from "../sql.ts";
import { anyOf, type Source } from "./source.ts";

export function referenceSource(type: string, { param, terms }: Extract<Filter, { kind: "reference" }>): Source {
  const tests = (alias: string): Sql[] => {
    const local = terms.flatMap((term) => term.kind === "local" ? localKeys(type, param, term) : []);
    const others = terms.filter((term) => term.kind !== "local").map((term) => otherTest(alias, term));
    if (local.length === 1) others.push(sql`${raw(alias)}.target = ${local[0]!}::bigint`);
    else if (local.length) others.push(sql`${raw(alias)}.target = any(${numbers(local)}::bigint[])`);
    return others;
  };
  return { table: "reference", condition: (alias) => sql`${raw(alias)}.param = ${paramKey(type, param)}::int and ${anyOf(tests(alias))}` };
}

/** A bare id stands for every type the parameter may refer to. */
function localKeys(type: string, param: string, term: Extract<ReferenceTerm, { kind: "local" }>): string[] {
  if (term.type !== undefined) return [ridOf(term.type, term.id)];
  const targets = searchParametersOf(type).find((parameter) => parameter.code === param)?.target ?? [];
  return (targets.length ? targets : resourceTypes()).map((target) => ridOf(target, term.id));
}

function otherTest(alias: string, term: Exclude<ReferenceTerm, { kind: "local" }>): Sql {
  switch (term.kind) {
    case "url": return sql`(${raw(alias)}.target = ${urlKey(term.url)}::bigint${term.version === undefined ? raw("") : sql` and ${raw(alias)}.tag = ${versionKey(term.version)}::bigint`})`;
    case "identifier": return sql`${raw(alias)}.target = ${identifierKey(term.system, term.value)}::bigint`;
    default: return unreachable(term);
  }
}

/** The Patients a filter is limited to, when it names nobody else. */
export function patientsAsked(filter: Filter): string[] | undefined {
  if (filter.kind === "compartment" && filter.of.type === "Patient" && !filter.self) return [filter.of.id];
  if (filter.kind !== "reference") return undefined;
  const ids = filter.terms.map((term) => term.kind === "local" && term.type === "Patient" ? term.id : undefined);
  return ids.every((id) => id !== undefined) ? ids : undefined;
}
