import assert from "node:assert/strict";
import { test } from "node:test";
import { Again } from "./again.ts";

test("turns never overlap, and asking during a turn gives one more", async () => {
  let turns = 0, inside = 0;
  const open: (() => void)[] = [];
  const again = new Again(async () => {
    assert.equal(++inside, 1);
    turns++;
    await new Promise<void>((resolve) => open.push(resolve));
    inside--;
  }, (error) => { throw error; });
  for (let i = 0; i < 5; i++) again.ask();
  assert.equal(turns, 1);
  open.shift()!();
  await new Promise(setImmediate);
  assert.equal(turns, 2);
  open.shift()!();
  await again.close();
  again.ask();
  assert.equal(turns, 2);
});

test("a turn that fails is told, and the next one runs", async () => {
  const told: unknown[] = [];
  let turns = 0;
  const again = new Again(async () => { if (turns++ === 0) throw new Error("first"); }, (error) => told.push(error));
  again.ask();
  await new Promise(setImmediate);
  again.ask();
  await again.close();
  assert.deepEqual([turns, told.length], [2, 1]);
});
