import assert from "node:assert/strict";
import { test } from "node:test";
import { highPass, lowPass, zeroPhase, type Biquad } from "./filter.ts";

/** Amplitude that a sine of `hz` keeps. */
function through(section: Biquad, hz: number, rateHz: number): number {
  const values = Float32Array.from({ length: 40 * rateHz }, (_, index) => Math.sin((2 * Math.PI * hz * index) / rateHz));
  zeroPhase(section, values);
  let squares = 0;
  for (let index = 10 * rateHz; index < 30 * rateHz; index++) squares += values[index]! ** 2;
  return Math.sqrt((2 * squares) / (20 * rateHz));
}

test("the cut-off stands at half the power, once each way, at every rate", () => {
  for (const rateHz of [100, 180, 360, 1000]) {
    assert(Math.abs(through(lowPass(20, rateHz), 20, rateHz) - 0.5) < 0.02);
    assert(Math.abs(through(highPass(8, rateHz), 8, rateHz) - 0.5) < 0.02);
    assert(through(lowPass(20, rateHz), 2, rateHz) > 0.99);
    assert(through(highPass(8, rateHz), 1, rateHz) < 0.001);
  }
});

test("a constant passes the low-pass and is gone after the high-pass, from the first sample on", () => {
  const low = new Float32Array(100).fill(3), high = new Float32Array(100).fill(3);
  zeroPhase(lowPass(20, 250), low);
  zeroPhase(highPass(8, 250), high);
  for (let index = 0; index < 100; index++) { assert(Math.abs(low[index]! - 3) < 1e-5); assert(Math.abs(high[index]!) < 1e-5); }
  zeroPhase(lowPass(20, 250), new Float32Array(0));
});
