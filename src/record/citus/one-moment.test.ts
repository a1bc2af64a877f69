import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { put, testRecord, type TestRecord } from "../testing.ts";
import { distributedConnection, type Distributed } from "./connection.ts";
import { readOneMoment } from "./one-moment.ts";

let db: TestRecord, spread: Distributed, beside: postgres.Sql;
const patient = (id: string): { resourceType: string; id: string } => ({ resourceType: "Patient", id });
before(async () => {
  db = await testRecord();
  spread = distributedConnection(postgres(db.url, { max: 1, onnotice: () => {} }));
  beside = postgres(db.url, { max: 1, onnotice: () => {} });
  await put(db.record, patient("first"));
});
after(async () => { await Promise.all([spread.end(), beside.end()]); await db.close(); });

async function count(sql: Pick<postgres.Sql, "unsafe">): Promise<number> {
  const [row] = await sql.unsafe<[{ count: number }]>("select count(*)::int as count from resource");
  return row.count;
}

test("what is written after the moment is not seen, and is not held up", async () => {
  const seen = await readOneMoment(spread, beside, async (tx) => {
    await put(db.record, patient("second"));
    return await count(tx);
  });
  assert.deepEqual([seen, await count(spread)], [1, 2]);
});

test("a commit under way is waited for; others pass meanwhile", async () => {
  const writer = postgres(db.url, { max: 1, onnotice: () => {} });
  try {
    let ended = false;
    let seen: Promise<boolean> | undefined;
    await writer.begin(async (tx) => {
      await tx.unsafe("lock table leaf_write in row exclusive mode");
      seen = readOneMoment(spread, beside, async () => ended);
      await sleep(200);
      // Behind the lock that is waited for, until that is given up for a while.
      await put(db.record, patient("third"));
      ended = true;
    });
    assert.equal(await seen, true);
  } finally {
    await writer.end();
  }
});
