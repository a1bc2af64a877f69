/**
 * What clinicians conclude and prescribe: diagnosis from what was measured, treatment step by step towards a target,
 * with the inertia of practice. Every medicine follows its condition; what it changes is in state.ts.
 */
import { ckdConcept, type Visit } from "./chart.ts";
import { gfrStage, type CkdStage } from "./kidney.ts";
import { age, egfrNow, fibrillating, plan, pulseNow, type Case } from "./state.ts";
import type { DrugKey, ProblemKey } from "./terms.ts";
import { daysPerYear, isoDate } from "./time.ts";

/** Day from which a medicine was in use in the region (approval in China, to the year). */
const available: Partial<Record<DrugKey, number>> = { dapagliflozin: 17240, apixaban: 15800, rivaroxaban: 14400, atorvastatin: 11000, valsartan: 10600, amlodipine: 8800, clopidogrel: 11600, tiotropium: 13200, sertraline: 9700, insulinGlargine: 12500 };

export function start(c: Case, v: Visit, drug: DrugKey, reason?: ProblemKey | "ckd"): boolean {
  if (c.taking.has(drug) || v.day < (available[drug] ?? 0)) return false;
  const request = c.chart.prescribe(v, drug, { reason: reason ? c.known[reason] : undefined });
  c.taking.set(drug, { request, since: v.day });
  return true;
}
export function stop(c: Case, drug: DrugKey, day: number, why: { en: string; zh: string }): void {
  const held = c.taking.get(drug);
  if (!held) return;
  c.chart.stop(held.request, Math.max(day, held.since), why);
  c.taking.delete(drug);
}

/** Diagnoses that the measurements known at this visit support. True when something was found. */
export function diagnose(c: Case, v: Visit): boolean {
  const { life, known, chart } = c;
  const before = Object.keys(known).length;
  const [previous, latest] = c.pressures.slice(-2);
  const high = (p: { systolic: number; diastolic: number }): boolean => p.systolic >= 140 || p.diastolic >= 90;
  if (!known.hypertension && life.onset.hypertension !== undefined && v.day >= life.onset.hypertension && previous && latest && latest.day === v.day && high(previous) && high(latest) && age(c, v.day) >= 16)
    known.hypertension = chart.condition(v, "hypertension", previous.day);
  if (!known.diabetes && life.onset.diabetes !== undefined && v.day >= life.onset.diabetes && ((c.lastHba1c ?? 0) >= 6.5 || (c.lastGlucose ?? 0) >= 7))
    known.diabetes = chart.condition(v, "diabetes", v.day);
  if (!known.hyperlipidaemia && (c.lastLdl ?? 0) >= 4.1) known.hyperlipidaemia = chart.condition(v, "hyperlipidaemia", v.day);
  if (!known.anaemia && life.onset.anaemia !== undefined && v.day >= life.onset.anaemia && (c.lastHaemoglobin ?? 200) < 115) {
    known.anaemia = chart.condition(v, "anaemia", v.day);
    start(c, v, "ferrousSulfate", "anaemia");
  }
  if (!known.atrialFibrillation && fibrillating(c, v.day) && c.r.chance(0.45)) foundFibrillation(c, v);
  kidneyDisease(c, v);
  return Object.keys(known).length > before;
}

export function foundFibrillation(c: Case, v: Visit): void {
  if (c.known.atrialFibrillation) return;
  c.chart.procedure(v, "ecg");
  c.known.atrialFibrillation = c.chart.condition(v, "atrialFibrillation", Math.max(c.life.onset.atrialFibrillation ?? v.day, v.day - 30));
}

/** KDIGO: eGFR < 60, or ACR ≥ 30 mg/g, for at least three months. The stage is that of the mean of the last two eGFR values. */
export function kidneyDisease(c: Case, v: Visit): void {
  const [older, newer] = c.egfrs.slice(-2);
  if (!older || !newer || newer.day !== v.day) return;
  const mean = (older.value + newer.value) / 2, apart = newer.day - older.day;
  const stage: CkdStage = gfrStage(mean);
  if (!c.known.ckd) {
    const filtering = apart >= 90 && older.value < 60 && newer.value < 60;
    const [a, b] = c.acrs.slice(-2);
    const leaking = a !== undefined && b !== undefined && b.day - a.day >= 90 && a.value >= 30 && b.value >= 30;
    if (!filtering && !leaking) return;
    c.ckdStage = stage;
    c.known.ckd = c.chart.condition(v, "ckd", filtering ? older.day : a!.day, { stage });
  } else if (stage !== c.ckdStage) {
    c.ckdStage = stage;
    c.known.ckd.code = ckdConcept(stage);
  }
}

/** CHA₂DS₂-VASc from what the chart knows (Lip GYH et al. Chest 2010;137:263-272, doi:10.1378/chest.09-1584). */
export function cha2ds2Vasc(c: Case, day: number): number {
  const years = Math.floor(age(c, day)), { known } = c;
  return (years >= 75 ? 2 : years >= 65 ? 1 : 0) + (c.life.sex === "female" ? 1 : 0) + (known.hypertension ? 1 : 0) + (known.diabetes ? 1 : 0) + (known.stroke ? 2 : 0) + (known.heartFailure ? 1 : 0) + (known.infarction ? 1 : 0);
}

/** One step of treatment for each condition that needs it. */
export function treat(c: Case, v: Visit): void {
  const { known, taking, r } = c;
  const years = age(c, v.day), filter = c.egfrs.at(-1)?.value ?? egfrNow(c, v.day);
  const vascular = Boolean(known.infarction || known.stroke);

  if (known.hypertension) {
    const recent = c.pressures.slice(-2);
    const mean = recent.reduce((sum, p) => sum + p.systolic, 0) / Math.max(1, recent.length);
    const target = known.diabetes || known.ckd || vascular ? 132 : years >= 80 ? 148 : 139;
    const order: DrugKey[] = known.diabetes || known.ckd || known.heartFailure ? ["valsartan", "amlodipine", "hydrochlorothiazide", "spironolactone"] : ["amlodipine", "valsartan", "hydrochlorothiazide", "spironolactone"];
    const next = order.find((drug) => !taking.has(drug) && !(drug === "spironolactone" && (filter < 45 || taking.size > 6)));
    if (next && mean > target && v.day - (c.stepped.pressure ?? -Infinity) >= 25 && r.chance(0.7) && start(c, v, next, "hypertension")) c.stepped.pressure = v.day;
  }
  if (known.diabetes) {
    if (filter < 30) stop(c, "metformin", v.day, { en: "eGFR below 30", zh: "eGFR低于30" });
    const hba1c = c.lastHba1c ?? 7, goal = years >= 75 ? 7.6 : 7.0;
    const rested = v.day - (c.stepped.sugar ?? -Infinity) >= 80;
    if (!taking.has("metformin") && filter >= 45) { if (start(c, v, "metformin", "diabetes")) c.stepped.sugar = v.day; }
    else if (hba1c > goal && rested && r.chance(0.5)) {
      const organs = known.ckd || known.heartFailure || vascular;
      const order: DrugKey[] = organs ? ["dapagliflozin", "gliclazide", "insulinGlargine"] : ["gliclazide", "dapagliflozin", "insulinGlargine"];
      const next = order.find((drug) => !taking.has(drug) && !(drug === "dapagliflozin" && filter < 25) && !(drug === "gliclazide" && filter < 30) && !(drug === "insulinGlargine" && hba1c < 8));
      if (next && start(c, v, next, "diabetes")) c.stepped.sugar = v.day;
    }
  }
  if (vascular || (known.diabetes && years >= 40) || known.hyperlipidaemia) {
    if (!taking.has("atorvastatin") && r.chance(vascular ? 0.9 : 0.4)) start(c, v, "atorvastatin", known.infarction ? "infarction" : known.stroke ? "stroke" : known.hyperlipidaemia ? "hyperlipidaemia" : "diabetes");
  }
  if (known.atrialFibrillation) {
    // Offered once. About six in ten accept; one in sixteen did in the survey of 2014–2016 (Du X, Heart 2021), but these people have a doctor.
    if (!c.anticoagulationDecided && cha2ds2Vasc(c, v.day) >= (c.life.sex === "female" ? 3 : 2)) {
      c.anticoagulationDecided = true;
      if (c.forced.anticoagulated ?? r.chance(0.6)) {
        const choices: DrugKey[] = ["apixaban", "rivaroxaban", "warfarin"];
        const picked = choices[r.weighted([0.35, 0.4, 0.25])]!;
        if (!start(c, v, picked, "atrialFibrillation")) start(c, v, "warfarin", "atrialFibrillation");
        stop(c, "aspirin", v.day, { en: "Replaced by an anticoagulant", zh: "已改用抗凝药" });
      }
    }
    if (pulseNow(c, v.day) > 84 && r.chance(0.7)) start(c, v, "bisoprolol", "atrialFibrillation");
  }
  if (known.heartFailure) {
    for (const drug of ["bisoprolol", "valsartan", "dapagliflozin", "furosemide", "spironolactone"] as const)
      if (!taking.has(drug) && r.chance(0.55) && !(drug === "spironolactone" && filter < 35)) start(c, v, drug, "heartFailure");
  }
  if (known.copd) { if (r.chance(0.7)) start(c, v, "tiotropium", "copd"); start(c, v, "salbutamol", "copd"); }
  if (known.asthma) { start(c, v, "budesonide", "asthma"); start(c, v, "salbutamol", "asthma"); }
  if (known.hypothyroidism) start(c, v, "levothyroxine", "hypothyroidism");
  if (known.anaemia && !known.anaemia.abatementDateTime) {
    const held = taking.get("ferrousSulfate");
    if (held && v.day - held.since > 110 && (c.lastHaemoglobin ?? 0) >= 115) {
      stop(c, "ferrousSulfate", v.day, { en: "Haemoglobin restored", zh: "血红蛋白已恢复" });
      known.anaemia.clinicalStatus = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "resolved" }] };
      known.anaemia.abatementDateTime = isoDate(v.day);
    }
  }
}

/** Whether the person comes back regularly, and after how many days. */
export function followUpDays(c: Case): number | undefined {
  const { known } = c;
  const chronic = [known.hypertension, known.diabetes, known.atrialFibrillation, known.ckd, known.heartFailure, known.copd, known.infarction, known.stroke, known.hypothyroidism, known.asthma, known.anaemia?.abatementDateTime ? undefined : known.anaemia];
  const count = chronic.filter(Boolean).length;
  if (count === 0) return undefined;
  const last = c.pressures.at(-1);
  const uncontrolled = (known.hypertension && last && last.systolic >= 145) || (known.diabetes && (c.lastHba1c ?? 0) >= 8) || known.heartFailure;
  if (!known.hypertension && !known.diabetes && count === 1 && (known.hypothyroidism || known.asthma)) return 180;
  return uncontrolled ? 60 : 100;
}

/** Depression comes in episodes of about eight months, half of people have another one. */
export function planEpisodes(c: Case, visitFor: (day: number, episode: { from: number; to: number }, recurrence: boolean) => void): void {
  let from = c.life.onset.depression, recurrence = false;
  for (let n = 0; from !== undefined && n < 5; n++) {
    const episode = { from, to: from + Math.floor(c.r.between(150, 330)) }, again = recurrence;
    if (c.r.chance(0.85)) plan(c, from + c.r.between(20, 80), (day) => visitFor(day, episode, again));
    const gap = c.r.wait(6) * daysPerYear + 200;
    from = c.r.chance(0.5) ? Math.floor(episode.to + gap) : undefined;
    recurrence = true;
  }
}
