/**
 * Every page of a search shows the list of its first moment: nothing twice, nothing missing, whatever is written
 * meanwhile. The first page costs one statement and writes nothing: its cursor carries PostgreSQL's own snapshot.
 * Later pages leave out what was written after it, and show in its place the version that stood then (table `version`),
 * evaluated and ordered in memory by the rules of the index.
 *
 * A version was there at the moment when the transaction that made it is visible in the snapshot. That transaction is
 * known by `xmin`: of the row itself for the current version, of the row before it in `version` for a replaced one
 * (the transaction that makes a version moves its predecessor there). Of a first version that was replaced it is not
 * known any more; then `updated` decides, which is no later than `latest` for all that was visible.
 */
import assert from "node:assert/strict";
import { fail, ok, type Result } from "#platform/result.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { matches, type World } from "#fhir/search/matches.ts";
import { standsAlone } from "#fhir/search/resolve.ts";
import { rowVisible } from "../access.ts";
import { withCustom } from "../parameters/definitions.ts";
import type { CursorValue } from "../read/cursor.ts";
import type { Caller } from "../record.ts";
import { derive, emptyRows } from "../rows.ts";
import { numbers, raw, run, sql, texts, type Queryable, type Sql } from "../sql.ts";
import { worldOf } from "./hops.ts";
import type { Part, Row } from "./page.ts";
import { comparePlaces, namesOf } from "./sort.ts";

/** `snapshot` as PostgreSQL writes it, "xmin:xmax:xip,…"; `latest`: of the newest version visible; `issued`: by the clock. Epoch ms. */
export type Moment = { snapshot: string; latest: number; issued: number };

/** Pages of a search may be asked for so long. */
export const pagesMinutesMax = 60;
/** Longest time from deciding a write to its commit that is reckoned with, clocks of several machines included. */
const inFlightMs = 120_000;
/** When more resources were replaced since the first page, the rest of its list is kept (list.ts). */
export const replacedMax = 500;
/** So many at most may be replaced between two pages. */
const replacedBetweenPagesMax = 20_000;

const snapshotForm = /^\d{1,20}:\d{1,20}:(?:\d{1,20}(?:,\d{1,20})*)?$/;

function resourceTypeName(type: string): string {
  assert(isResourceType(type), "the query was parsed for a resource type");
  return type;
}

/** Snapshot and `latest` in one text, as `momentOf` reads it. */
export function momentText(types: readonly string[]): Sql {
  const [only] = types;
  // A type's name stands in the text, so that searches asked together (together.ts) look for it once.
  const latest = types.length === 1 ? sql`select max(x.updated) from resource x where x.type = ${raw(`'${resourceTypeName(only!)}'`)}`
    : sql`select max((select max(x.updated) from resource x where x.type = t.type)) from unnest(${texts(types)}::text[]) t(type)`;
  return sql`pg_current_snapshot()::text || ' ' || coalesce((${latest}), 0)`;
}

export function momentOf(text: string, issued: number): Moment {
  const [snapshot = "", latest] = text.split(" ");
  return { snapshot, latest: Number(latest), issued };
}

/** Of a cursor: one that cannot be read, and one that is too old. */
export function checkMoment({ snapshot, issued }: Moment, now: number): Result<undefined> {
  if (!snapshotForm.test(snapshot)) return fail("value", "The page cursor does not belong to this request; start again from the first page");
  return now - issued > pagesMinutesMax * 60_000 ? gone() : ok(undefined);
}

export function gone(): Result<never> {
  return fail("deleted", `The pages of this search were kept for ${pagesMinutesMax} minutes; start again from the first page`);
}

/** Whether a transaction, given as 32 bits, had committed. Those that were rolled back leave no rows that anybody sees. */
function visible(xmin: string, { snapshot }: Moment): Sql {
  const [, end = "", running = ""] = snapshot.split(":");
  const short = (id: string) => String(BigInt(id) & 0xffffffffn);
  const id = raw(`${xmin}::text::bigint`);
  // Ids go round at 2^32: one is earlier than the end when the way up to it is shorter than half the circle.
  const earlier = sql`((${id} - ${short(end)}::bigint + 6442450944) % 4294967296 - 2147483648) < 0`;
  return running === "" ? sql`(${earlier})` : sql`(${earlier} and not ${id} = any(${numbers(running.split(",").map(short))}::bigint[]))`;
}

/** `alias`: a row of `resource` that says today what it said then. */
export function unchanged(alias: string, moment: Moment): Sql {
  const r = (column: string) => raw(`${alias}.${column}`);
  return sql`(${r("updated")} < ${moment.issued - inFlightMs}::bigint or ${visible(`${alias}.xmin`, moment)} or ${r("version")} = 1 and ${r("updated")} <= ${moment.latest}::bigint
    or (select ${visible("before.xmin", moment)} from version before where before.ck = ${r("ck")} and before.rid = ${r("rid")} and before.version = ${r("version")} - 1))`;
}

/** Versions that stood at the moment and were replaced or deleted since, found by the query, after the place; in no order. */
export async function replacedRows(db: Queryable, caller: Caller, parts: readonly Part[], moment: Moment, place: readonly CursorValue[]): Promise<Result<{ rows: Row[]; /** of all that was replaced */ replaced: number }>> {
  const since = sql`${moment.issued - inFlightMs}::bigint`;
  const rows = await run<Row>(db, sql`select r.ck, r.rid, o.type, o.id, o.version, o.updated, o.content, o.persons::text as persons
    from resource r cross join lateral (
      select v.* from version v where v.ck = r.ck and v.rid = r.rid and (v.updated < ${since} or v.version = 1 and v.updated <= ${moment.latest}::bigint
        or (select ${visible("before.xmin", moment)} from version before where before.ck = v.ck and before.rid = v.rid and before.version = v.version - 1))
      order by v.version desc limit 1) o
    where r.type = any(${texts(parts.map(({ query }) => query.type))}::text[]) and r.version > 1 and r.updated >= ${since} and not ${unchanged("r", moment)}
      and not o.deleted and ${rowVisible(caller.filter, "o")} limit ${replacedBetweenPagesMax + 1}::int`);
  if (rows.length > replacedBetweenPagesMax) return fail("deleted", `More than ${replacedBetweenPagesMax} resources changed since the page before; start again, with larger pages`);
  const found: Row[] = [];
  const versions = rows.map((row) => {
    const part = parts.find(({ query }) => query.type === row.type)!;
    const resource = JSON.parse(row.content) as Resource;
    const index = part.custom?.length ? withCustom(indexRows(resource), resource, { byType: new Map([[row.type, part.custom]]) }) : indexRows(resource);
    return { row, part, resource, rows: index };
  });
  const worlds = new Map<Part, World>();
  for (const part of parts)
    if (!part.query.filters.every(standsAlone)) worlds.set(part, await worldOf(db, caller, part.query.type, part.query.filters, versions.filter((version) => version.part === part)));
  const matching = versions.filter(({ resource, part, rows: index }) => matches(resource, part.query, index, worlds.get(part))).map(({ row, part, resource, rows: index }) => {
    const derived = emptyRows();
    derive(derived, resource, Number(row.ck), row.rid, [], index);
    return { row, part, derived };
  });
  const names = await namesOf(db, parts.flatMap(({ columns }) => columns), matching.map(({ derived }) => derived));
  for (const { row, part: { columns }, derived } of matching) {
    const values = columns.map((column) => column.valueOf({ rid: row.rid, id: row.id, updated: row.updated, rows: derived, names }));
    if (comparePlaces(columns, values, place) <= 0) continue;
    for (const [i, value] of values.entries()) row[`s${i}`] = value;
    found.push(row);
  }
  return ok({ rows: found, replaced: rows.length });
}
