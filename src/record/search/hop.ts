/**
 * Over references: chains and `_has`. Each hop passes the caller's filter, so that a chain never tells of what its
 * caller may not see. Where the other end is small it is a set, found once and independent of the row; else the
 * references of each row are followed.
 */
import { holdsOfContained } from "#fhir/search/contained.ts";
import type { Filter } from "#fhir/search/query-model.ts";
import { candidateVisible } from "../about.ts";
import { rowVisible } from "../access.ts";
import { tellsPlace } from "../keys.ts";
import { containedTag } from "../rows.ts";
import { join, raw, sql, type Sql } from "../sql.ts";
import { isNamed, urlTargets, versionFits } from "./canonical.ts";
import { heldIn, heldSet } from "./contained.ts";
import { sourceOf } from "./leaf.ts";
import { among, probe } from "./probe.ts";
import { setIsCheaper } from "./cost.ts";
import { exactMax, type Row, type Scope } from "./scope.ts";
import { ofParam } from "./source.ts";

type Chain = Extract<Filter, { kind: "chain" }>;
type Has = Extract<Filter, { kind: "has" }>;
type Held = Extract<Filter, { kind: "contained" }>;

/** The branches of a chain that may lead into contained resources. */
export function heldBranches({ branches }: Chain): Held[] {
  return branches.filter(({ type, filter }) => holdsOfContained(type, filter)).map(({ type, filter }) => ({ kind: "contained", type, filters: [filter] }));
}

/** What references of a type to what the branches find have as target: rids, keys of contained resources, and hashes of urls. */
export function chainTargets(scope: Scope, from: string, chain: Chain): Sql {
  const rids = chain.branches.map(({ type, filter }) => sql`select distinct t.rid from (${scope.setOf(type, [filter])}) t`);
  const held = heldBranches(chain).map((branch) => heldSet(scope, from, branch, (e) => `${e}.target`));
  return join([...rids, ...held, ...chain.canonical ? urlTargets(scope, chain) : []], " union ");
}

/** Reference rows that may lead to what the chain's branches find. */
export function ofChain(alias: string, type: string, { param, branches, canonical }: Chain): Sql {
  return ofParam(alias, type, param, canonical ? undefined : branches.map((branch) => branch.type));
}

export function checkChain(scope: Scope, type: string, chain: Chain, row: Row): Sql {
  const f = scope.alias(), set = isSet(scope, chain, row);
  const named = chain.canonical && !set ? urlTargets(scope, chain) : [];
  const reaches = set ? among(scope, raw(`${f}.target`), chainTargets(scope, type, chain))
    : sql`(${join([...chain.branches.map(({ type: target, filter }) => follows(scope, f, target, filter)), ...heldBranches(chain).map((branch) => followsWithin(scope, f, type, branch)), ...named.length ? [among(scope, raw(`${f}.target`), join(named, " union "))] : []], " or ")})`;
  const fits = chain.canonical ? sql` and ${versionFits(scope, f, chain)}` : raw("");
  const sameDate = row.main ? raw(` and ${f}.at = ${row.alias}.at`) : raw("");
  return probe(sql`reference ${raw(f)} where ${raw(`${f}.ck = ${row.alias}.ck and ${f}.rid = ${row.alias}.rid`)}${sameDate} and ${ofChain(f, type, chain)} and ${reaches}${fits}`);
}

/** The bucket of what the reference row `f` leads to: only ids that clients chose, of types filed under a person, do not tell it. */
function placeIn(scope: Scope, f: string, type: string): Sql {
  if (tellsPlace(type)) return raw(`${f}.place`);
  const d = scope.alias();
  return raw(`coalesce(${f}.place, (select ${d}.ck from directory ${d} where ${d}.rid = ${f}.target))`);
}

/** Whether the reference row `f` leads to a resource that the filter finds. */
function follows(scope: Scope, f: string, type: string, filter: Filter): Sql {
  const t = scope.alias(), place = placeIn(scope, f, type);
  // A row of an index stands for a resource that is there: the resource itself need not be read.
  if (provesItself(filter)) return probe(sql`(select ${place} as ck, ${raw(`${f}.target`)} as rid) ${raw(t)} where ${scope.check(type, filter, { alias: t, resource: false, main: false })} and ${candidateVisible(scope.caller.filter, t, type)}`);
  return probe(sql`resource ${raw(t)} where ${raw(t)}.ck = ${place} and ${raw(`${t}.rid = ${f}.target and ${t}.type =`)} ${type}::text and not ${raw(t)}.deleted and ${scope.check(type, filter, { alias: t, resource: true, main: false })} and ${rowVisible(scope.caller.filter, t)}`);
}

/** Whether the reference row `f`, of a resource of type `holder`, leads to one contained in it that is found. */
function followsWithin(scope: Scope, f: string, holder: string, held: Held): Sql {
  const e = scope.alias();
  const there = probe(sql`element ${raw(`${e} where ${e}.ck = ${f}.ck and ${e}.rid = ${f}.rid and ${e}.target = ${f}.target`)} and ${heldIn(scope, holder, held, e)}`);
  return sql`(${raw(`${f}.tag = ${containedTag}`)} and ${there})`;
}

/** Whether what passes has an index row of its type. */
function provesItself(filter: Filter): boolean {
  switch (filter.kind) {
    case "token": return filter.modifier !== "not";
    case "token-text": case "string": case "date": case "number": case "quantity": case "reference": case "uri": case "element": case "near": case "chain": case "other": case "contained": return true;
    case "and": return filter.filters.some(provesItself);
    case "or": return filter.filters.every(provesItself);
    default: return false;
  }
}

/** Whether the other end is found once: small, and less work than following the references of each row. */
function isSet({ counts, distributed }: Scope, hop: Chain | Has, { walked }: Row): boolean {
  if (distributed) return true;
  const rows = counts.rows.get(hop);
  return rows !== undefined && rows < exactMax && (walked === undefined || setIsCheaper(hop, rows, walked));
}

/** (ck, rid) of what the sources refer to, as if it were of that type; whether it is must be asked of it. */
export function referredBy(scope: Scope, target: string, { type, param, filter }: Has): Sql {
  const f = scope.alias(), s = scope.alias();
  const sources = sql`select distinct ${placeIn(scope, f, target)} as ck, ${raw(f)}.target as rid from (${scope.setOf(type, [filter])}) ${raw(s)}`;
  if (scope.distributed) return sql`${sources} join reference ${raw(f)} on ${raw(`${f}.ck = ${s}.ck and ${f}.rid = ${s}.rid`)} and ${ofParam(f, type, param, [target])}`;
  return sql`${sources}
    cross join lateral (select x.place, x.target from reference x where ${raw(`x.ck = ${s}.ck and x.rid = ${s}.rid`)} and ${ofParam("x", type, param, [target])} offset 0) ${raw(f)}`;
}

export function checkHas(scope: Scope, type: string, has: Has, row: Row): Sql {
  if (has.canonical) return sql`(${checkLocalHas(scope, type, has, row)} or ${isNamed(scope, type, has, row)})`;
  return checkLocalHas(scope, type, has, row);
}

function checkLocalHas(scope: Scope, type: string, has: Has, row: Row): Sql {
  if (isSet(scope, has, row)) return among(scope, raw(`${row.alias}.rid`), sql`select t.rid from (${referredBy(scope, type, has)}) t`);
  const { filter, param } = has;
  if (type === "Patient" && filter.kind === "token" && filter.modifier === undefined) return checkHasInBuckets(scope, { ...has, filter }, row);
  const f = scope.alias();
  return probe(sql`reference ${raw(f)} where ${raw(`${f}.target = ${row.alias}.rid`)} and ${ofParam(f, has.type, param, [type])}
    and ${scope.check(has.type, filter, { alias: f, resource: false, main: true })} and ${candidateVisible(scope.caller.filter, f, has.type)}`);
}

/** What refers to a Patient lies in their bucket or one noted as stray: there a token is found without walking all that refers to them. */
function checkHasInBuckets(scope: Scope, { type, param, filter }: Has & { filter: Extract<Filter, { kind: "token" }> }, row: Row): Sql {
  const b = scope.alias(), x = scope.alias(), f = scope.alias();
  const refers = probe(sql`reference ${raw(f)} where ${raw(`${f}.ck = ${x}.ck and ${f}.rid = ${x}.rid and ${f}.at = ${x}.at and ${f}.target = ${row.alias}.rid`)} and ${ofParam(f, type, param, ["Patient"])}`);
  return probe(sql`(select ${raw(row.alias)}.ck as ck union all select s.ck from stray s where ${raw(`s.person = ${row.alias}.rid and s.ck <> ${row.alias}.ck`)}) ${raw(b)}
    join token ${raw(x)} on ${raw(`${x}.ck = ${b}.ck`)} and ${sourceOf(type, filter).condition(x)} where ${refers} and ${candidateVisible(scope.caller.filter, x, type)}`);
}
