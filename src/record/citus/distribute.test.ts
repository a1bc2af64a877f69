/** On Citus only: bin/test-citus.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { distributed, onServer } from "#platform/database/testing.ts";
import { testRecord } from "../testing.ts";
import { distribute } from "./distribute.ts";

test("while a server is connected nothing is distributed; afterwards what is distributed already stays", { skip: distributed ? false : "no Citus" }, async () => {
  const { url, record, close } = await testRecord();
  try {
    const refused = await onServer(url, (db) => distribute(db));
    assert.ok(!refused.ok && refused.failure.code === "conflict", JSON.stringify(refused));
    assert.match(refused.failure.text, /salus write/);
    await record.close();
    const done = await onServer(url, (db) => distribute(db));
    assert.ok(done.ok && !done.value.moved.length && done.value.already.length > 10, JSON.stringify(done));
  } finally { await close(); }
});
