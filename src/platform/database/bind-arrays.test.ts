import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { arrayOf } from "./arrays.ts";
import { putArrays, serializeMarks, withMarks, type Serializers } from "./bind-arrays.ts";
import { openPool } from "./pool.ts";
import { until } from "../testing.ts";
import { testDatabase } from "./testing.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
/** One connection. */
let db: postgres.Sql;
before(async () => {
  database = await testDatabase();
  db = openPool(database.url, { gathering: true, fetch_types: false, onnotice: () => {} }, 1);
  await db.unsafe("create table bound (n bigint primary key, word text)");
});
after(async () => { await db.end(); await database.close(); });

type Sender = Pick<postgres.Sql, "unsafe">;
const ints = (...cells: (string | number)[]) => arrayOf("bigint", cells.length, (i) => cells[i]!);
const words = (...cells: string[]) => arrayOf("text", cells.length, (i) => cells[i]!);
const send = <Row extends object = object>(to: Sender, text: string, ...values: unknown[]) => withMarks(values, () => to.unsafe<Row[]>(text, values as string[], { prepare: true }));
const insert = "insert into bound select unnest($1::bigint[]), unnest($2::text[])";
const sum = async (to: Sender, ...cells: (string | number)[]) => (await send<{ sum: number; word: string }>(to, "select coalesce(sum(n), 0)::int as sum, $2::text as word from unnest($1::bigint[]) n", ints(...cells), "beside"))[0];

test("many statements at once on one connection, with and without arrays", async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, async (_, i) => i % 3 ? await sum(db, ...Array.from({ length: i }, (_each, n) => n)) : (await db.unsafe("select $1::int as sum", [i]))[0]));
  assert.deepEqual(answers, Array.from(answers, (_, i) => i % 3 ? { sum: i * (i - 1) / 2, word: "beside" } : { sum: i }));
});

test("parameters are in binary where the server is asked, and a text of one's own is never taken for a mark", async () => {
  const array = ints(1, 2);
  let written: Buffer | undefined;
  await withMarks([array], async () => {
    const mark = array.mark!, body = Buffer.concat([Buffer.from("\0s1\0"), Buffer.from([0, 0, 0, 2]), lengthOf(mark), Buffer.from(mark), lengthOf("\0x"), Buffer.from("\0x"), Buffer.from([0, 0])]);
    const message = Buffer.concat([Buffer.from("B"), sized(body.length + 4), body]), sync = Buffer.from([0x53, 0, 0, 0, 4]);
    written = putArrays(Buffer.concat([sync, message, sync]));
  });
  const expected = Buffer.concat([Buffer.from("\0s1\0"), Buffer.from([0, 2, 0, 1, 0, 0, 0, 2]), sized(array.bytes.length), array.bytes, lengthOf("\0x"), Buffer.from("\0x"), Buffer.from([0, 0])]);
  assert.deepEqual(written, Buffer.concat([Buffer.from([0x53, 0, 0, 0, 4]), Buffer.from("B"), sized(expected.length + 4), expected, Buffer.from([0x53, 0, 0, 0, 4])]));
  // Every number that a mark could have.
  await Promise.all(Array.from({ length: 8 }, (_, n) => assert.rejects(send(db, "select $1::bigint[], $2::text", ints(1), `\0${n}`), /invalid byte sequence/)));
});

function sized(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const lengthOf = (text: string): Buffer => sized(Buffer.byteLength(text));

test("a statement that fails leaves nothing behind, and its connection serves on", async () => {
  await send(db, insert, ints(1, 2), words("a", "b"));
  await assert.rejects(send(db, insert, ints(3, 1), words("c", "d")), { code: "23505" });
  await assert.rejects(db.begin(async (tx) => { await send(tx, insert, ints(4), words("e")); await send(tx, insert, ints(4), words("f")); }), { code: "23505" });
  await db.begin(async (tx) => { await Promise.all([send(tx, insert, ints(5), words("g")), send(tx, insert, ints(6), words("h"))]); });
  assert.deepEqual([...await db.unsafe("select n::int, word from bound order by n")], [{ n: 1, word: "a" }, { n: 2, word: "b" }, { n: 5, word: "g" }, { n: 6, word: "h" }]);
});

test("a plan the server gives up is sent again by the driver, arrays and all", async () => {
  const all = (cells: number[]) => send(db, "select * from bound where n = any($1::bigint[])", ints(...cells));
  assert.deepEqual([...await all([1])], [{ n: "1", word: "a" }]);
  await db.unsafe("alter table bound add column more int");
  assert.deepEqual([...await all([2])], [{ n: "2", word: "b", more: null }]);
});

test("a connection that ends fails what is on it; the next one is made and takes arrays", async () => {
  const [{ pid } = { pid: 0 }] = await db.unsafe<{ pid: number }[]>("select pg_backend_pid() as pid");
  const other = postgres(database.url, { max: 1 });
  const waiting = assert.rejects(send(db, "select pg_sleep(30), $1::bigint[]", ints(1)));
  await other.unsafe("select pg_terminate_backend($1)", [pid]);
  await waiting;
  // The driver tells the next who comes, too, what ended the connection before (postgres 3.4).
  await sum(db, 1).catch(() => {});
  assert.deepEqual(await sum(db, 1, 2, "3"), { sum: 6, word: "beside" });
  await other.end();
});

test("a statement that is cancelled tells so", async () => {
  const array = ints(1);
  const query = db.unsafe("select pg_sleep(30), $1::bigint[]", [array as unknown as string]);
  const sent = assert.rejects(withMarks([array], () => query), { code: "57014" });
  const other = postgres(database.url, { max: 1 });
  // What has not begun cannot be cancelled.
  await until(async () => (await other`select from pg_stat_activity where datname = current_database() and state = 'active' and query like 'select pg_sleep(30)%'`).length === 1, "the statement");
  query.cancel();
  await sent;
  await other.end();
  assert.deepEqual(await sum(db, 1), { sum: 1, word: "beside" });
});

test("where no socket of ours sends them, arrays go as literals", async () => {
  const marks: Serializers = {};
  serializeMarks(marks);
  const array = ints(1, 2);
  await withMarks([array], async () => { assert.equal(marks[1016]!(array), array.mark); });
  assert.deepEqual([marks[1016]!(array), marks[1009]!("{a}")], ["{1,2}", "{a}"]);
});
