import assert from "node:assert/strict";
import { test } from "node:test";
import { ckdEpi, ckdEpi2021 } from "./ckd-epi-equation.ts";
import { ckdEpi2021Method, gfrCategory } from "./ckd-epi.ts";

test("CKD-EPI 2021: at κ only age and sex remain; falls with creatinine and age", () => {
  assert.ok(Math.abs(ckdEpi2021(0.9, 0, false).egfr - 142) < 1e-9);
  assert.ok(Math.abs(ckdEpi2021(0.7, 0, true).egfr - 142 * 1.012) < 1e-9);
  // National Kidney Foundation calculator: man of 50, 1.0 mg/dL → 92; woman of 50, 1.0 mg/dL → 69.
  assert.equal(Math.round(ckdEpi2021(1, 50, false).egfr), 92);
  assert.equal(Math.round(ckdEpi2021(1, 50, true).egfr), 69);
  for (let creatinine = 0.3; creatinine < 10; creatinine += 0.1) assert.ok(ckdEpi2021(creatinine, 60, true).egfr > ckdEpi2021(creatinine + 0.1, 60, true).egfr);
});

test("Levey 2009 table 2: woman at 0.7 mg/dL and age 0 is 144, man at 0.9 is 141", () => {
  assert.ok(Math.abs(ckdEpi(2009, 0.7, 0, true).egfr - 144) < 1e-9);
  assert.ok(Math.abs(ckdEpi(2009, 0.9, 0, false).egfr - 141) < 1e-9);
});

test("KDIGO categories: both sides of each limit", () => {
  for (const [value, code] of [[90, "G1"], [89.99, "G2"], [60, "G2"], [59.99, "G3a"], [45, "G3a"], [44.99, "G3b"], [30, "G3b"], [29.99, "G4"], [15, "G4"], [14.99, "G5"]] as const) assert.equal(gfrCategory(value).code, code, `${value}`);
  assert.equal(gfrCategory(29.99).urgency, "soon");
  assert.equal(gfrCategory(14.99).urgency, "urgent");
});

test("age is taken on the day of the creatinine; µmol/L are converted", () => {
  const [finding] = ckdEpi2021Method.run({ subject: "Patient/p", asOf: "2024-06-01", resources: [
    { resourceType: "Patient", id: "p", birthDate: "1972-05-02", gender: "male" },
    { resourceType: "Observation", id: "c", status: "final", effectiveDateTime: "2023-05-01", code: { coding: [{ system: "http://loinc.org", code: "14682-9" }] }, valueQuantity: { value: 88.4, unit: "µmol/L", code: "umol/L", system: "http://unitsofmeasure.org" } }] });
  assert.equal(finding!.contributions.find((one) => one.factor === "age")!.observed, "50 years");
  assert.equal(finding!.value?.kind === "quantity" && Math.round(finding!.value.value), 92);
});

test("children are refused", () => {
  assert.equal(ckdEpi2021Method.runInputs!({ creatinineMgPerDl: 1, ageYears: 17, sex: "male" })[0]!.outcome, "abstained");
  assert.equal(ckdEpi2021Method.runInputs!({ creatinineMgPerDl: 1, ageYears: 18, sex: "male" })[0]!.outcome, "computed");
});
