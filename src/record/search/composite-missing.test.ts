import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { administrator, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord;
before(async () => { db = await testRecord(); });
after(async () => { await db.close(); });

test("a composite is not missing where its code is a text alone, which no code matches", async () => {
  await put(db.record,
    { resourceType: "Observation", id: "words", status: "final", code: { text: "Panel" }, component: [{ code: { text: "Systolic" }, valueQuantity: { value: 120, code: "mm[Hg]" } }] },
    { resourceType: "Observation", id: "coded", status: "final", code: { text: "Panel" }, component: [{ code: { coding: [{ code: "8480-6" }] }, valueQuantity: { value: 120, code: "mm[Hg]" } }] },
    { resourceType: "Observation", id: "half", status: "final", code: { text: "Panel" }, component: [{ code: { text: "Systolic" }, valueString: "high" }] });
  const found = async (query: string) => value(await db.record.search(administrator, "Observation", query)).entries.map(({ stored }) => stored.id).toSorted();
  assert.deepEqual(await found("component-code-value-quantity:missing=false"), ["coded", "words"]);
  assert.deepEqual(await found("component-code-value-quantity:missing=true"), ["half"]);
  assert.deepEqual(await found("component-code-value-quantity=8480-6$120"), ["coded"]);
});
