import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Resource } from "#fhir/resource.ts";
import { prevent, type PreventInput } from "./prevent-equation.ts";
import { prevent10, prevent30 } from "./prevent.ts";

// The worked example of Khan 2024's supplement and of the AHA calculator: a woman of 50.
const example = { ageYears: 50, sex: "female", systolicMmHg: 160, totalCholesterolMmolPerL: 200 * 0.02586, hdlCholesterolMmolPerL: 45 * 0.02586, egfrMlPerMinPer173M2: 90, bmiKgPerM2: 35, currentSmoker: false, diabetes: true, onAntihypertensive: true, onStatin: false };
const percents = (findings: ReturnType<NonNullable<typeof prevent10.runInputs>>) => findings.map((one) => one.probability === undefined ? undefined : (one.probability * 100).toFixed(1));

test("Khan 2024 worked example: 14.7, 9.2, 8.1 % in 10 years; 53.0, 35.4, 39.0 % in 30", () => {
  assert.deepEqual(percents(prevent10.runInputs!(example)), ["14.7", "9.2", "8.1"]);
  assert.deepEqual(percents(prevent30.runInputs!(example)), ["53.0", "35.4", "39.0"]);
});

test("contributions add up to the log-odds above the reference; the reference person has none", () => {
  const input = fc.record({ female: fc.boolean(), ageYears: fc.integer({ min: 30, max: 79 }), totalCholesterolMmolPerL: fc.double({ min: 3.4, max: 8.2, noNaN: true }), hdlCholesterolMmolPerL: fc.double({ min: 0.6, max: 2.5, noNaN: true }), systolicMmHg: fc.integer({ min: 90, max: 200 }), diabetes: fc.boolean(), currentSmoker: fc.boolean(), egfrMlPerMinPer173M2: fc.integer({ min: 15, max: 140 }), onAntihypertensive: fc.boolean(), onStatin: fc.boolean(), bmiKgPerM2: fc.double({ min: 18.5, max: 39.9, noNaN: true }) });
  fc.assert(fc.property(input, fc.constantFrom("cvd", "ascvd", "hf"), fc.constantFrom(10, 30), (x: PreventInput, outcome, horizon) => {
    const { probability, reference, effects } = prevent(x, outcome as "cvd", horizon as 10);
    const sum = Object.values(effects).reduce((all, one) => all + one, reference);
    assert.ok(Math.abs(Math.log(probability / (1 - probability)) - sum) < 1e-9);
    assert.ok(probability > 0 && probability < 1);
  }));
  const reference: PreventInput = { female: true, ageYears: 55, totalCholesterolMmolPerL: 4.8, hdlCholesterolMmolPerL: 1.3, systolicMmHg: 130, diabetes: false, currentSmoker: false, egfrMlPerMinPer173M2: 90, onAntihypertensive: false, onStatin: false, bmiKgPerM2: 25 };
  for (const effect of Object.values(prevent(reference, "cvd", 10).effects)) assert.ok(Math.abs(effect) < 1e-12);
});

test("outside the range of the equations: abstains, on both sides of each limit", () => {
  for (const [name, inside, outside] of [["ageYears", 30, 29], ["ageYears", 79, 80], ["systolicMmHg", 90, 89], ["systolicMmHg", 200, 201], ["egfrMlPerMinPer173M2", 15, 14], ["egfrMlPerMinPer173M2", 150, 151], ["totalCholesterolMmolPerL", 8.2, 8.3]] as const) {
    assert.equal(prevent10.runInputs!({ ...example, [name]: inside })[0]!.outcome, "computed", `${name} ${inside}`);
    const refused = prevent10.runInputs!({ ...example, [name]: outside })[0]!;
    assert.equal(refused.outcome, "abstained", `${name} ${outside}`);
    assert.equal(refused.limits[0]!.kind, "outside-validity");
  }
  assert.equal(prevent30.runInputs!({ ...example, ageYears: 60 })[0]!.outcome, "abstained");
});

test("a missing input is named and never guessed; heart failure needs no cholesterol", () => {
  const { totalCholesterolMmolPerL: _, ...rest } = example;
  const [cvd, ascvd, hf] = prevent10.runInputs!(rest);
  assert.equal(cvd!.outcome, "abstained");
  assert.deepEqual(ascvd!.limits.map((limit) => [limit.kind, limit.input]), [["missing", "totalCholesterolMmolPerL"]]);
  assert.equal((hf!.probability! * 100).toFixed(1), "8.1");
  const nothing = prevent10.runInputs!({ ageYears: 50 });
  assert.equal(nothing.length, 1); // said once for all parts
  assert.equal(prevent10.runInputs!({ ...example, knownCardiovascularDisease: true })[0]!.outcome, "abstained");
});

test("urgency turns at 7.5 %", () => {
  const at = (systolicMmHg: number) => prevent10.runInputs!({ ...example, diabetes: false, systolicMmHg })[0]!;
  for (let pressure = 90; pressure <= 200; pressure++) assert.equal(at(pressure).urgency, at(pressure).probability! >= 0.075 ? "soon" : "routine");
  assert.ok(at(90).probability! < 0.075 && at(200).probability! > 0.075);
});

const observation = (id: string, code: string, value: number, unit: string): Resource => ({ resourceType: "Observation", id, status: "final", effectiveDateTime: "2024-05-01", code: { coding: [{ system: "http://loinc.org", code }] }, valueQuantity: { value, unit, code: unit, system: "http://unitsofmeasure.org" } });

test("from a record: units converted, eGFR from creatinine, BMI from weight and height, every input cited", () => {
  const resources: Resource[] = [
    { resourceType: "Patient", id: "p", birthDate: "1974-05-01", gender: "female" }, observation("s", "8480-6", 160, "mm[Hg]"), observation("t", "2093-3", 200, "mg/dL"), observation("h", "14646-4", 45 * 0.02586, "mmol/L"),
    observation("c", "14682-9", 70, "umol/L"), observation("w", "29463-7", 89.6, "kg"), observation("l", "8302-2", 1.6, "m"),
    { resourceType: "Condition", id: "d", code: { coding: [{ system: "http://snomed.info/sct", code: "44054006" }] } },
    { resourceType: "Observation", id: "n", status: "final", effectiveDateTime: "2024-04-01", code: { coding: [{ system: "http://loinc.org", code: "72166-2" }] }, valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code: "266919005" }] } },
  ];
  const findings = prevent10.run({ subject: "Patient/p", asOf: "2024-06-01T00:00:00Z", resources });
  assert.deepEqual(findings.map((one) => one.outcome), ["computed", "computed", "computed"]);
  const cited = findings[0]!.evidence.flatMap((one) => (one.kind === "resource" ? [one.reference] : [])).sort();
  assert.deepEqual(cited, ["Condition/d", "Observation/c", "Observation/h", "Observation/l", "Observation/n", "Observation/s", "Observation/t", "Observation/w", "Patient/p", "Patient/p"]);
  assert.equal(findings[0]!.effective, "2024-05-01");
  assert.equal(findings[2]!.contributions.find((one) => one.factor === "bmi")!.observed, "35.0 kg/m²");
  assert.equal(findings[0]!.contributions.find((one) => one.factor === "statin")!.observed, "not recorded");
});
