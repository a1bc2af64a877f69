import assert from "node:assert/strict";
import { test } from "node:test";
import { testDatabase } from "#platform/database/testing.ts";
import { connect } from "./connections.ts";
import { PreparedTexts } from "./prepared.ts";
import { raw, run, sql } from "./sql.ts";

test("what is asked the third time is kept, up to so many letters; what is asked once each is counted within bounds", () => {
  const texts = new PreparedTexts({ kept: 25, counted: 30 });
  const ask = (text: string, times: number) => Array.from({ length: times }, () => texts.isKept(text));
  assert.deepEqual(ask("0123456789", 4), [false, false, true, true]);
  assert.deepEqual(ask("abcdefghij", 3), [false, false, true]);
  assert.deepEqual(ask("beyond", 5), [false, false, false, false, false]);
  assert.deepEqual(ask("0123456789", 1), [true]);
  const many = new PreparedTexts({ kept: 1000, counted: 30 });
  assert.deepEqual(["a".repeat(10), "b".repeat(10), "c".repeat(10), "d".repeat(10), "a".repeat(10), "a".repeat(10), "a".repeat(10)].map((text) => many.isKept(text)), [false, false, false, false, false, false, true], "counted anew where there were too many");
});

test("statements of ever other forms leave nothing behind in PostgreSQL; one form asked again is kept", async () => {
  const database = await testDatabase(), db = connect(database.url, 1, "test");
  try {
    const kept = async () => (await db.unsafe<{ n: number }[]>("select count(*)::int as n from pg_prepared_statements", [], { prepare: false }))[0]!.n;
    for (let i = 0; i < 50; i++) assert.deepEqual([...await run(db, sql`select ${raw(`x${i}`)}.v from (select ${i}::int) ${raw(`x${i}(v)`)}`)], [{ v: i }]);
    assert.equal(await kept(), 0);
    for (let i = 0; i < 5; i++) assert.deepEqual([...await run(db, sql`select ${i}::int as again`)], [{ again: i }]);
    assert.equal(await kept(), 1);
    // Several of one turn, kept and not, each with its own answer.
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => run(db, i % 2 ? sql`select ${i}::int as again` : sql`select ${i}::int as ${raw(`other${i}`)}`)));
    assert.deepEqual(answers.map(([row]) => Object.values(row!)[0]), Array.from({ length: 20 }, (_, i) => i));
    assert.equal(await kept(), 1);
  } finally {
    await db.end();
    await database.close();
  }
});
