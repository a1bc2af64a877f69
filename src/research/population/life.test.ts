import assert from "node:assert/strict";
import { test } from "node:test";
import { at, normalQuantile } from "./epidemiology.ts";
import { live, type Life, type Onset } from "./life.ts";

const lastDay = 20_000, people: Life[] = [];
for (let i = 10; i < 16_010; i++) people.push(live("99", i, lastDay));
const age = (x: Life): number => (lastDay - x.birthDay) / 365.25;

test("normal quantiles against tables", () => {
  for (const [p, z] of [[0.5, 0], [0.975, 1.959964], [0.025, -1.959964], [0.999, 3.090232], [0.01, -2.326348]] as const) assert.ok(Math.abs(normalQuantile(p) - z) < 1e-5, String(p));
});

test("curves are linear between points and flat beyond", () => {
  const curve = [[10, 1], [20, 3]] as const;
  assert.deepEqual([0, 10, 15, 20, 99].map((x) => at(curve, x)), [1, 1, 2, 3, 3]);
});

// Shares as published (sources in epidemiology.ts), with the range that 16,000 people leave room for.
const bands: { onset: Onset; sex?: "male" | "female"; from: number; to: number; low: number; high: number }[] = [
  { onset: "hypertension", from: 18, to: 25, low: 0.02, high: 0.06 }, { onset: "hypertension", from: 45, to: 55, low: 0.26, high: 0.34 },
  { onset: "hypertension", from: 65, to: 75, low: 0.52, high: 0.6 }, { onset: "hypertension", from: 75, to: 97, low: 0.56, high: 0.65 },
  { onset: "diabetes", from: 20, to: 40, low: 0.018, high: 0.045 }, { onset: "diabetes", from: 40, to: 60, low: 0.1, high: 0.14 }, { onset: "diabetes", from: 60, to: 97, low: 0.175, high: 0.225 },
  { onset: "atrialFibrillation", from: 45, to: 55, low: 0.003, high: 0.014 }, { onset: "atrialFibrillation", sex: "male", from: 75, to: 97, low: 0.035, high: 0.085 }, { onset: "atrialFibrillation", sex: "female", from: 75, to: 97, low: 0.03, high: 0.08 },
  { onset: "copd", from: 40, to: 97, low: 0.08, high: 0.15 }, { onset: "depression", sex: "female", from: 18, to: 97, low: 0.055, high: 0.09 }, { onset: "depression", sex: "male", from: 18, to: 97, low: 0.035, high: 0.065 },
];
for (const band of bands) test(`${band.onset}, ${band.sex ?? "both sexes"} ${band.from}–${band.to}: ${band.low} to ${band.high}`, () => {
  const group = people.filter((x) => age(x) >= band.from && age(x) < band.to && (!band.sex || x.sex === band.sex));
  const share = group.filter((x) => x.onset[band.onset] !== undefined).length / group.length;
  assert.ok(share >= band.low && share <= band.high, `${share.toFixed(4)} of ${group.length}`);
});

test("onset never before birth nor after the last day", () => {
  for (const x of people) for (const day of Object.values(x.onset)) assert.ok(day >= x.birthDay && day <= lastDay);
});

test("the share above 140 mmHg untreated is the prevalence of hypertension", () => {
  const group = people.filter((x) => age(x) >= 60 && age(x) < 75);
  const high = group.filter((x) => x.systolic(lastDay) >= 140).length / group.length, known = group.filter((x) => x.onset.hypertension !== undefined).length / group.length;
  assert.ok(Math.abs(high - known) < 0.02, `${high} ${known}`);
});

test("causes show: body mass in diabetes and hypertension, smoking in COPD, diabetes in kidneys", () => {
  const adults = people.filter((x) => age(x) >= 50 && age(x) < 75);
  const mean = (group: Life[], of: (x: Life) => number): number => group.reduce((sum, x) => sum + of(x), 0) / group.length;
  const split = (by: (x: Life) => boolean): [Life[], Life[]] => [adults.filter(by), adults.filter((x) => !by(x))];
  const [diabetic, not] = split((x) => x.onset.diabetes !== undefined);
  assert.ok(mean(diabetic, (x) => x.bmi(lastDay)) > mean(not, (x) => x.bmi(lastDay)) + 1);
  assert.ok(mean(diabetic, (x) => Math.log(x.acr(lastDay))) > mean(not, (x) => Math.log(x.acr(lastDay))) + 0.2);
  assert.ok(mean(diabetic, (x) => x.egfr(lastDay)) < mean(not, (x) => x.egfr(lastDay)) - 1);
  const men = adults.filter((x) => x.sex === "male"), smokers = men.filter((x) => x.smoking), others = men.filter((x) => !x.smoking);
  const copd = (group: Life[]): number => group.filter((x) => x.onset.copd !== undefined).length / group.length;
  assert.ok(copd(smokers) > 1.5 * copd(others), `${copd(smokers)} ${copd(others)}`);
});

test("HbA1c crosses 6.5 with diabetes, and FEV1/FVC 0.70 with COPD, in everybody", () => {
  for (const x of people) {
    if (x.onset.diabetes !== undefined && lastDay - x.onset.diabetes > 90) assert.ok(x.hba1c(lastDay) >= 6.5); else if (x.onset.diabetes === undefined) assert.ok(x.hba1c(lastDay) < 6.5);
    assert.equal(x.fev1Ratio(lastDay) < 0.7, x.onset.copd !== undefined);
  }
});
