/** The rows of one page, in order: one statement for a first page; later ones show the first page's moment (snapshot.ts). */
import { ok, type Result } from "#platform/result.ts";
import type { CustomParameter } from "#fhir/search/custom.ts";
import type { SearchQuery } from "#fhir/search/query.ts";
import type { Contents } from "../read/contents.ts";
import type { CursorValue } from "../read/cursor.ts";
import { preparing } from "../prepared.ts";
import type { Caller } from "../record.ts";
import { join, raw, run, sql, statement, type Queryable, type Sql, type Value } from "../sql.ts";
import type { Candidates, Choice } from "./candidates.ts";
import type { Found } from "./include.ts";
import { readMoment, spreadRows } from "../citus/page.ts";
import { replacedRows, written, type Moment } from "./snapshot.ts";
import { after, comparePlaces, placeOf, type Column } from "./sort.ts";

/** What a search asks of one type. The columns of all parts have the same kinds. */
export type Part = { query: SearchQuery; found: Candidates; columns: readonly Column[]; /** The filter that drives, where rows were counted to choose it. */ choice?: Choice; /** The type's parameters beside R4's own. */ custom?: readonly CustomParameter[] };
/** A match with its place among the matches: s0, s1, … by the columns. */
export type Row = Found & Record<`s${number}`, string | number>;
/** Where a page begins: after a place in the list of a moment, or with the first; `back`: where it ends, before that place. */
export type Start = { moment: Moment; place: readonly CursorValue[] | undefined; back?: boolean };

/** The first matches; and the moment they were found at, where there are as many as asked for. */
export async function firstRows(db: Queryable, caller: Caller, parts: readonly Part[], limit: number, now: number, contents?: Contents): Promise<Result<{ rows: Row[]; moment?: Moment }>> {
  const whole = !contents?.worthwhile;
  if (db.distributed) return await firstOfSpread(db, caller, parts, limit, now, whole, contents);
  const { text, values } = firstStatement(parts, limit, whole);
  const batch: (Row & { moment: string | null })[] = await db.unsafe<(Row & { moment: string | null })[]>(text, values as Value[], preparing(text));
  const rows = distinct(parts, batch, limit);
  await withContents(db, rows, whole, contents);
  const said = batch[limit - 1]?.moment;
  if (said == null) return ok({ rows });
  const moment = { snapshot: said, issued: now };
  if (rows.length === limit) return ok({ rows, moment });
  const more = await nextRows(db, caller, parts, limit - rows.length, { moment, place: placeOf(batch.at(-1)!, parts[0]!.columns) }, contents);
  return more.ok ? ok({ rows: [...rows, ...more.value.rows], moment }) : more;
}

/** Of a page that goes on the moment is taken first, and the page is found as of it. */
async function firstOfSpread(db: Queryable, caller: Caller, parts: readonly Part[], limit: number, now: number, whole: boolean, contents?: Contents): Promise<Result<{ rows: Row[]; moment?: Moment }>> {
  const batch = await spreadRows(db, parts, limit, {}, whole);
  if (batch.length < limit) {
    const rows = distinct(parts, batch, limit);
    await withContents(db, rows, whole, contents);
    return ok({ rows });
  }
  const moment = await readMoment(db, now);
  const then = await nextRows(db, caller, parts, limit, { moment, place: undefined }, contents);
  return then.ok ? ok({ rows: then.value.rows, moment }) : then;
}

type Statement = { limit: number; whole: boolean; text: string; values: readonly Value[] };
/** Plans are kept (plans.ts), so their statements are worth keeping too. */
const firstStatements = new WeakMap<readonly Part[], Statement>();

function firstStatement(parts: readonly Part[], limit: number, whole: boolean): Statement {
  let known = firstStatements.get(parts);
  if (!known || known.limit !== limit || known.whole !== whole) {
    const piece = pageStatement(parts, limit, undefined, whole, true);
    firstStatements.set(parts, known = { limit, whole, text: statement(piece), values: piece.values });
  }
  return known;
}

/** Matches after the place, as of the moment. */
export async function nextRows(db: Queryable, caller: Caller, parts: readonly Part[], limit: number, start: Start, contents?: Contents): Promise<Result<{ rows: Row[]; replaced: number }>> {
  const whole = !contents?.worthwhile;
  const found = await nextKeys(db, caller, parts, limit, start, whole);
  if (found.ok) await withContents(db, found.value.rows.filter((row) => whole || row.content === undefined), whole, contents);
  return found;
}

/** The same; `whole` says whether with contents. Those of replaced versions are there always. `replaced`: how many versions of the moment are no longer current. */
export async function nextKeys(db: Queryable, caller: Caller, parts: readonly Part[], limit: number, { moment, place, back }: Start, whole: boolean): Promise<Result<{ rows: Row[]; replaced: number }>> {
  if (back) {
    const found = await nextKeys(db, caller, parts.map(turned), limit, { moment, place }, whole);
    if (found.ok) found.value.rows.reverse();
    return found;
  }
  const columns = parts[0]!.columns;
  const rows: Row[] = [];
  for (let from = place; ;) {
    const begin = { moment, place: from };
    const batch = db.distributed ? await spreadRows(db, parts, limit, begin, whole) : await run<Row>(db, pageStatement(parts, limit, begin, whole, false));
    rows.push(...distinct(parts, batch, limit - rows.length));
    if (batch.length < limit || rows.length === limit) break;
    from = placeOf(batch.at(-1)!, columns);
  }
  // After the rows that stood then: what changes in between is then among both, and never among none.
  const old = await replacedRows(db, caller, parts, moment, place);
  if (!old.ok) return old;
  const known = new Set(rows.map(({ rid }) => rid));
  const more = old.value.rows.filter(({ rid }) => !known.has(rid));
  const all = more.length ? [...rows, ...more].sort((a, b) => comparePlaces(columns, placeOf(a, columns), placeOf(b, columns))).slice(0, limit) : rows;
  return ok({ rows: all, replaced: old.value.replaced });
}

/** The same matches from the end to the beginning. */
function turned(part: Part): Part {
  return { ...part, columns: part.columns.map((column) => ({ ...column, descending: !column.descending })) };
}

/** A resource whose several index rows match comes several times, next to each other. */
function distinct(parts: readonly Part[], batch: readonly Row[], limit: number): Row[] {
  const rows: Row[] = [];
  for (const row of batch) {
    if (rows.at(-1)?.rid === row.rid || rows.length === limit) continue;
    if (parts.length === 1) row.type = parts[0]!.query.type;
    row.deleted = false;
    rows.push(row);
  }
  return rows;
}

async function withContents(db: Queryable, rows: readonly Row[], whole: boolean, contents?: Contents): Promise<void> {
  if (whole) contents?.learn(rows);
  else await contents!.complete(db, rows);
}

/** `start` and `withMoment` exclude each other. */
export function pageStatement(parts: readonly Part[], limit: number, start: Start | undefined, whole: boolean, withMoment: boolean): Sql {
  const columns = parts[0]!.columns;
  const order = join(columns.map((column, i) => raw(`s${i} ${column.descending ? "desc" : "asc"}`)), ", ");
  const pages = parts.map((part) => keysStatement(part, limit, order, start));
  const keys = pages.length === 1 ? pages[0]! : sql`select p.* from (${join(pages.map((page) => sql`(${page})`), " union all ")}) p order by ${order} limit ${limit}::int`;
  // The last sort key is rid itself. What every match has in common (its type, that it is there) is not sent for each.
  const kept = columns.slice(0, -1).map((_, i) => `q.s${i}, `).join("");
  // Only a page with more to come says its moment: the row beyond it does.
  const moment = withMoment ? sql`, case when row_number() over (order by ${order}) = ${limit}::int then pg_current_snapshot()::text end as moment` : raw("");
  return sql`select q.ck, q.rid, ${raw(`${kept}${pages.length > 1 ? "r.type, " : ""}r.id, r.version, r.updated, ${whole ? "r.content, " : ""}`)}r.persons::text as persons${moment} from (${keys}) q
    join resource r on r.ck = q.ck and r.rid = q.rid order by ${order}`;
}

/** (ck, rid) of one part's matches with their places. */
function keysStatement({ found: { from, where, starts }, columns }: Part, limit: number, order: Sql, start: Start | undefined): Sql {
  const selected = join(columns.map(({ expression }, i) => sql`${expression} as ${raw(`s${i}`)}`), ", ");
  const further = start ? sql`${start.place ? sql` and ${after(columns, start.place)}` : raw("")} and (select true from resource now where now.ck = m.ck and now.rid = m.rid and ${written("now", start.moment)} limit 1) is not null` : raw("");
  const ofOne = sql`select m.ck, m.rid, ${selected} from ${from} where ${where}${starts ? raw(` and m.${starts.column} = b.s`) : raw("")}${further} order by ${order} limit ${limit}::int`;
  return starts ? sql`select p.* from (${starts.values}) b(s) cross join lateral (${ofOne}) p order by ${order} limit ${limit}::int` : ofOne;
}
