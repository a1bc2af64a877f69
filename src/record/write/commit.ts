/**
 * Commit: all or nothing in one PostgreSQL transaction. Concurrent commits share one: those that only create a single
 * statement, those that change something a transaction, so that a hundred clients with one Observation each cost a few
 * messages and one flush to disk. Each is still refused, or decided again, by itself.
 */
import type postgres from "postgres";
import type { Clock } from "#platform/clock.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import type { Caller, Change, Committed } from "../record.ts";
import { inheritsPersons } from "../persons.ts";
import { readCurrent } from "./current.ts";
import { draftOf, type Draft } from "./draft.ts";
import type { KnownDefinitions } from "../parameters/definitions.ts";
import type { Queryable } from "../sql.ts";
import { Early, flush, isOneStatement, Outdated } from "./flush.ts";
import { Groups } from "./groups.ts";
import { readStampFloor } from "./stamp-floor.ts";
import { patchDraft, patched } from "./patch.ts";
import { emptyPlan, plan, type Plan, type PlanOptions } from "./plan.ts";
import { Raced, transact, untilFirst } from "./transact.ts";
import { Turns } from "./turns.ts";

export const changesMax = 50_000;
/** Larger ones are statements enough by themselves. */
const groupedMax = 250;
/** Larger transactions rarely meet; they do not queue for each of their resources. */
const turnsMax = 16;

export type CommitOptions = PlanOptions & { validate?: boolean };
type PatchChange = Extract<Change, { kind: "patch" }>;

function isDraft(change: Draft | PatchChange): change is Draft {
  return change.kind !== "patch";
}

function isFresh(change: Draft | PatchChange): boolean {
  return isDraft(change) && change.fresh;
}

/** What all rows or the callers' subscriptions hang on is changed alone. */
function goesTogether({ changes, options }: Request): boolean {
  return changes.length <= turnsMax && !options.keepVersion && changes.every(({ type }) => type !== "SearchParameter" && type !== "Subscription");
}

/** All answers in order. Where one throws, the others are waited for first: none asks anything of a transaction that has ended. */
async function allOf<T>(asked: readonly Promise<T>[]): Promise<T[]> {
  return (await Promise.allSettled(asked)).map((settled) => {
    if (settled.status === "rejected") throw settled.reason;
    return settled.value;
  });
}

/** What a request changes; what a patch makes of its resource is found inside the transaction that writes it. */
async function draftsOf(tx: Queryable, { caller, changes, options: { validate = true } }: Request): Promise<Result<readonly Draft[]>> {
  if (changes.every(isDraft)) return ok(changes);
  const drafts: Draft[] = [];
  for (const change of changes) {
    if (isDraft(change)) { drafts.push(change); continue; }
    const result = await patched(tx, caller, change, change.patch, { validate, ...(change.ifMatch === undefined ? {} : { ifMatch: change.ifMatch }) });
    if (!result.ok) return result;
    drafts.push(patchDraft(change, result.value));
  }
  return ok(drafts);
}

/** Whether one of a group writes what another gives other persons. */
function crosses({ heirs, updates }: Plan): boolean {
  const written = new Set(updates.map(({ rid }) => rid));
  return heirs.some(({ rid }) => written.has(rid));
}

type Request = { caller: Caller; changes: readonly (Draft | PatchChange)[]; options: CommitOptions };
type Job = Request & { resolve: (result: Result<Committed[]>) => void; reject: (error: unknown) => void };

export class Committer {
  readonly #db: postgres.Sql & Queryable;
  readonly #clock: Clock;
  readonly #definitions: KnownDefinitions;
  readonly #written: (definitions: boolean) => void;
  readonly #creations = new Groups<Job>((jobs) => this.#writeGroup(jobs, (some) => this.#writeFresh(some)));
  /** What may take its persons from stored resources, which costs a transaction: others do not wait for those. */
  readonly #inheriting = new Groups<Job>((jobs) => this.#writeGroup(jobs, (some) => this.#writeFresh(some)));
  readonly #changes = new Groups<Job>((jobs) => this.#writeGroup(jobs, (some) => this.#writeChanges(some)));
  readonly #turns = new Turns();
  /** No time up to this is written any more. */
  #complete = 0;
  /** Another machine's clock is ahead of ours. */
  #early = false;

  /** `written` is told after each transaction, and whether it wrote SearchParameters. */
  constructor(db: postgres.Sql & Queryable, clock: Clock, definitions: KnownDefinitions, written: (definitions: boolean) => void) {
    this.#db = db;
    this.#clock = clock;
    this.#definitions = definitions;
    this.#written = written;
  }

  async commit(caller: Caller, changes: readonly Change[], options: CommitOptions = {}): Promise<Result<Committed[]>> {
    if (!caller.canWrite) return fail("forbidden", `${caller.display} may not write to the record`);
    if (changes.length > changesMax) return fail("too-costly", `${changes.length} changes in one transaction; at most ${changesMax} are taken`);
    const drafts: (Draft | PatchChange)[] = [];
    const seen = new Set<string>();
    for (const change of changes) {
      const draft = change.kind === "patch" ? ok(change) : draftOf(change, options.validate ?? true);
      if (!draft.ok) return draft;
      const key = `${draft.value.type}/${draft.value.id}`;
      if (seen.has(key)) return fail("duplicate", `${key} stands twice in one transaction`);
      seen.add(key);
      drafts.push(draft.value);
    }
    return await this.#commit({ caller, changes: drafts, options });
  }

  async #commit(request: Request): Promise<Result<Committed[]>> {
    const { caller, changes, options } = request;
    if (!changes.length) return ok([]);
    if (changes.length <= groupedMax && changes.every(isFresh)) return await this.#in(changes.some(({ type }) => inheritsPersons(type)) ? this.#inheriting : this.#creations, request);
    return await this.#inTurn(changes.filter((change) => !isFresh(change)), () =>
      this.#db.distributed || !goesTogether(request) ? this.alone(caller, (tx) => draftsOf(tx, request), options) : this.#in(this.#changes, request));
  }

  #in(groups: Groups<Job>, request: Request): Promise<Result<Committed[]>> {
    return new Promise((resolve, reject) => { groups.add({ ...request, resolve, reject }); });
  }

  /** `work` prepares drafts inside the transaction that writes them; `last` sees them written, and may still refuse all. */
  async alone(caller: Caller, work: (tx: Queryable) => Promise<Result<readonly Draft[]>>, options: CommitOptions = {}, last?: (tx: Queryable) => Promise<Result<unknown>>): Promise<Result<Committed[]>> {
    const result = await transact(this.#db, async (tx): Promise<Result<Committed[]>> => {
      const drafts = await work(tx);
      if (!drafts.ok) return drafts;
      const into = emptyPlan(await this.#definitions.get());
      const planned = await plan(into, tx, caller, drafts.value, await this.#now(tx), options);
      if (!planned.ok) return planned;
      await this.#flush(tx, into);
      const seen = await last?.(tx);
      return seen && !seen.ok ? seen : planned;
    });
    if (result.ok) this.#tell(result.value);
    return result;
  }

  /** By the connection that asks: all others may be waiting for the same. */
  async #now(db: Queryable): Promise<number> {
    if (this.#early) {
      this.#complete = await readStampFloor(db);
      this.#early = false;
    }
    return Math.max(this.#clock.now().getTime(), this.#complete + 1);
  }

  async #flush(db: Queryable, into: Plan): Promise<void> {
    try {
      await flush(db, into);
    } catch (error) {
      if (error instanceof Outdated) this.#definitions.expire();
      if (error instanceof Early) this.#early = true;
      throw error;
    }
  }

  #tell(committed: readonly Committed[]): void {
    const definitions = committed.some(({ type, kind }) => type === "SearchParameter" && kind !== "unchanged");
    if (definitions) this.#definitions.expire();
    this.#written(definitions);
  }

  #inTurn<T>(known: readonly ResourceKey[], write: () => Promise<T>): Promise<T> {
    return known.length && known.length <= turnsMax ? this.#turns.take(known.map(({ type, id }) => `${type}/${id}`), write) : write();
  }

  async #writeGroup(jobs: readonly Job[], write: (jobs: readonly Job[]) => Promise<Result<Committed[]>[]>): Promise<void> {
    if (jobs.length > 1) {
      try {
        const results = await write(jobs);
        jobs.forEach((job, i) => job.resolve(results[i]!));
        return;
      } catch { /* Whoever is at fault is found by writing each alone. */ }
    }
    for (const job of jobs) await untilFirst(async () => (await write([job]))[0]!).then(job.resolve, job.reject);
  }

  /** One result for each job; what one may not write keeps none of the others from being written. Throws where one was raced. */
  async #writeChanges(jobs: readonly Job[]): Promise<Result<Committed[]>[]> {
    const results = await this.#db.begin(async (tx) => {
      const into = emptyPlan(await this.#definitions.get());
      const at = await this.#now(tx);
      const drafted = await allOf(jobs.map((job) => draftsOf(tx, job)));
      const found = await readCurrent(tx, jobs.flatMap(({ changes }) => changes.filter((change) => !isFresh(change))));
      const planned = await allOf(jobs.map(async ({ caller, options }, i): Promise<Result<Committed[]>> => {
        const drafts = drafted[i]!;
        return drafts.ok ? await plan(into, tx, caller, drafts.value, at, options, found) : drafts;
      }));
      if (jobs.length > 1 && crosses(into)) throw new Raced();
      await this.#flush(tx, into);
      return planned;
    });
    this.#tell(results.flatMap((result) => result.ok ? result.value : []));
    return results;
  }

  /** One result for each job. Nothing of what they create is there yet, so that one statement writes all of it, where tables are not spread. */
  async #writeFresh(jobs: readonly Job[]): Promise<Result<Committed[]>[]> {
    const into = emptyPlan(await this.#definitions.get());
    const at = await this.#now(this.#db);
    const results = await allOf(jobs.map(({ caller, changes, options }) => plan(into, this.#db, caller, changes.filter(isDraft), at, options)));
    await (this.#db.distributed || !isOneStatement(into) ? this.#db.begin((tx) => this.#flush(tx, into)) : this.#flush(this.#db, into));
    this.#tell(results.flatMap((result) => result.ok ? result.value : []));
    return results;
  }
}
