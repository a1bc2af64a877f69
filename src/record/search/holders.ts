/**
 * `_contained`: a search of contained resources is one of the resources that hold them, one query for each type that
 * holds any. They can be shown by themselves. Source: https://hl7.org/fhir/R4/search.html#contained
 */
import { resourceTypes } from "#fhir/definitions/load.ts";
import { parseLiterals } from "#fhir/json/literals.ts";
import type { Json, JsonObject, Resource } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { containedMatches, matches, type World } from "#fhir/search/matches.ts";
import type { Filter, SearchQuery } from "#fhir/search/query-model.ts";
import { standsAlone } from "#fhir/search/resolve.ts";
import type { ContainedRows } from "#fhir/search/rows.ts";
import type { Caller, Stored } from "../record.ts";
import { storedOf } from "../read/read.ts";
import { candidateVisible } from "../about.ts";
import { containedCode } from "../keys.ts";
import { join, numbers, run, sql, type Queryable } from "../sql.ts";
import { candidates, newScope } from "./candidates.ts";
import { heldSet } from "./contained.ts";
import { allOf } from "./cost.ts";
import { worldOf } from "./hops.ts";
import type { Found } from "./include.ts";
import type { Part } from "./page.ts";
import { totalOf } from "./total.ts";

type Held = Extract<Filter, { kind: "contained" }>;

/** What is shown of a match; `container`: of a contained resource, what holds it. */
export type Shown = { stored: Stored; container?: { type: string; id: string }; row: Found; /** Its place among what is shown of the match, growing; 0 the match itself. */ part: number; /** Of a contained resource, what it says. */ held?: ContainedRows };

/** For each type that holds such resources a query, and for the type itself where its own are asked for too; at least one. */
export async function holderQueries(db: Queryable, query: SearchQuery): Promise<SearchQuery[]> {
  const { type, filters, contained } = query;
  const held: Held = { kind: "contained", type, filters };
  const queries = (await holdersOf(db, type)).filter((holder) => holder !== type || contained?.which !== "both").map((holder) => ({ ...query, type: holder, filters: [held] }));
  if (contained?.which === "both") return [{ ...query, filters: [{ kind: "or", filters: [{ kind: "and", filters }, held] }] }, ...queries];
  return queries.length ? queries : [{ ...query, filters: [held] }];
}

async function holdersOf(db: Queryable, type: string): Promise<string[]> {
  const holders = new Map(resourceTypes().map((holder) => [containedCode(type, holder), holder]));
  const codes = sql`${numbers([...holders.keys()])}::bigint[]`;
  const rows = await run<{ code: string }>(db, db.distributed ? sql`select distinct k.code from token k where k.code = any(${codes})`
    : sql`select u.code from unnest(${codes}) u(code) where (select true from token k where k.code = u.code limit 1) is not null`);
  return rows.map(({ code }) => holders.get(String(code))!).sort();
}

/** The contained resources among what the query finds, and whether the resource of its type is found by itself. */
function askedOf({ filters: [filter] }: SearchQuery): { held: Held; own?: readonly Filter[] } | undefined {
  if (filter?.kind === "contained") return { held: filter };
  if (filter?.kind !== "or") return undefined;
  const [own, held] = filter.filters;
  return own?.kind === "and" && held?.kind === "contained" ? { held, own: own.filters } : undefined;
}

/** The matches as they are shown: where contained resources are asked for, each by itself. */
export async function shownOf(db: Queryable, caller: Caller, parts: readonly Part[], matched: readonly Found[]): Promise<Shown[]> {
  if (parts[0]!.query.contained?.shown !== "contained") return matched.map((row) => ({ stored: storedOf(row), row, part: 0 }));
  const versions = matched.map((row) => {
    const resource = JSON.parse(row.content) as Resource;
    return { row, part: parts.find(({ query }) => query.type === row.type)!, resource, rows: indexRows(resource) };
  });
  const worlds = new Map<Part, World>();
  for (const part of parts)
    if (!part.query.filters.every(standsAlone)) worlds.set(part, await worldOf(db, caller, part.query.type, part.query.filters, versions.filter((version) => version.part === part)));
  return versions.flatMap(({ row, part, resource, rows }): Shown[] => {
    const asked = askedOf(part.query)!, world = worlds.get(part), stored = storedOf(row);
    const own = asked.own && matches(resource, { type: row.type, filters: asked.own }, rows, world) ? [{ stored, row, part: 0 }] : [];
    const found = containedMatches(rows, asked.held, world);
    if (!found.length) return own;
    const texts = textsOf(row.content), places = resource.contained as Resource[];
    return [...own, ...found.map((one) => {
      const place = places.indexOf(one.resource);
      return { stored: { ...stored, type: one.type, id: one.id, text: texts[place]! }, container: { type: row.type, id: row.id }, row, part: place + 1, held: one };
    })];
  });
}

/** Of each contained resource its text, with the number literals as they were written. */
function textsOf(content: string): string[] {
  const parsed = parseLiterals(content);
  // What is stored was read before.
  if (!parsed.ok) throw new Error(parsed.failure.text);
  return ((parsed.value as JsonObject).contained as Json[]).map((one) => JSON.stringify(one));
}

/** How many contained resources, and of the type itself, a search finds. */
export async function totalShown(db: Queryable, caller: Caller, parts: readonly Part[]): Promise<number> {
  const counts = parts.map(({ query }) => {
    const { type } = query, { held } = askedOf(query)!;
    return sql`select count(*) as found from (select distinct h.* from (${heldSet(newScope(caller, undefined, db), type, held, (e) => `${e}.ck, ${e}.rid, ${e}.element`)}) h) m where ${candidateVisible(caller.filter, "m", type)}`;
  });
  const own = parts.flatMap((part) => {
    const filters = askedOf(part.query)!.own;
    return filters ? [{ ...part, found: candidates(allOf(part.query.type), filters, caller, db) }] : [];
  });
  const [row] = await run<{ total: string }>(db, sql`select sum(t.found) as total from (${join(counts, " union all ")}) t`);
  return Number(row!.total) + (own.length ? await totalOf(db, own, "accurate", true) : 0);
}

/** Of the matches of a page, how many may be shown where not more than `count` entries are asked for: at least one. */
export function fitting(shown: readonly Shown[], matched: readonly Found[], count: number): number {
  const entries = Map.groupBy(shown, ({ row }) => row);
  let fit = 0, taken = 0;
  for (const row of matched) {
    taken += entries.get(row)?.length ?? 0;
    if (taken > count) break;
    fit++;
  }
  return Math.max(fit, 1);
}
