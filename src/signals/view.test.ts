import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { envelope } from "./view.ts";

test("every bucket holds its least and greatest value", () => {
  const { bucket, least, greatest } = envelope(Float32Array.of(1, 5, -2, 3, NaN, Infinity, 7), 3);
  assert.equal(bucket, 3);
  assert.deepEqual([[...least], [...greatest]], [[-2, 3, 7], [5, 3, 7]]);
  assert.deepEqual([...envelope(Float32Array.of(NaN, NaN), 1).least], [NaN]);
  assert.equal(envelope(new Float32Array(0), 10).least.length, 0);
});

test("no extreme is lost, no more buckets than asked", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (values, buckets) => {
    const { least, greatest } = envelope(Float32Array.from(values), buckets);
    assert(least.length <= buckets);
    assert.equal(Math.min(...least), Math.min(...values));
    assert.equal(Math.max(...greatest), Math.max(...values));
  }));
});
