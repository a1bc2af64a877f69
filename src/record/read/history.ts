/**
 * History of one resource, a type or the whole node, newest first, paged by (time, resource, version).
 * Every version is filtered by the persons it was about when it was written.
 * Source: https://hl7.org/fhir/R4/http.html#history
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isResourceType, resourceTypes } from "#fhir/definitions/load.ts";
import { isId } from "#fhir/resource.ts";
import { rowVisible } from "../access.ts";
import { spreadHistory } from "../citus/history.ts";
import { isAssignedForm, ridOf } from "../keys.ts";
import type { Caller, HistoryEntry, HistoryQuery, Page } from "../record.ts";
import { ofParam } from "../search/source.ts";
import { join, raw, run, sql, type Queryable, type Sql } from "../sql.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import { bucketOf, readCurrentVersion, storedOf, type ResourceRecord } from "./read.ts";

/** `revived`: the version before is a deletion. `listed`: the id is in the directory. */
export type Row = ResourceRecord & { ck: string; rid: string; revived: boolean | null; listed: boolean | null };
export type HistoryPage = { page: Page<HistoryEntry>; persons: string[] };

export const historyCountMax = 1000;

export async function readHistory(db: Queryable, caller: Caller, scope: { type?: string; id?: string }, { count, cursor, since, at, list }: HistoryQuery): Promise<Result<HistoryPage>> {
  if (scope.type !== undefined && !isResourceType(scope.type)) return fail("not-supported", `"${scope.type.slice(0, 64)}" is no resource type of FHIR R4`);
  if (scope.id !== undefined && (!scope.type || !isId(scope.id))) return fail("value", "The history of one resource needs its type and its id");
  const limit = Math.min(Math.max(Math.trunc(count) || 0, 1), historyCountMax);
  const conditions = [rowVisible(caller.filter, "r")];
  if (scope.id !== undefined) conditions.push(sql`r.ck = ${await bucketOf(db, { type: scope.type!, id: scope.id })} and r.rid = ${ridOf(scope.type!, scope.id)}::bigint`);
  if (since !== undefined) {
    const at = Date.parse(since);
    if (Number.isNaN(at)) return fail("value", `_since=${since.slice(0, 40)} is no instant; write 2026-01-31T12:00:00Z`);
    conditions.push(sql`r.updated >= ${at}::bigint`);
  }
  if (at !== undefined) conditions.push(sql`r.updated < ${at.high}::bigint and (r.updated >= ${at.low}::bigint or not r.deleted and ${replacedAfter} > ${at.low}::bigint)`);
  if (list !== undefined) {
    const key = { type: "List", id: list };
    if (!isId(list) || (await readCurrentVersion(db, caller, key)).result.kind !== "current") return fail("not-found", `_list: List/${list.slice(0, 64)} is not known`);
    conditions.push(sql`r.rid in (select x.target from reference x where x.ck = ${await bucketOf(db, key)} and x.rid = ${ridOf("List", list)}::bigint and ${ofParam("x", "List", "item")})`);
  }
  let back = false;
  if (cursor !== undefined) {
    const place = parseCursor(cursor, "nnn", { more: true });
    if (!place.ok) return place;
    const [updated, rid, version, turned] = place.value;
    back = turned === backward;
    conditions.push(sql`(r.updated, r.rid, r.version) ${raw(back ? ">" : "<")} (${updated!}::bigint, ${rid!}::bigint, ${version!}::int)`);
  }
  const rows = db.distributed ? await spreadHistory(db, columns, join([...conditions, ...scope.type === undefined ? [] : [sql`r.type = ${scope.type}::text`]], " and "), limit + 1, back) : await historyRows(db, scope.type, conditions, limit + 1, back);
  const more = rows.length > limit;
  const known = back ? rows.slice(0, limit).reverse() : rows.slice(0, limit);
  const page: Page<HistoryEntry> = { entries: known.map(entryOf) };
  const [first, last] = [known[0], known.at(-1)];
  // Nothing is older than the page that the link to the last one leads to.
  if (last && (back ? cursor !== fromTheEnd : more)) page.next = formatCursor([last.updated, last.rid, last.version]);
  if (first && cursor !== undefined && (more || !back)) page.previous = formatCursor([first.updated, first.rid, first.version, backward]);
  if (cursor !== undefined || more) page.last = fromTheEnd;
  // Of more than a page, the number would cost a walk over all of them.
  if (cursor === undefined && !more) page.total = known.length;
  return ok({ page, persons: known.map((row) => row.persons) });
}

/** Marks a cursor that leads to newer versions. */
const backward = "<";
/** Before the oldest. */
const fromTheEnd = formatCursor(["0", "0", "0", backward]);

async function historyRows(db: Queryable, type: string | undefined, conditions: readonly Sql[], limit: number, back: boolean): Promise<Row[]> {
  const order = back ? oldestFirst : newestFirst;
  const found = type === undefined ? acrossTypes(conditions, limit, order) : ofType(sql`${type}::text`, conditions, limit, order);
  return await run<Row>(db, sql`select h.*, (select p.deleted from version p where p.ck = h.ck and p.rid = h.rid and p.version = h.version - 1) as revived,
    (select true from directory d where d.rid = h.rid) as listed from (${found}) h ${order}`);
}

function entryOf(row: Row): HistoryEntry {
  const kind = row.deleted ? "delete" : row.version === 1 || row.revived === true ? "create" : "update";
  return { kind, put: kind === "create" && (row.version > 1 || row.listed === true || !isAssignedForm(row.id)), stored: storedOf(row) };
}

/** When the version that followed was written; never, of the current one. */
const replacedAfter = raw(`coalesce((select n.updated from version n where n.ck = r.ck and n.rid = r.rid and n.version = r.version + 1),
  (select n.updated from resource n where n.ck = r.ck and n.rid = r.rid and n.version = r.version + 1), 9223372036854775807)`);

const columns = raw("r.ck, r.rid, r.type, r.id, r.version, r.updated, r.deleted, r.content, r.persons::text as persons");
const newestFirst = raw("order by updated desc, rid desc, version desc");
const oldestFirst = raw("order by updated, rid, version");

function ofType(type: Sql, conditions: readonly Sql[], limit: number, order: Sql): Sql {
  const where = conditions.reduce((all, condition) => sql`${all} and ${condition}`, sql`r.type = ${type}`);
  return sql`select * from (
    (select ${columns} from resource r where ${where} ${order} limit ${limit}::int) union all
    (select ${columns} from version r where ${where} ${order} limit ${limit}::int)) h ${order} limit ${limit}::int`;
}

/** One short index walk per type: no further index is needed for a question so seldom asked. */
function acrossTypes(conditions: readonly Sql[], limit: number, order: Sql): Sql {
  return sql`select h.* from unnest(${`{${resourceTypes().join(",")}}`}::text[]) t(type) cross join lateral (${ofType(raw("t.type"), conditions, limit, order)}) h ${order} limit ${limit}::int`;
}
