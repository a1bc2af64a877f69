/** The ledger as stored: its size and root, tiles, leaves and published checkpoints. Signing is trust's. */
import { entryLeafHash, hashBytes } from "#ledger/hash.ts";
import { tileHashReader, type HashReader, type TileReader } from "#ledger/reader.ts";
import { rootOf } from "#ledger/tree.ts";
import { numbers, type Queryable } from "../sql.ts";
import { accessesOf, leavesBetween } from "./pack.ts";
import { readStoredFrontier, saltBytes } from "./sequencer.ts";

/** `pending`: leaves on disk that the tree does not hold yet. */
export type LedgerState = { size: number; root: Uint8Array; pending: number };

export async function readState(db: Queryable): Promise<LedgerState> {
  const [frontier, pending] = await Promise.all([
    readStoredFrontier(db),
    db.unsafe<{ count: string }[]>("select (select coalesce(sum(count), 0) from leaf_pack) + (select coalesce(sum(count), 0) from leaf_write where start < 0) + (select count(*) from leaf where idx >= (select size from frontier where one = 1)) as count", [], { prepare: true }),
  ]);
  return { size: frontier.size, root: rootOf(frontier), pending: Number(pending[0]!.count) };
}

/** Reads tiles level by level; a tile may have grown since a smaller tree, its beginning is what that tree had. */
export function tileReader(db: Queryable): TileReader {
  return async (tiles) => {
    const rows = await db.unsafe<{ level: number; idx: string; hashes: Uint8Array }[]>(
      "select t.level, t.idx, t.hashes from unnest($1::int[], $2::bigint[]) u(level, idx) join tile t on t.level = u.level and t.idx = u.idx",
      [numbers(tiles.map((tile) => tile.level as number)), numbers(tiles.map((tile) => tile.index))], { prepare: true });
    const found = new Map(rows.map((row) => [`${row.level} ${row.idx}`, row.hashes]));
    return tiles.map((tile) => found.get(`${tile.level} ${tile.index}`)?.subarray(0, tile.width * hashBytes) ?? new Uint8Array(0));
  };
}

export function hashReader(db: Queryable, size: number): HashReader {
  return tileHashReader(size, tileReader(db));
}

export type ListedLeaf = { index: number; leafHash: string; kind: string; at: string };

/** Leaves of the tree from `start` on, at most 1000. Hashes are computed from what the leaves say; those of purged ones are read from tiles. */
export async function readLeaves(db: Queryable, start: number, count: number): Promise<ListedLeaf[]> {
  const rows = await db.unsafe<{ idx: string; kind: string; at: string; salt: string; payload: string }[]>(
    `${leavesBetween("$1::bigint", "least($1::bigint + $2::int, (select size from frontier where one = 1))")} order by idx`, [String(start), Math.min(count, 1000)], { prepare: true });
  const read = tileReader(db);
  const published = async (index: number): Promise<Uint8Array> => {
    const [tile] = await read([{ level: 0, index: Math.floor(index / 256), width: 256 }]);
    return tile!.subarray((index % 256) * hashBytes, (index % 256 + 1) * hashBytes);
  };
  return await Promise.all(rows.map(async ({ idx, kind, at, salt, payload }): Promise<ListedLeaf> => {
    const hash = payload === "" ? await published(Number(idx)) : entryLeafHash(saltBytes(salt), Buffer.from(payload));
    return { index: Number(idx), kind: payload === "" ? "purged" : kind, at: new Date(Number(at)).toISOString(), leafHash: Buffer.from(hash).toString("hex") };
  }));
}

export type StoredCheckpoint = { size: number; at: string; note: string };

/** Keeps a signed checkpoint; the same size may be signed again. */
export async function saveCheckpoint(db: Queryable, size: number, note: string, at: Date): Promise<void> {
  await db.unsafe("insert into checkpoint (size, at, note) values ($1::bigint, $2::bigint, $3) on conflict (size, at) do update set note = excluded.note", [String(size), String(at.getTime()), note], { prepare: true });
}

export async function latestCheckpoint(db: Queryable): Promise<StoredCheckpoint | undefined> {
  const [row] = await db.unsafe<{ size: string; at: string; note: string }[]>("select size, at, note from checkpoint order by size desc, at desc limit 1", [], { prepare: true });
  return row && { size: Number(row.size), at: new Date(Number(row.at)).toISOString(), note: row.note };
}

/** Who looked at a person's data, newest first. */
export type Access = { at: string; agent: string; display: string; kind: string; index?: number };

export async function readAccesses(db: Queryable, person: string, count: number): Promise<Access[]> {
  // Those that wait have no place yet; `access` is of before packs.
  const rows = await db.unsafe<{ at: string; agent: string; display: string; kind: string; idx: string | null }[]>(
    `select a.at, a.agent, a.display, a.kind, case when a.idx < (select size from frontier where one = 1) then a.idx end as idx from (
      (select at, agent, display, kind, -1 - mark as idx from access where person = $1::bigint order by at desc limit $2::int)
      union all (${accessesOf("leaf_group")}) union all (${accessesOf("leaf_pack")})) a order by a.at desc, a.idx desc nulls first limit $2::int`,
    [person, Math.min(count, 1000)], { prepare: true });
  return rows.map(({ at, agent, display, kind, idx }) => ({ at: new Date(Number(at)).toISOString(), agent, display, kind, ...(idx === null ? {} : { index: Number(idx) }) }));
}
