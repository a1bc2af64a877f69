/** Proof that one version stands in the ledger, as a stranger checks it offline (see #ledger/entry-proof.ts). */
import { fail, ok, refuse, type Result } from "#platform/result.ts";
import { entryLeafHash } from "#ledger/hash.ts";
import { consistencyProof, inclusionProof } from "#ledger/proof.ts";
import { readFrontier } from "#ledger/reader.ts";
import { rootOf } from "#ledger/tree.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import { ridOf } from "../keys.ts";
import type { Queryable } from "../sql.ts";
import { leavesOfVersions } from "./writes.ts";
import { saltBytes } from "./sequencer.ts";
import { hashReader, readState } from "./state.ts";

/** Hashes and salt in hex; `path` from the leaf upwards. `content` is the version as stored; absent for a deletion. */
export type VersionProof = {
  reference: string; version: number; kind: string; at: string; salt: string; payload: string; contentSha256: string;
  leafHash: string; index: number; size: number; root: string; path: string[];
};

type Row = { idx: string | null; kind: string; at: string; salt: string; payload: string };

/**
 * `at`: as the version's row states it. `size`: of the tree to prove in (a published checkpoint's); the whole one when
 * undefined. The caller's right to read is checked before.
 */
export async function proveVersion(db: Queryable, { type, id }: ResourceKey, version: number, at: Date, size?: number): Promise<Result<VersionProof>> {
  const reference = `${type}/${id}`;
  const apart = await db.unsafe<Row[]>(`select idx, kind, at, salt::text as salt, payload from leaf where mark = $1::bigint and version = $2::int and version > 0 and payload <> ''
    union all select null, kind, at, salt::text, payload from leaf_pending where mark = $1::bigint and version = $2::int order by idx nulls last`, [ridOf(type, id), version], { prepare: true });
  // One that stands apart is of what was done to the version later, or of before `leaf_write`.
  const written = apart.length ? [] : await leavesOfVersions(db, [{ reference, version, at: String(at.getTime()) }]);
  return await prove(db, [...written.map(({ start, place, ...leaf }) => ({ ...leaf, idx: start < 0 ? null : String(start + place) })), ...apart], reference, version, size);
}

/** That a purge took place, and the hash over the list of leaves that it emptied. */
export async function provePurge(db: Queryable, reference: string, size?: number): Promise<Result<VersionProof>> {
  const rows = await db.unsafe<Row[]>(`select idx, kind, at, salt::text as salt, payload from leaf where kind = 'purge'
    union all select null, kind, at, salt::text, payload from leaf_pending where kind = 'purge' order by idx nulls last`, [], { prepare: true });
  return await prove(db, rows, reference, 1, size);
}

async function prove(db: Queryable, rows: readonly Row[], reference: string, version: number, size: number | undefined): Promise<Result<VersionProof>> {
  // The last one: of a version whose meta was changed in place, the content as it is now. Emptied ones prove nothing.
  const row = rows.findLast(({ payload }) => payload !== "" && (JSON.parse(payload) as { reference?: string }).reference === reference);
  if (!row) return refuse("not-found", { code: "unknown", what: reference }, `${reference}, version ${version}, has no leaf in the ledger`);
  const stored = (await readState(db)).size;
  if (row.idx === null || (size === undefined && Number(row.idx) >= stored)) return refuse("incomplete", { code: "proof-pending" }, `${reference}, version ${version}, waits for its place in the ledger; ask again in a second`);
  const index = Number(row.idx);
  const treeSize = size ?? stored;
  if (index >= treeSize) return refuse("incomplete", { code: "proof-pending" }, `${reference}, version ${version}, is leaf ${index}; a tree of ${treeSize} leaves does not hold it yet. Publish a newer checkpoint`);
  const read = hashReader(db, treeSize);
  const [path, frontier] = await Promise.all([inclusionProof(index, treeSize, read), readFrontier(treeSize, read)]);
  const salt = saltBytes(row.salt);
  return ok({
    reference, version, kind: row.kind, at: new Date(Number(row.at)).toISOString(), salt: salt.toString("hex"), payload: row.payload,
    contentSha256: (JSON.parse(row.payload) as { sha256: string }).sha256, leafHash: entryLeafHash(salt, Buffer.from(row.payload)).toString("hex"),
    index, size: treeSize, root: hex(rootOf(frontier)), path: path.map(hex),
  });
}

/** Proof that the tree of `oldSize` is a beginning of the tree of `newSize`; hashes in hex. */
export async function proveConsistency(db: Queryable, oldSize: number, newSize: number): Promise<Result<string[]>> {
  const { size } = await readState(db);
  if (!(oldSize >= 0 && oldSize <= newSize && newSize <= size)) return fail("value", `No consistency proof from ${oldSize} to ${newSize}: the ledger has ${size} leaves`);
  return ok((await consistencyProof(oldSize, newSize, hashReader(db, newSize))).map(hex));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
