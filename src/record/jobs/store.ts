/** Rows of jobs and their outputs. Every change of state is one statement that says which state it expects. */
import { randomBytes } from "node:crypto";
import { run, sql, type Queryable } from "../sql.ts";

export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled";

export type Job = {
  id: string;
  kind: string;
  /** Agent of the caller who asked ("Practitioner/1"); the only one, beside administrators, who may ask about it. */
  owner: string;
  /** JSON of the kind's own making. */
  request: string;
  state: JobState;
  /** A few words for people: "120 of 4000". */
  progress: string;
  /** JSON of the kind's own making; of a job that failed, {code, text}. */
  result?: string;
  created: string;
  ended?: string;
  /** When the job and its outputs are forgotten; unset while it is open. */
  expires?: string;
  /** How often it was begun. */
  attempts: number;
};

type Row = { id: string; kind: string; owner: string; request: string; state: JobState; progress: string; result: string | null; created: string; ended: string | null; expires: string | null; attempts: number };

const iso = (ms: string): string => new Date(Number(ms)).toISOString();

function jobOf({ result, created, ended, expires, ...rest }: Row): Job {
  return { ...rest, created: iso(created), ...(result === null ? {} : { result }), ...(ended === null ? {} : { ended: iso(ended) }), ...(expires === null ? {} : { expires: iso(expires) }) };
}

const columns = "id, kind, owner, request, state, progress, result, created, ended, expires, attempts";

export async function insertJob(db: Queryable, { kind, owner, request, at }: { kind: string; owner: string; request: string; at: number }): Promise<string> {
  // 128 random bits: who does not know the address cannot try it out.
  const id = randomBytes(16).toString("hex");
  await run(db, sql`insert into job (id, kind, owner, request, state, created) values (${id}, ${kind}, ${owner}, ${request}, 'waiting', ${at}::bigint)`);
  return id;
}

export async function readJob(db: Queryable, id: string): Promise<Job | undefined> {
  const [row] = await db.unsafe<Row[]>(`select ${columns} from job where id = $1`, [id], { prepare: true });
  return row && jobOf(row);
}

export async function countOpen(db: Queryable, owner: string): Promise<number> {
  const [row] = await run<{ count: string }>(db, sql`select count(*) as count from job where owner = ${owner} and state in ('waiting', 'running')`);
  return Number(row!.count);
}

/**
 * Takes the oldest job that waits, or whose worker's lease has run out, but for those of `except`: what a worker is at itself
 * it does not begin again, also where it stood still for longer than its lease. Of two workers that see one job, the second finds it taken.
 */
export async function takeJob(db: Queryable, kinds: readonly string[], worker: string, at: number, leaseMs: number, except: readonly string[]): Promise<Job | undefined> {
  const [row] = await db.unsafe<Row[]>(`update job set state = 'running', worker = $1, lease = $2::bigint, attempts = attempts + 1
    where id = (select id from job where state in ('waiting', 'running') and lease < $3::bigint and kind = any(string_to_array($4, ' ')) and id <> all(string_to_array($5, ' ')) order by created, id limit 1)
      and state in ('waiting', 'running') and lease < $3::bigint
    returning ${columns}`, [worker, at + leaseMs, at, kinds.join(" "), except.join(" ")], { prepare: true });
  return row && jobOf(row);
}

/** Keeps a running job; false when it was cancelled or taken by another worker. */
export async function holdJob(db: Queryable, id: string, worker: string, until: number, progress: string): Promise<boolean> {
  const rows = await run(db, sql`update job set lease = ${until}::bigint, progress = ${progress} where id = ${id} and worker = ${worker} and state = 'running' returning id`);
  return rows.length === 1;
}

export async function endJob(db: Queryable, id: string, worker: string, state: "done" | "failed", result: string, at: number, expires: number): Promise<boolean> {
  const rows = await run(db, sql`update job set state = ${state}, result = ${result}, ended = ${at}::bigint, expires = ${expires}::bigint where id = ${id} and worker = ${worker} and state = 'running' returning id`);
  return rows.length === 1;
}

/** Gives a running job back, for the next worker to begin again. */
export async function returnJob(db: Queryable, id: string, worker: string): Promise<void> {
  await run(db, sql`delete from job_output where job = ${id}`);
  await run(db, sql`update job set state = 'waiting', lease = 0, worker = null where id = ${id} and worker = ${worker} and state = 'running'`);
}

/** Ends an open job, or removes the outputs of one that is done. */
export async function cancelJob(db: Queryable, id: string, at: number, expires: number): Promise<void> {
  await run(db, sql`update job set state = 'cancelled', result = null, ended = coalesce(ended, ${at}::bigint), expires = ${expires}::bigint where id = ${id}`);
  await run(db, sql`delete from job_output where job = ${id}`);
}

export async function sweepJobs(db: Queryable, at: number): Promise<void> {
  await run(db, sql`delete from job_output where job in (select id from job where expires < ${at}::bigint)`);
  await run(db, sql`delete from job where expires < ${at}::bigint`);
}

export async function insertOutput(db: Queryable, job: string, file: number, part: number, content: string): Promise<void> {
  await run(db, sql`insert into job_output (job, file, part, content) values (${job}, ${file}::int, ${part}::int, ${content})
    on conflict (job, file, part) do update set content = excluded.content`);
}

/** Of an attempt that was broken off: the next may write fewer parts. */
export async function clearOutputs(db: Queryable, job: string): Promise<void> {
  await run(db, sql`delete from job_output where job = ${job}`);
}

/** Undefined beyond the last part. */
export async function readOutput(db: Queryable, job: string, file: number, part: number): Promise<string | undefined> {
  const [row] = await run<{ content: string }>(db, sql`select content from job_output where job = ${job} and file = ${file}::int and part = ${part}::int`);
  return row?.content;
}
