/**
 * The one sequencer: gives the leaves of waiting packs the next dense indexes, grows the tree over them, and
 * publishes waiting outbox entries in the same order for every reader. What waits is told by where it stands (below 0, or
 * in `leaf_pack`), so a commit that finished late is never passed over. An advisory lock keeps processes from doing this at once.
 */
import type postgres from "postgres";
import { entryLeafHash, hashBytes } from "#ledger/hash.ts";
import { append, type Frontier } from "#ledger/tree.ts";
import { numbers, send, type Queryable } from "../sql.ts";
import { placePacks, waitingPacks, type WaitingPack } from "./pack.ts";
import { placeWrites, waitingWrites, type WaitingWrites } from "./writes.ts";

/** Whoever holds it (pg_advisory_xact_lock) is the one who numbers. */
export const sequencerLock = 0x6c6561666e;
/** Growing the tree over so many takes 2 to 3 ms, for which no request is answered. */
const batchMax = 2048;

type Numbered = { idx: string; salt: string; payload: string };
/** Hashes of leaves one after the other, 32 bytes each. */
type Hashes = readonly Uint8Array[];

/** One turn: at most one batch numbered and taken into the tree. Undefined when another process is at it. */
export async function sequence(db: postgres.Sql): Promise<{ numbered: number; more: boolean } | undefined> {
  return await db.begin(async (tx) => {
    // Sent in this order in one go; each statement sees what was committed before it, so what follows the lock sees what its last holder did.
    const [[got], frontier, numbered, packs, writes] = await Promise.all([
      send<{ locked: boolean }>(tx, `select pg_try_advisory_xact_lock(${sequencerLock}) as locked`, []),
      readStoredFrontier(tx),
      // Code of before packs numbered leaves first and took them into the tree with the next turn.
      send<Numbered>(tx, `select idx, salt::text as salt, payload from leaf where idx >= (select size from frontier where one = 1) order by idx limit ${batchMax}`, []),
      waitingPacks(tx, batchMax / 2),
      waitingWrites(tx, batchMax),
    ]);
    if (!got!.locked) return undefined;
    const published = publish(tx);
    const now = inTurn(packs, writes);
    const hashes = numbered.length ? hashesOf(numbered, frontier.size) : await placeWaiting(tx, frontier.size, now.packs, now.writes);
    const count = hashes.reduce((sum, { length }) => sum + length / hashBytes, 0);
    const [{ more }] = await Promise.all([published, grow(tx, frontier, hashes)]);
    return { numbered: count, more: more || now.more || numbered.length > 0 };
  });
}

/**
 * What one turn takes. A leaf that stands apart may speak of a version whose own leaf waits too, and the last leaf of a
 * version is the one that counts: so these go after all that was written before them.
 */
function inTurn(packs: readonly WaitingPack[], writes: readonly WaitingWrites[]): { packs: readonly WaitingPack[]; writes: readonly WaitingWrites[]; more: boolean } {
  const leavesMax = batchMax - countOf(packs);
  let sum = 0;
  const end = writes.findIndex(({ count }) => (sum += count) > leavesMax);
  const taken = end < 0 ? writes : writes.slice(0, Math.max(end, 1));
  const areAll = taken.length === writes.length && !taken.at(-1)?.followed;
  return { packs: areAll ? packs : packs.filter(({ isRequests }) => isRequests), writes: taken, more: !areAll || packs.at(-1)?.followed === true };
}

function countOf(packs: readonly { count: number }[]): number {
  return packs.reduce((sum, { count }) => sum + count, 0);
}

function hashesOf(numbered: readonly Numbered[], size: number): Hashes {
  return numbered.map(({ idx, salt, payload }, i) => {
    if (Number(idx) !== size + i) throw new Error(`leaf ${size + i} is missing, leaf ${idx} is there; run "salus verify"`);
    return entryLeafHash(saltBytes(salt), Buffer.from(payload));
  });
}

/** Packs of writes, then of requests and what stands apart, from `size` on. */
async function placeWaiting(tx: Queryable, size: number, packs: readonly WaitingPack[], writes: readonly WaitingWrites[]): Promise<Hashes> {
  let next = size;
  const inPlace = <T extends { count: number }>(pack: T): T & { start: number } => {
    const start = next;
    next += pack.count;
    return { ...pack, start };
  };
  const placedWrites = writes.map(inPlace), placedPacks = packs.map(inPlace);
  const [hashes] = await Promise.all([placePacks(tx, placedPacks), placeWrites(tx, placedWrites)]);
  return [...placedWrites.map(({ start, count, hashes: known }) => counted(known, start, count)), ...placedPacks.map(({ start, count }) => counted(hashes.get(start), start, count))];
}

function counted(hashes: Uint8Array | undefined, start: number, count: number): Uint8Array {
  if (hashes?.length !== count * hashBytes) throw new Error(`a pack of ${count} leaves was to be numbered from ${start} on, ${(hashes?.length ?? 0) / hashBytes} were there`);
  return hashes;
}

const growTiles = `with u as (select u.level, u.idx, decode(u.hashes, 'hex') as hashes, u.kept from unnest($1::int[], $2::bigint[], string_to_array($3, ' '), $4::int[]) u(level, idx, hashes, kept)),
    lengthened as (update tile t set hashes = substring(t.hashes from 1 for u.kept) || u.hashes from u where u.kept > 0 and t.level = u.level and t.idx = u.idx),
    made as (insert into tile (level, idx, hashes) select level, idx, hashes from u where kept = 0 on conflict (level, idx) do update set hashes = excluded.hashes)
  update frontier set size = $5::bigint, edge = $6::bytea where one = 1`;

async function grow(tx: Queryable, frontier: Frontier, hashes: Hashes): Promise<void> {
  const leaves = hashes.flatMap((some) => Array.from({ length: some.length / hashBytes }, (_, i) => some.subarray(i * hashBytes, (i + 1) * hashBytes)));
  if (!leaves.length) return;
  const { frontier: grown, tiles } = append(frontier, leaves);
  await tx.unsafe(growTiles, [numbers(tiles.map(({ level }) => level)), numbers(tiles.map(({ index }) => index)), tiles.map((tile) => Buffer.from(tile.hashes).toString("hex")).join(" "), numbers(tiles.map(({ offset }) => offset * hashBytes)),
    String(grown.size), Buffer.concat(grown.edge)], { prepare: true });
}

/**
 * On Citus a transaction ends on the coordinator first, then its workers are told, and until then it holds the lock on its
 * id. Whoever reads the outbox is to find what it speaks of, so entries of such transactions wait.
 */
const toldEverywhere = "and not exists (select from pg_locks l where l.locktype = 'transactionid' and l.transactionid = change.xmin)";

/** Outbox entries get their places, dense and never reused. */
async function publish(tx: Queryable): Promise<{ more: boolean }> {
  const done = await tx.unsafe(`update change c set pos = last.pos + w.n
    from (select pos, row_number() over (order by pos desc) as n from change where pos < 0 ${tx.distributed ? toldEverywhere : ""} order by pos desc limit ${batchMax}) w, (select greatest(max(pos), 0) as pos from change) last
    where c.pos = w.pos`, [], { prepare: true });
  return { more: done.count === batchMax };
}

export function saltBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

export async function readStoredFrontier(db: Queryable): Promise<Frontier> {
  const [row] = await db.unsafe<{ size: string; edge: Uint8Array }[]>("select size, edge from frontier where one = 1", [], { prepare: true });
  const edge: Uint8Array[] = [];
  for (let at = 0; at < row!.edge.length; at += hashBytes) edge.push(row!.edge.subarray(at, at + hashBytes));
  return { size: Number(row!.size), edge };
}


/** A turn that numbers so many is followed by a longer pause: a turn costs about as much as 500 leaves in it. */
const manyLeaves = 256;

/** Runs `sequence` soon after writes (`busyMs` while there are many) and every `idleMs` besides, until closed. */
export class Sequencer {
  readonly #db: postgres.Sql;
  readonly #sequenced: () => void;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  readonly #idleMs: number;
  readonly #soonMs: number;
  readonly #busyMs: number;
  #pauseMs: number;

  constructor(db: postgres.Sql, sequenced: () => void, onError: (error: unknown) => void, { idleMs = 2000, soonMs = 100, busyMs = 400 } = {}) {
    this.#db = db;
    this.#sequenced = sequenced;
    this.#onError = onError;
    this.#idleMs = idleMs;
    this.#soonMs = this.#pauseMs = soonMs;
    this.#busyMs = busyMs;
    this.#schedule(this.#pauseMs);
  }

  #soon = false;
  /** Something waits to be numbered. */
  wake(): void {
    if (this.#soon || this.#closed) return;
    this.#soon = true;
    if (!this.#running) this.#schedule(this.#pauseMs);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => { this.#running = this.#turn(); }, ms);
    this.#timer.unref();
  }

  async #turn(): Promise<void> {
    this.#soon = false;
    let more = false;
    try {
      const left = await sequence(this.#db);
      if (left !== undefined) this.#sequenced();
      more = left?.more === true;
      this.#pauseMs = left !== undefined && left.numbered >= manyLeaves ? this.#busyMs : this.#soonMs;
    } catch (error) { if (!this.#closed) this.#onError(error); }
    this.#running = undefined;
    this.#schedule(more ? 0 : this.#soon ? this.#pauseMs : this.#idleMs);
  }

  /** Numbers everything that waits now. */
  async drain(): Promise<void> {
    for (;;) {
      await this.#running;
      const left = await sequence(this.#db);
      if (left === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      else if (left.numbered === 0 && !left.more) { this.#sequenced(); return; }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
