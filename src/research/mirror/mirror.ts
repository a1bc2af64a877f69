/**
 * A columnar copy of the record for counting over everybody: a DuckDB file in the node's folder, a table for each view.
 * It is brought up to date when it is asked: from the outbox, after the position it stands at, each resource that has
 * changed as it is now, with the position in the same transaction. So it is never ahead of the record, a process that
 * dies loses nothing, and between questions nobody holds the file. Built anew when the views change, or when the
 * outbox at its position is not the one it was built from (another or a restored database).
 */
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { nodeCaller } from "#care/node-caller.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import { sha256Hex } from "#record/ledger/leaf.ts";
import { ask, type AskLimits, type QueryAnswer } from "./ask.ts";
import { createTable, Filling, replaceRows, type Upsert } from "./table.ts";
import { mirrorViews, type MirrorView } from "./views.ts";

type Source = Pick<OpenRecord, "read" | "export" | "changes" | "lastChange" | "settleLedger" | "appendLeaf" | "clock">;
type Progress = (resources: number, what: string) => void;

/** `position`: the place in the outbox that the answer is of. */
export type MirrorAnswer = QueryAnswer & { position: number };

/** Changes to a transaction, and reads at one time. */
const changesAtOnce = 500;
const readsAtOnce = 100;
/** How long another process may hold the file. */
const heldMs = 60_000;
const layout = "1";

export class Mirror {
  readonly #record: Source;
  readonly #folder: string;
  readonly #path: string;
  readonly #limits: AskLimits;
  #turn: Promise<unknown> = Promise.resolve();

  /** `folder`: the node's. */
  constructor(record: Source, folder: string, limits: AskLimits = {}) {
    this.#record = record;
    this.#folder = join(folder, "mirror");
    this.#path = join(this.#folder, "mirror.duckdb");
    this.#limits = limits;
  }

  /**
   * Answers from the record as it stands; for administrators, with a leaf. The file knows no callers, so nobody else
   * may ask. Failures: forbidden, those of ask(), processing (a view of the folder is wrong), incomplete (another
   * process holds the file).
   */
  async query(caller: Caller, sql: string, { rebuild = false, progress = () => {} }: { rebuild?: boolean; progress?: Progress } = {}): Promise<Result<MirrorAnswer>> {
    if (caller.filter.kind !== "all") return fail("forbidden", "The mirror holds everybody's data; an administrator may ask it");
    // One at a time: a process that opens a file twice loses its lock with the first close.
    const turn = this.#turn.then(async (): Promise<Result<MirrorAnswer>> => {
      const current = await this.#patiently(() => this.#update(rebuild, progress));
      if (!current.ok) return current;
      const answer = await this.#patiently(() => ask(this.#path, sql, this.#limits));
      if (!answer.ok) return answer;
      const { rows } = answer.value;
      await this.#record.appendLeaf(caller, { kind: "export", sha256: sha256Hex(JSON.stringify(rows)), count: rows.length });
      return ok({ ...answer.value, position: current.value });
    });
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  async #patiently<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    for (const start = performance.now(); ;) {
      try {
        return await work();
      } catch (error) {
        if (!(error as Error).message.includes("Could not set lock")) throw error;
        if (performance.now() - start > heldMs) return fail("incomplete", "Another process has held the mirror for a minute; ask again when its query has ended");
        await sleep(50);
      }
    }
  }

  async #update(rebuild: boolean, progress: Progress): Promise<Result<number>> {
    const views = await mirrorViews(join(this.#folder, "views"));
    if (!views.ok) return views;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#record.settleLedger();
    const schema = createHash("sha256").update([layout, ...views.value.map(({ definition }) => definition)].join("\n")).digest("hex");
    const known = rebuild ? undefined : await this.#with((db) => this.#stateOf(db, schema));
    if (known !== undefined) return ok(await this.#with((db) => this.#follow(db, views.value, known, progress)));
    for (const file of [this.#path, `${this.#path}.wal`]) await rm(file, { force: true });
    return await this.#with((db) => this.#build(db, views.value, schema, progress));
  }

  async #with<T>(work: (db: DuckDBConnection) => Promise<T>): Promise<T> {
    const instance = await DuckDBInstance.create(this.#path, { memory_limit: "1GB", threads: "2" });
    try {
      const db = await instance.connect();
      try {
        return await work(db);
      } finally {
        db.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  }

  /** The position it stands at; undefined when it must be built. */
  async #stateOf(db: DuckDBConnection, schema: string): Promise<number | undefined> {
    const tables = await db.runAndReadAll("select 1 from duckdb_tables() where table_name = 'salus_state'");
    if (tables.currentRowCount === 0) return undefined;
    const [row] = (await db.runAndReadAll("select schema, position, written from salus_state")).getRowsJson() as [string, string, string][];
    if (!row || row[0] !== schema) return undefined;
    const position = Number(row[1]);
    return row[2] === await this.#timeOf(position) ? position : undefined;
  }

  /** When the entry at this position was written; "" of the beginning. Tells two outboxes apart. */
  async #timeOf(position: number): Promise<string> {
    if (position === 0) return "";
    const [entry] = await this.#record.changes(position - 1, 1);
    return entry?.position === position ? entry.at : "none";
  }

  async #build(db: DuckDBConnection, views: readonly MirrorView[], schema: string, progress: Progress): Promise<Result<number>> {
    // What is written from here on comes once more, by the outbox.
    const position = await this.#record.lastChange();
    await db.run("begin");
    for (const view of views) await db.run(createTable(view));
    await db.run("create table salus_fault (view varchar, salus_id varchar, fault varchar)");
    await db.run("create table salus_state (schema varchar, position bigint, written varchar)");
    const fillings = new Map<string, Filling[]>();
    for (const view of views) fillings.set(view.view.resource, [...fillings.get(view.view.resource) ?? [], await Filling.open(db, view)]);
    let resources = 0;
    const done = await this.#record.export(nodeCaller, { scope: { level: "system" }, types: [...fillings.keys()], at: this.#record.clock.now().getTime() }, async (versions) => {
      const { type } = versions[0]!;
      for (const filling of fillings.get(type)!) await filling.add(versions);
      progress(resources += versions.length, type);
    }).finally(() => { for (const filling of [...fillings.values()].flat()) filling.close(); });
    if (!done.ok) return done;
    await db.run("insert into salus_state values ($1, $2, $3)", [schema, BigInt(position), await this.#timeOf(position)]);
    await db.run("commit");
    return ok(await this.#follow(db, views, position, progress));
  }

  async #follow(db: DuckDBConnection, views: readonly MirrorView[], from: number, progress: Progress): Promise<number> {
    const byType = Map.groupBy(views, ({ view }) => view.resource);
    let position = from, resources = 0;
    for (;;) {
      const sets = await this.#record.changes(position, changesAtOnce);
      if (!sets.length) return position;
      const touched = new Map<string, Set<string>>();
      for (const { changes } of sets) for (const { type, id } of changes) if (byType.has(type)) touched.set(type, (touched.get(type) ?? new Set()).add(id));
      await db.run("begin");
      for (const [type, ids] of touched) {
        const upserts = await this.#currentOf(type, [...ids]);
        for (const view of byType.get(type)!) await replaceRows(db, view, upserts);
        progress(resources += upserts.length, type);
      }
      const last = sets.at(-1)!;
      await db.run("update salus_state set position = $1, written = $2", [BigInt(last.position), last.at]);
      await db.run("commit");
      position = last.position;
    }
  }

  async #currentOf(type: string, ids: readonly string[]): Promise<Upsert[]> {
    const found: Upsert[] = [];
    for (let at = 0; at < ids.length; at += readsAtOnce)
      found.push(...await Promise.all(ids.slice(at, at + readsAtOnce).map(async (id): Promise<Upsert> => {
        const read = await this.#record.read(nodeCaller, { type, id });
        return { id, text: read.kind === "current" ? read.stored.text : undefined };
      })));
    return found;
  }
}
