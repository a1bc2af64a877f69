/**
 * Over references: chains and `_has`. Each hop passes the caller's filter, so that a chain never tells of what its
 * caller may not see. Where the other end is small it is a set, found once and independent of the row; else the
 * references of each row are followed.
 */
import type { Filter } from "#fhir/search/query-model.ts";
import { candidateVisible, rowVisible } from "../access.ts";
import { paramKey } from "../keys.ts";
import { join, raw, sql, type Sql } from "../sql.ts";
import { sourceOf } from "./leaf.ts";
import { probe } from "./probe.ts";
import { isSmall, type Row, type Scope } from "./scope.ts";

type Chain = Extract<Filter, { kind: "chain" }>;
type Has = Extract<Filter, { kind: "has" }>;

/** rids of what the branches find. */
export function chainTargets(scope: Scope, { branches }: Chain): Sql {
  return join(branches.map(({ type, filter }) => sql`select distinct t.rid from (${scope.setOf(type, [filter])}) t`), " union ");
}

export function checkChain(scope: Scope, type: string, chain: Chain, row: Row): Sql {
  const f = scope.alias();
  const small = isSmall(scope.weights.get(chain));
  const reaches = small ? sql`${raw(f)}.target in (${chainTargets(scope, chain)})`
    : sql`(${join(chain.branches.map(({ type: target, filter }) => {
      const r = scope.alias(), d = scope.alias();
      return probe(sql`resource ${raw(r)} where ${raw(`${r}.ck = coalesce(${f}.place, (select ${d}.ck from directory ${d} where ${d}.rid = ${f}.target)) and ${r}.rid = ${f}.target`)}
        and ${raw(r)}.type = ${target}::text and not ${raw(r)}.deleted and ${scope.check(target, filter, { alias: r, resource: true, main: false })} and ${rowVisible(scope.caller.filter, r)}`);
    }), " or ")})`;
  const sameDate = row.main ? raw(` and ${f}.at = ${row.alias}.at`) : raw("");
  return probe(sql`reference ${raw(f)} where ${raw(`${f}.ck = ${row.alias}.ck and ${f}.rid = ${row.alias}.rid`)}${sameDate} and ${raw(f)}.param = ${paramKey(type, chain.param)}::int and ${reaches}`);
}

/** (ck, rid) of what the sources refer to; of which type is not told yet. */
export function referredBy(scope: Scope, { type, param, filter }: Has): Sql {
  const f = scope.alias(), s = scope.alias(), d = scope.alias();
  return sql`select distinct coalesce(${raw(`${f}.place, ${d}.ck`)}) as ck, ${raw(f)}.target as rid from (${scope.setOf(type, [filter])}) ${raw(s)}
    cross join lateral (select x.place, x.target from reference x where ${raw(`x.ck = ${s}.ck and x.rid = ${s}.rid`)} and x.param = ${paramKey(type, param)}::int offset 0) ${raw(f)}
    left join directory ${raw(`${d} on ${f}.place is null and ${d}.rid = ${f}.target`)}`;
}

export function checkHas(scope: Scope, type: string, has: Has, row: Row): Sql {
  if (isSmall(scope.weights.get(has))) return sql`${raw(row.alias)}.rid in (select t.rid from (${referredBy(scope, has)}) t)`;
  const { filter, param } = has;
  if (type === "Patient" && filter.kind === "token" && filter.modifier === undefined) return checkHasInBuckets(scope, { ...has, filter }, row);
  const f = scope.alias();
  return probe(sql`reference ${raw(f)} where ${raw(`${f}.target = ${row.alias}.rid`)} and ${raw(f)}.param = ${paramKey(has.type, param)}::int
    and ${scope.check(has.type, filter, { alias: f, resource: false, main: true })} and ${candidateVisible(scope.caller.filter, f)}`);
}

/** What refers to a Patient lies in their bucket or one noted as stray: there a token is found without walking all that refers to them. */
function checkHasInBuckets(scope: Scope, { type, param, filter }: Has & { filter: Extract<Filter, { kind: "token" }> }, row: Row): Sql {
  const b = scope.alias(), x = scope.alias(), f = scope.alias();
  const refers = probe(sql`reference ${raw(f)} where ${raw(`${f}.ck = ${x}.ck and ${f}.rid = ${x}.rid and ${f}.at = ${x}.at and ${f}.target = ${row.alias}.rid`)} and ${raw(f)}.param = ${paramKey(type, param)}::int`);
  return probe(sql`(select ${raw(row.alias)}.ck as ck union all select s.ck from stray s where ${raw(`s.person = ${row.alias}.rid and s.ck <> ${row.alias}.ck`)}) ${raw(b)}
    join token ${raw(x)} on ${raw(`${x}.ck = ${b}.ck`)} and ${sourceOf(type, filter).condition(x)} where ${refers} and ${candidateVisible(scope.caller.filter, x)}`);
}
