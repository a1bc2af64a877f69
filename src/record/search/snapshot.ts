/**
 * Every page of a search shows the list of its first moment: nothing twice, nothing missing, whatever is written
 * meanwhile. The first page costs one statement and writes nothing: its cursor carries PostgreSQL's own snapshot.
 * Later pages leave out what was written after it, and show in its place the version that stood then (table `version`),
 * evaluated and ordered in memory by the rules of the index.
 *
 * A version was there at the moment when the transaction that wrote it (`xact`) is visible in the snapshot.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Resource } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import { matches, type World } from "#fhir/search/matches.ts";
import { standsAlone } from "#fhir/search/resolve.ts";
import { rowVisible } from "../access.ts";
import { withCustom } from "../parameters/definitions.ts";
import type { CursorValue } from "../read/cursor.ts";
import type { Caller } from "../record.ts";
import { derive, emptyRows } from "../rows.ts";
import { raw, run, sql, texts, type Queryable, type Sql } from "../sql.ts";
import { worldOf } from "./hops.ts";
import type { Part, Row } from "./page.ts";
import { scoresOfRows } from "./score.ts";
import { comparePlaces, namesOf } from "./sort.ts";

/** `snapshot` as PostgreSQL writes it, "xmin:xmax:xip,…"; `issued`: by the clock, epoch ms. */
export type Moment = { snapshot: string; issued: number };

/** Pages of a search may be asked for so long. */
export const pagesMinutesMax = 60;
/** Longest time from deciding a write to its commit that is reckoned with, clocks of several machines included. */
const inFlightMs = 120_000;
/** When more resources were replaced since the first page, the rest of its list is kept (list.ts). */
export const replacedMax = 500;
/** So many at most may be replaced between two pages. */
const replacedBetweenPagesMax = 20_000;

const snapshotForm = /^\d{1,19}:\d{1,19}:(?:\d{1,19}(?:,\d{1,19})*)?$/;

/** Of a cursor: one that cannot be read, and one that is too old. */
export function checkMoment({ snapshot, issued }: Moment, now: number): Result<undefined> {
  if (!isSnapshot(snapshot)) return fail("value", "The page cursor does not belong to this request; start again from the first page");
  return now - issued > pagesMinutesMax * 60_000 ? gone() : ok(undefined);
}

export function gone(): Result<never> {
  return fail("deleted", `The pages of this search were kept for ${pagesMinutesMax} minutes; start again from the first page`);
}

/** As PostgreSQL takes it: ids in order, those still running between the two ends. */
function isSnapshot(text: string): boolean {
  if (!snapshotForm.test(text)) return false;
  const [first = 0n, end = 0n, ...running] = text.split(/[:,]/).filter((id) => id !== "").map(BigInt);
  return first > 0n && first <= end && end < 2n ** 63n && running.every((id, i) => id >= (running[i - 1] ?? first) && id < end);
}

/** Whether the version in `alias`, of `resource` or `version`, had been written; of what is old enough without a look at the snapshot. */
export function written(alias: string, { snapshot, issued }: Moment): Sql {
  return sql`(${raw(`${alias}.updated`)} < ${issued - inFlightMs}::bigint or pg_visible_in_snapshot(${raw(`${alias}.xact`)}, ${snapshot}::pg_snapshot))`;
}

/** Versions that stood at the moment and were replaced or deleted since, found by the query, after the place; in no order. */
export async function replacedRows(db: Queryable, caller: Caller, parts: readonly Part[], moment: Moment, place: readonly CursorValue[] | undefined): Promise<Result<{ rows: Row[]; /** of all that was replaced */ replaced: number }>> {
  const rows = await run<Row>(db, sql`select o.ck, o.rid, o.type, o.id, o.version, o.updated, o.content, o.persons::text as persons from (
      select distinct on (v.ck, v.rid) v.* from resource r join version v on v.ck = r.ck and v.rid = r.rid and ${written("v", moment)}
      where r.type = any(${texts(parts.map(({ query }) => query.type))}::text[]) and r.version > 1 and r.updated >= ${moment.issued - inFlightMs}::bigint and not ${written("r", moment)}
      order by v.ck, v.rid, v.version desc) o
    where not o.deleted and ${rowVisible(caller.filter, "o")} limit ${replacedBetweenPagesMax + 1}::int`);
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
  const names = await namesOf(db, caller.filter, parts.flatMap(({ columns }) => columns), matching.map(({ derived }) => derived));
  const scores = new Map<Part, ReadonlyMap<string, number>>();
  for (const [part, own] of Map.groupBy(matching, (one) => one.part)) {
    const rank = part.columns.find((column) => column.rank)?.rank;
    if (rank) scores.set(part, await scoresOfRows(db, rank, own.map(({ derived }) => derived)));
  }
  for (const { row, part, derived } of matching) {
    const { columns } = part, known = scores.get(part);
    const values = columns.map((column) => column.valueOf({ rid: row.rid, id: row.id, updated: row.updated, rows: derived, names, ...(known ? { scores: known } : {}) }));
    if (place && comparePlaces(columns, values, place) <= 0) continue;
    for (const [i, value] of values.entries()) row[`s${i}`] = value;
    found.push(row);
  }
  return ok({ rows: found, replaced: rows.length });
}
