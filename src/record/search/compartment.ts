/** Membership of a compartment on index rows: any of the type's parameters refers to it. Source: https://hl7.org/fhir/R4/compartmentdefinition.html */
import type { Filter } from "#fhir/search/query-model.ts";
import { paramKey, placeOf, ridOf } from "../keys.ts";
import { storedParams } from "../stored-params.ts";
import { numbers, raw, sql, type Sql } from "../sql.ts";
import type { Source } from "./source.ts";

export function compartmentSource(type: string, { of, params }: Extract<Filter, { kind: "compartment" }>): Source {
  const keys = numbers([...new Set(params.flatMap((param) => storedParams(type, param, [of.type])))].map((param) => paramKey(type, param)));
  return { table: "reference", condition: (alias) => sql`${raw(alias)}.param = any(${keys}::int[]) and ${raw(alias)}.target = ${ridOf(of.type, of.id)}::bigint` };
}

/** (ck, rid) of the compartment's own resource. */
export function ownRow({ type, id }: { type: string; id: string }): Sql {
  const rid = ridOf(type, id);
  return sql`select coalesce(${placeOf(type, id) ?? null}::bigint, (select d.ck from directory d where d.rid = ${rid}::bigint)) as ck, ${rid}::bigint as rid`;
}
