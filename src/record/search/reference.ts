/** Search type `reference`: rows name their target by the same hash that names its rows. */
import { searchParametersOf, resourceTypes } from "#fhir/definitions/load.ts";
import { unreachable } from "#platform/result.ts";
import type { Filter, ReferenceTerm } from "#fhir/search/query-model.ts";
import { identifierKey, ridOf, urlKey } from "../keys.ts";
import { versionKey } from "../rows.ts";
import { numbers, raw, sql, type Sql } from "../sql.ts";
import { anyOf, ofParam, type Source } from "./source.ts";

export function referenceSource(type: string, { param, terms }: Extract<Filter, { kind: "reference" }>): Source {
  const local = terms.filter((term) => term.kind === "local").flatMap((term) => localTargets(type, param, term));
  const rids = local.map((target) => ridOf(target.type, target.id));
  const tests = (alias: string): Sql[] => {
    const others = terms.filter((term) => term.kind !== "local").map((term) => otherTest(alias, term));
    if (rids.length === 1) others.push(sql`${raw(alias)}.target = ${rids[0]!}::bigint`);
    else if (rids.length) others.push(sql`${raw(alias)}.target = any(${numbers(rids)}::bigint[])`);
    return others;
  };
  const targets = terms.every((term) => term.kind === "local") ? local.map((target) => target.type) : undefined;
  return { table: "reference", condition: (alias) => sql`${ofParam(alias, type, param, targets)} and ${anyOf(tests(alias))}` };
}

/** A bare id stands for every type the parameter may refer to. */
function localTargets(type: string, param: string, { type: target, id }: Extract<ReferenceTerm, { kind: "local" }>): { type: string; id: string }[] {
  if (target !== undefined) return [{ type: target, id }];
  const targets = searchParametersOf(type.replace("#", "")).find((parameter) => parameter.code === param)?.target ?? [];
  return (targets.length ? targets : resourceTypes()).map((one) => ({ type: one, id }));
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
