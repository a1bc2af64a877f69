/**
 * A person under care: what is known, what is taken, and each measure as it is now: biology plus what treatment
 * changes. Effects grow linearly over `rampDays` and are typical mean effects of trials at standard dose.
 */
import type { Condition, MedicationRequest } from "@medplum/fhirtypes";
import type { Chart } from "./chart.ts";
import type { Forced, Life } from "./life.ts";
import type { CkdStage } from "./kidney.ts";
import type { Role } from "./institutions.ts";
import type { Random } from "./random.ts";
import type { DrugKey, ProblemKey } from "./terms.ts";
import { at } from "./epidemiology.ts";
import { daysPerYear, exactAge } from "./time.ts";

export type Case = {
  life: Life; chart: Chart; forced: Forced; gp: Role;
  /** Decisions and habits; measurement noise is apart, so that one more test does not change decisions. */
  r: Random; noise: Random;
  known: Partial<Record<ProblemKey | "ckd", Condition>>;
  taking: Map<DrugKey, { request: MedicationRequest; since: number }>;
  pressures: { day: number; systolic: number; diastolic: number }[];
  egfrs: { day: number; value: number }[]; acrs: { day: number; value: number }[];
  lastHba1c?: number; lastGlucose?: number; lastLdl?: number; lastHaemoglobin?: number; lastTsh?: number;
  ckdStage?: CkdStage; anticoagulationDecided?: boolean; heartFailureSince?: number;
  depressed?: { from: number; to: number };
  died?: number; agenda: { day: number; run: (day: number) => void; order: number }[]; sequence: number;
  /** Share of the effect of medicines that this person reaches, 0…1. */
  adherence: number;
  /** Day of the last step of treatment, so that each is given time. */
  stepped: { pressure?: number; sugar?: number };
  wearable: boolean; following?: boolean; historyTaken?: boolean; penicillinAllergy: boolean;
  lastInfluenza?: number; pneumococcal?: boolean; covidDoses?: number;
  lastReview: Partial<Record<"labs" | "diabetes" | "heart" | "kidney" | "airways" | "eyes" | "body" | "checkup", number>>;
};

export function age(c: Case, day: number): number {
  return exactAge(c.life.birthDay, day);
}

/** How far a medicine has come into effect in this person, 0…1. */
export function effect(c: Case, drug: DrugKey, day: number, rampDays = 28): number {
  const since = c.taking.get(drug)?.since;
  return since === undefined || day <= since ? 0 : Math.min(1, (day - since) / rampDays) * c.adherence;
}

/** Years a medicine has been taken. */
function yearsOn(c: Case, drug: DrugKey, day: number): number {
  const since = c.taking.get(drug)?.since;
  return since === undefined ? 0 : Math.max(0, day - since) / daysPerYear;
}

/** True systolic pressure at rest. About 9 mmHg a medicine at 154 mmHg: Law MR et al. BMJ 2009;338:b1665, doi:10.1136/bmj.b1665 */
export function systolicNow(c: Case, day: number): number {
  const untreated = c.life.systolic(day);
  const scale = Math.min(1.7, Math.max(0.35, 1 + (untreated - 154) * 0.022));
  const drop = 9 * effect(c, "amlodipine", day) + 9 * effect(c, "valsartan", day) + 8 * effect(c, "hydrochlorothiazide", day) + 6 * effect(c, "bisoprolol", day) +
    5 * effect(c, "spironolactone", day) + 3 * effect(c, "dapagliflozin", day);
  return untreated - drop * scale;
}

/** HbA1c, %. Metformin about −1.1, others −0.7 to −1.4: Davies MJ et al. Diabetes Care 2022;45:2753-2786, doi:10.2337/dci22-0034 */
export function hba1cNow(c: Case, day: number): number {
  const untreated = c.life.hba1c(day);
  const scale = Math.min(1.5, Math.max(0.3, (untreated - 5.8) / 2));
  const drop = 1.1 * effect(c, "metformin", day, 90) + 0.8 * effect(c, "gliclazide", day, 60) + 0.65 * effect(c, "dapagliflozin", day, 60) + 1.4 * effect(c, "insulinGlargine", day, 60);
  return Math.max(5.4, untreated - drop * scale);
}

/** LDL cholesterol, mmol/L; atorvastatin 20 mg about −40 %: Law MR et al. BMJ 2003;326:1423, doi:10.1136/bmj.326.7404.1423 */
export function ldlNow(c: Case, day: number): number {
  return c.life.ldl(day) * (1 - 0.4 * effect(c, "atorvastatin", day, 42));
}

/** eGFR, mL/min/1.73 m². SGLT2 inhibitors and sartans slow the excess loss: Heerspink HJL et al. N Engl J Med 2020;383:1436-1446, doi:10.1056/NEJMoa2024816 */
export function egfrNow(c: Case, day: number): number {
  const excess = (c.known.diabetes ? c.life.renalExcess.diabetes : 0) + (c.known.hypertension ? c.life.renalExcess.hypertension : 0);
  const kept = excess * (0.3 * yearsOn(c, "valsartan", day) + 0.4 * yearsOn(c, "dapagliflozin", day));
  const failing = c.heartFailureSince !== undefined && day > c.heartFailureSince ? 4 + 1.2 * ((day - c.heartFailureSince) / daysPerYear) : 0;
  return Math.max(5, c.life.egfr(day) + kept - failing - 2.5 * effect(c, "dapagliflozin", day));
}

export function acrNow(c: Case, day: number): number {
  return c.life.acr(day) * (1 - 0.35 * effect(c, "valsartan", day, 120)) * (1 - 0.3 * effect(c, "dapagliflozin", day, 120));
}

const childPulse = [[0, 135], [1, 118], [4, 100], [8, 86], [12, 79], [18, 74]] as const;
export function fibrillating(c: Case, day: number): boolean {
  return c.life.onset.atrialFibrillation !== undefined && day >= c.life.onset.atrialFibrillation;
}
export function pulseNow(c: Case, day: number): number {
  const a = age(c, day);
  if (a < 18) return at(childPulse, a) + (c.life.pulse - 72) * 0.7;
  return c.life.pulse + (fibrillating(c, day) ? 18 : 0) - 11 * effect(c, "bisoprolol", day, 7) + (c.heartFailureSince !== undefined && day > c.heartFailureSince ? 6 : 0);
}

export function haemoglobinNow(c: Case, day: number): number {
  const a = age(c, day);
  const base = a < 14 ? 118 + a * 1.2 : c.life.haemoglobin - Math.max(0, a - 70) * 0.35;
  const began = c.life.onset.anaemia;
  const deficit = began === undefined || day < began || c.known.anaemia?.abatementDateTime ? 0 : 30 * Math.min(1, (day - began) / 120) * (1 - effect(c, "ferrousSulfate", day, 110));
  return base - deficit - Math.max(0, 55 - egfrNow(c, day)) * 0.7;
}

export function potassiumNow(c: Case, day: number): number {
  return 4.2 + 0.15 * effect(c, "valsartan", day) + 0.25 * effect(c, "spironolactone", day) - 0.3 * effect(c, "hydrochlorothiazide", day) - 0.15 * effect(c, "furosemide", day) + Math.max(0, 60 - egfrNow(c, day)) * 0.011;
}

/** NT-proBNP in pg/mL: rises with age, atrial fibrillation, poor kidneys, heart failure. */
export function ntProBnpNow(c: Case, day: number): number {
  let log = Math.log(45) + 0.028 * Math.max(0, age(c, day) - 45);
  if (fibrillating(c, day)) log += 1.7;
  if (c.heartFailureSince !== undefined && day >= c.heartFailureSince) log += 2.7 - 0.8 * effect(c, "dapagliflozin", day, 90) - 0.5 * effect(c, "bisoprolol", day, 90);
  return Math.exp(log + Math.max(0, 60 - egfrNow(c, day)) * 0.012);
}

export function smokesNow(c: Case, day: number): "never" | "former" | "current" {
  const { smoking } = c.life;
  if (!smoking || day < smoking.from) return "never";
  return smoking.to !== undefined && day >= smoking.to ? "former" : "current";
}

/** Plans something; what lies beyond the last day or after death never happens. */
export function plan(c: Case, day: number, run: (day: number) => void): void {
  const whole = Math.floor(day);
  if (whole <= c.life.lastDay) c.agenda.push({ day: whole, run, order: c.sequence++ });
}

/** A minute of the working day: visits start between 8:00 and 16:30. */
export function workingMinute(c: Case): number {
  return 480 + c.r.int(510);
}
