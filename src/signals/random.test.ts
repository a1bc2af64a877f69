import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "./random.ts";

test("the same seed gives the same numbers, uniform and normal as they should be", () => {
  const first = random(42), second = random(42), other = random("42");
  const values = Array.from({ length: 20000 }, () => first.uniform());
  assert.deepEqual(Array.from({ length: 20000 }, () => second.uniform()), values);
  assert.notEqual(other.uniform(), values[0]);
  assert(values.every((value) => value >= 0 && value < 1));
  assert(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 0.5) < 0.01);
  const normal = Array.from({ length: 20000 }, () => first.normal());
  assert(Math.abs(normal.reduce((sum, value) => sum + value, 0) / normal.length) < 0.03);
  assert(Math.abs(normal.reduce((sum, value) => sum + value * value, 0) / normal.length - 1) < 0.05);
});
