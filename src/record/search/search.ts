/**
 * Search: the page of matches in order, what they include, and the total where asked or known for free.
 * Pages go by keyset: the cursor holds the last row's place, so a page costs the same wherever it is.
 * Source: https://hl7.org/fhir/R4/search.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { parseQuery, type QueryOptions, type SearchQuery } from "#fhir/search/query.ts";
import type { Caller, Page, SearchEntry } from "../record.ts";
import { formatCursor, parseCursor, type CursorValue } from "../read/cursor.ts";
import { storedOf } from "../read/read.ts";
import { join, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import { candidates, type Candidates } from "./candidates.ts";
import type { Contents } from "../read/contents.ts";
import { included, type Found } from "./include.ts";
import { after, sortColumns, type Column } from "./sort.ts";

export const countDefault = 20;
/** Name under which the cursor of a page stands in the query string. */
export const cursorParam = "_cursor";

export type SearchPage = { page: Page<SearchEntry>; persons: string[] };

/** Takes `_cursor` out of the query; the rest is FHIR's. */
export function splitCursor(raw: string): { query: string; cursor?: string } {
  const parts = raw.split("&");
  const mine = parts.find((part) => part.startsWith(`${cursorParam}=`));
  if (mine === undefined) return { query: raw };
  return { query: parts.filter((part) => !part.startsWith(`${cursorParam}=`)).join("&"), cursor: mine.slice(cursorParam.length + 1) };
}

export async function search(db: Queryable, caller: Caller, type: string, text: string, options: QueryOptions = {}, contents?: Contents): Promise<Result<SearchPage>> {
  const { query: rest, cursor } = splitCursor(text);
  const parsed = parseQuery(type, rest, options);
  if (!parsed.ok) return parsed;
  const query = parsed.value;
  const found = candidates(query, caller);
  const columns = sortColumns(query, found.driver);
  if (!columns.ok) return columns;
  const count = query.summary === "count" ? 0 : query.count ?? countDefault;
  const place = cursor === undefined ? undefined : parseCursor(cursor, columns.value.map((column) => column.letter).join(""));
  if (place && !place.ok) return place;
  const outcomes = query.ignored.map(ignoredEntry);
  if (count === 0) return ok({ page: { entries: outcomes, total: await total(db, found) }, persons: [] });
  const rows = await matching(db, type, found, columns.value, count + 1, place?.value, contents);
  const matched = rows.slice(0, count);
  const page: Page<SearchEntry> = { entries: [] };
  if (rows.length > count) page.next = formatCursor(placeOfRow(matched.at(-1)!, columns.value));
  if (rows.length <= count && !place) page.total = matched.length;
  else if (query.total === "accurate" || query.total === "estimate") page.total = await total(db, found);
  const more = await included(db, caller, query, matched);
  page.entries = [
    ...matched.map((row): SearchEntry => ({ mode: "match", stored: storedOf(row) })),
    ...more.map((row): SearchEntry => ({ mode: "include", stored: storedOf(row) })),
    ...outcomes,
  ];
  return ok({ page, persons: [...matched, ...more].map((row) => row.persons) });
}

type Row = Found & Record<`s${number}`, string | number>;

/** Distinct matches in order. A resource whose several index rows match comes several times, next to each other. */
async function matching(db: Queryable, type: string, found: Candidates, columns: readonly Column[], limit: number, start: readonly CursorValue[] | undefined, contents?: Contents): Promise<Row[]> {
  const whole = !contents?.worthwhile;
  const rows: Row[] = [];
  for (let place = start; rows.length < limit; ) {
    const batch = await run<Row>(db, pageStatement(found, columns, limit, place, whole));
    for (const row of batch) {
      if (rows.at(-1)?.rid === row.rid || rows.length >= limit) continue;
      row.type = type;
      row.deleted = false;
      rows.push(row);
    }
    if (batch.length < limit) break;
    place = placeOfRow(batch.at(-1)!, columns);
  }
  if (whole) contents?.learn(rows);
  else await contents!.complete(db, rows);
  return rows;
}

function pageStatement({ from, where, buckets }: Candidates, columns: readonly Column[], limit: number, place: readonly CursorValue[] | undefined, whole: boolean): Sql {
  const names = columns.map((_, i) => raw(`s${i}`));
  const selected = join(columns.map(({ expression }, i) => sql`${expression} as ${names[i]!}`), ", ");
  const order = join(columns.map((column, i) => sql`${names[i]!} ${raw(column.descending ? "desc" : "asc")}`), ", ");
  const ofOne = sql`select m.ck, m.rid, ${selected} from ${from} where ${where}${buckets ? raw(" and m.ck = b.ck") : raw("")}${place ? sql` and ${after(columns, place)}` : raw("")} order by ${order} limit ${limit}::int`;
  const page = buckets ? sql`select p.* from ${buckets} b(ck) cross join lateral (${ofOne}) p order by ${order} limit ${limit}::int` : ofOne;
  // The last sort key is rid itself. What every match has in common (its type, that it is there) is not sent for each.
  const kept = names.slice(0, -1).map((name) => sql`q.${name}, `);
  return sql`select q.ck, q.rid, ${kept.length ? join(kept, "") : raw("")}r.id, r.version, r.updated, ${raw(whole ? "r.content, " : "")}r.persons::text as persons from (${page}) q
    join resource r on r.ck = q.ck and r.rid = q.rid order by ${order}`;
}

function placeOfRow(row: Row, columns: readonly Column[]): CursorValue[] {
  return columns.map((column, i) => i === columns.length - 1 ? row.rid : column.letter === "f" ? String(row[`s${i}`]) : row[`s${i}`]!);
}

async function total(db: Queryable, { from, where, buckets }: Candidates): Promise<number> {
  const inBuckets = buckets ? sql` and m.ck in ${buckets}` : raw("");
  const [row] = await run<{ total: string }>(db, sql`select count(*) as total from (select distinct m.ck, m.rid from ${from} where ${where}${inBuckets}) t`);
  return Number(row!.total);
}

function ignoredEntry({ name, reason }: SearchQuery["ignored"][number]): SearchEntry {
  const text = JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity: "warning", code: "not-supported", diagnostics: `${name}: ${reason}` }] });
  return { mode: "outcome", stored: { type: "OperationOutcome", id: "ignored", version: 1, lastUpdated: new Date(0).toISOString(), text } };
}

/** What a conditional request names, at most `max`; a failure when it names more. */
export async function findMatches(db: Queryable, caller: Caller, type: string, text: string, max: number): Promise<Result<Found[]>> {
  const parsed = parseQuery(type, text);
  if (!parsed.ok) return parsed;
  if (!parsed.value.filters.length) return fail("required", `The condition "${type}?${text}" asks for nothing; give at least one search parameter`);
  const found = candidates(parsed.value, caller);
  const columns = sortColumns({ ...parsed.value, sort: [] }, found.driver);
  if (!columns.ok) return columns;
  const rows = await matching(db, type, found, columns.value, max + 1, undefined);
  if (rows.length > max) return fail("multiple-matches", `"${type}?${text.slice(0, 200)}" names more than ${max === 1 ? "one resource" : `${max} resources`}`);
  return ok(rows);
}
