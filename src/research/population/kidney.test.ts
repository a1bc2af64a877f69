import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { creatinineFor, egfr, gfrStage } from "./kidney.ts";

test("at creatinine κ only age and sex are left of the equation", () => {
  // 0.9 mg/dL = 79.56 µmol/L for men, 0.7 mg/dL = 61.88 µmol/L for women: 142 × 0.9938^50 = 104.05, women × 1.012 = 105.30.
  assert.ok(Math.abs(egfr(79.56, 50, "male") - 104.05) < 0.01);
  assert.ok(Math.abs(egfr(61.88, 50, "female") - 105.3) < 0.01);
});

test("creatinineFor undoes egfr on both branches", () => {
  fc.assert(fc.property(fc.double({ min: 20, max: 900, noNaN: true }), fc.integer({ min: 18, max: 100 }), fc.constantFrom("male" as const, "female" as const), (creatinine, age, sex) => {
    assert.ok(Math.abs(creatinineFor(egfr(creatinine, age, sex), age, sex) - creatinine) < 1e-6 * creatinine);
  }));
});

test("stages on both sides of each bound", () => {
  const rows: [number, string][] = [[90, "1"], [89.9, "2"], [60, "2"], [59.9, "3a"], [45, "3a"], [44.9, "3b"], [30, "3b"], [29.9, "4"], [15, "4"], [14.9, "5"]];
  for (const [value, stage] of rows) assert.equal(gfrStage(value), stage, String(value));
});
