import assert from "node:assert/strict";
import { test } from "node:test";
import { bmi, bmiClass } from "./bmi.ts";

test("70 kg and 175 cm are 22.86 kg/m²", () => {
  const [finding] = bmi.runInputs!({ weightKg: 70, heightCm: 175 });
  assert.deepEqual(finding!.value, { kind: "quantity", value: 22.86, unit: "kg/m²", code: "kg/m2" });
  assert.deepEqual(finding!.limits, []);
});

test("WHO classes: both sides of each limit", () => {
  for (const [limit, below, from] of [[16, "severe-thinness", "moderate-thinness"], [17, "moderate-thinness", "mild-thinness"], [18.5, "mild-thinness", "normal"], [25, "normal", "pre-obese"], [30, "pre-obese", "obese-1"], [35, "obese-1", "obese-2"], [40, "obese-2", "obese-3"]] as const) {
    assert.equal(bmiClass(limit - 1e-9).code, below);
    assert.equal(bmiClass(limit).code, from);
  }
});

test("the Asian note stands from 23 and from 27.5 only", () => {
  const notes = (value: number) => bmi.runInputs!({ weightKg: value * 2.89, heightCm: 170 })[0]!.limits.length;
  for (const [value, count] of [[22.9, 0], [23.1, 1], [24.9, 1], [25.1, 0], [27.4, 0], [27.6, 1], [29.9, 1], [30.1, 0]] as const) assert.equal(notes(value), count, `${value}`);
});

test("under 19, impossible or missing: not computed", () => {
  assert.equal(bmi.runInputs!({ weightKg: 50, heightCm: 160, ageYears: 18 })[0]!.outcome, "abstained");
  assert.equal(bmi.runInputs!({ weightKg: 50, heightCm: 160, ageYears: 19 })[0]!.outcome, "computed");
  assert.equal(bmi.runInputs!({ weightKg: 50, heightCm: 5 })[0]!.outcome, "abstained");
  assert.equal(bmi.runInputs!({ weightKg: 50 })[0]!.outcome, "abstained");
});
