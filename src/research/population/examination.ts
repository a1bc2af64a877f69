/**
 * What is measured at a visit: vital signs, laboratory panels, spirometry, smoking. Every value is the state of the
 * person plus analytic and biological variation; derived values (BMI, eGFR, Friedewald LDL, FEV1/FVC) are computed
 * from the values as printed, so that a reader can check them.
 */
import type { Observation } from "@medplum/fhirtypes";
import { rounded, type Visit } from "./chart.ts";
import { egfr as ckdEpi, creatinineFor } from "./kidney.ts";
import { acrNow, age, egfrNow, effect, haemoglobinNow, hba1cNow, ldlNow, ntProBnpNow, potassiumNow, pulseNow, smokesNow, systolicNow, type Case } from "./state.ts";
import { concept, loinc, snomed } from "./terms.ts";
import { ageYears, daysPerYear } from "./time.ts";

export function measurePressure(c: Case, v: Visit): void {
  const adult = age(c, v.day) >= 18;
  const systolic = Math.round(Math.min(230, Math.max(62, systolicNow(c, v.day) + c.noise.normal(1, 5.5))));
  const diastolic = Math.round(Math.min(systolic - 18, Math.max(36, c.life.diastolic(v.day, systolic) + c.noise.normal(0, 4))));
  c.pressures.push({ day: v.day, systolic, diastolic });
  c.chart.pressure(v, systolic, diastolic, adult);
}

export function measurePulse(c: Case, v: Visit, extra = 0): void {
  c.chart.observe(v, "heartRate", Math.max(38, pulseNow(c, v.day) + extra + c.noise.normal(0, 5)), { adult: age(c, v.day) >= 18 });
}

/** Weight, height and the BMI of exactly these two. */
export function measureBody(c: Case, v: Visit): number {
  const adult = age(c, v.day) >= 18;
  const height = rounded(c.life.heightCm(v.day) + c.noise.normal(0, 0.25), 1);
  const weight = rounded(c.life.bmi(v.day) * (height / 100) ** 2 + c.noise.normal(0, height > 120 ? 0.5 : 0.12), 1);
  c.chart.observe(v, "height", height);
  c.chart.observe(v, "weight", weight);
  const bmi = rounded(weight / (height / 100) ** 2, 1);
  c.chart.observe(v, "bmi", bmi, { adult });
  c.lastReview.body = v.day;
  return bmi;
}

/** Temperature, breathing, oxygen; with `fever` in °C above normal and `lungs` in % of saturation lost. */
export function measureAcute(c: Case, v: Visit, fever: number, lungs: number, alert = false): void {
  const adult = age(c, v.day) >= 18;
  const temperature = 36.5 + Math.max(0, fever) + c.noise.normal(0, 0.2);
  c.chart.observe(v, "temperature", temperature);
  c.chart.observe(v, "spo2", Math.min(100, Math.max(78, spo2Now(c, v.day) - lungs + c.noise.normal(0, 0.7))));
  c.chart.observe(v, "respiratoryRate", (adult ? 15 : Math.max(16, 34 - age(c, v.day) * 1.5)) + fever * 1.5 + lungs * 0.9 + c.noise.normal(0, 1), { adult });
  if (alert) c.chart.answer(v, consciousness, "vital-signs", alertAnswer);
}
const consciousness = concept({ en: "Level of consciousness", zh: "意识水平" }, { system: loinc, code: "80288-4" });
const alertAnswer = concept({ en: "Alert", zh: "清醒" }, { system: snomed, code: "248234008" });

export function spo2Now(c: Case, day: number): number {
  const lungs = c.life.onset.copd !== undefined && day > c.life.onset.copd ? Math.max(0, 0.75 - c.life.fev1Share(day)) * 11 : 0;
  return 97.8 - lungs - Math.max(0, age(c, day) - 65) * 0.04;
}

const never = concept({ en: "Never smoked", zh: "从不吸烟" }, { system: snomed, code: "266919005" });
const former = concept({ en: "Former smoker", zh: "已戒烟" }, { system: snomed, code: "8517006" });
const current = concept({ en: "Smokes daily", zh: "每日吸烟" }, { system: snomed, code: "449868002" });
const smokingQuestion = concept({ en: "Tobacco smoking status", zh: "吸烟状况" }, { system: loinc, code: "72166-2" });
export function askSmoking(c: Case, v: Visit): void {
  c.chart.answer(v, smokingQuestion, "social-history", { never, former, current }[smokesNow(c, v.day)]);
}

function kidneys(c: Case, v: Visit): Observation[] {
  const years = ageYears(c.life.birthDay, v.day);
  if (years < 18) return [];
  // Below these values a muscle mass would be needed that nobody in this population has.
  const creatinine = Math.max(c.life.sex === "male" ? 48 : 38, Math.round(creatinineFor(egfrNow(c, v.day), years, c.life.sex) * (1 + c.noise.normal(0, 0.03))));
  const value = Math.round(ckdEpi(creatinine, years, c.life.sex));
  c.egfrs.push({ day: v.day, value });
  return [c.chart.observe(v, "creatinine", creatinine), c.chart.observe(v, "egfr", value), c.chart.observe(v, "potassium", potassiumNow(c, v.day) + c.noise.normal(0, 0.18))];
}

function albumin(c: Case, v: Visit): Observation[] {
  const value = Math.max(2, Math.round(acrNow(c, v.day) * Math.exp(c.noise.normal(0, 0.22))));
  c.acrs.push({ day: v.day, value });
  return [c.chart.observe(v, "acr", value)];
}

function sugar(c: Case, v: Visit, withHba1c: boolean): Observation[] {
  const hba1c = rounded(hba1cNow(c, v.day) + c.noise.normal(0, 0.1), 1);
  // ADAG: average glucose = 1.59 × HbA1c − 2.59 mmol/L (Nathan DM et al. Diabetes Care 2008;31:1473); fasting lies below it.
  const glucose = rounded((1.59 * hba1c - 2.59) * (0.86 + c.noise.normal(0, 0.035)), 1);
  c.lastGlucose = glucose;
  const found = [c.chart.observe(v, "glucose", glucose)];
  if (withHba1c) { c.lastHba1c = hba1c; found.unshift(c.chart.observe(v, "hba1c", hba1c)); }
  return found;
}

function lipids(c: Case, v: Visit): Observation[] {
  const hdl = rounded(c.life.hdl + c.noise.normal(0, 0.06), 2), triglycerides = rounded(c.life.triglycerides(v.day) * Math.exp(c.noise.normal(0, 0.15)), 2);
  const total = rounded(ldlNow(c, v.day) * (1 + c.noise.normal(0, 0.05)) + hdl + triglycerides / 2.2, 2);
  const found = [c.chart.observe(v, "cholesterol", total), c.chart.observe(v, "hdl", hdl), c.chart.observe(v, "triglycerides", triglycerides)];
  if (triglycerides < 4.5) { // Friedewald holds below 4.5 mmol/L
    const ldl = Math.max(0.3, rounded(total - hdl - triglycerides / 2.2, 2));
    c.lastLdl = ldl;
    found.push(c.chart.observe(v, "ldl", ldl));
  }
  return found;
}

function blood(c: Case, v: Visit, infection = 0): Observation[] {
  const haemoglobin = Math.round(haemoglobinNow(c, v.day) + c.noise.normal(0, 3));
  c.lastHaemoglobin = haemoglobin;
  return [c.chart.observe(v, "haemoglobin", haemoglobin, { adult: age(c, v.day) >= 18 }), c.chart.observe(v, "whiteCells", Math.max(2.5, 6.1 + infection * 5 + c.noise.normal(0, 1))), c.chart.observe(v, "platelets", Math.max(90, 225 + c.noise.normal(0, 38)))];
}

export type Panel = "kidneys" | "albumin" | "sugar" | "hba1c" | "lipids" | "blood" | "infection" | "thyroid" | "iron" | "heart" | "troponin" | "liver" | "clotting";

/** Orders panels together: one report, its results beside it. */
export function orderPanels(c: Case, v: Visit, panels: readonly Panel[]): void {
  const results: Observation[] = [];
  for (const panel of new Set(panels)) {
    switch (panel) {
      case "kidneys": results.push(...kidneys(c, v)); break;
      case "albumin": results.push(...albumin(c, v)); break;
      case "sugar": if (!panels.includes("hba1c")) results.push(...sugar(c, v, false)); break;
      case "hba1c": results.push(...sugar(c, v, true)); break;
      case "lipids": results.push(...lipids(c, v)); break;
      case "blood": if (!panels.includes("infection")) results.push(...blood(c, v)); break;
      case "infection": results.push(...blood(c, v, 1), c.chart.observe(v, "crp", 20 + c.noise.wait(35))); break;
      case "thyroid": {
        const began = c.life.onset.hypothyroidism;
        const raised = began !== undefined && v.day >= began ? Math.max(0, Math.log(14 / 2) * (1 - 0.93 * effect(c, "levothyroxine", v.day, 60))) : 0;
        c.lastTsh = rounded(2 * Math.exp(raised + c.noise.normal(0, 0.25)), 2);
        results.push(c.chart.observe(v, "tsh", c.lastTsh)); break;
      }
      case "iron": {
        const low = c.life.onset.anaemia !== undefined && v.day >= c.life.onset.anaemia ? 1 - effect(c, "ferrousSulfate", v.day, 110) : 0;
        results.push(c.chart.observe(v, "ferritin", Math.max(3, (c.life.sex === "female" ? 62 : 120) * Math.exp(-2.2 * low + c.noise.normal(0, 0.3))))); break;
      }
      case "heart": results.push(c.chart.observe(v, "ntProBnp", Math.max(5, ntProBnpNow(c, v.day) * Math.exp(c.noise.normal(0, 0.25))))); break;
      case "troponin": results.push(c.chart.observe(v, "troponin", 900 * Math.exp(c.noise.normal(0, 1)))); break;
      case "liver": results.push(c.chart.observe(v, "alt", Math.max(6, 21 * Math.exp(c.noise.normal(0, 0.3))))); break;
      case "clotting": results.push(c.chart.observe(v, "inr", c.taking.has("warfarin") ? Math.max(1.1, c.noise.normal(2.4, 0.5)) : 1)); break;
    }
  }
  if (results.length > 0) c.chart.report(v, { en: results.length > 6 ? "Laboratory panel" : "Laboratory results", zh: results.length > 6 ? "实验室组合检验" : "实验室检验" }, results);
}

/** Predicted values: ECSC 1993 (Quanjer PH et al. Eur Respir J Suppl 1993;16:5-40), height in m, age in years. */
export function spirometry(c: Case, v: Visit): number {
  const h = c.life.heightCm(v.day) / 100, a = Math.max(25, Math.min(85, age(c, v.day)));
  const predicted = c.life.sex === "male" ? 4.3 * h - 0.029 * a - 2.49 : 3.95 * h - 0.025 * a - 2.6;
  const fev1 = rounded(Math.max(0.45, predicted * c.life.fev1Share(v.day) * (1 + c.noise.normal(0, 0.025))), 2);
  const fvc = rounded(fev1 / (c.life.fev1Ratio(v.day) + c.noise.normal(0, 0.008)), 2);
  const ratio = Math.round((100 * fev1) / fvc);
  c.chart.procedure(v, "spirometry");
  c.chart.observe(v, "fev1", fev1); c.chart.observe(v, "fvc", fvc); c.chart.observe(v, "fev1Ratio", ratio);
  c.lastReview.airways = v.day;
  return ratio;
}

/** PHQ-9: high in an episode, falling by half within about ten weeks of treatment. */
export function moodScore(c: Case, v: Visit): number {
  const episode = c.depressed;
  const ill = episode && v.day >= episode.from && v.day <= episode.to ? 1 - 0.7 * effect(c, "sertraline", v.day, 84) : 0;
  const score = Math.round(Math.min(27, Math.max(0, 2 + 14 * ill + c.noise.normal(0, 1.5))));
  c.chart.observe(v, "phq9", score);
  return score;
}

/** Years since a review was last done; infinite when never. */
export function since(c: Case, key: keyof Case["lastReview"], day: number): number {
  const last = c.lastReview[key];
  return last === undefined ? Infinity : (day - last) / daysPerYear;
}
