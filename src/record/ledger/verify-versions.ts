/**
 * Every stored version against its leaf, and every leaf of a write against the version it speaks of. Neither is looked up
 * by the other: both are read through once and must balance; only what does not is compared version by version.
 */
import { separator, type Queryable } from "../sql.ts";
import { groupOf, groupsCount, statementOf, type Balance, type Statement } from "./balance.ts";
import { sha256Hex } from "./leaf.ts";
import { leavesBetween } from "./pack.ts";
import type { VerifyFault, VerifyProgress } from "./verify-report.ts";

type Row = { ck: string; rid: string; version: number; type: string; id: string; content: string; deleted: boolean };
type Note = (fault: VerifyFault) => void;

const batch = 1000, leavesBatch = 4096;
/** Leaves compared in one reading of both sides; some 300 bytes each. */
const comparedMax = 200_000;

/** `balance`: the leaves in the tree are in it; `size` of the tree. `isFull`: no further fault is wanted. */
export async function checkVersions(tx: Queryable, balance: Balance, size: number, note: Note, progress: (progress: VerifyProgress) => void, isFull: () => boolean): Promise<number> {
  const [counted] = await tx.unsafe<{ total: string }[]>("select (select count(*) from resource) + (select count(*) from version) as total");
  const total = Number(counted!.total);
  let done = 0;
  for await (const statement of waitingStatements(tx)) balance.add(statement);
  for await (const rows of versions(tx)) {
    for (const row of rows) balance.subtract(stateOf(row));
    done += rows.length;
    progress({ step: "versions", done, total });
  }
  const uneven = balance.uneven(), atOnce = Math.max(1, Math.floor(comparedMax * groupsCount / (size + 1)));
  for (let at = 0; at < uneven.length && !isFull(); at += atOnce) await compare(tx, new Set(uneven.slice(at, at + atOnce)), size, note);
  await checkGaps(tx, note);
  return done;
}

/** Version by version, of the groups given. */
async function compare(tx: Queryable, groups: ReadonlySet<number>, size: number, note: Note): Promise<void> {
  const keyOf = ({ reference, version }: Statement): string => `${reference} ${version}`;
  const said = new Map<string, Statement>();
  const hear = (statement: Statement) => {
    // The last leaf of a version is the one that counts: of one whose meta changed there are several.
    if (groups.has(groupOf(statement.reference))) said.set(keyOf(statement), statement);
  };
  for (let from = 0; from < size; from += leavesBatch) {
    const rows = await tx.unsafe<{ payload: string }[]>(`select l.payload from (${leavesBetween("$1::bigint", "$2::bigint")}) l order by l.idx`, [String(from), String(Math.min(from + leavesBatch, size))], { prepare: true });
    for (const { payload } of rows) {
      const statement = statementOf(payload);
      if (statement) hear(statement);
    }
  }
  for await (const statement of waitingStatements(tx)) hear(statement);
  for await (const rows of versions(tx)) for (const row of rows) if (groups.has(groupOf(`${row.type}/${row.id}`))) {
    const state = stateOf(row), key = keyOf(state);
    checkOne(state, said.get(key), note);
    said.delete(key);
  }
  for (const { reference, version } of said.values())
    note({ what: "version", fault: { code: "version-removed" }, reference, version: String(version), text: `${reference}, version ${version}, is in the ledger and no longer in the record: it was removed` });
}

function checkOne({ reference, version, deleted, sha256 }: Statement, leaf: Statement | undefined, note: Note): void {
  const place = { reference, version: String(version) };
  if (!leaf) note({ what: "version", fault: { code: "version-unlogged" }, ...place, text: `${reference}, version ${version}, has no leaf: it was not written through Salus` });
  else if (leaf.sha256 !== sha256) note({ what: "version", fault: { code: "version-changed" }, ...place, text: `${reference}, version ${version}, was changed: its content is not the one that was logged` });
  else if (leaf.deleted !== deleted) note({ what: "version", fault: { code: "version-kind" }, ...place, text: `${reference}, version ${version}, was changed: the ledger says ${leaf.deleted ? "deleted" : "not deleted"}, the row says ${deleted ? "deleted" : "not deleted"}` });
}

function stateOf({ type, id, version, deleted, content }: Row): Statement {
  return { reference: `${type}/${id}`, version, deleted, sha256: sha256Hex(content) };
}

async function* versions(tx: Queryable): AsyncGenerator<readonly Row[]> {
  for (const table of ["resource", "version"] as const) {
    for (let place = ["-9223372036854775808", "-9223372036854775808", "-1"]; ; ) {
      const rows = await tx.unsafe<Row[]>(`select r.ck, r.rid, r.version, r.type, r.id, r.content, r.deleted from ${table} r where (r.ck, r.rid, r.version) > ($1::bigint, $2::bigint, $3::int) order by r.ck, r.rid, r.version limit ${batch}`, place, { prepare: true });
      const last = rows.at(-1);
      if (!last) break;
      yield rows;
      place = [last.ck, last.rid, String(last.version)];
    }
  }
}

/** Of leaves that wait for the sequencer: of writes first, then those that stand apart and may speak of the same versions. */
async function* waitingStatements(tx: Queryable): AsyncGenerator<Statement> {
  for (let before = "0"; ; ) {
    const packs = await tx.unsafe<{ start: string; payloads: string }[]>("select start, payloads from leaf_write where start < $1::bigint order by start desc limit 16", [before], { prepare: true });
    const last = packs.at(-1);
    if (!last) break;
    for (const { payloads } of packs) yield* payloads.split(separator).map(statementOf).filter((statement) => statement !== undefined);
    before = last.start;
  }
  const apart = await tx.unsafe<{ payload: string }[]>("select payload from leaf_pending order by lid", [], { prepare: true });
  yield* apart.map(({ payload }) => statementOf(payload)).filter((statement) => statement !== undefined);
}

/** Version n of a resource has n - 1 versions before it, those that were purged included. */
async function checkGaps(tx: Queryable, note: Note): Promise<void> {
  const rows = await tx.unsafe<{ type: string; id: string; version: number; found: string }[]>(`with had as (
      select x.ck, x.rid, count(*) as found, max(x.version) as top from (
        select ck, rid, version from version
        union all select distinct r.ck, r.rid, e.version from erased e join resource r on r.rid = e.mark
          where e.version < r.version and not exists (select from version v where v.ck = r.ck and v.rid = r.rid and v.version = e.version)) x
      group by x.ck, x.rid)
    select r.type, r.id, r.version, coalesce(h.found, 0) as found from resource r left join had h on h.ck = r.ck and h.rid = r.rid
    where (r.version > 1 or h.found is not null) and (coalesce(h.found, 0) <> r.version - 1 or coalesce(h.top, 0) <> r.version - 1) limit 1000`);
  for (const { type, id, version, found } of rows) note({ what: "version", fault: { code: "versions-missing", version, found: Number(found) }, reference: `${type}/${id}`, text: `${type}/${id} is at version ${version}, ${found} earlier versions are there` });
}
