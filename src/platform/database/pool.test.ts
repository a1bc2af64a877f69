import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../testing.ts";
import { openPool } from "./pool.ts";
import { testDatabase } from "./testing.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
before(async () => { database = await testDatabase(); });
after(async () => { await database.close(); });

const quiet = { onnotice: () => {} };
const process = async (db: { unsafe(text: string): PromiseLike<unknown> }) => (await db.unsafe("select pg_backend_pid() as pid") as { pid: number }[])[0]!.pid;

test("statements at the same time go to different connections, pieces and helpers as with the driver", async () => {
  const sql = openPool(database.url, quiet, 3);
  const pids = await Promise.all(Array.from({ length: 6 }, () => process(sql)));
  assert.equal(new Set(pids).size, 3);
  await sql`create table pooled (a int, b text)`;
  await sql`insert into pooled ${sql([{ a: 1, b: "x" }, { a: 2, b: "y" }])}`;
  assert.deepEqual([...await sql`select b from pooled where ${sql`a = ${2}`}`], [{ b: "y" }]);
  await sql.end();
});

test("transactions have a connection each, and wait for one; one that fails gives its connection back", async () => {
  const sql = openPool(database.url, quiet, 2);
  let open = 0, most = 0;
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => sql.begin(async (tx) => {
    most = Math.max(most, ++open);
    const pid = await process(tx);
    // Until there were two at once: the second connection may take its time.
    await until(() => most === 2, "a second transaction beside");
    assert.equal(await process(tx), pid);
    open--;
    if (i % 3 === 0) throw new Error("undone");
    return i;
  })));
  assert.equal(most, 2);
  assert.deepEqual(results.map(({ status }) => status === "fulfilled"), [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i % 3 !== 0));
  await sql.begin("read only", async (tx) => { await assert.rejects(async () => { await tx`create table never (a int)`; }, /read-only/); throw new Error("undone"); }).catch(() => {});
  const reserved = await sql.reserve();
  const pid = await process(reserved);
  assert.ok((await Promise.all([process(sql), process(sql)])).every((other) => other !== pid), "nobody else's statements run on it");
  reserved.release();
  await sql.end();
});

test("whoever waits for a connection gets it in the order of asking", async () => {
  const sql = openPool(database.url, quiet, 1);
  const order: number[] = [];
  await Promise.all(Array.from({ length: 8 }, (_, i) => sql.begin(async (tx) => { order.push(i); await process(tx); })));
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7]);
  await sql.end();
});

test("a statement does not wait behind a slow one while another connection is free", async () => {
  const sql = openPool(database.url, quiet, 2);
  const other = openPool(database.url, quiet, 1);
  await other.unsafe("select pg_advisory_lock(1)");
  // Ends when the lock is let go, no sooner.
  let slow = true;
  const waiting = sql.unsafe("select pg_advisory_lock(1)").then(() => { slow = false; });
  for (let i = 0; i < 20; i++) await sql.unsafe("select 1");
  assert.ok(slow);
  await other.unsafe("select pg_advisory_unlock(1)");
  await waiting;
  await Promise.all([sql.end(), other.end()]);
});

test("what is wrong with one statement is told to whoever gave it, and to no other", async () => {
  const sql = openPool(database.url, quiet, 1);
  const [bad, good] = await Promise.allSettled([sql.unsafe("select nothing"), process(sql)]);
  assert.deepEqual([bad.status, good.status], ["rejected", "fulfilled"]);
  await sql.end();
});
