/**
 * One page of a search: its matches, what is shown of them, and the cursors of its neighbours. A cursor holds the moment
 * of the first page and the place of a match; where contained resources are shown by themselves, which of them comes
 * next in what holds them, so that no page is longer than asked for.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { readMoment } from "../citus/page.ts";
import type { Contents } from "../read/contents.ts";
import { formatCursor, parseCursor } from "../read/cursor.ts";
import type { Caller } from "../record.ts";
import type { Queryable } from "../sql.ts";
import type { Choice } from "./candidates.ts";
import { fitting, shownOf, type Shown } from "./holders.ts";
import type { Found } from "./include.ts";
import { keepList, listedRows, listMax, type ListPlace } from "./list.ts";
import { firstRows, nextKeys, nextRows, type Part, type Row, type Start } from "./page.ts";
import { checkMoment, replacedMax, type Moment } from "./snapshot.ts";
import { placeOf } from "./sort.ts";

export type Asked = { parts: readonly Part[]; question: string; count: number; now: number };
/** `part`: the page begins (`back`: ends) within the match at its place, with this part of it (`back`: before it). */
export type PageStart = (Start & { part?: number }) | ListPlace;
export type Page = { matched: readonly Found[]; shown: readonly Shown[]; next?: string; previous?: string };
type Tools = { contents?: Contents; writers: Queryable; alone?: Queryable };

export async function pageOf(shared: Queryable, caller: Caller, asked: Asked, start: PageStart | undefined, tools: Tools): Promise<Result<Page>> {
  const { parts, question, count, now } = asked, { contents, writers, alone = shared } = tools;
  // What leads over references is found once a statement: asked together (together.ts) it would hang on the question, and be found for each row.
  const db = parts.some(({ choice }) => choice !== undefined) ? alone : shared;
  const show = (rows: readonly Found[]) => shownOf(db, caller, parts, rows);
  if (!start) {
    const first = await firstRows(db, caller, parts, count + 1, now, contents);
    if (!first.ok) return first;
    const { rows, moment } = first.value, matched = rows.slice(0, count), shown = await show(matched);
    if (shown.length <= count) return ok({ matched, shown, ...(rows.length > count && moment ? { next: cursorAt(parts, moment, rows[count - 1]!) } : {}) });
    // More is shown than is found: the page ends within the list of a moment.
    return await pageOf(shared, caller, asked, { moment: await readMoment(db, now), place: undefined }, tools);
  }
  if ("id" in start) return await listedPage(db, caller, asked, start);
  const found = await nextRows(db, caller, parts, count + 1, reached(parts, start), contents);
  if (!found.ok) return found;
  const { rows, replaced } = found.value;
  const all = start.back ? rows.slice(-count) : rows.slice(0, count);
  const { matched, shown, rest } = cut(all, (await show(all)).filter((one) => isLeft(one, start)), count, start.back === true);
  const page: Page = { matched, shown };
  const [top, end] = [matched[0], matched.at(-1)] as [Row, Row] | [undefined, undefined];
  if (!top) return ok(page);
  const more = rows.length > count || matched.length < all.length, begun = start.part !== undefined && start.place ? String(start.place.at(-1)) : undefined;
  if (start.back) {
    if (rest !== undefined || more) page.previous = cursorAt(parts, start.moment, top, { back: true, part: rest });
    page.next = cursorAt(parts, start.moment, end, end.rid === begun ? { part: start.part } : {});
    return ok(page);
  }
  if (start.place) page.previous = cursorAt(parts, start.moment, top, { back: true, ...(top.rid === begun ? { part: start.part } : {}) });
  if (rest !== undefined || more) page.next = cursorAt(parts, start.moment, end, { part: rest });
  if (!more || rest !== undefined || replaced <= replacedMax) return ok(page);
  const onward = await nextKeys(db, caller, parts, listMax + 1, { moment: start.moment, place: placeOf(end, parts[0]!.columns) }, false);
  if (!onward.ok) return onward;
  const kept = onward.value.rows.slice(0, listMax);
  const after = onward.value.rows.length > listMax ? cursorAt(parts, start.moment, kept.at(-1)!) : "";
  return ok({ ...page, next: formatCursor([await keepList(writers, kept, question, now), 0, after]) });
}

/** A slice of a kept list: of whole matches, so that one which holds more than `count` makes a longer page. */
async function listedPage(db: Queryable, caller: Caller, asked: Asked, start: ListPlace): Promise<Result<Page>> {
  const { parts, question, count, now } = asked;
  const listed = await listedRows(db, caller, start, count, question, now);
  if (!listed.ok) return listed;
  const matched = listed.value.rows, shown = await shownOf(db, caller, parts, matched);
  if (shown.length > count && matched.length > 1) return await listedPage(db, caller, { ...asked, count: fitting(shown, matched, count) }, start);
  const next = listed.value.left > 0 ? formatCursor([start.id, start.from + count, start.onward]) : start.onward;
  return ok({ matched, shown, ...(next === "" ? {} : { next }), ...(start.from > 0 ? { previous: formatCursor([start.id, Math.max(start.from - count, 0), start.onward]) } : {}) });
}

/** So much of what is shown as a page holds. `rest`: of a match that is not shown whole, the part where the next page begins; `back`: before which the page before ends. */
function cut(matched: readonly Found[], shown: readonly Shown[], count: number, back: boolean): { matched: readonly Found[]; shown: readonly Shown[]; rest?: number } {
  if (shown.length <= count) return { matched, shown };
  const kept = back ? shown.slice(-count) : shown.slice(0, count), edge = back ? kept[0]! : kept.at(-1)!, beyond = back ? shown.at(-count - 1)! : shown[count]!;
  const at = matched.indexOf(edge.row);
  return { matched: back ? matched.slice(at) : matched.slice(0, at + 1), shown: kept, ...(beyond.row === edge.row ? { rest: back ? edge.part : beyond.part } : {}) };
}

/** Whether it is not on the page before (`back`: after) already. */
function isLeft({ row, part }: Shown, { place, part: from, back }: Start & { part?: number }): boolean {
  return from === undefined || row.rid !== String(place?.at(-1)) || (back ? part < from : part >= from);
}

/** Rows come after a place: where the match at the place is shown in parts, after the place before its own. */
function reached(parts: readonly Part[], start: Start & { part?: number }): Start {
  const { moment, place, back } = start;
  if (start.part === undefined || !place) return { moment, place, ...(back ? { back } : {}) };
  const before = parts[0]!.columns.at(-1)!.descending === (back === true) ? -1n : 1n;
  return { moment, place: [...place.slice(0, -1), String(BigInt(place.at(-1)!) + before)], ...(back ? { back } : {}) };
}

function cursorAt(parts: readonly Part[], { snapshot, issued }: Moment, row: Row, { back, part }: { back?: boolean; part?: number | undefined } = {}): string {
  return formatCursor([snapshot, issued, `${back ? backward : ""}${choicesOf(parts)}${part === undefined ? "" : `@${part}`}`, ...placeOf(row, parts[0]!.columns)]);
}

/** Of each part the filter that its pages begin with; "" where no choice was made. */
function choicesOf(parts: readonly Part[]): string {
  return parts.some(({ choice }) => choice !== undefined) ? parts.map(({ choice }) => choice ?? "").join(",") : "";
}

/** Before the choices in the cursor of a page that ends where the cursor says. */
const backward = "<";

export type Begun = { list: ListPlace; choices: readonly undefined[] } | { list?: undefined; moment: Moment; back: boolean; part?: number; choices: readonly (Choice | undefined)[] };

/** Where a cursor goes on: a place in a kept list, or the moment and the choices, whatever the places are like. */
export function readStart(cursor: string, now: number): Result<Begun> {
  const list = parseCursor(cursor, "sns");
  if (list.ok) return ok({ list: { id: String(list.value[0]), from: Number(list.value[1]), onward: String(list.value[2]) }, choices: [] });
  const head = parseCursor(cursor, "sns", { more: true });
  if (!head.ok) return head;
  const [snapshot, issued, said] = head.value;
  const back = String(said).startsWith(backward), [choices = "", part, ...others] = String(said).slice(back ? 1 : 0).split("@");
  const moment = { snapshot: String(snapshot), issued: Number(issued) };
  const sound = checkMoment(moment, now);
  if (!sound.ok) return sound;
  if (!/^(-?\d{0,3},)*-?\d{0,3}$/.test(choices) || others.length > 0 || part !== undefined && !/^\d{1,6}$/.test(part)) return fail("value", "The page cursor does not belong to this request; start again from the first page");
  return ok({ moment, back, ...(part === undefined ? {} : { part: Number(part) }), choices: choices.split(",").map((one) => one === "" || one === "-" ? undefined : Math.max(Number(one), -1)) });
}
