/** Writes a plan inside a transaction: all statements sent at once, one round trip; then asks whether another writer was first. */
import { moveEpoch, readEpoch } from "../parameters/definitions.ts";
import { insertLeaves } from "../ledger/leaf.ts";
import { insertSubscriptions } from "../subscriptions/owner.ts";
import { numbers, separator, type Queryable } from "../sql.ts";
import { deleteRows, insertRows, insertStrays } from "./insert.ts";
import type { Plan, ResourceRow } from "./plan.ts";

/** Another transaction wrote one of the resources meanwhile; the whole transaction starts again. */
export class Raced extends Error {}

const columns = "$1::bigint[], $2::bigint[], string_to_array($3, chr(30)), string_to_array($4, chr(30)), $5::int[], $6::bigint[], $7::bool[], string_to_array($8, chr(30)), (string_to_array($9, chr(30)))[2:]";
const alias = "u(ck, rid, type, id, version, updated, deleted, persons, content)";
const insertResources = `insert into resource (ck, rid, type, id, version, updated, deleted, persons, content)
  select u.ck, u.rid, u.type, u.id, u.version, u.updated, u.deleted, u.persons::bigint[], u.content from unnest(${columns}) ${alias} on conflict do nothing`;
/** The state before goes to history as it stood; a version that was overtaken changes nothing. */
const updateResources = `with u as (select u.ck, u.rid, u.version, u.updated, u.deleted, u.persons::bigint[] as persons, u.content from unnest(${columns}) ${alias}),
  changed as (update resource r set version = u.version, updated = u.updated, deleted = u.deleted, persons = u.persons, content = u.content
    from u join resource o on o.ck = u.ck and o.rid = u.rid
    where r.ck = u.ck and r.rid = u.rid and r.version = u.version - 1 and o.version = u.version - 1
    returning o.ck, o.rid, o.version, o.type, o.id, o.updated, o.deleted, o.persons, o.content)
  insert into version (ck, rid, version, type, id, updated, deleted, persons, content) select * from changed`;
/** Times of one resource only grow, so a version that was written or rewritten meanwhile has another. */
const rewriteResources = `update resource r set updated = u.updated, content = u.content
  from unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], $5::bigint[], (string_to_array($6, chr(30)))[2:]) u(ck, rid, version, before, updated, content)
  where r.ck = u.ck and r.rid = u.rid and r.version = u.version and r.updated = u.before`;
const insertDirectory = "insert into directory (rid, ck) select * from unnest($1::bigint[], $2::bigint[]) on conflict do nothing";

/** The search parameters changed meanwhile: rows were derived by older ones. */
export class Outdated extends Raced {}

export async function flush(db: Queryable, plan: Plan): Promise<void> {
  const { inserts, updates, directory, replaced } = plan;
  if (!plan.leaves.length) return;
  const counted: Promise<[{ count: number }, number]>[] = [];
  const expect = (query: Promise<unknown>, count: number) => counted.push(query.then((result) => [result as { count: number }, count]));
  if (updates.length) expect(db.unsafe(updateResources, resourceColumns(sorted(updates)), { prepare: true }), updates.length);
  if (directory.length) expect(db.unsafe(insertDirectory, [numbers(directory.map((row) => row.rid)), numbers(directory.map((row) => row.ck))], { prepare: true }), directory.length);
  if (inserts.length) expect(db.unsafe(insertResources, resourceColumns(sorted(inserts)), { prepare: true }), inserts.length);
  const { rewrites } = plan;
  if (rewrites.length) expect(db.unsafe(rewriteResources, [
    numbers(rewrites.map((row) => row.ck)), numbers(rewrites.map((row) => row.rid)), numbers(rewrites.map((row) => row.version)),
    numbers(rewrites.map((row) => row.before)), numbers(rewrites.map((row) => row.updated)), separator + rewrites.map((row) => row.content).join(separator),
  ], { prepare: true }), rewrites.length);
  const rest = [
    ...(replaced.length ? deleteRows(db, replaced) : []),
    ...(plan.heirs.length ? moveHeirs(db, plan.heirs) : []),
    ...insertStrays(db, plan.strays),
    ...insertRows(db, plan.rows),
    insertLeaves(db, plan.leaves),
    insertSubscriptions(db, plan.subscriptions),
    db.unsafe("insert into change_pending (at, entries) values ($1::bigint, $2)", [(plan.inserts[0] ?? plan.updates[0] ?? plan.rewrites[0])!.updated, JSON.stringify(plan.changes)], { prepare: true }),
  ];
  // Last: whoever changes definitions from here on waits for this transaction before rows are completed (reindex/).
  const parameters = plan.changes.filter(({ type }) => type === "SearchParameter").map(({ id }) => id);
  const epoch = parameters.length ? moveEpoch(db, parameters) : readEpoch(db);
  const [results, , now] = await Promise.all([Promise.all(counted), Promise.all(rest), epoch]);
  if (now !== plan.definitions.epoch + (parameters.length ? 1 : 0)) throw new Outdated();
  if (results.some(([result, count]) => result.count !== count)) throw new Raced();
}

/** Their new compartment rows are among the plan's rows, which are written after this. */
export function moveHeirs(db: Queryable, heirs: Plan["heirs"]): Promise<unknown>[] {
  const keys = [numbers(heirs.map((heir) => heir.ck)), numbers(heirs.map((heir) => heir.rid))];
  return [
    db.unsafe(`with u as (select ck, rid, persons::bigint[] as persons from unnest($1::bigint[], $2::bigint[], string_to_array($3, chr(30))) u(ck, rid, persons))
      update resource r set persons = u.persons from u where r.ck = u.ck and r.rid = u.rid`,
      [...keys, heirs.map((heir) => `{${heir.persons.join(",")}}`).join(separator)], { prepare: true }),
    db.unsafe("delete from compartment t using unnest($1::bigint[], $2::bigint[]) u(ck, rid) where t.ck = u.ck and t.rid = u.rid", keys, { prepare: true }),
  ];
}

/** One order for all writers, so that two of them rarely wait for each other crosswise. */
function sorted(rows: readonly ResourceRow[]): ResourceRow[] {
  return rows.toSorted((a, b) => a.ck - b.ck || (a.rid < b.rid ? -1 : 1));
}

function resourceColumns(rows: readonly ResourceRow[]): string[] {
  return [
    numbers(rows.map((row) => row.ck)), numbers(rows.map((row) => row.rid)), rows.map((row) => row.type).join(separator), rows.map((row) => row.id).join(separator),
    numbers(rows.map((row) => row.version)), numbers(rows.map((row) => row.updated)), `{${rows.map((row) => row.deleted).join(",")}}`,
    rows.map((row) => `{${row.persons.join(",")}}`).join(separator), separator + rows.map((row) => row.content).join(separator),
  ];
}
