import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import postgres from "postgres";
import { testDatabase } from "#platform/database/testing.ts";
import { Together } from "./together.ts";
import type { Queryable } from "./sql.ts";

let sql: postgres.Sql, close: () => Promise<void>;
const asked: string[] = [];
let db: Queryable;
before(async () => {
  const database = await testDatabase();
  sql = postgres(database.url, { max: 1, fetch_types: false });
  close = database.close;
  await sql.unsafe("create table t (ck bigint, at bigint, name text collate \"C\"); insert into t select i % 5, i % 17, 'n' || i % 3 from generate_series(1, 200) i");
  db = { unsafe: ((text: string, ...rest: [never[], object]) => { asked.push(text); return sql.unsafe(text, ...rest); }) as Queryable["unsafe"] };
});
after(async () => { await sql.end(); await close(); });

const page = "select t.ck, t.at, t.name from t where t.ck = $1::bigint and ($2::text is null or t.name >= $2) and t.at = any($3::bigint[]) order by t.at desc, t.name limit $4::int";
type Cells = [string, string | null, string, number];
const values = fc.tuple(fc.integer({ min: 0, max: 6 }).map(String), fc.oneof(fc.constant(null), fc.constant(""), fc.constant("n1"), fc.string()),
  fc.array(fc.integer({ min: 0, max: 16 })).map((list) => `{${list.join(",")}}`), fc.integer({ min: 0, max: 9 })).filter(([, name]) => !name?.includes("\0") && !/[\ud800-\udfff]/.test(name ?? "")) as fc.Arbitrary<Cells>;

test("questions asked together are answered as each alone, in order", async () => {
  const together = new Together(db);
  await fc.assert(fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 40 }), async (questions) => {
    const alone = [];
    for (const question of questions) alone.push([...await sql.unsafe(page, question)].map((row) => ({ ...row })));
    const answers = await Promise.all(questions.map(async (question) => await together.unsafe(page, question)));
    assert.deepEqual(answers.map((rows) => rows.map(({ ck, at, name }) => ({ ck, at, name }))), alone);
  }), { numRuns: 60 });
});

test("ten of a turn are one statement; other texts and odd letters go by themselves", async () => {
  const together = new Together(db);
  asked.length = 0;
  await Promise.all([...Array.from({ length: 10 }, async (_, i) => await together.unsafe(page, [String(i), null, "{1}", 3])), together.unsafe("select $1::int as one", [1])]);
  assert.equal(asked.length, 2);
  asked.length = 0;
  const odd = await Promise.all(["a\u001eb", "c\u001dd"].map(async (text) => await together.unsafe("select $1::text as back", [text])));
  assert.deepEqual(odd.map(([row]) => row!.back), ["a\u001eb", "c\u001dd"]);
  assert.equal(asked.length, 2);
});

test("one that fails does not fail the others", async () => {
  const together = new Together(db);
  const answers = await Promise.allSettled(["1", "x", "3"].map(async (text) => await together.unsafe("select $1::int as number", [text])));
  assert.deepEqual(answers.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
});
