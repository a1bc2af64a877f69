import assert from "node:assert/strict";
import { test } from "node:test";
import { cha2ds2Vasc } from "./cha2ds2-vasc.ts";

const run = (inputs: Record<string, number | boolean | string>) => cha2ds2Vasc.runInputs!(inputs)[0]!;
const points = (inputs: Record<string, number | boolean | string>) => { const { value } = run(inputs); return value?.kind === "quantity" ? value.value : undefined; };

test("Lip 2010: each factor's points, and 9 for all", () => {
  const base = { ageYears: 50, sex: "male" };
  assert.equal(points(base), 0);
  for (const [name, worth] of [["heartFailure", 1], ["hypertension", 1], ["diabetes", 1], ["strokeTiaOrEmbolism", 2], ["vascularDisease", 1]] as const) assert.equal(points({ ...base, [name]: true }), worth, name);
  for (const [age, worth] of [[64, 0], [65, 1], [74, 1], [75, 2]] as const) assert.equal(points({ ...base, ageYears: age }), worth, `${age}`);
  assert.equal(points({ ageYears: 80, sex: "female", heartFailure: true, hypertension: true, diabetes: true, strokeTiaOrEmbolism: true, vascularDisease: true }), 9);
});

test("ESC 2020: considered at 1 (men) and 2 (women), recommended from 2 and 3; treated is routine", () => {
  const table: [Record<string, number | boolean | string>, string, RegExp][] = [
    [{ ageYears: 50, sex: "male" }, "routine", /low risk/], [{ ageYears: 50, sex: "female" }, "routine", /low risk/],
    [{ ageYears: 50, sex: "male", hypertension: true }, "soon", /considered/], [{ ageYears: 50, sex: "female", hypertension: true }, "soon", /considered/],
    [{ ageYears: 65, sex: "male", hypertension: true }, "urgent", /recommended/], [{ ageYears: 65, sex: "female", hypertension: true }, "urgent", /recommended/],
    [{ ageYears: 65, sex: "female", hypertension: true, onAnticoagulant: true }, "routine", /being taken/],
  ];
  for (const [inputs, urgency, words] of table) { assert.equal(run(inputs).urgency, urgency, JSON.stringify(inputs)); assert.match(run(inputs).statement.en, words); }
});

test("without age or sex, or under 18: not scored", () => {
  assert.equal(run({ sex: "male" }).outcome, "abstained");
  assert.equal(run({ ageYears: 17, sex: "male" }).outcome, "abstained");
  assert.equal(run({ ageYears: 70, sex: "other" }).outcome, "abstained");
});

test("only people with atrial fibrillation are scored from a record; refuted does not count", () => {
  const facts = (verification: string) => ({ subject: "Patient/p", asOf: "2024-06-01", resources: [{ resourceType: "Patient", id: "p", birthDate: "1950-01-01", gender: "male" }, { resourceType: "Condition", id: "c", code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code: "I48.9" }] }, verificationStatus: { coding: [{ code: verification }] } }] });
  assert.equal(cha2ds2Vasc.applicable(facts("confirmed")), true);
  assert.equal(cha2ds2Vasc.applicable(facts("refuted")), false);
});
