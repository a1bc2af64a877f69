import assert from "node:assert/strict";
import { test } from "node:test";
import { bmi, bmiClass, chineseBmiClass } from "./bmi.ts";

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

test("WS/T 428-2013 classes: both sides of each limit", () => {
  for (const [limit, below, from] of [[18.5, "underweight", "normal"], [24, "normal", "overweight"], [28, "overweight", "obese"]] as const) {
    assert.equal(chineseBmiClass(limit - 1e-9).code, below);
    assert.equal(chineseBmiClass(limit).code, from);
  }
});

test("the statement names both classifications, and says each where they differ", () => {
  const said = (value: number) => bmi.runInputs!({ weightKg: value * 2.89, heightCm: 170 })[0]!.statement;
  for (const [value, en] of [
    [15.5, "severe thinness (WHO and WS/T 428-2013)"], [18.4, "mild thinness (WHO and WS/T 428-2013)"], [18.6, "normal range (WHO and WS/T 428-2013)"],
    [23.9, "normal range (WHO and WS/T 428-2013)"], [24.1, "normal range (WHO); overweight (WS/T 428-2013, China)"], [24.9, "normal range (WHO); overweight (WS/T 428-2013, China)"],
    [25.1, "pre-obese (WHO and WS/T 428-2013)"], [27.9, "pre-obese (WHO and WS/T 428-2013)"], [28.1, "pre-obese (WHO); obese (WS/T 428-2013, China)"], [29.9, "pre-obese (WHO); obese (WS/T 428-2013, China)"],
    [30.1, "obese, class I (WHO and WS/T 428-2013)"], [40.1, "obese, class III (WHO and WS/T 428-2013)"],
  ] as const) assert.equal(said(value).en, `BMI ${value.toFixed(1)} kg/m²: ${en}.`);
  assert.equal(said(24.1).zh, "体重指数 24.1 kg/m²：按世卫组织标准为正常范围；按中国标准（WS/T 428-2013）为超重。");
});

test("the figure as printed never stands on the other side of a limit", () => {
  for (const [value, figure] of [[24.97, "24.97"], [23.96, "23.96"], [27.996, "27.99"], [25, "25.0"], [22.96, "23.0"]] as const)
    assert.match(bmi.runInputs!({ weightKg: value * 4, heightCm: 200 })[0]!.statement.en, new RegExp(`^BMI ${figure.replace(".", "\\.")} kg`));
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
