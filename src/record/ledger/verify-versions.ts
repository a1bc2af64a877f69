/** Every stored version against its leaf, and every leaf of a write against the version it speaks of. */
import { numbers, type Queryable } from "../sql.ts";
import { sha256Hex } from "./leaf.ts";
import type { VerifyFault, VerifyProgress } from "./verify-report.ts";

type Row = { ck: string; rid: string; version: number; type: string; id: string; content: string; deleted: boolean; payloads?: string[] };

const batch = 1000;

export async function checkVersions(tx: Queryable, note: (fault: VerifyFault) => void, progress: (progress: VerifyProgress) => void): Promise<number> {
  const [counted] = await tx.unsafe<{ total: string }[]>("select (select count(*) from resource) + (select count(*) from version) as total");
  const total = Number(counted!.total);
  let done = 0;
  for (const table of ["resource", "version"] as const) {
    for (let place = ["-9223372036854775808", "-9223372036854775808", "-1"]; ; ) {
      const rows = await tx.unsafe<Row[]>(`select r.ck, r.rid, r.version, r.type, r.id, r.content, r.deleted from ${table} r where (r.ck, r.rid, r.version) > ($1::bigint, $2::bigint, $3::int) order by r.ck, r.rid, r.version limit ${batch}`, place, { prepare: true });
      await addPayloads(tx, rows);
      for (const row of rows) checkOne(row, note);
      const last = rows.at(-1);
      if (!last) break;
      place = [last.ck, last.rid, String(last.version)];
      done += rows.length;
      progress({ step: "versions", done, total });
    }
  }
  await checkGaps(tx, note);
  await checkOrphans(tx, note);
  return done;
}

/** Of all leaves of a version, for one whose meta changed has several; those that wait come last. Apart from the versions: on Citus these lie elsewhere. */
async function addPayloads(tx: Queryable, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const byKey = new Map(rows.map((row) => [`${row.rid} ${row.version}`, row]));
  const keys = [numbers(rows.map(({ rid }) => rid)), numbers(rows.map(({ version }) => version))];
  for (const [table, order, more] of [["leaf", "l.idx", " and l.version > 0"], ["leaf_pending", "l.lid", ""]] as const) {
    const found = await tx.unsafe<{ mark: string; version: number; payload: string }[]>(`select l.mark, l.version, l.payload from unnest($1::bigint[], $2::int[]) u(mark, version) join ${table} l on l.mark = u.mark and l.version = u.version${more} order by ${order}`, keys, { prepare: true });
    for (const { mark, version, payload } of found) {
      const row = byKey.get(`${mark} ${version}`)!;
      row.payloads = [...row.payloads ?? [], payload];
    }
  }
}

function checkOne({ type, id, version, content, deleted, payloads }: Row, note: (fault: VerifyFault) => void): void {
  const reference = `${type}/${id}`;
  const leaf = payloads?.map(readPayload).findLast((payload) => payload?.reference === reference && payload.version === version);
  const place = { reference, version: String(version) };
  if (!leaf) note({ what: "version", fault: { code: "version-unlogged" }, ...place, text: `${reference}, version ${version}, has no leaf: it was not written through Salus` });
  else if (leaf.sha256 !== sha256Hex(content)) note({ what: "version", fault: { code: "version-changed" }, ...place, text: `${reference}, version ${version}, was changed: its content is not the one that was logged` });
  else if ((leaf.kind === "delete") !== deleted) note({ what: "version", fault: { code: "version-kind" }, ...place, text: `${reference}, version ${version}, was changed: the ledger says ${leaf.kind}, the row says ${deleted ? "deleted" : "not deleted"}` });
}

function readPayload(text: string): { reference?: string; version?: number; sha256?: string; kind?: string } | undefined {
  try { return JSON.parse(text) as { reference?: string }; } catch { return undefined; }
}

/** Version n of a resource has n - 1 versions before it, those that were purged included. */
async function checkGaps(tx: Queryable, note: (fault: VerifyFault) => void): Promise<void> {
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

/** Writes the ledger knows and the record does not: rows that were removed. */
async function checkOrphans(tx: Queryable, note: (fault: VerifyFault) => void): Promise<void> {
  const rows = await tx.unsafe<{ payload: string }[]>(`select l.payload from leaf l where l.version > 0 and l.payload <> ''
    and l.mark not in (select r.rid from resource r) limit 1000`);
  for (const { payload } of rows) {
    const leaf = readPayload(payload);
    note({ what: "version", fault: { code: "version-removed" }, ...(leaf?.reference ? { reference: leaf.reference } : {}), ...(leaf?.version ? { version: String(leaf.version) } : {}), text: `${leaf?.reference ?? "A resource"}, version ${leaf?.version ?? "?"}, is in the ledger and no longer in the record: it was removed` });
  }
}
