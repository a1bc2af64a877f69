import assert from "node:assert/strict";
import { test } from "node:test";
import { escCategory, score2Method, score2OpMethod } from "./score2.ts";

const man = { ageYears: 50, sex: "male", currentSmoker: true, systolicMmHg: 140, totalCholesterolMmolPerL: 6.3, hdlCholesterolMmolPerL: 1.4 };
const percent = (method: typeof score2Method, inputs: Record<string, number | string | boolean>) => ((method.runInputs!(inputs)[0]!.probability ?? Number.NaN) * 100).toFixed(1);

test("SCORE2 supplement, example of a smoking man of 50 in the four regions", () => {
  assert.deepEqual(["low", "moderate", "high", "very-high"].map((riskRegion) => percent(score2Method, { ...man, riskRegion })), ["6.3", "8.1", "8.8", "15.1"]);
});

test("SCORE2-OP supplement, example of a smoking woman of 75", () => {
  const woman = { ageYears: 75, sex: "female", currentSmoker: true, systolicMmHg: 140, totalCholesterolMmolPerL: 5.5, hdlCholesterolMmolPerL: 1.3 };
  assert.equal(percent(score2OpMethod, { ...woman, riskRegion: "low" }), "15.2");
  assert.equal(percent(score2OpMethod, { ...woman, riskRegion: "moderate" }), "20.0");
});

test("ages divide the two models; the region is never guessed; diabetes is refused", () => {
  for (const [method, age, outcome] of [[score2Method, 39, "abstained"], [score2Method, 40, "computed"], [score2Method, 69, "computed"], [score2Method, 70, "abstained"], [score2OpMethod, 69, "abstained"], [score2OpMethod, 70, "computed"], [score2OpMethod, 89, "computed"], [score2OpMethod, 90, "abstained"]] as const)
    assert.equal(method.runInputs!({ ...man, ageYears: age, riskRegion: "low" })[0]!.outcome, outcome, `${method.id} ${age}`);
  assert.equal(score2Method.runInputs!(man)[0]!.outcome, "abstained");
  assert.equal(score2Method.runInputs!({ ...man, riskRegion: "nowhere" })[0]!.outcome, "abstained");
  assert.equal(score2Method.runInputs!({ ...man, riskRegion: "low", diabetes: true })[0]!.outcome, "abstained");
});

test("the region of a record is that of the address, or said; without one the method has nothing to say", () => {
  const facts = (country: string | undefined, given = {}) => ({ subject: "Patient/p", asOf: "2024-06-01", given, resources: [{ resourceType: "Patient", id: "p", birthDate: "1970-01-01", gender: "male", ...(country === undefined ? {} : { address: [{ country }] }) }] });
  assert.equal(score2Method.applicable(facts("DE")), true);
  assert.equal(score2Method.applicable(facts("CN")), false);
  assert.equal(score2Method.applicable(facts(undefined)), false);
  assert.equal(score2Method.applicable(facts("CN", { riskRegion: "low" })), true);
});

test("ESC 2021 categories: both sides of each threshold", () => {
  for (const [age, high, veryHigh] of [[49, 0.025, 0.075], [50, 0.05, 0.1], [69, 0.05, 0.1], [70, 0.075, 0.15]] as const) {
    assert.match(escCategory(high - 1e-9, age).text.en, /^low to moderate/);
    assert.match(escCategory(high, age).text.en, /^high/);
    assert.match(escCategory(veryHigh - 1e-9, age).text.en, /^high/);
    assert.match(escCategory(veryHigh, age).text.en, /^very high/);
    assert.equal(escCategory(veryHigh, age).urgency, "soon");
  }
});
