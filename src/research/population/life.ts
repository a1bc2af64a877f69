/**
 * One person's biology from birth: traits, onsets of conditions, and the course of each measure if nobody treated it.
 * Care (course.ts) adds what treatment changes. Causes run one way: body mass → pressure, diabetes; pressure and
 * diabetes → kidney; smoking → airways; pressure, body mass → atrial fibrillation; events follow in care, because
 * treatment changes their rates.
 */
import {
  adultHeightCm, ageBands, asthmaPrevalence, at, atrialFibrillationPrevalence, bmiLogSd, bmiMedian, copdPrevalenceNeverSmoker,
  copdSmokingRatio, depressionByAge, diabetesPrevalence, diastolicMean, everSmoked, heightShare, hypertensionPrevalence,
  hypothyroidismPrevalence, onsetAge, osteoarthritisPrevalence, systolicChildMean, systolicSd, threshold, type Sex,
} from "./epidemiology.ts";
import { random, type Random } from "./random.ts";
import { daysPerYear, exactAge } from "./time.ts";

/** Conditions whose onset is biology; events (stroke, infarction, heart failure) and CKD come out of the course. */
export type Onset = "hypertension" | "diabetes" | "atrialFibrillation" | "copd" | "depression" | "asthma" | "hypothyroidism" | "osteoarthritis" | "anaemia";

/** A history decided beforehand; everything left out is drawn. */
export type Forced = {
  sex?: Sex; ageYears?: number; /** standard-normal liabilities */ bmi?: number; pressure?: number; diabetes?: number; smoker?: boolean;
  /** Days before the last day; null = never. */
  onsetDaysAgo?: Partial<Record<Onset, number | null>>;
  /** eGFR on the last day. */
  egfrNow?: number;
  /** Standard-normal tendency to lose albumin. */
  albuminuria?: number;
  /** Share of the effect of medicines that is reached; comes to every appointment. */
  adherence?: number; diligent?: boolean;
  alive?: boolean; wearable?: boolean; demoDoctor?: boolean; anticoagulated?: boolean; noEvents?: boolean;
};

export type Life = {
  sex: Sex; birthDay: number; /** last day of which anything is known, inclusive */ lastDay: number;
  smoking?: { from: number; to?: number };
  onset: Partial<Record<Onset, number>>;
  /** Liabilities worth a family history. */
  family: { diabetes: boolean; hypertension: boolean; stroke: boolean };
  heightCm(day: number): number; bmi(day: number): number;
  systolic(day: number): number; diastolic(day: number, systolic: number): number; pulse: number;
  hba1c(day: number): number; ldl(day: number): number; hdl: number; triglycerides(day: number): number;
  /** eGFR untreated, and the loss per year of diabetes and hypertension that treatment can slow. */
  egfr(day: number): number; renalExcess: { diabetes: number; hypertension: number };
  acr(day: number): number; haemoglobin: number; fev1Share(day: number): number; fev1Ratio(day: number): number;
};

/** Age at the last day follows the age structure of registered people. */
function drawAge(r: Random): number {
  const band = ageBands[r.weighted(ageBands.map((b) => b.share))]!;
  return r.between(band.from, band.to);
}

export function live(seed: string, index: number, lastDay: number, forced: Forced = {}): Life {
  const r = random(seed, index, "life");
  const drawnSex: Sex = r.chance(0.505) ? "female" : "male";
  const drawnAge = drawAge(r);
  const sex = forced.sex ?? drawnSex;
  const age = forced.ageYears ?? drawnAge;
  const birthDay = Math.floor(lastDay - age * daysPerYear);

  // Liabilities: sums of shared causes and independent parts, each of variance 1.
  const zBmi = forced.bmi ?? r.normal();
  const bmiAndPressure = 0.35; // correlation of the two shared causes; the rest are independent
  const mix = (...shared: [number, number][]): number => {
    let explained = shared.reduce((sum, [, weight]) => sum + weight * weight, 0);
    if (shared.length === 2) explained += 2 * shared[0]![1] * shared[1]![1] * bmiAndPressure;
    return shared.reduce((sum, [z, weight]) => sum + z * weight, 0) + Math.sqrt(1 - explained) * r.normal();
  };
  const drawnPressure = mix([zBmi, bmiAndPressure]);
  const zPressure = forced.pressure ?? drawnPressure;
  const drawnDiabetes = mix([zBmi, 0.42], [zPressure, 0.12]);
  const zDiabetes = forced.diabetes ?? drawnDiabetes;
  const zFibrillation = mix([zPressure, 0.3], [zBmi, 0.2]);
  const zAirways = mix(), zMood = mix(), zAsthma = mix([zBmi, 0.1]), zThyroid = mix(), zJoints = mix([zBmi, 0.4]);
  const zLipids = mix([zBmi, 0.2]), zKidney = mix();

  const drawnSmoker = r.chance(everSmoked[sex]), startAge = r.between(16, 24), yearsToQuit = r.wait(sex === "male" ? 55 : 35) + 4;
  const smokes = forced.smoker ?? drawnSmoker;
  const smokeFrom = Math.floor(birthDay + startAge * daysPerYear), smokeTo = Math.floor(smokeFrom + yearsToQuit * daysPerYear);
  const smoking = smokes && smokeFrom <= lastDay ? (smokeTo <= lastDay ? { from: smokeFrom, to: smokeTo } : { from: smokeFrom }) : undefined;

  const onset: Life["onset"] = {};
  const set = (key: Onset, onsetAt: number | undefined): void => {
    const offset = Math.floor(r.between(0, 90)); // onsets are searched by quarter years
    const said = forced.onsetDaysAgo?.[key];
    if (said === null) return;
    const day = said !== undefined ? lastDay - said : onsetAt === undefined ? undefined : Math.floor(birthDay + onsetAt * daysPerYear) + offset;
    if (day !== undefined && day <= lastDay) onset[key] = day;
  };
  set("hypertension", onsetAge(zPressure, (a) => at(hypertensionPrevalence, a), age));
  set("diabetes", age < 18 ? undefined : onsetAge(zDiabetes, (a) => at(diabetesPrevalence[sex], a), age));
  set("atrialFibrillation", onsetAge(zFibrillation, (a) => at(atrialFibrillationPrevalence[sex], a), age));
  const smokedTenYearsAt = smoking ? startAge + 10 : Infinity;
  const smokedYears = smoking ? ((smoking.to ?? lastDay) - smoking.from) / daysPerYear : 0;
  set("copd", onsetAge(zAirways, (a) => at(copdPrevalenceNeverSmoker[sex], a) * (smokedYears >= 10 && a >= smokedTenYearsAt ? copdSmokingRatio : 1), age));
  set("depression", onsetAge(zMood, (a) => at(depressionByAge[sex], a), age));
  set("asthma", onsetAge(zAsthma, (a) => at(asthmaPrevalence, a), age));
  set("hypothyroidism", age < 18 ? undefined : onsetAge(zThyroid, (a) => at(hypothyroidismPrevalence[sex], a), age));
  set("osteoarthritis", onsetAge(zJoints, (a) => at(osteoarthritisPrevalence[sex], a), age));
  // Iron deficiency of menstruating women: about 8 % at some time; onset uniform over those years.
  const anaemic = sex === "female" && r.chance(0.08), anaemiaAge = r.between(18, 48);
  set("anaemia", anaemic && anaemiaAge < age ? anaemiaAge : undefined);

  const height = adultHeightCm[sex], adultHeight = r.normal(height.mean, height.sd);
  const heightCm = (day: number): number => {
    const a = exactAge(birthDay, day);
    return adultHeight * at(heightShare[sex], a) - Math.max(0, a - 55) * 0.09;
  };
  const wave = r.between(0, 2 * Math.PI);
  const bmi = (day: number): number => {
    const a = exactAge(birthDay, day);
    const spread = Math.min(bmiLogSd, 0.07 + a * 0.0035);
    return at(bmiMedian[sex], a) * Math.exp(spread * zBmi + 0.02 * Math.sin(wave + a * 0.7));
  };
  // At any age the share of people above 140 mmHg is the prevalence of hypertension.
  const systolic = (day: number): number => {
    const a = exactAge(birthDay, day), sd = at(systolicSd, a);
    const adult = 140 - sd * threshold(at(hypertensionPrevalence, a));
    const mean = a < 18 ? at(systolicChildMean, a) : a < 22 ? 117 + ((adult - 117) * (a - 18)) / 4 : adult;
    return mean + sd * zPressure;
  };
  const diastolic = (day: number, now: number): number => {
    const a = exactAge(birthDay, day);
    const mean = a < 18 ? at(systolicChildMean, a) : 140 - at(systolicSd, a) * threshold(at(hypertensionPrevalence, a));
    return at(diastolicMean, a) + 0.42 * (now - mean);
  };
  // At the threshold of diabetes HbA1c is 6.5 %: below it follows the distance, beyond it rises with the years.
  const glycaemicTempo = r.between(0.04, 0.14), glycaemicStart = r.between(0.2, 1.2);
  const hba1c = (day: number): number => {
    const a = Math.max(20, exactAge(birthDay, day));
    const distance = zDiabetes - threshold(at(diabetesPrevalence[sex], a));
    const began = onset.diabetes;
    if (began === undefined || day < began) return Math.min(6.3, Math.max(4.7, 6.4 + 0.42 * Math.min(-0.05, distance)));
    const years = (day - began) / daysPerYear;
    return Math.min(11.5, 6.6 + glycaemicStart * Math.min(1, years + 0.3) + glycaemicTempo * years + 0.5 * Math.max(0, distance));
  };
  const ldlCurve = [[2, 2.1], [20, 2.3], [50, 3.05], [65, 3.05], [85, 2.7]] as const;
  const ldl = (day: number): number => Math.max(1.1, at(ldlCurve, exactAge(birthDay, day)) + 0.68 * zLipids);
  const hdlBase = Math.max(0.75, r.normal(sex === "female" ? 1.42 : 1.22, 0.24) - 0.09 * zBmi);
  const tgNoise = r.normal();
  const triglycerides = (day: number): number => Math.min(4.3, Math.exp(Math.log(0.95 + 0.006 * Math.min(50, exactAge(birthDay, day))) + 0.32 * tgNoise + 0.18 * zBmi + (onset.diabetes !== undefined && day >= onset.diabetes ? 0.15 : 0)));

  // eGFR: peak at 25, then the loss of ageing; diabetes and hypertension add theirs from their onset.
  const peak = 110 + 7 * r.normal(), ageing = Math.max(0.35, 0.64 + 0.17 * zKidney);
  const diabetesLoss = Math.max(0, 0.6 + 0.5 * zKidney + 0.45 * r.normal()), pressureLoss = Math.max(0, 0.25 + 0.2 * r.normal());
  const egfrRaw = (day: number): number => {
    const a = exactAge(birthDay, day);
    let value = peak - ageing * Math.max(0, a - 25);
    if (onset.diabetes !== undefined) value -= diabetesLoss * Math.max(0, (day - onset.diabetes) / daysPerYear - 3);
    if (onset.hypertension !== undefined) value -= pressureLoss * Math.max(0, (day - onset.hypertension) / daysPerYear);
    return value;
  };
  // A forced end value bends the whole course, more so in later years, instead of a step at the end.
  const bend = forced.egfrNow === undefined ? 0 : egfrRaw(lastDay) - forced.egfrNow;
  const egfr = (day: number): number => Math.max(6, egfrRaw(day) - bend * Math.min(1, Math.max(0, (exactAge(birthDay, day) - 40) / Math.max(1, age - 40))));

  const drawnAcr = r.normal(), acrTrait = forced.albuminuria ?? drawnAcr;
  const acr = (day: number): number => {
    let log = Math.log(7) + 0.45 * acrTrait;
    if (onset.diabetes !== undefined && day > onset.diabetes) log += Math.max(0, 0.07 + 0.05 * acrTrait + 0.04 * zKidney) * ((day - onset.diabetes) / daysPerYear);
    if (onset.hypertension !== undefined && day > onset.hypertension) log += 0.25 + 0.12 * Math.max(0, zPressure);
    const filter = egfr(day);
    if (filter < 60) log += (60 - filter) * 0.03;
    return Math.min(2500, Math.exp(log));
  };

  const airwayLoss = r.between(0.012, 0.035), airwayTrait = r.normal(1, 0.1);
  const fev1Share = (day: number): number => {
    const began = onset.copd;
    const base = Math.min(1.25, Math.max(0.82, airwayTrait));
    return began === undefined || day < began ? base : Math.max(0.25, base * 0.82 - airwayLoss * ((day - began) / daysPerYear));
  };
  const fev1Ratio = (day: number): number => {
    const began = onset.copd;
    const a = exactAge(birthDay, day);
    return began === undefined || day < began ? Math.max(0.73, 0.86 - 0.0018 * Math.max(0, a - 20)) : Math.max(0.36, 0.665 - 0.55 * airwayLoss * ((day - began) / daysPerYear));
  };

  return {
    sex, birthDay, lastDay, smoking, onset, heightCm, bmi, systolic, diastolic, hba1c, ldl, hdl: hdlBase, triglycerides, egfr, acr, fev1Share, fev1Ratio,
    renalExcess: { diabetes: diabetesLoss, hypertension: pressureLoss },
    pulse: r.normal(sex === "female" ? 74 : 71, 6), haemoglobin: r.normal(sex === "female" ? 131 : 149, 7),
    family: { diabetes: zDiabetes > 0.9, hypertension: zPressure > 0.8, stroke: zPressure > 1.6 },
  };
}
