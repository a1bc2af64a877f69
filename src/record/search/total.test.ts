import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { node, put, testRecord, value, type TestRecord } from "../testing.ts";
import { plan } from "./search.ts";
import { totalOf } from "./total.ts";

let db: TestRecord;
before(async () => {
  db = await testRecord();
  await put(db.record, ...Array.from({ length: 400 }, (_, i) => ({ resourceType: "Observation", id: `o${i}`, status: i % 4 ? "final" : "amended", code: { text: "x" }, subject: { reference: `Patient/p${i % 2}` } })));
  await db.record.pools.writers.unsafe("analyze");
});
after(() => db.close());

test("an estimate is exact as far as it counts, beyond it is PostgreSQL's and more than was counted; who does not see all is told no statistics", async () => {
  for (const [query, exact] of [["status=final", 300], ["", 400], ["subject=Patient/p1&status=final", 200]] as const) {
    const { parts } = value(await plan(db.record.pools.readers, node, { type: "Observation" }, query, undefined, { now: Date.now() }, {}));
    const { readers } = db.record.pools;
    assert.equal(await totalOf(readers, parts, "accurate", true), exact, query);
    assert.equal(await totalOf(readers, parts, "estimate", true), exact, query);
    assert.ok(await totalOf(readers, parts, "estimate", true, 50) > 50, query);
    assert.equal(await totalOf(readers, parts, "estimate", false, 50), exact, query);
  }
  const { parts } = value(await plan(db.record.pools.readers, node, { type: "Observation" }, "", undefined, { now: Date.now() }, {}));
  const estimate = await totalOf(db.record.pools.readers, parts, "estimate", true, 50);
  assert.ok(estimate > 200 && estimate < 800, `${estimate} of 400`);
});
