/**
 * References by canonical url: of the resources here those with the url, and with the version where the reference names
 * one; without a version any will do. Rows hold hashes of both, so that the database makes the same hashes of what the
 * resources say of themselves. Source: https://hl7.org/fhir/R4/references.html#canonical
 */
import { resourceTypes } from "#fhir/definitions/load.ts";
import { parametersOf } from "#fhir/search/parameter-names.ts";
import type { Filter } from "#fhir/search/query-model.ts";
import { candidateVisible } from "../about.ts";
import { paramKey } from "../keys.ts";
import { containedTag } from "../rows.ts";
import { join, raw, sql, type Sql } from "../sql.ts";
import { probe } from "./probe.ts";
import type { Row, Scope } from "./scope.ts";
import { ofParam } from "./source.ts";

let canonicalTypes: ReadonlySet<string> | undefined;

/** Whether a url names resources of the type: those with a search parameter `url`. */
export function isCanonical(type: string): boolean {
  return (canonicalTypes ??= new Set(resourceTypes().filter((name) => parametersOf(name).get("url")?.type === "uri"))).has(type);
}

/** `hash64` of keys.ts, in SQL. */
function hash64Of(prefix: "url " | "version ", text: string): string {
  return `('x' || left(encode(sha256(convert_to('${prefix}' || ${text}, 'UTF8')), 'hex'), 16))::bit(64)::bigint`;
}

/** Tokens of strings are in lower case: the version as written stands in the content. */
export function versionText(v: string): string {
  return `case when ${v}.plain ~ '[[:alpha:]]' then (select r.content::json ->> 'version' from resource r where r.ck = ${v}.ck and r.rid = ${v}.rid) else ${v}.plain end`;
}

type Chain = Extract<Filter, { kind: "chain" }>;

/** The urls of what the chain's branches find: `from` has the resource as `t`, `url` is the hash. */
function sourcesOf(scope: Scope, { branches }: Chain): { type: string; t: string; from: Sql; url: string }[] {
  return branches.filter(({ type }) => isCanonical(type)).map(({ type, filter }) => {
    const t = scope.alias(), u = scope.alias();
    const from = sql`(${scope.setOf(type, [filter])}) ${raw(t)} join uri ${raw(`${u} on ${u}.ck = ${t}.ck and ${u}.rid = ${t}.rid`)} and ${raw(u)}.param = ${paramKey(type, "url")}::int`;
    return { type, t, from, url: hash64Of("url ", `${u}.value`) };
  });
}

/** What references to them by url have as target. */
export function urlTargets(scope: Scope, chain: Chain): Sql[] {
  return sourcesOf(scope, chain).map(({ from, url }) => sql`select ${raw(url)} from ${from}`);
}

/** Of a reference row `f` whose target fits: whether the version does, where it names one. */
export function versionFits(scope: Scope, f: string, chain: Chain): Sql {
  const pairs = sourcesOf(scope, chain).map(({ type, t, from, url }) => {
    const v = scope.alias();
    return sql`select ${raw(`${url}, ${hash64Of("version ", versionText(v))}`)} from ${from} join token ${raw(`${v} on ${v}.ck = ${t}.ck and ${v}.rid = ${t}.rid`)} and ${raw(v)}.param = ${paramKey(type, "version")}::int`;
  });
  return pairs.length ? sql`(${raw(`${f}.tag in (0, ${containedTag})`)} or ((${raw(`(${f}.target, ${f}.tag)`)} in (${join(pairs, " union ")})) is true))` : raw("true");
}

/** Whether something that `_has` finds names the row's resource by its url. */
export function isNamed(scope: Scope, type: string, { type: source, param, filter }: Extract<Filter, { kind: "has" }>, row: Row): Sql {
  if (!isCanonical(type)) return raw("false");
  const f = scope.alias(), u = scope.alias(), v = scope.alias();
  if (scope.distributed) {
    // What names it lies in other buckets: found first, as sets.
    const names = (): Sql => {
      const s = scope.alias(), n = scope.alias();
      return sql`select ${raw(`${n}.target, ${n}.tag`)} from (${scope.setOf(source, [filter])}) ${raw(s)} join reference ${raw(`${n} on ${n}.ck = ${s}.ck and ${n}.rid = ${s}.rid`)} and ${ofParam(n, source, param)}`;
    };
    const ofRow = sql`${raw(`${u}.ck = ${row.alias}.ck and ${u}.rid = ${row.alias}.rid`)} and ${raw(u)}.param = ${paramKey(type, "url")}::int`;
    const url = hash64Of("url ", `${u}.value`);
    return sql`(${probe(sql`uri ${raw(u)} where ${ofRow} and (${raw(url)}, 0) in (${names()})`)}
      or ${probe(sql`uri ${raw(u)} join token ${raw(`${v} on ${v}.ck = ${u}.ck and ${v}.rid = ${u}.rid`)} where ${ofRow} and ${raw(v)}.param = ${paramKey(type, "version")}::int and (${raw(`${url}, ${hash64Of("version ", versionText(v))}`)}) in (${names()})`)})`;
  }
  return probe(sql`uri ${raw(u)} join reference ${raw(f)} on ${raw(`${f}.target = ${hash64Of("url ", `${u}.value`)}`)} and ${ofParam(f, source, param)}
    where ${raw(`${u}.ck = ${row.alias}.ck and ${u}.rid = ${row.alias}.rid`)} and ${raw(u)}.param = ${paramKey(type, "url")}::int
      and (${raw(f)}.tag = 0 or ${raw(f)}.tag in (select ${raw(hash64Of("version ", versionText(v)))} from token ${raw(`${v} where ${v}.ck = ${row.alias}.ck and ${v}.rid = ${row.alias}.rid`)} and ${raw(v)}.param = ${paramKey(type, "version")}::int))
      and ${scope.check(source, filter, { alias: f, resource: false, main: true })} and ${candidateVisible(scope.caller.filter, f, source)}`);
}
