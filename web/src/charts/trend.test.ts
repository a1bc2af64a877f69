import { test } from "node:test";
import assert from "node:assert/strict";
import { gapLimit, runs, valueAxis, within } from "./trend.ts";

test("within takes both edges of the span", () => {
  const times = [10, 20, 30, 40];
  assert.deepEqual(within(times, { from: 20, to: 30 }), [1, 3]);
  assert.deepEqual(within(times, { from: 41, to: 50 }), [4, 4]);
  assert.deepEqual(within([], { from: 0, to: 1 }), [0, 0]);
});

test("a line breaks where the pause is far longer than usual", () => {
  const times = [0, 10, 20, 30, 200, 210];
  assert.deepEqual(runs(times, 0, 6, gapLimit(times)), [[0, 4], [4, 6]]);
  assert.deepEqual(runs(times, 3, 4, 40), [[3, 4]]);
  assert.equal(gapLimit([1, 2]), Infinity);
});

test("the axis covers values and range with round ticks", () => {
  assert.deepEqual(valueAxis([132, 148], { low: 90, high: 140 }), { low: 80, high: 160, ticks: [80, 100, 120, 140, 160] });
  const flat = valueAxis([4.2, 4.2], undefined);
  assert.ok(flat.low < 4.2 && flat.high > 4.2);
  assert.deepEqual(valueAxis([], undefined), { low: 0, high: 1, ticks: [0, 1] });
  for (const tick of valueAxis([0.1, 0.37], undefined).ticks) assert.ok(String(tick).length <= 5, String(tick));
});
