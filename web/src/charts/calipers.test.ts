import { test } from "node:test";
import assert from "node:assert/strict";
import { moveCaliper, readCaliper, tracePath } from "./calipers.ts";

test("a caliper over one second reads 60 per minute; rate is silent outside 0.2 to 4 s", () => {
  const at = (seconds: number) => readCaliper({ a: { seconds: 1, millivolts: -0.1 }, b: { seconds: 1 + seconds, millivolts: 1 } });
  assert.deepEqual(at(1), { milliseconds: 1000, perMinute: 60, millivolts: 1.1 });
  assert.equal(at(0.2).perMinute, 300);
  assert.equal(at(0.19).perMinute, undefined);
  assert.equal(at(4).perMinute, 15);
  assert.equal(at(4.01).perMinute, undefined);
});

test("keys move both ends or the second, and never leave the strip", () => {
  const caliper = { a: { seconds: 1, millivolts: 0 }, b: { seconds: 1.8, millivolts: 0.5 } }, strip = { from: 0, to: 2 };
  assert.deepEqual(moveCaliper(caliper, "ArrowRight", { end: true, far: false, ...strip }).a, caliper.a);
  assert.ok(Math.abs(moveCaliper(caliper, "ArrowLeft", { end: false, far: true, ...strip }).a.seconds - 0.95) < 1e-9);
  let moved = caliper;
  for (let i = 0; i < 100; i += 1) moved = moveCaliper(moved, "ArrowRight", { end: true, far: true, ...strip });
  assert.equal(moved.b.seconds, 2);
});

test("gaps break the trace and thinning keeps the peak", () => {
  assert.equal(tracePath([0, 1, null, 2], (i) => i, (v) => v), "M0.00 0.00L1.00 1.00M3.00 2.00");
  const samples = Array.from({ length: 10_000 }, (_, i) => i === 4321 ? 9 : 0), path = tracePath(samples, (i) => i / 100, (v) => v);
  assert.match(path, / 9\.00/);
  assert.ok(path.length < 10_000);
});
