/**
 * Writes a plan: new resources with all their rows, leaves and the outbox entry by one statement, which also finds out
 * whether another writer was first; what changes stored resources goes before it, in one transaction.
 */
import type { PostgresError } from "postgres";
import { arrayOf, type ArrayKind, type ArrayParameter } from "#platform/database/arrays.ts";
import { moveEpoch, readEpoch } from "../parameters/definitions.ts";
import { leafParts } from "../ledger/leaf.ts";
import { subscriptionParts } from "../subscriptions/owner.ts";
import { inBuckets, numbers, send, separator, type Queryable } from "../sql.ts";
import { deleteParts, deleteRows, rowParts, strayParts, together } from "./insert.ts";
import { readStampFloor } from "./stamp-floor.ts";
import { isEmptyHeritage, isSettled } from "./heritage.ts";
import { oneStatement, type Part } from "./one-statement.ts";
import { Raced } from "./transact.ts";
import { emptyRows } from "../rows.ts";
import type { Plan, ResourceRow } from "./plan.ts";

/** What `settled` raises, see schema/0013-settle.ts. */
export const settleFaults = { raced: "SA001", outdated: "SA002", early: "SA003" } as const;

const columns = [["ck", "bigint"], ["rid", "bigint"], ["type", "text"], ["id", "text"], ["version", "int"], ["updated", "bigint"], ["deleted", "bool"], ["persons", "text"], ["content", "text"]] as const;
const sources = columns.map(([, kind], i) => `$${i + 1}::${kind}[]`);
const named = `u(${columns.map(([column]) => column).join(", ")})`;
const insertResources = (distributed: boolean | undefined): string => `insert into resource (ck, rid, type, id, version, updated, deleted, persons, content, xact)
  select u.ck, u.rid, u.type, u.id, u.version, u.updated, u.deleted, u.persons::bigint[], u.content, pg_current_xact_id()
  from ${distributed ? `unnest(${sources.join(", ")}) ${named}` : `(${together(sources)}) ${named}`} on conflict do nothing returning 1`;
/**
 * The state before goes to history as it stood. What was overtaken changes nothing: by a version, by a change of meta, which
 * has another time, or by other persons; `o` is as the statement found it, `r` as others left it who were waited for.
 */
const updateResources = (db: Queryable): string => `with u as (select u.ck, u.rid, u.version, u.updated, u.deleted, u.persons::bigint[] as persons, u.content, u.before from unnest(${sources.join(", ")}, $${columns.length + 1}::bigint[]) ${named.slice(0, -1)}, before)),
  changed as (update resource r set version = u.version, updated = u.updated, deleted = u.deleted, persons = u.persons, content = u.content, xact = pg_current_xact_id()
    from u join resource o on o.ck = u.ck and o.rid = u.rid
    where r.ck = u.ck and r.rid = u.rid and r.version = u.version - 1 and o.version = u.version - 1 and r.updated = u.before and o.updated = u.before and r.persons = o.persons${inBuckets(db, "r", 1)}${inBuckets(db, "o", 1)}
    returning o.ck, o.rid, o.version, o.type, o.id, o.updated, o.deleted, o.persons, o.content, o.xact)
  insert into version (ck, rid, version, type, id, updated, deleted, persons, content, xact) select * from changed`;
/** Times of one resource only grow, so a version that was written or rewritten meanwhile has another. */
const rewriteResources = (db: Queryable): string => `update resource r set updated = u.updated, content = u.content
  from unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], $5::bigint[], $6::text[]) u(ck, rid, version, before, updated, content)
  where r.ck = u.ck and r.rid = u.rid and r.version = u.version and r.updated = u.before${inBuckets(db, "r", 1)}`;
const insertDirectory = "insert into directory (rid, ck) select * from unnest($1::bigint[], $2::bigint[]) on conflict do nothing returning 1";
const insertChange = "insert into change (at, entries) values ($1::bigint, $2)";
const insertRelabelled = "insert into relabelled (mark, version, at) select * from unnest($1::bigint[], $2::int[], $3::bigint[]) on conflict do nothing";

/** The search parameters changed meanwhile: rows were derived by older ones. */
export class Outdated extends Raced {}

/** The time that was written lies before a moment that was read as complete. */
export class Early extends Raced {}

/** Whether the plan is one statement, which needs no transaction around it. */
export function isOneStatement({ updates, rewrites, replaced, heirs, heritage, changes }: Plan): boolean {
  return !updates.length && !rewrites.length && !replaced.length && !heirs.length && isEmptyHeritage(heritage) && !changes.some(({ type }) => type === "SearchParameter");
}

/**
 * Sends all at once: one round trip. `db` is a transaction, unless the plan is one statement; statement by statement where
 * Citus spreads the tables, for one that writes several of them it does not take. Throws Raced, Outdated, Early.
 */
export async function flush(db: Queryable, plan: Plan): Promise<void> {
  const { inserts, updates, directory, replaced, rewrites } = plan;
  if (!plan.leaves.length) return;
  const parameters = plan.changes.filter(({ type }) => type === "SearchParameter").map(({ id }) => id);
  const { epoch } = plan.definitions;
  if (parameters.length && !db.distributed) await moveEpoch(db, parameters);
  // Whether there is something to delete is asked first, so it is waited for before anything else is sent.
  if (replaced.length && db.distributed) await Promise.all(deleteRows(db, replaced));
  const counted: Promise<[{ count: number }, number]>[] = [];
  const expect = (query: Promise<unknown>, count: number) => counted.push(query.then((result) => [result as { count: number }, count]));
  const rest: Promise<unknown>[] = [];
  // `send` keeps their order.
  const start = (query: Promise<unknown>) => rest.push(query.then(() => {}));
  const startAll = (parts: readonly Part[]) => { for (const { text, values } of parts) start(send(db, text, values)); };
  if (plan.heirs.length && !db.distributed) start(lockRows(db, [...updates, ...rewrites, ...plan.heirs]));
  if (updates.length) {
    const rows = sorted(updates);
    expect(send(db, updateResources(db), [...resourceColumns(rows), columnOf("bigint", rows, (row) => row.before)]), updates.length);
  }
  if (rewrites.length) expect(send(db, rewriteResources(db), [
    columnOf("bigint", rewrites, (row) => row.ck), columnOf("bigint", rewrites, (row) => row.rid), columnOf("int", rewrites, (row) => row.version),
    columnOf("bigint", rewrites, (row) => row.before), columnOf("bigint", rewrites, (row) => row.updated), columnOf("text", rewrites, (row) => row.content),
  ]), rewrites.length);
  if (replaced.length && !db.distributed) startAll([gone(deleteParts(replaced))]);
  if (plan.heirs.length) for (const query of moveHeirs(db, plan.heirs)) start(query);
  const entries = directory.toSorted((a, b) => a.rid < b.rid ? -1 : 1);
  const counts: (Part & { count: number })[] = [
    ...entries.length ? [{ name: "directory_rows", text: insertDirectory, values: [columnOf("bigint", entries, (row) => row.rid), columnOf("bigint", entries, (row) => row.ck)], count: entries.length }] : [],
    ...inserts.length ? [{ name: "resource_rows", text: insertResources(db.distributed), values: resourceColumns(sorted(inserts)), count: inserts.length }] : [],
  ];
  const stamped = (inserts[0] ?? updates[0] ?? rewrites[0])!.updated;
  const others: Part[] = [
    ...strayParts(plan.strays), ...rowParts(plan.rows, db.distributed), ...leafParts(plan.leaves), ...subscriptionParts(plan.subscriptions),
    ...rewrites.length ? [{ name: "relabelled_rows", text: insertRelabelled, values: [numbers(rewrites.map((row) => row.rid)), numbers(rewrites.map((row) => row.version)), numbers(rewrites.map((row) => row.before))] }] : [],
    { name: "change_rows", text: insertChange, values: [stamped, JSON.stringify(plan.changes)] },
  ];
  // What waits for PostgreSQL holds the columns alone.
  plan.rows = emptyRows();
  if (db.distributed) {
    // Last: whoever changes definitions from here on waits for this transaction before rows are completed (reindex/).
    for (const { text, values, count } of counts) expect(send(db, text, values), count);
    startAll(others);
    const now = parameters.length ? moveEpoch(db, parameters) : readEpoch(db);
    const asCounted = Promise.all(counted).then((results) => results.every(([result, count]) => result.count === count));
    const [undisturbed, , seen, floor] = await Promise.all([asCounted, Promise.all(rest), now, readStampFloor(db)]).catch(async (error: unknown) => {
      // Where another was first, its index rows may be there too: Citus tells of those without PostgreSQL's code (its COPY to a worker).
      throw await asCounted.catch(() => true) ? error : new Raced();
    });
    if (stamped <= floor) throw new Early();
    if (seen !== epoch + (parameters.length ? 1 : 0)) throw new Outdated();
    if (!undisturbed) throw new Raced();
    if (!await settled(db, plan)) throw new Raced();
    return;
  }
  const { text, values } = oneStatement([...counts, ...others], {
    name: `settled_${counts.map(({ name }) => name).join("_")}`,
    text: `select settled(${["0", ...counts.map(({ name }) => `(select count(*) from ${name})`)].join(" + ")}, $1::bigint, $2::bigint, $3::bigint)`,
    values: [counts.reduce((sum, { count }) => sum + count, 0), epoch + (parameters.length ? 1 : 0), stamped],
  });
  const [results, , , sound] = await Promise.all([Promise.all(counted), Promise.all(rest), send(db, text, values).catch(settleFault), settled(db, plan)]);
  if (!sound || results.some(([result, count]) => result.count !== count)) throw new Raced();
}

async function settled(db: Queryable, { heritage, inserts, updates, rewrites }: Plan): Promise<boolean> {
  return isEmptyHeritage(heritage) || await isSettled(db, heritage, new Set([inserts, updates, rewrites].flatMap((rows) => rows.map(({ rid }) => rid))));
}

function settleFault(error: Partial<PostgresError>): never {
  if (error.code === settleFaults.raced) throw new Raced();
  if (error.code === settleFaults.outdated) throw new Outdated();
  if (error.code === settleFaults.early) throw new Early();
  throw error;
}

function gone(parts: readonly Part[]): Part {
  const { text, values } = oneStatement(parts, { name: "gone", text: "select 1", values: [] });
  return { name: "gone", text, values };
}

/** Before they are changed by several statements. */
function lockRows(db: Queryable, rows: readonly { ck: number; rid: string }[]): Promise<unknown> {
  const inOrder = sorted(rows);
  return send(db, "select 1 from unnest($1::bigint[], $2::bigint[]) with ordinality u(ck, rid, place) join resource r on r.ck = u.ck and r.rid = u.rid order by u.place for no key update of r",
    [numbers(inOrder.map(({ ck }) => ck)), numbers(inOrder.map(({ rid }) => rid))]);
}

/** Their new compartment rows are among the plan's rows, which are written after this. */
export function moveHeirs(db: Queryable, heirs: Plan["heirs"]): Promise<unknown>[] {
  const keys = [numbers(heirs.map((heir) => heir.ck)), numbers(heirs.map((heir) => heir.rid))];
  return [
    send(db, `with u as (select ck, rid, persons::bigint[] as persons from unnest($1::bigint[], $2::bigint[], string_to_array($3, chr(30))) u(ck, rid, persons))
      update resource r set persons = u.persons from u where r.ck = u.ck and r.rid = u.rid${inBuckets(db, "r", 1)}`,
      [...keys, heirs.map((heir) => `{${heir.persons.join(",")}}`).join(separator)]),
    send(db, `delete from compartment t using unnest($1::bigint[], $2::bigint[]) u(ck, rid) where t.ck = u.ck and t.rid = u.rid${inBuckets(db, "t", 1)}`, keys),
  ];
}

/** One order for all writers, so that two of them rarely wait for each other crosswise. */
function sorted<Row extends Pick<ResourceRow, "ck" | "rid">>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.ck - b.ck || (a.rid < b.rid ? -1 : 1));
}

function resourceColumns(rows: readonly ResourceRow[]): ArrayParameter[] {
  return columns.map(([column, kind]) => columnOf(kind, rows, column === "persons" ? (row) => `{${row.persons.join(",")}}` : column === "deleted" ? (row) => Number(row.deleted) : (row) => row[column]));
}

function columnOf<Row>(kind: ArrayKind, rows: readonly Row[], cell: (row: Row) => string | number): ArrayParameter {
  return arrayOf(kind, rows.length, (i) => cell(rows[i]!));
}
