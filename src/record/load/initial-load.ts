/**
 * The first load of a record: an import that turns out large while next to nothing else is there writes without the
 * indexes that only searches need, and makes them at its end by sorting, which costs a fraction of one entry at a time
 * (docs/decisions/0029-initial-load.md). Who takes part holds a lock in the database, shared; who makes the indexes holds
 * it alone. So several processes may load at once, and what a process that died left out is made by whoever comes next.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { connect } from "../connections.ts";
import type { ImportStream } from "../record.ts";
import type { Queryable } from "../sql.ts";
import { analyzeTables, leaveOut, loadTables, makeAgain, readAbsent } from "./absent-indexes.ts";

/** "salut" as a number, next to the lock of migrations. */
const lock = 0x73616c7574;

/** By default an import is large when it has written so many resources: making all indexes then costs as much as it spared. */
export const loadFromDefault = 5000;
/** Times as many may be there before, or beside: of other imports that begin. */
const othersTimes = 3;
/** Others are being held up when a statement runs for so long, or so many rows were scanned for each one written: an entry costs as much. */
const slowSeconds = 3, scannedTimes = 50, scannedFree = 5_000_000;
const watchMs = 1000, waitMs = 100, mendMs = 30_000;

export type InitialLoadsOptions = {
  url: string;
  /** For looking, now and then. */
  db: Queryable;
  /** Resources, see loadFromDefault; 0: nothing is ever left out. */
  from: number;
  onError: (error: unknown) => void;
};

/** `making`: told when nothing is left but to make the indexes. */
export type Importing = { making?: () => void };

export class InitialLoads {
  readonly #options: InitialLoadsOptions;
  readonly #loads = new Set<Load>();
  readonly #analyses = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  constructor(options: InitialLoadsOptions) {
    this.#options = options;
    // Of processes that died while this one lives.
    this.#timer = setInterval(() => { this.mend().catch(options.onError); }, mendMs);
    this.#timer.unref();
  }

  /** Runs an import; the indexes stand when it ends, whichever way. */
  async run<T>(stream: ImportStream, work: (stream: ImportStream) => Promise<T>, { making = () => {} }: Importing = {}): Promise<T> {
    const { from, url, onError, db } = this.#options;
    if (from === 0 || db.distributed) return await work(stream);
    const load = new Load(url, () => this.#closed, onError);
    this.#loads.add(load);
    let created = 0;
    try {
      return await work(async (sources, names) => {
        const outcomes = await stream(sources, names);
        for (const { kind } of outcomes) if (kind === "created") created++;
        if (created >= from && !this.#closed) await load.begin(from * othersTimes);
        return outcomes;
      });
    } finally {
      if (load.begun) making();
      await load.end().finally(() => this.#loads.delete(load));
      if (load.begun) this.#analyze();
    }
  }

  /** Not waited for: what searches need stands. */
  #analyze(): void {
    const { url, onError } = this.#options;
    const analysis = analyzeTables(url, () => this.#closed).catch(onError).finally(() => this.#analyses.delete(analysis));
    this.#analyses.add(analysis);
  }

  /** Makes what a load left out that nobody works on any more. */
  async mend(): Promise<void> {
    const { url, db } = this.#options;
    if (db.distributed || this.#closed || !(await readAbsent(db)).length) return;
    if (await makeIfNobodyLoads(url, () => this.#closed)) this.#analyze();
  }

  /** Answers when no index is left out. */
  async settled(): Promise<void> {
    while (!this.#closed && (await readAbsent(this.#options.db)).length) await sleep(waitMs);
  }

  /** Leaves what is not made to the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all([...[...this.#loads].map((load) => load.end()), ...this.#analyses]);
  }
}

/** False where somebody loads, or makes them already. */
export async function makeIfNobodyLoads(url: string, stopped: () => boolean = () => false): Promise<boolean> {
  const db = connect(url, 1, "load");
  try {
    if (!await taken(db, "pg_try_advisory_lock")) return false;
    await make(db, url, stopped);
    return true;
  } finally {
    await db.end({ timeout: 5 });
  }
}

async function taken(db: Queryable, how: "pg_try_advisory_lock" | "pg_try_advisory_lock_shared"): Promise<boolean> {
  const [row] = await db.unsafe<{ taken: boolean }[]>(`select ${how}(${lock}) as taken`);
  return row!.taken;
}

/** `db` holds the lock. What has been searching for long would go on without the indexes: it asks again when they are there. */
async function make(db: Queryable, url: string, stopped: () => boolean): Promise<void> {
  const stopSearches = `select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'salus search' and ${slowStatement}`;
  await db.unsafe(stopSearches);
  await makeAgain(url, stopped);
  await db.unsafe(stopSearches);
}

type Counts = { scanned: number; written: number };

/** One import's part. */
class Load {
  readonly #url: string;
  readonly #closed: () => boolean;
  readonly #onError: (error: unknown) => void;
  #begun: Promise<void> | undefined;
  #ended: Promise<void> | undefined;
  /** Holds the lock as long as it is open. */
  #db: postgres.Sql | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(url: string, closed: () => boolean, onError: (error: unknown) => void) {
    this.#url = url;
    this.#closed = closed;
    this.#onError = onError;
  }

  /** Whether it has a part in what is left out. */
  get begun(): boolean {
    return this.#db !== undefined;
  }

  /** Leaves the indexes out, where next to nothing but what imports wrote is there; later calls wait for the first. */
  begin(othersMax: number): Promise<void> {
    // An import goes on without: that it is slower is no reason to fail.
    return this.#begun ??= this.#begin(othersMax).catch(async (error: unknown) => { this.#onError(error); await this.end(); });
  }

  async #begin(othersMax: number): Promise<void> {
    const db = connect(this.#url, 1, "load");
    let takesPart = false;
    try {
      if (!await taken(db, "pg_try_advisory_lock_shared")) return;
      const [there] = await db.unsafe<{ small: boolean }[]>("select count(*) <= $1::int as small from (select from resource limit $1::int + 1) r", [othersMax]);
      if (there!.small) await leaveOut(db);
      // Whoever left them out: another import may have been first.
      takesPart = (await readAbsent(db)).length > 0;
    } finally {
      if (!takesPart) await db.end({ timeout: 5 });
    }
    if (!takesPart) return;
    this.#db = db;
    const before = await counts(db);
    this.#watch = setInterval(() => { this.#look(db, before).catch(this.#onError); }, watchMs);
    this.#watch.unref();
  }

  /** Whether others are being held up: then the indexes are made now. */
  async #look(db: postgres.Sql, before: Counts): Promise<void> {
    if (this.#ended) return;
    const { scanned, written } = await counts(db);
    const [slow] = await db.unsafe<{ count: number }[]>(`select count(*)::int as count from pg_stat_activity where ${slowStatement}`);
    if (slow!.count || scanned - before.scanned > scannedFree + scannedTimes * (written - before.written)) await this.end();
  }

  /** Answers when the indexes stand; in a process that closes, when nothing more is done about it. */
  end(): Promise<void> {
    return this.#ended ??= this.#end();
  }

  async #end(): Promise<void> {
    clearInterval(this.#watch);
    const db = this.#db;
    if (!db) return;
    try {
      await db.unsafe(`select pg_advisory_unlock_shared(${lock})`);
      while (!this.#closed() && (await readAbsent(db)).length) {
        if (!await taken(db, "pg_try_advisory_lock")) { await sleep(waitMs); continue; }
        await make(db, this.#url, this.#closed);
      }
    } finally {
      await db.end({ timeout: 5 });
    }
  }
}

const slowStatement = `datname = current_database() and pid <> pg_backend_pid() and application_name like 'salus %' and application_name <> 'salus load'
  and state = 'active' and wait_event_type is distinct from 'Lock' and query_start < now() - interval '${slowSeconds} seconds'`;

async function counts(db: Queryable): Promise<Counts> {
  const [row] = await db.unsafe<Counts[]>(`select coalesce(sum(seq_tup_read), 0)::float8 as scanned, coalesce(sum(n_tup_ins), 0)::float8 as written
    from pg_stat_user_tables where relname = any(string_to_array($1, ' '))`, [loadTables.join(" ")]);
  return row!;
}
