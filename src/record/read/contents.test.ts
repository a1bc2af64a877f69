import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { node, patientCaller, put, testRecord, value, type TestRecord } from "../testing.ts";
import type { Queryable } from "../sql.ts";
import { Contents } from "./contents.ts";

let db: TestRecord;
before(async () => { db = await testRecord(); });
after(async () => { await db.close(); });

const observation = (i: number, turn: number) => ({ resourceType: "Observation", id: `c${i}`, status: "final", code: { text: "x" }, subject: { reference: "Patient/c" }, note: [{ text: `turn ${turn}` }] });
const served = (text: string) => JSON.parse(text) as { id: string; meta: { versionId: string; lastUpdated: string }; note: { text: string }[] };

test("a page never shows another version than its rows state, however often it was sent and whoever writes meanwhile", async () => {
  await put(db.record, ...Array.from({ length: 12 }, (_, i) => observation(i, 1)));
  // Until contents are known and left out of the statement.
  for (let i = 0; i < 40; i++) assert.equal(value(await db.record.search(node, "Observation", "patient=c")).entries.length, 12);
  let writing = true;
  const writer = (async () => {
    for (let turn = 2; turn <= 25; turn++) await put(db.record, ...Array.from({ length: 12 }, (_, i) => observation(i, turn)));
    writing = false;
  })();
  let pages = 0;
  await Promise.all([writer, ...Array.from({ length: 6 }, async () => {
    while (writing) {
      const { entries } = value(await db.record.search(node, "Observation", "patient=c"));
      pages++;
      for (const { stored } of entries) {
        const { id, meta, note } = served(stored.text);
        assert.deepEqual([id, meta.versionId, meta.lastUpdated, note[0]!.text], [stored.id, String(stored.version), stored.lastUpdated, `turn ${stored.version}`]);
      }
      assert.equal(new Set(entries.map(({ stored }) => stored.version)).size, 1, "one snapshot, one transaction's versions");
    }
  })]);
  assert.ok(pages > 10);
  assert.equal(value(await db.record.search(patientCaller("d"), "Observation", "patient=c")).entries.length, 0, "known contents are filtered like unknown ones");
  assert.equal(value(await db.record.search(patientCaller("c"), "Observation", "patient=c")).entries.length, 12);
});

test("what is kept is bounded; what is dropped is asked for again, by exact version", async () => {
  const asked: string[] = [];
  const answers = { unsafe: async (_text: string, [, rids = ""]: string[]) => {
    asked.push(rids);
    return rids.slice(1, -1).split(",").map((rid) => ({ rid, content: `content ${rid}`.padEnd(100, ".") }));
  } } as unknown as Queryable;
  const contents = new Contents(1000);
  const row = (rid: number) => ({ ck: "1", rid: String(rid), id: `i${rid}`, version: 1, updated: "5", persons: "{}", content: "" });
  for (const rids of [[1, 2], [1, 2], [3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13], [1]]) {
    const rows = rids.map(row);
    await contents.complete(answers, rows);
    for (const one of rows) assert.ok(one.content.startsWith(`content ${one.rid}.`));
  }
  assert.deepEqual(asked, ["{1,2}", "{3,4,5,6,7}", "{8,9,10,11,12,13}", "{1}"]);
  const restored = [{ ...row(1), updated: "6" }];
  await contents.complete(answers, restored);
  assert.equal(asked.length, 5, "the same version number written at another time is another version");
  await assert.rejects(contents.complete({ unsafe: async () => [] } as unknown as Queryable, [row(99)]), /version 1 of a row/);
});
