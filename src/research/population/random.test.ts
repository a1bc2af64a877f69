import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { random } from "./random.ts";

test("the same parts give the same stream; any other part another one", () => {
  const take = (...parts: (string | number)[]): number[] => { const r = random(...parts); return Array.from({ length: 5 }, () => r.next()); };
  assert.deepEqual(take("7", 3, "life"), take("7", 3, "life"));
  const others = [take("8", 3, "life"), take("7", 4, "life"), take("7", 3, "care"), take("73", "", "life")];
  for (const other of others) assert.notDeepEqual(other, take("7", 3, "life"));
});

test("first values of 20,000 neighbouring streams are spread evenly", () => {
  const bins = Array.from({ length: 20 }, () => 0);
  for (let i = 0; i < 20_000; i++) { const bin = Math.floor(random("7", i, "life").next() * 20); bins[bin] = bins[bin]! + 1; }
  // χ² with 19 degrees of freedom is below 43.8 in 999 of 1000 cases.
  const chi = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  assert.ok(chi < 43.8, `chi-square ${chi}`);
});

test("normal has the mean and spread asked for", () => {
  const r = random("normal"), values = Array.from({ length: 40_000 }, () => r.normal(10, 2));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  assert.ok(Math.abs(mean - 10) < 0.04 && Math.abs(sd - 2) < 0.04, `${mean} ${sd}`);
});

test("integers and picks stay inside; weight zero is never drawn", () => {
  fc.assert(fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, below) => {
    const r = random(seed), value = r.int(below);
    return Number.isInteger(value) && value >= 0 && value < below && r.weighted([0, 1, 0]) === 1 && [4, 5].includes(r.pick([4, 5]));
  }));
});
