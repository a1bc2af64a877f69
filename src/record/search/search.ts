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
import { formatCursor, parseCursor } from "../read/cursor.ts";
import { storedOf } from "../read/read.ts";
import type { Queryable } from "../sql.ts";
import { readDefinitions } from "../parameters/definitions.ts";
import { candidates, choose, newScope, type Choice } from "./candidates.ts";
import { allOf } from "./cost.ts";
import type { Contents } from "../read/contents.ts";
import { fitting, holderQueries, shownOf, totalShown } from "./holders.ts";
import { included, type Found } from "./include.ts";
import { keepList, listedRows, listMax, type ListPlace } from "./list.ts";
import { narrow } from "./narrow.ts";
import { passedVersions } from "./passed-versions.ts";
import type { Plans } from "./plans.ts";
import { firstRows, nextKeys, nextRows, type Part, type Row, type Start } from "./page.ts";
import { checkMoment, replacedMax, type Moment } from "./snapshot.ts";
import { scoresOf } from "./score.ts";
import { placeOf, sortColumns } from "./sort.ts";
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
  const asked = { parts, question: `${JSON.stringify(scope)} ${rest}`, count, now: options.now };
  let found = await rowsOf(db, caller, asked, start, tools);
  if (!found.ok) return found;
  let shown = await shownOf(db, caller, parts, found.value.matched);
  if (shown.length > count && found.value.matched.length > 1) {
    // A resource that holds several stands for several entries: the page is made of fewer.
    found = await rowsOf(db, caller, { ...asked, count: fitting(shown, found.value.matched, count, start !== undefined && "back" in start && start.back === true) }, start, tools);
    if (!found.ok) return found;
    shown = await shownOf(db, caller, parts, found.value.matched);
  }
  const { matched, next, previous } = found.value;
  if (next !== undefined) page.next = next;
  if (previous !== undefined) page.previous = previous;
  if (query.total !== "none") {
    if (!start && next === undefined) page.total = shown.length;
    else if (query.total) page.total = await total(query.total);
  }
  const scores = await scoresOf(db, parts, matched);
  const also = await included(db, caller, query, matched);
  const wanted = subsetOf(query), passed = passedVersions(parts, matched);
  page.entries = [
    ...shown.map(({ stored, container, row }): SearchEntry => ({ ...entryOf("match", stored, wanted), ...(container ? { container } : {}), ...(scores.has(row.rid) ? { score: scores.get(row.rid)! } : {}) })),
    ...also.rows.map((row): SearchEntry => entryOf("include", storedOf(row), wanted?.kind === "elements" ? undefined : wanted)),
    ...outcomes, ...(also.more === undefined ? [] : [outcomeEntry("too-costly", also.more)]), ...(passed === undefined ? [] : [outcomeEntry("not-supported", passed)]),
  ];
  return ok({ page, persons: [...matched, ...also.rows].map((row) => row.persons) });
}

type Asked = { parts: readonly Part[]; question: string; count: number; now: number };

type Shown = { matched: Found[]; next?: string; previous?: string };

/** The matches of one page, and the cursors of its neighbours. */
async function rowsOf(shared: Queryable, caller: Caller, { parts, question, count, now }: Asked, start: Start | ListPlace | undefined, { contents, writers, alone = shared }: SearchTools): Promise<Result<Shown>> {
  const columns = parts[0]!.columns;
  // What leads over references is found once a statement: asked together (together.ts) it would hang on the question, and be found for each row.
  const db = parts.some(({ choice }) => choice !== undefined) ? alone : shared;
  const after = ({ snapshot, issued }: Moment, row: Row, back = "") => formatCursor([snapshot, issued, back + choicesOf(parts), ...placeOf(row, columns)]);
  if (!start) {
    const first = await firstRows(db, caller, parts, count + 1, now, contents);
    if (!first.ok) return first;
    const { rows, moment } = first.value;
    return ok({ matched: rows.slice(0, count), ...(rows.length > count && moment ? { next: after(moment, rows[count - 1]!) } : {}) });
  }
  if ("id" in start) {
    const listed = await listedRows(db, caller, start, count, question, now);
    if (!listed.ok) return listed;
    const next = listed.value.left > 0 ? formatCursor([start.id, start.from + count, start.onward]) : start.onward;
    return ok({ matched: listed.value.rows, ...(next === "" ? {} : { next }), ...(start.from > 0 ? { previous: formatCursor([start.id, Math.max(start.from - count, 0), start.onward]) } : {}) });
  }
  const found = await nextRows(db, caller, parts, count + 1, start, contents);
  if (!found.ok) return found;
  const { rows, replaced } = found.value, more = rows.length > count;
  const matched = start.back ? rows.slice(-count) : rows.slice(0, count);
  const shown: Shown = { matched };
  if (!matched.length) return ok(shown);
  if (!start.back || more) shown.previous = after(start.moment, matched[0]!, backward);
  if (start.back || more) shown.next = after(start.moment, matched.at(-1)!);
  if (start.back || !more || replaced <= replacedMax) return ok(shown);
  const rest = await nextKeys(db, caller, parts, listMax + 1, { moment: start.moment, place: placeOf(matched.at(-1)!, columns) }, false);
  if (!rest.ok) return rest;
  const kept = rest.value.rows.slice(0, listMax);
  const onward = rest.value.rows.length > listMax ? after(start.moment, kept.at(-1)!) : "";
  return ok({ ...shown, next: formatCursor([await keepList(writers, kept, question, now), 0, onward]) });
}

/** What a search asks of the store; `start` where a cursor says so. */
export async function plan(db: Queryable, caller: Caller, scope: SearchScope, text: string, cursor: string | undefined, options: QueryOptions & { now: number }, { plans, weights, lookups = noLookups }: Pick<SearchTools, "plans" | "weights" | "lookups">): Promise<Result<{ parts: readonly Part[]; start?: Start | ListPlace }>> {
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
  return values.ok ? ok({ parts, start: { moment: begun.value.moment, place: values.value.slice(3), back: begun.value.back } }) : values;
}

/** Of each part the filter that its pages begin with; "" where no choice was made. */
function choicesOf(parts: readonly Part[]): string {
  return parts.some(({ choice }) => choice !== undefined) ? parts.map(({ choice }) => choice ?? "").join(",") : "";
}

/** Before the choices in the cursor of a page that ends where the cursor says. */
const backward = "<";

type Begun = { list: ListPlace; choices: readonly undefined[] } | { list?: undefined; moment: Moment; back: boolean; choices: readonly (Choice | undefined)[] };

/** Where a cursor goes on: a place in a kept list, or the moment and the choices, whatever the places are like. */
function readStart(cursor: string, now: number): Result<Begun> {
  const list = parseCursor(cursor, "sns");
  if (list.ok) return ok({ list: { id: String(list.value[0]), from: Number(list.value[1]), onward: String(list.value[2]) }, choices: [] });
  const head = parseCursor(cursor, "sns", { more: true });
  if (!head.ok) return head;
  const [snapshot, issued, said] = head.value;
  const back = String(said).startsWith(backward), choices = String(said).slice(back ? 1 : 0);
  const moment = { snapshot: String(snapshot), issued: Number(issued) };
  const sound = checkMoment(moment, now);
  if (!sound.ok) return sound;
  if (!/^(-?\d{0,3},)*-?\d{0,3}$/.test(choices)) return fail("value", "The page cursor does not belong to this request; start again from the first page");
  return ok({ moment, back, choices: choices.split(",").map((one) => one === "" || one === "-" ? undefined : Math.max(Number(one), -1)) });
}

function entryOf(mode: "match" | "include", stored: Stored, wanted: Subset | undefined): SearchEntry {
  return { mode, stored: wanted ? { ...stored, text: subsetText(stored.text, wanted) } : stored };
}

function subsetOf({ summary, elements }: SearchQuery): Subset | undefined {
  if (summary === "true" || summary === "text" || summary === "data") return { kind: summary };
  return elements && { kind: "elements", names: elements };
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
