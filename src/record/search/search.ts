/**
 * Search: the page of matches in order, what they include, and the total where asked or known for free.
 * Pages go by keyset: the cursor holds the last row's place, so a page costs the same wherever it is; and the moment of
 * the first page, so that all pages show one list. Source: https://hl7.org/fhir/R4/search.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { parseQuery, type QueryOptions, type SearchQuery } from "#fhir/search/query.ts";
import { countMax } from "#fhir/search/result-parameters.ts";
import { isOpen, noLookups, resolve, type Lookups } from "#fhir/search/resolve.ts";
import { parseSearch, type SearchScope } from "#fhir/search/scope.ts";
import { subsetText, type Subset } from "#fhir/subset/subset.ts";
import type { Caller, SearchEntry, SearchPage, Stored } from "../record.ts";
import { parseCursor } from "../read/cursor.ts";
import { storedOf } from "../read/read.ts";
import type { Queryable } from "../sql.ts";
import { readDefinitions } from "../parameters/definitions.ts";
import { candidates, choose, newScope } from "./candidates.ts";
import { allOf } from "./cost.ts";
import type { Contents } from "../read/contents.ts";
import { holderQueries, totalShown, type Shown } from "./holders.ts";
import { included, type Found, type Shown as ShownRows } from "./include.ts";
import { narrow } from "./narrow.ts";
import { passedVersions } from "./passed-versions.ts";
import type { Plans } from "./plans.ts";
import { firstRows, type Part } from "./page.ts";
import { pageOf, readStart, type PageStart } from "./pages.ts";
import { scoresOf } from "./score.ts";
import { sortColumns } from "./sort.ts";
import { totalOf } from "./total.ts";
import { weightsKeptMs, type Weights } from "./weigh.ts";

export const countDefault = 20;
/** Name under which the cursor of a page stands in the query string. */
export const cursorParam = "_cursor";

/** What searches of one record share: contents kept, what was counted to choose plans, the look-ups of terms. */
export type SearchTools = { contents?: Contents; plans?: Plans; weights?: Weights; lookups?: Lookups; /** Runs each statement by itself. */ alone?: Queryable; /** Keep the rest of a list (list.ts). */ writers: Queryable };

/** `persons` of each row shown, for the leaf. */
export type Searched = { page: SearchPage; persons: string[] };

/** Takes `_cursor` out of the query; the rest is FHIR's. */
export function splitCursor(raw: string): { query: string; cursor?: string } {
  const parts = raw.split("&");
  const mine = parts.find((part) => part.startsWith(`${cursorParam}=`));
  if (mine === undefined) return { query: raw };
  return { query: parts.filter((part) => !part.startsWith(`${cursorParam}=`)).join("&"), cursor: mine.slice(cursorParam.length + 1) };
}

export async function search(db: Queryable, caller: Caller, scope: SearchScope, text: string, options: QueryOptions & { now: number }, tools: SearchTools): Promise<Result<Searched>> {
  const { query: rest, cursor } = splitCursor(text);
  const planned = await plan(db, caller, scope, rest, cursor, options, tools);
  if (!planned.ok) return planned;
  const { parts, start } = planned.value;
  const { query } = parts[0]!;
  const count = query.count ?? countDefault;
  const page: SearchPage = { entries: [], searched: searchedOf(query, count) };
  const outcomes = query.ignored.map(({ name, reason }) => outcomeEntry("not-supported", `${name}: ${reason}`));
  const seesAll = caller.filter.kind === "all";
  const total = (kind: "estimate" | "accurate"): Promise<number> => query.contained?.shown === "contained" ? totalShown(db, caller, parts) : totalOf(db, parts, kind, seesAll);
  if (count === 0 || query.summary === "count") {
    page.entries = outcomes;
    page.total = await total(query.total === "estimate" ? "estimate" : "accurate");
    return ok({ page, persons: [] });
  }
  const found = await pageOf(db, caller, { parts, question: `${JSON.stringify(scope)} ${rest}`, count, now: options.now }, start, tools);
  if (!found.ok) return found;
  const { matched, shown, next, previous } = found.value;
  if (next !== undefined) page.next = next;
  if (previous !== undefined) page.previous = previous;
  if (query.total !== "none") {
    if (!start && next === undefined) page.total = shown.length;
    else if (query.total) page.total = await total(query.total);
  }
  const scores = await scoresOf(db, parts, matched);
  const also = await included(db, caller, query, shownRows(query, matched, shown), options.custom);
  const wanted = subsetOf(query), passed = passedVersions(parts, matched);
  page.entries = [
    ...shown.map(({ stored, container, row }): SearchEntry => ({ ...entryOf("match", stored, wanted), ...(container ? { container } : {}), ...(scores.has(row.rid) ? { score: scores.get(row.rid)! } : {}) })),
    ...also.rows.map((row): SearchEntry => entryOf("include", storedOf(row), wanted?.kind === "elements" ? undefined : wanted)),
    ...outcomes, ...(also.more === undefined ? [] : [outcomeEntry("too-costly", also.more)]), ...(passed === undefined ? [] : [outcomeEntry("not-supported", passed)]),
  ];
  return ok({ page, persons: [...matched, ...also.rows].map((row) => row.persons) });
}

/** What a search asks of the store; `start` where a cursor says so. */
export async function plan(db: Queryable, caller: Caller, scope: SearchScope, text: string, cursor: string | undefined, options: QueryOptions & { now: number }, { plans, weights, lookups = noLookups }: Pick<SearchTools, "plans" | "weights" | "lookups">): Promise<Result<{ parts: readonly Part[]; start?: PageStart }>> {
  const planned = cursor === undefined && !options.bases ? plans?.find(caller, scope, text, options.handling, options.custom) : undefined;
  if (planned) return ok({ parts: planned });
  const parsed = parseSearch(scope, text, options);
  if (!parsed.ok) return parsed;
  const begun = cursor === undefined ? undefined : readStart(cursor, options.now);
  if (begun && !begun.ok) return begun;
  const [first] = parsed.value, contained = first!.contained !== undefined;
  const queries = contained ? await holderQueries(db, first!) : parsed.value;
  const parts: Part[] = [];
  let lasting = cursor === undefined && !contained, keptMs = Infinity;
  for (const [i, raw] of queries.entries()) {
    lasting &&= !raw.filters.some(isOpen);
    const resolved = await resolve(raw.filters, lookups);
    if (!resolved.ok) return resolved;
    const query = { ...raw, filters: resolved.value };
    const byReference = db.distributed && query.sort.find((key) => key.kind === "param" && key.searchType === "reference");
    if (byReference) return fail("not-supported", `_sort: this record is spread over several servers (Citus), where what a reference leads to lies elsewhere; sort by another parameter`);
    const counted = db.distributed ? undefined : await weights?.of(db, query.type, query.filters);
    lasting &&= !counted;
    // Further pages begin where the first began, whatever was counted since: the order hangs on it.
    const goal = { type: query.type, sort: query.sort, rows: (query.count ?? countDefault) + 1 };
    const choice = counted ? begun?.value.choices[i] ?? choose(newScope(caller, counted), goal, query.filters) : undefined;
    if (choice !== undefined && choice >= query.filters.length) return fail("value", "The page cursor does not belong to this request; start again from the first page");
    const narrowed = counted || db.distributed || !weights ? undefined : await narrow(weights, db, caller, goal, query.filters);
    if (narrowed) keptMs = weightsKeptMs;
    const found = candidates(goal, query.filters, caller, { counts: counted, choice, distributed: db.distributed, ...narrowed });
    const columns = sortColumns(query, found.driver, caller.filter, queries.length > 1 || contained);
    parts.push({ query, found, columns, ...(choice === undefined ? {} : { choice }), ...(options.custom ? { custom: options.custom.of(query.type) } : {}) });
  }
  const letters = (part: Part) => part.columns.map((column) => column.letter).join("");
  const shape = letters(parts[0]!);
  const other = parts.find((part) => letters(part) !== shape);
  if (other) return fail("not-supported", `_sort: what it names is of another kind in ${other.query.type} than in ${parts[0]!.query.type}; sort by _lastUpdated or _id, or search one type`);
  if (lasting && !options.bases) plans?.keep(caller, scope, text, options.handling, options.custom, parts, keptMs);
  if (cursor === undefined || !begun) return ok({ parts });
  if (begun.value.list) return ok({ parts, start: begun.value.list });
  const values = parseCursor(cursor, `sns${shape}`);
  return values.ok ? ok({ parts, start: { moment: begun.value.moment, place: values.value.slice(3), back: begun.value.back, ...(begun.value.part === undefined ? {} : { part: begun.value.part }) } }) : values;
}

function entryOf(mode: "match" | "include", stored: Stored, wanted: Subset | undefined): SearchEntry {
  return { mode, stored: wanted ? { ...stored, text: subsetText(stored.text, wanted) } : stored };
}

function subsetOf({ summary, elements }: SearchQuery): Subset | undefined {
  if (summary === "true" || summary === "text" || summary === "data") return { kind: summary };
  return elements && { kind: "elements", names: elements };
}

/** What a page shows, for what is included with it: contained resources by themselves, else what holds them. */
function shownRows({ contained }: SearchQuery, matched: readonly Found[], shown: readonly Shown[]): ShownRows {
  if (contained?.shown !== "contained") return { rows: matched, held: [] };
  return { rows: shown.filter(({ container }) => !container).map(({ row }) => row), held: shown.flatMap(({ held }) => held ?? []) };
}

/** What was searched, as a query string: without what was dropped, with the page size that was taken. */
function searchedOf({ searched, count, summary }: SearchQuery, taken: number): string {
  const parts = searched.filter((part) => !/^_count=/.test(part) || count !== countMax);
  if (parts.length < searched.length || count === undefined && summary !== "count") parts.push(`_count=${taken}`);
  return parts.join("&");
}

function outcomeEntry(code: "not-supported" | "too-costly", diagnostics: string): SearchEntry {
  const text = JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity: "warning", code, diagnostics }] });
  return { mode: "outcome", stored: { type: "OperationOutcome", id: "outcome", version: 1, lastUpdated: new Date(0).toISOString(), text } };
}

/** What a conditional request names, at most `max`; a failure when it names more. */
export async function findMatches(db: Queryable, caller: Caller, type: string, text: string, max: number, lookups: Lookups = noLookups): Promise<Result<Found[]>> {
  let parsed = parseQuery(type, text, { refusesEmpty: true });
  // The record's own parameters, as this transaction sees them.
  if (!parsed.ok && parsed.failure.code === "not-supported") parsed = parseQuery(type, text, { refusesEmpty: true, custom: (await readDefinitions(db)).search });
  if (!parsed.ok) return parsed;
  const resolved = await resolve(parsed.value.filters, lookups);
  if (!resolved.ok) return resolved;
  const query = { ...parsed.value, filters: resolved.value, sort: [] };
  if (!query.filters.length) return fail("required", `The condition "${type}?${text}" asks for nothing; give at least one search parameter`);
  const found = candidates(allOf(type), query.filters, caller, { distributed: db.distributed });
  const columns = sortColumns(query, found.driver, caller.filter);
  const matches = await firstRows(db, caller, [{ query, found, columns }], max + 1, Date.now());
  if (!matches.ok) return matches;
  if (matches.value.rows.length > max) return fail("multiple-matches", `"${type}?${text.slice(0, 200)}" names more than ${max === 1 ? "one resource" : `${max} resources`}`);
  return ok(matches.value.rows);
}
