/**
 * `_include` and `_revinclude`: one statement a round, through the caller's filter like every other path. Canonical
 * references are followed by url and version. Source: https://hl7.org/fhir/R4/search.html#include
 */
import { resourceTypes } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";
import type { CustomSearch } from "#fhir/search/custom.ts";
import { customRows, indexRows, readsCanonicals } from "#fhir/search/index-rows.ts";
import { parametersOf } from "#fhir/search/parameter-names.ts";
import type { Include, SearchQuery } from "#fhir/search/query-model.ts";
import type { ContainedRows, ReferenceRow } from "#fhir/search/rows.ts";
import { rowVisible } from "../access.ts";
import { paramKey, placeOf, ridOf, urlKey } from "../keys.ts";
import type { Caller } from "../record.ts";
import { indexText, versionKey } from "../rows.ts";
import { storedParams } from "../stored-params.ts";
import { readOneVersion, type ResourceRecord } from "../read/read.ts";
import { join, numbers, raw, run, sql, texts, type Queryable, type Sql } from "../sql.ts";
import { isCanonical, versionText } from "./canonical.ts";

export type Found = ResourceRecord & { ck: string; rid: string };

/** References are followed so far from a match. */
const roundsMax = 16;
/** So many come with one page at most. */
export const includedMax = 1000;

const columns = raw("r.ck, r.rid, r.type, r.id, r.version, r.updated, r.deleted, r.content, r.persons::text as persons");

/** What a page shows: resources, and contained ones by themselves. */
export type Shown = { rows: readonly Found[]; held: readonly ContainedRows[] };

/** `more`: why something that would be included was left out, for the client. */
export async function included(db: Queryable, caller: Caller, { includes, revincludes }: Pick<SearchQuery, "includes" | "revincludes">, matched: Shown, custom?: CustomSearch): Promise<{ rows: Found[]; more?: string }> {
  if (!includes.length && !revincludes.length) return { rows: [] };
  const seen = new Set(matched.rows.map((row) => row.rid));
  const all: Found[] = [];
  let from = matched.rows, held = matched.held;
  for (let round = 0; from.length || held.length; round++) {
    const again = (include: Include) => round === 0 || include.iterate;
    const asked = [...includes.filter(again).flatMap((include) => [...forward(include, from, custom), ...forwardHeld(include, held)]), ...revincludes.filter(again).flatMap((include) => backward(include, from, custom))];
    if (!asked.length) break;
    const limit = round === roundsMax ? 0 : includedMax - all.length;
    const rows = await run<Found>(db, sql`select distinct on (r.rid) ${columns} from (${join(asked, " union all ")}) k join resource r on r.ck = k.ck and r.rid = k.rid
      where not r.deleted and (k.type is null or r.type = k.type) and not r.rid = any(${numbers([...seen])}::bigint[]) and ${rowVisible(caller.filter, "r")} order by r.rid limit ${limit + 1}::int`);
    const named = namedVersions(includes.filter(again), from, held, custom);
    for (const row of rows.slice(0, limit)) { seen.add(row.rid); all.push(await asNamed(db, caller, row, named)); }
    if (rows.length > limit && round === roundsMax) return { rows: all, more: `references were followed ${roundsMax} steps from the matches; what lies further is not included` };
    if (rows.length > limit) return { rows: all, more: `a page includes at most ${includedMax} resources besides its matches; ask for fewer matches with _count` };
    from = rows;
    held = [];
  }
  return { rows: all };
}

/** Versions that references name, by Type/id: https://hl7.org/fhir/R4/search.html#versions. */
function namedVersions(includes: readonly Include[], from: readonly Found[], held: readonly ContainedRows[], custom: CustomSearch | undefined): ReadonlyMap<string, number> {
  const named = new Map<string, number>();
  if (!includes.length) return named;
  const referring = [...from.filter(({ content }) => content.includes("/_history/")).map((row) => ({ type: row.type, references: referencesOf(row, custom) })), ...held.map(({ type, rows }) => ({ type, references: rows.references }))];
  for (const { type, references } of referring) {
    const params = new Set(includes.filter(({ source }) => source === type).flatMap((include) => paramsOf(include, custom)));
    for (const { param, targetType, targetId, version } of references)
      if (targetId !== undefined && version !== undefined && params.has(param) && /^[1-9]\d{0,8}$/.test(version)) named.set(`${targetType}/${targetId}`, Number(version));
  }
  return named;
}

/** The version that a reference named, where it is within reach; else the current one. */
async function asNamed(db: Queryable, caller: Caller, row: Found, named: ReadonlyMap<string, number>): Promise<Found> {
  const version = named.get(`${row.type}/${row.id}`);
  if (version === undefined || version === row.version) return row;
  const { result, persons } = await readOneVersion(db, caller, row, version);
  return result.kind === "current" ? { ...row, version, updated: String(Date.parse(result.stored.lastUpdated)), content: result.stored.text, persons } : row;
}

/** The record's own parameters too. */
function referencesOf({ type, content }: Pick<Found, "type" | "content">, custom: CustomSearch | undefined): readonly ReferenceRow[] {
  const resource = JSON.parse(content) as Resource, own = custom?.of(type) ?? [], { references } = indexRows(resource);
  return own.length ? [...references, ...customRows(resource, own).references] : references;
}

function paramsOf({ source, param }: Include, custom: CustomSearch | undefined): string[] {
  return param === "*" ? [...parametersOf(source, custom).values()].filter((parameter) => parameter.type === "reference").map((parameter) => parameter.code) : [param];
}

function paramKeys(include: Include, custom: CustomSearch | undefined): string {
  return numbers([...new Set(paramsOf(include, custom).flatMap((code) => storedParams(include.source, code)))].map((code) => paramKey(include.source, code)));
}

function forward(include: Include, from: readonly Found[], custom: CustomSearch | undefined): Sql[] {
  const rows = from.filter((row) => row.type === include.source);
  if (!rows.length) return [];
  return [sql`select coalesce(f.place, d.ck) as ck, f.target as rid, ${include.target ?? null}::text as type
    from unnest(${numbers(rows.map((row) => row.ck))}::bigint[], ${numbers(rows.map((row) => row.rid))}::bigint[]) u(ck, rid)
    join reference f on f.ck = u.ck and f.rid = u.rid and f.param = any(${paramKeys(include, custom)}::int[])
    left join directory d on f.place is null and d.rid = f.target`, ...forwardCanonical(include, rows.map((row) => () => referencesOf(row, custom)), custom)];
}

/** What contained resources refer to: index rows stand with what holds them, so it is told by what they say. */
function forwardHeld(include: Include, held: readonly ContainedRows[]): Sql[] {
  const own = held.filter(({ type }) => type === include.source).map(({ rows }) => rows.references);
  if (!own.length) return [];
  const params = new Set(paramsOf(include, undefined));
  const targets = own.flat().flatMap(({ param, targetType, targetId }) => params.has(param) && targetType !== undefined && targetId !== undefined ? [{ rid: ridOf(targetType, targetId), place: placeOf(targetType, targetId) }] : []);
  const local = sql`select coalesce(u.place, d.ck) as ck, u.rid, ${include.target ?? null}::text as type from unnest(${numbers(targets.map(({ rid }) => rid))}::bigint[], ${numbers(targets.map(({ place }) => place ?? "null"))}::bigint[]) u(rid, place)
    left join directory d on u.place is null and d.rid = u.rid`;
  return [...targets.length ? [local] : [], ...forwardCanonical(include, own.map((references) => () => references), undefined)];
}

/** Index rows hold a hash of the url; the url itself is read from the content. */
function forwardCanonical(include: Include, referring: readonly (() => readonly ReferenceRow[])[], custom: CustomSearch | undefined): Sql[] {
  const params = new Set(paramsOf(include, custom)), known = parametersOf(include.source, custom), own = custom?.of(include.source);
  // An own parameter need not say what it leads to.
  const targets = (code: string): readonly string[] => known.get(code)?.target ?? (readsCanonicals(include.source, code, own) ? resourceTypes() : []);
  const types = (include.target === undefined ? [...new Set([...params].flatMap(targets))] : [include.target]).filter(isCanonical);
  if (!types.length) return [];
  const urls = new Map<string, { url: string; version: string }>();
  for (const references of referring)
    for (const { param, url, version } of references())
      if (url !== undefined && params.has(param)) urls.set(`${url}|${version ?? ""}`, { url: indexText(url), version: version ?? "" });
  if (!urls.size) return [];
  const asked = [...urls.values()];
  const versions = numbers(types.map((type) => paramKey(type, "version")));
  return [sql`select t.ck, t.rid, ${include.target ?? null}::text as type from unnest(${texts(asked.map(({ url }) => url))}::text[], ${texts(asked.map(({ version }) => version))}::text[]) u(url, version)
    join uri t on t.param = any(${numbers(types.map((type) => paramKey(type, "url")))}::int[]) and left(t.value, 200) = left(u.url, 200) and t.value = u.url
    where u.version = '' or (select true from token v where v.ck = t.ck and v.rid = t.rid and v.param = any(${versions}::int[]) and ${raw(versionText("v"))} = u.version limit 1)`];
}

function backward(include: Include, from: readonly Found[], custom: CustomSearch | undefined): Sql[] {
  const rows = include.target === undefined ? from : from.filter((row) => row.type === include.target);
  if (!rows.length) return [];
  const any = include.source === "*";
  const by = any ? sql`true` : sql`f.param = any(${paramKeys(include, custom)}::int[])`;
  const source = any ? null : include.source;
  const local = sql`select f.ck, f.rid, ${source}::text as type from reference f where f.target = any(${numbers(rows.map((row) => row.rid))}::bigint[]) and ${by}`;
  const named = rows.filter((row) => isCanonical(row.type)).map(({ content }) => JSON.parse(content) as Resource & { url?: unknown; version?: unknown }).filter(({ url }) => typeof url === "string");
  if (!named.length) return [local];
  const versions = numbers(named.map(({ version }) => typeof version === "string" ? versionKey(version) : "0"));
  return [local, sql`select f.ck, f.rid, ${source}::text as type from unnest(${numbers(named.map(({ url }) => urlKey(url as string)))}::bigint[], ${versions}::bigint[]) u(url, version)
    join reference f on f.target = u.url and ${by} and f.tag in (0, u.version)`];
}
