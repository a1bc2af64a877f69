/**
 * Jobs: work that outlives the request that asked for it. They stand in the database, so they survive restarts, and
 * every server process of a node takes from them; a lease keeps two from doing one job, and lets another take over
 * when a process dies. What a kind of job does is registered by whoever owns it (rooms above).
 */
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import type { Clock } from "#platform/clock.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import type { Caller } from "../record.ts";
import type { Queryable } from "../sql.ts";
import { cancelJob, clearOutputs, countOpen, endJob, holdJob, insertJob, insertOutput, readJob, readOutput, returnJob, sweepJobs, takeJob, type Job } from "./store.ts";

export type { Job, JobState } from "./store.ts";

export type JobRun = {
  job: Job;
  /** Aborted when the job is cancelled, lost to another worker, or the process closes. */
  signal: AbortSignal;
  /** Words for people, at most 99 characters; written with the next sign of life. */
  progress(text: string): void;
  /** Writes one part of one output file; files and parts are counted from 0. Writing a part again replaces it. */
  write(file: number, part: number, content: string): Promise<void>;
};

export type JobKind = {
  /**
   * Whether the work may be done again from the beginning when a process died in the middle. Where it may not,
   * such a job ends as failed and says so.
   */
  repeatable(job: Job): boolean;
  /** Answers JSON text for `Job.result`. */
  run(run: JobRun): Promise<Result<string>>;
};

/** Times in ms. */
export type JobOptions = { lease?: number; poll?: number; keep?: number; atOnce?: number; onError?: (error: unknown) => void };

export const openJobsMax = 100;
const requestMax = 64 * 1024 * 1024;

export class Jobs {
  readonly #db: Queryable;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, JobKind>();
  readonly #worker = `${hostname()}/${process.pid}/${randomUUID()}`;
  readonly #options: Required<JobOptions>;
  readonly #running = new Map<string, { abort: AbortController; done: Promise<void> }>();
  #timer: NodeJS.Timeout | undefined;
  #taking: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(db: Queryable, clock: Clock, { lease = 30_000, poll = 2_000, keep = 24 * 3_600_000, atOnce = 2, onError = () => {} }: JobOptions = {}) {
    this.#db = db;
    this.#clock = clock;
    this.#options = { lease, poll, keep, atOnce, onError };
  }

  /** From now on this process takes jobs of this kind. */
  register(kind: string, work: JobKind): void {
    if (this.#kinds.has(kind)) throw new Error(`jobs of kind ${kind} are registered twice`);
    this.#kinds.set(kind, work);
    if (!this.#timer) {
      this.#timer = setInterval(() => this.wake(), this.#options.poll);
      this.#timer.unref();
    }
    this.wake();
  }

  /** Answers the job's id. Failures: throttled, too-long. */
  async submit(caller: Pick<Caller, "agent">, kind: string, request: string): Promise<Result<string>> {
    if (request.length > requestMax) return fail("too-long", `A request that is answered later has at most ${requestMax >> 20} MiB`);
    if (await countOpen(this.#db, caller.agent) >= openJobsMax) return fail("throttled", `${openJobsMax} requests of yours are under way; wait for one, or cancel one`);
    const id = await insertJob(this.#db, { kind, owner: caller.agent, request, at: this.#clock.now().getTime() });
    this.wake();
    return ok(id);
  }

  /** The job, for whoever asked for it and for administrators; to others it does not exist. */
  async find(caller: Pick<Caller, "agent" | "role">, id: string): Promise<Job | undefined> {
    const job = /^[0-9a-f]{32}$/.test(id) ? await readJob(this.#db, id) : undefined;
    return job && (job.owner === caller.agent || caller.role === "administrator" || caller.role === "system") ? job : undefined;
  }

  /** One part of an output; undefined beyond the last. */
  output(id: string, file: number, part: number): Promise<string | undefined> {
    return readOutput(this.#db, id, file, part);
  }

  /** Stops an open job, forgets the outputs of one that is done. */
  async cancel(id: string): Promise<void> {
    const at = this.#clock.now().getTime();
    await cancelJob(this.#db, id, at, at + this.#options.keep);
    this.#running.get(id)?.abort.abort();
  }

  /** Looks for work now. */
  wake(): void {
    if (this.#closed || !this.#kinds.size) return;
    if (this.#taking) { this.#again = true; return; }
    this.#again = false;
    this.#taking = this.#take().catch(this.#options.onError).finally(() => {
      this.#taking = undefined;
      if (this.#again) this.wake();
    });
  }

  async #take(): Promise<void> {
    await sweepJobs(this.#db, this.#clock.now().getTime());
    while (!this.#closed && this.#running.size < this.#options.atOnce) {
      const job = await takeJob(this.#db, [...this.#kinds.keys()], this.#worker, this.#clock.now().getTime(), this.#options.lease, [...this.#running.keys()]);
      if (!job) return;
      const abort = new AbortController();
      const done = this.#run(job, abort).catch(this.#options.onError).finally(() => {
        this.#running.delete(job.id);
        this.wake();
      });
      this.#running.set(job.id, { abort, done });
    }
  }

  async #run(job: Job, abort: AbortController): Promise<void> {
    const kind = this.#kinds.get(job.kind)!;
    let progress = job.progress;
    const hold = async (): Promise<void> => {
      if (!await holdJob(this.#db, job.id, this.#worker, this.#clock.now().getTime() + this.#options.lease, progress)) abort.abort();
    };
    const beat = setInterval(() => { hold().catch(this.#options.onError); }, this.#options.lease / 10);
    let result: Result<string>;
    try {
      if (job.attempts > 1) await clearOutputs(this.#db, job.id);
      result = job.attempts > 1 && !kind.repeatable(job)
        ? fail("incomplete", "The server stopped while it worked on this request; part of it may have been carried out. Look before you send it again")
        : await kind.run({ job, signal: abort.signal, progress: (text) => { progress = text.slice(0, 99); }, write: (file, part, content) => insertOutput(this.#db, job.id, file, part, content) });
    } catch (error) {
      this.#options.onError(error);
      result = fail("exception", "Salus failed to carry out this request; the log of the server says more");
    } finally {
      clearInterval(beat);
    }
    if (this.#closed && !result.ok && kind.repeatable(job)) return await returnJob(this.#db, job.id, this.#worker);
    const at = this.#clock.now().getTime();
    await endJob(this.#db, job.id, this.#worker, result.ok ? "done" : "failed", result.ok ? result.value : JSON.stringify(result.failure satisfies Failure), at, at + this.#options.keep);
  }

  /** Lets go of running jobs: those that may be repeated wait for the next process. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#taking;
    for (const { abort } of this.#running.values()) abort.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }
}
