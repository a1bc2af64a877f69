import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { systemClock } from "#platform/clock.ts";
import { fail, ok } from "#platform/result.ts";
import { until } from "#platform/testing.ts";
import { administrator, practitionerCaller, testRecord, value, type TestRecord } from "../testing.ts";
import { Jobs, openJobsMax, type Job, type JobOptions, type JobRun } from "./jobs.ts";

let db: TestRecord;
let pool: postgres.Sql;
before(async () => { db = await testRecord(); pool = postgres(db.url, { max: 4, fetch_types: false }); });
after(async () => { await pool.end(); await db.close(); });

/** The lease is long: a machine that is busy may keep a worker from its signs of life for seconds. */
const quick: JobOptions = { lease: 60_000, poll: 25, onError: (error) => { throw error; } };
const wang = practitionerCaller("wang");

async function process(kind: string, run: (run: JobRun) => Promise<string>, repeatable = true, options: JobOptions = {}): Promise<Jobs> {
  const jobs = new Jobs(pool, systemClock, { ...quick, ...options });
  jobs.register(kind, { repeatable: () => repeatable, run: async (one) => ok(await run(one)) });
  return jobs;
}

async function ended(jobs: Jobs, id: string): Promise<Job> {
  return await until(async () => {
    const job = await jobs.find(administrator, id);
    return job && job.state !== "waiting" && job.state !== "running" && job;
  }, "the end of the job");
}

test("many jobs, three processes: each job is done once", async () => {
  const done: string[] = [];
  const processes = await Promise.all(Array.from({ length: 3 }, () => process("once", async ({ job }) => { await sleep(5); done.push(job.request); return "{}"; })));
  const ids = await Promise.all(Array.from({ length: 30 }, async (_, i) => value(await processes[i % 3]!.submit(wang, "once", String(i)))));
  for (const id of ids) assert.equal((await ended(processes[0]!, id)).state, "done");
  assert.deepEqual(done.toSorted((a, b) => Number(a) - Number(b)), Array.from({ length: 30 }, (_, i) => String(i)));
  for (const one of processes) await one.close();
});

test("output comes back part by part; the owner and administrators find a job, others do not", async () => {
  const jobs = await process("parts", async ({ write }) => { await write(0, 0, "a"); await write(0, 1, "b"); await write(0, 1, "c"); return '{"files":1}'; });
  const id = value(await jobs.submit(wang, "parts", "{}"));
  const job = await ended(jobs, id);
  assert.deepEqual([job.result, job.owner, job.attempts], ['{"files":1}', "Practitioner/wang", 1]);
  assert.deepEqual([await jobs.output(id, 0, 0), await jobs.output(id, 0, 1), await jobs.output(id, 0, 2), await jobs.output(id, 1, 0)], ["a", "c", undefined, undefined]);
  assert.ok(await jobs.find(wang, id) && await jobs.find(administrator, id));
  for (const other of [practitionerCaller("li"), practitionerCaller("")]) assert.equal(await jobs.find(other, id), undefined);
  for (const wrong of ["", "x", "0".repeat(32), `${id}'`]) assert.equal(await jobs.find(administrator, wrong), undefined);
  await jobs.cancel(id);
  assert.equal(await jobs.output(id, 0, 0), undefined);
  await jobs.close();
});

test("a process that dies: what may be repeated is taken over, what may not ends as failed", async () => {
  for (const [kind, repeatable, state] of [["again", true, "done"], ["never-again", false, "failed"]] as const) {
    // As a process that was killed leaves it: running, with a lease that runs out.
    const first = new Jobs(pool, systemClock, quick);
    const id = value(await first.submit(wang, kind, "{}"));
    await pool.unsafe("update job set state = 'running', worker = 'dead', attempts = 1, lease = $1 where id = $2", [Date.now() + 200, id]);
    let runs = 0;
    const second = await process(kind, async () => { runs++; return "{}"; }, repeatable);
    const job = await ended(second, id);
    assert.deepEqual([job.state, runs], [state, repeatable ? 1 : 0]);
    if (!repeatable) assert.match(job.result!, /stopped while it worked/);
    await second.close();
  }
});

test("a process that closes gives back what may be repeated", async () => {
  const first = new Jobs(pool, systemClock, quick);
  const begun = Promise.withResolvers<void>();
  first.register("handed-over", { repeatable: () => true, run: async ({ signal }) => {
    begun.resolve();
    while (!signal.aborted) await sleep(5);
    return fail("incomplete", "stopped");
  } });
  const id = value(await first.submit(wang, "handed-over", "{}"));
  await begun.promise;
  await first.close();
  const second = await process("handed-over", async () => "2");
  assert.deepEqual([(await ended(second, id)).result, (await second.find(wang, id))!.attempts], ["2", 2]);
  await second.close();
});

test("a worker that stood still for longer than its lease does not begin anew what it is at; another would", async () => {
  const go = Promise.withResolvers<void>();
  let runs = 0;
  const worker = await process("stalled", async () => { runs++; await go.promise; return "{}"; }, true, { lease: 3_600_000 });
  const id = value(await worker.submit(wang, "stalled", "{}"));
  await until(() => runs === 1);
  await pool.unsafe("update job set lease = 1 where id = $1", [id]);
  // Behind it in the queue: when this one is done, the worker has looked, and passed over its own.
  const behind = value(await worker.submit(wang, "stalled", "{}"));
  await until(() => runs === 2);
  assert.deepEqual([(await worker.find(wang, id))!.attempts, (await worker.find(wang, behind))!.attempts], [1, 1]);
  const other = await process("stalled", async () => "by another");
  assert.equal((await ended(other, id)).result, "by another");
  go.resolve();
  assert.equal((await ended(worker, behind)).attempts, 1);
  for (const one of [worker, other]) await one.close();
});

test("cancelling a running job stops it, also from another process; progress is told", async () => {
  const stopped = Promise.withResolvers<void>();
  const worker = await process("long", async ({ signal, progress }) => {
    progress("half of it".padEnd(200, "."));
    while (!signal.aborted) await sleep(5);
    stopped.resolve();
    return "{}";
  }, true, { lease: 2000 });
  const other = new Jobs(pool, systemClock, quick);
  const id = value(await other.submit(wang, "long", "{}"));
  worker.wake();
  await until(async () => (await other.find(wang, id))!.progress !== "", "progress");
  assert.equal((await other.find(wang, id))!.progress.length, 99);
  await other.cancel(id);
  await stopped.promise;
  // Closing waits for what runs: whatever it would have written of its end stands then.
  await worker.close();
  assert.equal((await other.find(wang, id))!.state, "cancelled");
});

test("an exception ends the job as failed without its words; a caller has a bounded number of open jobs; old ones are forgotten", async () => {
  const keep = 3_600_000;
  let later = 0;
  const jobs = new Jobs(pool, { now: () => new Date(Date.now() + later) }, { ...quick, keep, onError: () => {} });
  jobs.register("broken", { repeatable: () => true, run: async () => { throw new Error("Zhang, 1961"); } });
  const id = value(await jobs.submit(wang, "broken", "{}"));
  const job = await ended(jobs, id);
  assert.equal(job.state, "failed");
  assert.ok(!job.result!.includes("Zhang"));
  later = keep + 1;
  await until(async () => !await jobs.find(wang, id), "forgetting after its time");
  const li = practitionerCaller("li");
  for (let i = 0; i < openJobsMax; i++) value(await jobs.submit(li, "of-nobody", "{}"));
  const more = await jobs.submit(li, "of-nobody", "{}");
  assert.equal(!more.ok && more.failure.code, "throttled");
  await jobs.close();
});
