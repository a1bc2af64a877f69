/**
 * SCORE2 (40-69 years) and SCORE2-OP (70-89 years): 10-year risk of a first fatal or non-fatal cardiovascular event.
 * Sources: SCORE2 working group. Eur Heart J 2021;42:2439-2454, doi:10.1093/eurheartj/ehab309; SCORE2-OP working group.
 * Eur Heart J 2021;42:2455-2467, doi:10.1093/eurheartj/ehab312; coefficients and region scales of both supplements.
 * risk = 1 − exp(−exp(scale1 + scale2 · ln(−ln(S0^exp(x)))))  with x above the reference named in `centre`.
 */
import assert from "node:assert/strict";

export const regions = ["low", "moderate", "high", "very-high"] as const;
export type Region = (typeof regions)[number];
export type Score2Input = { female: boolean; ageYears: number; currentSmoker: boolean; systolicMmHg: number; totalCholesterolMmolPerL: number; hdlCholesterolMmolPerL: number; region: Region };
export const score2Factors = ["age", "smoking", "systolic", "cholesterol", "hdl"] as const;
export type Score2Factor = (typeof score2Factors)[number];

type Model = { main: Record<Score2Factor, number>; byAge: Record<Exclude<Score2Factor, "age">, number>; survival: number; mean: number; scales: Record<Region, readonly [number, number]> };
export type Centre = { age: number; agePer: number; systolic: number; systolicPer: number; cholesterol: number; hdl: number; hdlPer: number };

export const centres: Record<"score2" | "score2-op", Centre> = {
  "score2": { age: 60, agePer: 5, systolic: 120, systolicPer: 20, cholesterol: 6, hdl: 1.3, hdlPer: 0.5 },
  "score2-op": { age: 73, agePer: 1, systolic: 150, systolicPer: 1, cholesterol: 6, hdl: 1.4, hdlPer: 1 },
};

const models: Record<"score2" | "score2-op", Record<"female" | "male", Model>> = {
  "score2": {
    male: {
      main: { age: 0.3742, smoking: 0.6012, systolic: 0.2777, cholesterol: 0.1458, hdl: -0.2698 }, byAge: { smoking: -0.0755, systolic: -0.0255, cholesterol: -0.0281, hdl: 0.0426 },
      survival: 0.9605, mean: 0, scales: { "low": [-0.5699, 0.7476], "moderate": [-0.1565, 0.8009], "high": [0.3207, 0.936], "very-high": [0.5836, 0.8294] },
    },
    female: {
      main: { age: 0.4648, smoking: 0.7744, systolic: 0.3131, cholesterol: 0.1002, hdl: -0.2606 }, byAge: { smoking: -0.1088, systolic: -0.0277, cholesterol: -0.0226, hdl: 0.0613 },
      survival: 0.9776, mean: 0, scales: { "low": [-0.738, 0.7019], "moderate": [-0.3143, 0.7701], "high": [0.571, 0.9369], "very-high": [0.9412, 0.8329] },
    },
  },
  "score2-op": {
    male: {
      main: { age: 0.0634, smoking: 0.3524, systolic: 0.0094, cholesterol: 0.085, hdl: -0.3564 }, byAge: { smoking: -0.0247, systolic: -0.0005, cholesterol: 0.0073, hdl: 0.0091 },
      survival: 0.7576, mean: 0.0929, scales: { "low": [-0.34, 1.19], "moderate": [0.01, 1.25], "high": [0.08, 1.15], "very-high": [0.05, 0.7] },
    },
    female: {
      main: { age: 0.0789, smoking: 0.4921, systolic: 0.0102, cholesterol: 0.0605, hdl: -0.304 }, byAge: { smoking: -0.0255, systolic: -0.0004, cholesterol: -0.0009, hdl: 0.0154 },
      survival: 0.8082, mean: 0.229, scales: { "low": [-0.52, 1.01], "moderate": [-0.1, 1.1], "high": [0.38, 1.09], "very-high": [0.38, 0.69] },
    },
  },
};

/** `effects` are log-hazards above the reference, before recalibration to the region. */
export function score2(x: Score2Input, which: "score2" | "score2-op"): { probability: number; effects: Record<Score2Factor, number> } {
  for (const value of [x.ageYears, x.systolicMmHg, x.totalCholesterolMmolPerL, x.hdlCholesterolMmolPerL]) assert(value > 0);
  const model = models[which][x.female ? "female" : "male"], centre = centres[which];
  const age = (x.ageYears - centre.age) / centre.agePer;
  const terms = {
    smoking: Number(x.currentSmoker), systolic: (x.systolicMmHg - centre.systolic) / centre.systolicPer,
    cholesterol: x.totalCholesterolMmolPerL - centre.cholesterol, hdl: (x.hdlCholesterolMmolPerL - centre.hdl) / centre.hdlPer,
  };
  const effects: Record<Score2Factor, number> = { age: model.main.age * age, smoking: 0, systolic: 0, cholesterol: 0, hdl: 0 };
  let sum = effects.age;
  for (const factor of ["smoking", "systolic", "cholesterol", "hdl"] as const) {
    effects[factor] = (model.main[factor] + model.byAge[factor] * age) * terms[factor];
    sum += effects[factor];
  }
  const [scale1, scale2] = model.scales[x.region];
  const hazard = -Math.log(model.survival) * Math.exp(sum - model.mean); // −ln(S0^exp(x))
  return { probability: 1 - Math.exp(-Math.exp(scale1 + scale2 * Math.log(hazard))), effects };
}
