/**
 * PREVENT base equations, 10 and 30 years. Source: Khan SS et al. Circulation 2024;149:430-449,
 * doi:10.1161/CIRCULATIONAHA.123.067626, supplemental tables S12.A (10 years) and S12.F (30 years).
 * risk = 1 / (1 + e^-x); x is linear in terms centred at age 55, non-HDL 3.5 and HDL 1.3 mmol/L, SBP 130 mmHg, eGFR 90,
 * with knots at SBP 110, eGFR 60 and BMI 30, so that at the reference x is the constant alone.
 */
import assert from "node:assert/strict";

export type PreventInput = {
  female: boolean; ageYears: number; totalCholesterolMmolPerL: number; hdlCholesterolMmolPerL: number; systolicMmHg: number;
  diabetes: boolean; currentSmoker: boolean; egfrMlPerMinPer173M2: number; onAntihypertensive: boolean; onStatin: boolean; bmiKgPerM2: number;
};
export type Outcome = "cvd" | "ascvd" | "hf";
export type Horizon = 10 | 30;

/** Factors a term belongs to: an interaction with age or treatment is booked to the other factor or to the treatment. */
export const factors = ["age", "nonHdl", "hdl", "systolic", "diabetes", "smoking", "egfr", "antihypertensive", "statin", "bmi"] as const;
export type Factor = (typeof factors)[number];

const termFactors: readonly Factor[] = [
  "age", "age", "nonHdl", "hdl", "systolic", "systolic", "diabetes", "smoking", "egfr", "egfr", "antihypertensive", "statin",
  "antihypertensive", "statin", "nonHdl", "hdl", "systolic", "diabetes", "smoking", "egfr", "bmi", "bmi", "bmi",
];

// constant | age age² nonHDL HDL SBP<110 SBP≥110 diabetes smoking eGFR<60 eGFR≥60 bpMed statin
// | bpMed×SBP≥110 statin×nonHDL | age× nonHDL HDL SBP≥110 diabetes smoking eGFR<60 | BMI<30 BMI≥30 age×BMI≥30
type Row = readonly number[];
const coefficients: Record<"female" | "male", Record<Horizon, Record<Outcome, Row>>> = {
  female: {
    10: {
      cvd: [-3.307728, 0.7939329, 0, 0.0305239, -0.1606857, -0.2394003, 0.3600781, 0.8667604, 0.5360739, 0.6045917, 0.0433769, 0.3151672, -0.1477655, -0.0663612, 0.1197879, -0.0819715, 0.0306769, -0.0946348, -0.27057, -0.078715, -0.1637806, 0, 0, 0],
      ascvd: [-3.819975, 0.719883, 0, 0.1176967, -0.151185, -0.0835358, 0.3592852, 0.8348585, 0.4831078, 0.4864619, 0.0397779, 0.2265309, -0.0592374, -0.0395762, 0.0844423, -0.0567839, 0.0325692, -0.1035985, -0.2417542, -0.0791142, -0.1671492, 0, 0, 0],
      hf: [-4.310409, 0.8998235, 0, 0, 0, -0.4559771, 0.3576505, 1.038346, 0.583916, 0.7451638, 0.0557087, 0.3534442, 0, -0.0981511, 0, 0, 0, -0.0946663, -0.3581041, -0.1159453, -0.1884289, -0.0072294, 0.2997706, -0.003878],
    },
    30: {
      cvd: [-1.318827, 0.5503079, -0.0928369, 0.0409794, -0.1663306, -0.1628654, 0.3299505, 0.6793894, 0.3196112, 0.1857101, 0.0553528, 0.2894, -0.075688, -0.056367, 0.1071019, -0.0751438, 0.0301786, -0.0998776, -0.3206166, -0.1607862, -0.1450788, 0, 0, 0],
      ascvd: [-1.974074, 0.4669202, -0.0893118, 0.1256901, -0.1542255, -0.0018093, 0.322949, 0.6296707, 0.268292, 0.100106, 0.0499663, 0.1875292, 0.0152476, -0.0276123, 0.0736147, -0.0521962, 0.0316918, -0.1046101, -0.2727793, -0.1530907, -0.1299149, 0, 0, 0],
      hf: [-2.205379, 0.6254374, -0.0983038, 0, 0, -0.3919241, 0.3142295, 0.8330787, 0.3438651, 0.2981642, 0.0667159, 0.333921, 0, -0.0893177, 0, 0, 0, -0.0974299, -0.404855, -0.1982991, -0.1564215, 0.0594874, 0.2525536, -0.0035619],
    },
  },
  male: {
    10: {
      cvd: [-3.031168, 0.7688528, 0, 0.0736174, -0.0954431, -0.4347345, 0.3362658, 0.7692857, 0.4386871, 0.5378979, 0.0164827, 0.288879, -0.1337349, -0.0475924, 0.150273, -0.0517874, 0.0191169, -0.1049477, -0.2251948, -0.0895067, -0.1543702, 0, 0, 0],
      ascvd: [-3.500655, 0.7099847, 0, 0.1658663, -0.1144285, -0.2837212, 0.3239977, 0.7189597, 0.3956973, 0.3690075, 0.0203619, 0.2036522, -0.0865581, -0.0322916, 0.114563, -0.0300005, 0.0232747, -0.0927024, -0.2018525, -0.0970527, -0.1217081, 0, 0, 0],
      hf: [-3.946391, 0.8972642, 0, 0, 0, -0.6811466, 0.3634461, 0.923776, 0.5023736, 0.6926917, 0.0251827, 0.2980922, 0, -0.0497731, 0, 0, 0, -0.1289201, -0.3040924, -0.1401688, -0.1797778, -0.0485841, 0.3726929, 0.0068126],
    },
    30: {
      cvd: [-1.148204, 0.4627309, -0.0984281, 0.0836088, -0.1029824, -0.2140352, 0.2904325, 0.5331276, 0.2141914, 0.1155556, 0.0603775, 0.232714, -0.0272112, -0.0384488, 0.134192, -0.0511759, 0.0165865, -0.1101437, -0.2585943, -0.1566406, -0.1166776, 0, 0, 0],
      ascvd: [-1.736444, 0.3994099, -0.0937484, 0.1744643, -0.120203, -0.0665117, 0.2753037, 0.4790257, 0.1782635, -0.0218789, 0.0602553, 0.1421182, 0.0135996, -0.0218265, 0.1013148, -0.0312619, 0.020673, -0.0920935, -0.2159947, -0.1548811, -0.0712547, 0, 0, 0],
      hf: [-1.95751, 0.5681541, -0.1048388, 0, 0, -0.4761564, 0.30324, 0.6840338, 0.2656273, 0.2541805, 0.0638923, 0.2583631, 0, -0.0391938, 0, 0, 0, -0.1269124, -0.3273572, -0.2043019, -0.1342618, 0.0833107, 0.26999, -0.0182831],
    },
  },
};
for (const sex of Object.values(coefficients)) for (const horizon of Object.values(sex)) for (const row of Object.values(horizon)) assert.equal(row.length, termFactors.length + 1);

export type PreventRisk = { probability: number; reference: number; effects: Record<Factor, number> };

/** `reference`: log-odds of the reference person; `effects` add up to the person's log-odds above it. */
export function prevent(x: PreventInput, outcome: Outcome, horizon: Horizon): PreventRisk {
  for (const value of [x.ageYears, x.systolicMmHg, x.egfrMlPerMinPer173M2]) assert(value > 0);
  const row = coefficients[x.female ? "female" : "male"][horizon][outcome];
  const age = (x.ageYears - 55) / 10;
  const nonHdl = x.totalCholesterolMmolPerL - x.hdlCholesterolMmolPerL - 3.5;
  const hdl = (x.hdlCholesterolMmolPerL - 1.3) / 0.3;
  const low = (Math.min(x.systolicMmHg, 110) - 110) / 20, high = (Math.max(x.systolicMmHg, 110) - 130) / 20;
  const egfrLow = (Math.min(x.egfrMlPerMinPer173M2, 60) - 60) / -15, egfrHigh = (Math.max(x.egfrMlPerMinPer173M2, 60) - 90) / -15;
  const diabetes = Number(x.diabetes), smoking = Number(x.currentSmoker), treated = Number(x.onAntihypertensive), statin = Number(x.onStatin);
  const bmiLow = (Math.min(x.bmiKgPerM2, 30) - 25) / 5, bmiHigh = (Math.max(x.bmiKgPerM2, 30) - 30) / 5;
  const terms = [
    age, age * age, nonHdl, hdl, low, high, diabetes, smoking, egfrLow, egfrHigh, treated, statin,
    treated * high, statin * nonHdl, age * nonHdl, age * hdl, age * high, age * diabetes, age * smoking, age * egfrLow, bmiLow, bmiHigh, age * bmiHigh,
  ];
  const effects: Record<Factor, number> = { age: 0, nonHdl: 0, hdl: 0, systolic: 0, diabetes: 0, smoking: 0, egfr: 0, antihypertensive: 0, statin: 0, bmi: 0 };
  let sum = row[0]!;
  for (let i = 0; i < terms.length; i++) {
    const beta = row[i + 1]!;
    if (beta === 0) continue; // a term the equation lacks: its input may be absent
    const effect = beta * terms[i]!;
    effects[termFactors[i]!] += effect;
    sum += effect;
  }
  return { probability: 1 / (1 + Math.exp(-sum)), reference: row[0]!, effects };
}
