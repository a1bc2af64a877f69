import assert from "node:assert/strict";
import { test } from "node:test";
import { durationSeconds, slice, timeAt } from "./signal.ts";

const signal = { samples: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), unit: "mV", rateHz: 4, start: "2024-02-29T23:59:59Z" };

test("a slice shares its samples and moves its start", () => {
  const part = slice(signal, 4, 6);
  assert.deepEqual([...part.samples], [4, 5]);
  assert.equal(part.start, "2024-03-01T00:00:00.000Z");
  assert.equal(part.samples.buffer, signal.samples.buffer);
  assert.equal(slice(signal, 6, 2).samples.length, 0);
  assert.equal(slice(signal, -3, 99).samples.length, 8);
});

test("duration and time of a sample", () => {
  assert.equal(durationSeconds(signal), 2);
  assert.equal(timeAt(signal, 1), "2024-02-29T23:59:59.250Z");
  assert.equal(timeAt({ ...signal, start: undefined }, 1), undefined);
  assert.equal(timeAt({ ...signal, start: "soon" }, 1), undefined);
});
