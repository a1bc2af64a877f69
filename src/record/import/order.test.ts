import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { Order } from "./order.ts";

/** Whether it has been let in by now. */
async function isIn(entered: Promise<void>): Promise<boolean> {
  let done = false;
  void entered.then(() => { done = true; });
  await turn();
  return done;
}

test("a batch begins when all earlier ones have said what they write, and those that write the same are done", async () => {
  const order = new Order();
  const [first, second, third] = [order.next(), order.next(), order.next()];
  const thirdIn = third.enter(["Patient/c"]);
  const firstIn = first.enter(["Patient/a", "Patient/b"]);
  assert.deepEqual([await isIn(firstIn), await isIn(thirdIn)], [true, false], "the second might write the same");
  const secondIn = second.enter(["Patient/b", "Patient/d"]);
  assert.deepEqual([await isIn(secondIn), await isIn(thirdIn)], [false, true]);
  first.leave();
  assert.equal(await isIn(secondIn), true);
});

test("one that fails before it says anything holds up nobody, and what is done is not waited for", async () => {
  const order = new Order();
  const [failed, next] = [order.next(), order.next()];
  const nextIn = next.enter(["Patient/a"]);
  assert.equal(await isIn(nextIn), false);
  failed.leave();
  assert.equal(await isIn(nextIn), true);
  next.leave();
  assert.equal(await isIn(order.next().enter(["Patient/a"])), true);
});
