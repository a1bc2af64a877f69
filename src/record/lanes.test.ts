import assert from "node:assert/strict";
import { test } from "node:test";
import type postgres from "postgres";
import { Lanes } from "./lanes.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A connection that answers when it is told to. */
function connection(name: string, sent: string[]): { db: postgres.Sql; answer(error?: Error): void } {
  const open: { resolve(rows: unknown[]): void; reject(error: Error): void }[] = [];
  const db = { unsafe: (text: string) => new Promise((resolve, reject) => { sent.push(`${name} ${text}`); open.push({ resolve, reject }); }), end: async () => {} };
  return { db: db as unknown as postgres.Sql, answer: (error) => { const one = open.shift()!; if (error) one.reject(error); else one.resolve([]); } };
}

test("statements of one turn go together; the next turn's to the connection with least to answer, after failures too", async () => {
  const sent: string[] = [];
  const a = connection("a", sent), b = connection("b", sent);
  const lanes = new Lanes([a.db, b.db]);
  const first = lanes.unsafe("1"), second = lanes.unsafe("2");
  await turn();
  const third = lanes.unsafe("3");
  await turn();
  const fourth = lanes.unsafe("4");
  assert.deepEqual(sent, ["a 1", "a 2", "b 3", "b 4"]);
  a.answer(new Error("gone"));
  a.answer();
  await assert.rejects(first, /gone/);
  await second;
  await turn();
  const fifth = lanes.unsafe("5");
  assert.equal(sent.at(-1), "a 5");
  for (const one of [b, b, a]) one.answer();
  await Promise.all([third, fourth, fifth]);
  await lanes.end();
});
