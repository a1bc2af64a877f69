/**
 * The one sequencer: gives the leaves of waiting packs the next dense indexes, grows the tree over them, and
 * publishes waiting outbox entries in the same order for every reader. Rows leave the waiting tables as they are
 * numbered, so a commit that finished late is never passed over. An advisory lock keeps processes from doing this at once.
 */
import type postgres from "postgres";
import { entryLeafHash, hashBytes } from "#ledger/hash.ts";
import { append, type Frontier } from "#ledger/tree.ts";
import type { Queryable } from "../sql.ts";
import { placePacks, waitingPacks } from "./pack.ts";

const lock = 0x6c6561666e;
/** Growing the tree over so many takes 2 to 3 ms, for which no request is answered. */
const batchMax = 2048;

type Numbered = { idx: string; salt: string; payload: string };

/** One turn: at most one batch numbered and taken into the tree. Undefined when another process is at it. */
export async function sequence(db: postgres.Sql): Promise<{ numbered: number; more: boolean } | undefined> {
  return await db.begin(async (tx) => {
    const [got] = await tx.unsafe<{ locked: boolean }[]>(`select pg_try_advisory_xact_lock(${lock}) as locked`);
    if (!got!.locked) return undefined;
    const frontier = await readStoredFrontier(tx);
    const [numbered, waiting] = await Promise.all([
      // Code of before packs numbered leaves first and took them into the tree with the next turn.
      tx.unsafe<Numbered[]>(`select idx, salt::text as salt, payload from leaf where idx >= $1::bigint order by idx limit ${batchMax}`, [String(frontier.size)], { prepare: true }),
      waitingPacks(tx, frontier.size, batchMax),
    ]);
    const published = publish(tx);
    const hashes = numbered.length ? hashesOf(numbered, frontier.size) : await placePacks(tx, waiting.packs);
    await Promise.all([published, ...grow(tx, frontier, hashes)]);
    return { numbered: hashes.length, more: waiting.more || numbered.length > 0 };
  });
}

function hashesOf(numbered: readonly Numbered[], size: number): Uint8Array[] {
  return numbered.map(({ idx, salt, payload }, i) => {
    if (Number(idx) !== size + i) throw new Error(`leaf ${size + i} is missing, leaf ${idx} is there; run "salus verify"`);
    return entryLeafHash(saltBytes(salt), Buffer.from(payload));
  });
}

function grow(tx: Queryable, frontier: Frontier, hashes: readonly Uint8Array[]): Promise<unknown>[] {
  if (!hashes.length) return [];
  const grown = append(frontier, hashes);
  const tiles = grown.tiles.map(({ level, index, offset, hashes: added }) =>
    tx.unsafe(`insert into tile (level, idx, hashes) values ($1::int, $2::bigint, $3::bytea)
      on conflict (level, idx) do update set hashes = substring(tile.hashes from 1 for $4::int) || excluded.hashes`, [level, String(index), Buffer.from(added), offset * hashBytes], { prepare: true }));
  return [...tiles, tx.unsafe("update frontier set size = $1::bigint, edge = $2::bytea where one = 1", [String(grown.frontier.size), Buffer.concat(grown.frontier.edge)], { prepare: true })];
}

/**
 * On Citus a transaction ends on the coordinator first, then its workers are told, and until then it holds the lock on its
 * id. Whoever reads the outbox is to find what it speaks of, so entries of such transactions wait.
 */
const toldEverywhere = "where not exists (select from pg_locks l where l.locktype = 'transactionid' and l.transactionid = change_pending.xmin)";

/** Outbox entries get their places in `change`, dense and never reused. */
function publish(tx: Queryable): Promise<unknown> {
  return tx.unsafe(`with p as (select cid, row_number() over (order by cid) as n from change_pending ${tx.distributed ? toldEverywhere : ""} order by cid limit ${batchMax}),
      moved as (delete from change_pending c using p where c.cid = p.cid returning p.n, c.at, c.entries),
      last as (select coalesce(max(pos), 0) as pos from change)
    insert into change (pos, at, entries) select last.pos + moved.n, moved.at, moved.entries from moved, last`, [], { prepare: true });
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


/** Runs `sequence` soon after writes and every `idleMs` besides, until closed. */
export class Sequencer {
  readonly #db: postgres.Sql;
  readonly #sequenced: () => void;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  readonly #idleMs: number;
  readonly #soonMs: number;

  constructor(db: postgres.Sql, sequenced: () => void, onError: (error: unknown) => void, { idleMs = 2000, soonMs = 100 } = {}) {
    this.#db = db;
    this.#sequenced = sequenced;
    this.#onError = onError;
    this.#idleMs = idleMs;
    this.#soonMs = soonMs;
    this.#schedule(this.#soonMs);
  }

  #soon = false;
  /** Something waits to be numbered. */
  wake(): void {
    if (this.#soon || this.#closed) return;
    this.#soon = true;
    if (!this.#running) this.#schedule(this.#soonMs);
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
    } catch (error) { if (!this.#closed) this.#onError(error); }
    this.#running = undefined;
    this.#schedule(more ? 0 : this.#soon ? this.#soonMs : this.#idleMs);
  }

  /** Numbers everything that waits now. */
  async drain(): Promise<void> {
    for (;;) {
      await this.#running;
      const left = await sequence(this.#db);
      if (left === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      else if (left.numbered === 0) { this.#sequenced(); return; }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
