/**
 * Commit: all or nothing in one PostgreSQL transaction. Concurrent commits that only create share one
 * transaction, so that a hundred clients with one Observation each cost one flush to disk.
 */
import type postgres from "postgres";
import type { Clock } from "#platform/clock.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import type { Caller, Change, Committed } from "../record.ts";
import { draftOf, type Draft } from "./draft.ts";
import type { KnownDefinitions } from "../parameters/definitions.ts";
import { flush, Outdated } from "./flush.ts";
import { patchDraft, patched } from "./patch.ts";
import { emptyPlan, plan, type Plan, type PlanOptions } from "./plan.ts";
import { transact } from "./transact.ts";
import { Turns } from "./turns.ts";

export const changesMax = 50_000;
const groupDraftsMax = 500;
const groupsMax = 2;
/** Larger transactions rarely meet; they do not queue for each of their resources. */
const turnsMax = 16;

export type CommitOptions = PlanOptions & { validate?: boolean };
type PatchChange = Extract<Change, { kind: "patch" }>;

function isDraft(change: Draft | PatchChange): change is Draft {
  return change.kind !== "patch";
}

type Job = { caller: Caller; drafts: readonly Draft[]; options: CommitOptions; resolve: (result: Result<Committed[]>) => void; reject: (error: unknown) => void };

export class Committer {
  readonly #db: postgres.Sql;
  readonly #clock: Clock;
  readonly #definitions: KnownDefinitions;
  readonly #written: (definitions: boolean) => void;
  readonly #queue: Job[] = [];
  #groups = 0;
  readonly #turns = new Turns();

  /** `written` is told after each transaction, and whether it wrote SearchParameters. */
  constructor(db: postgres.Sql, clock: Clock, definitions: KnownDefinitions, written: (definitions: boolean) => void) {
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
    return drafts.every(isDraft) ? await this.commitDrafts(caller, drafts, options) : await this.#commitPatches(caller, drafts, options);
  }

  #commitPatches(caller: Caller, changes: readonly (Draft | PatchChange)[], options: CommitOptions): Promise<Result<Committed[]>> {
    const validate = options.validate ?? true;
    return this.#inTurn(changes.filter((change) => !isDraft(change) || !change.fresh), () => this.alone(caller, async (tx) => {
      const drafts: Draft[] = [];
      for (const change of changes) {
        if (isDraft(change)) { drafts.push(change); continue; }
        const result = await patched(tx, caller, change, change.patch, { validate, ...(change.ifMatch === undefined ? {} : { ifMatch: change.ifMatch }) });
        if (!result.ok) return result;
        drafts.push(patchDraft(change, result.value));
      }
      return ok(drafts);
    }, options));
  }

  async commitDrafts(caller: Caller, drafts: readonly Draft[], options: CommitOptions = {}): Promise<Result<Committed[]>> {
    if (!drafts.length) return ok([]);
    if (drafts.length > groupDraftsMax / 2 || !drafts.every((draft) => draft.fresh)) return await this.#alone({ caller, drafts, options });
    return await new Promise((resolve, reject) => {
      this.#queue.push({ caller, drafts, options, resolve, reject });
      void this.#group();
    });
  }

  /** `work` prepares drafts inside the transaction that writes them. */
  async alone(caller: Caller, work: (tx: Parameters<Parameters<typeof transact>[1]>[0]) => Promise<Result<readonly Draft[]>>, options: CommitOptions = {}): Promise<Result<Committed[]>> {
    const result = await transact(this.#db, async (tx): Promise<Result<Committed[]>> => {
      const drafts = await work(tx);
      if (!drafts.ok) return drafts;
      const into = emptyPlan(await this.#definitions.get());
      const planned = await plan(into, tx, caller, drafts.value, this.#clock.now().getTime(), options);
      if (planned.ok) await this.#flush(tx, into);
      return planned;
    });
    if (result.ok) this.#tell(result.value);
    return result;
  }

  async #flush(tx: Parameters<typeof flush>[0], into: Plan): Promise<void> {
    try {
      await flush(tx, into);
    } catch (error) {
      if (error instanceof Outdated) this.#definitions.expire();
      throw error;
    }
  }

  #tell(committed: readonly Committed[]): void {
    const definitions = committed.some(({ type, kind }) => type === "SearchParameter" && kind !== "unchanged");
    if (definitions) this.#definitions.expire();
    this.#written(definitions);
  }

  #alone({ caller, drafts, options }: Pick<Job, "caller" | "drafts" | "options">): Promise<Result<Committed[]>> {
    return this.#inTurn(drafts.filter((draft) => !draft.fresh), () => this.alone(caller, async () => ok(drafts), options));
  }

  #inTurn<T>(known: readonly ResourceKey[], write: () => Promise<T>): Promise<T> {
    return known.length && known.length <= turnsMax ? this.#turns.take(known.map(({ type, id }) => `${type}/${id}`), write) : write();
  }

  async #group(): Promise<void> {
    if (this.#groups >= groupsMax) return;
    this.#groups++;
    while (this.#queue.length) {
      let count = 0, jobs = 0;
      while (jobs < this.#queue.length && count < groupDraftsMax) count += this.#queue[jobs++]!.drafts.length;
      await this.#writeGroup(this.#queue.splice(0, jobs));
    }
    this.#groups--;
  }

  async #writeGroup(jobs: readonly Job[]): Promise<void> {
    if (jobs.length > 1) {
      try {
        const results: Result<Committed[]>[] = [];
        await transact(this.#db, async (tx) => {
          const into = emptyPlan(await this.#definitions.get());
          results.length = 0;
          const at = this.#clock.now().getTime();
          for (const job of jobs) results.push(await plan(into, tx, job.caller, job.drafts, at, job.options));
          await this.#flush(tx, into);
          return ok(undefined);
        });
        this.#tell(results.flatMap((result) => result.ok ? result.value : []));
        jobs.forEach((job, i) => job.resolve(results[i]!));
        return;
      } catch { /* Whoever is at fault is found by writing each alone. */ }
    }
    for (const job of jobs) await this.#alone(job).then(job.resolve, job.reject);
  }
}
