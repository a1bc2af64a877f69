/**
 * Events that follow from conditions and their treatment: stroke, myocardial infarction, heart failure, death. Rates
 * per year are those of the age times hazard ratios of the person's present state, so that treated pressure, statins
 * and anticoagulation lower them.
 */
import { at, deathRate, heartFailureRate, infarctionRate, strokeRate } from "./epidemiology.ts";
import { kidneyDisease, start, stop, treat } from "./chronic.ts";
import type { Visit } from "./chart.ts";
import { age, egfrNow, fibrillating, ldlNow, plan, smokesNow, systolicNow, workingMinute, type Case } from "./state.ts";
import { measureAcute, measurePressure, measurePulse, orderPanels } from "./examination.ts";
import { daysPerYear, isoTime } from "./time.ts";
import type { DrugKey } from "./terms.ts";

const anticoagulants: readonly DrugKey[] = ["apixaban", "rivaroxaban", "warfarin"];
export function anticoagulated(c: Case): boolean {
  return anticoagulants.some((drug) => c.taking.has(drug));
}
/** Years of record within which people may have died; before that, everybody in the record had survived. */
export const mortalityYears = 6;

/** Draws the events of the year that begins on `day`, and plans the next year. */
export function year(c: Case, day: number): void {
  plan(c, day + 365, (next) => year(c, next));
  const a = age(c, day), { known, r } = c;
  // Always the same number of draws, so that one condition more does not reshuffle the rest of a life.
  const draws = { stroke: r.next(), infarction: r.next(), failure: r.next(), death: r.next(), when: Math.floor(r.between(1, 364)) };
  const pressure = systolicNow(c, day), smoker = smokesNow(c, day) === "current";
  const harm = (per20: number): number => per20 ** ((pressure - 128) / 20);
  if (a >= 30 && !c.forced.noEvents) {
    // Ratios: O'Donnell MJ et al. Lancet 2016;388:761-775 (INTERSTROKE); AF ×4.8 and anticoagulant −64 %: Wolf PA Stroke 1991, Hart RG Ann Intern Med 2007.
    const strokeNow = 0.55 * at(strokeRate, a) * harm(1.55) * (known.diabetes ? 1.7 : 1) * (smoker ? 1.6 : 1) * (fibrillating(c, day) ? (anticoagulated(c) ? 1.7 : 4.8) : 1) * (known.stroke ? 3 : 1) * (c.taking.has("aspirin") ? 0.8 : 1);
    // Ratios: Yusuf S et al. Lancet 2004;364:937-952 (INTERHEART).
    const infarctionNow = 0.65 * at(infarctionRate[c.life.sex], a) * harm(1.35) * (known.diabetes ? 1.9 : 1) * (smoker ? 2.2 : 1) * 1.45 ** (ldlNow(c, day) - 3) * (known.infarction ? 3 : 1);
    const failureNow = 0.9 * at(heartFailureRate, a) * harm(1.25) * (known.infarction ? 5 : 1) * (fibrillating(c, day) ? 3 : 1) * (known.diabetes ? 1.6 : 1);
    const when = day + draws.when;
    if (draws.stroke < strokeNow && !known.stroke) plan(c, when, (d) => stroke(c, d));
    else if (draws.infarction < infarctionNow && !known.infarction) plan(c, when, (d) => infarction(c, d));
    else if (draws.failure < failureNow && !known.heartFailure) plan(c, when, (d) => heartFailure(c, d));
  }
  if (day > c.life.lastDay - mortalityYears * daysPerYear && c.forced.alive !== true) {
    const rate = 0.8 * deathRate(c.life.sex, a) * (known.heartFailure ? 2.6 : 1) * (known.stroke ? 1.6 : 1) * (known.infarction ? 1.4 : 1) * (known.copd ? 1.6 : 1) * (known.diabetes ? 1.25 : 1) * (egfrNow(c, day) < 30 ? 2.2 : 1) * (smoker ? 1.5 : 1);
    if (draws.death < rate) plan(c, day + draws.when, (d) => death(c, d));
  }
}

function admit(c: Case, day: number, role: "cardiology" | "neurology" | "respiratory" | "emergency", label: { en: string; zh: string }, nights: number): Visit | undefined {
  const length = Math.min(nights, c.life.lastDay - day);
  if (length < 1 || c.died !== undefined) return undefined;
  const v = c.chart.visit(day, workingMinute(c), "hospital", role, label, { class: "inpatient", minutes: length * 1440, place: 1 });
  v.resource.hospitalization = { dischargeDisposition: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/discharge-disposition", code: "home" }] } };
  return v;
}

function stroke(c: Case, day: number): void {
  const v = admit(c, day, "neurology", { en: "Admission for stroke", zh: "脑卒中住院" }, 8 + c.r.int(8));
  if (!v) return;
  c.chart.procedure(v, "headCt");
  measurePressure(c, v); measurePulse(c, v); measureAcute(c, v, 0.1, 1);
  orderPanels(c, v, ["kidneys", "hba1c", "lipids", "blood", "clotting"]);
  c.known.stroke = c.chart.condition(v, "stroke", day);
  kidneyDisease(c, v);
  if (!anticoagulated(c)) {
    if (c.known.atrialFibrillation && c.forced.anticoagulated !== false && c.r.chance(0.8)) { if (!start(c, v, "apixaban", "atrialFibrillation")) start(c, v, "warfarin", "atrialFibrillation"); }
    else start(c, v, "aspirin", "stroke");
  }
  start(c, v, "atorvastatin", "stroke");
}

function infarction(c: Case, day: number): void {
  const v = admit(c, day, "cardiology", { en: "Admission for myocardial infarction", zh: "心肌梗死住院" }, 5 + c.r.int(5));
  if (!v) return;
  c.chart.procedure(v, "ecg");
  measurePressure(c, v); measurePulse(c, v, 12); measureAcute(c, v, 0.2, 2);
  orderPanels(c, v, ["troponin", "heart", "kidneys", "lipids", "sugar", "blood"]);
  c.known.infarction = c.chart.condition(v, "infarction", day);
  kidneyDisease(c, v);
  if (c.r.chance(0.75)) c.chart.procedure(v, "pci", { minute: v.minute + 90, reason: c.known.infarction });
  if (!anticoagulated(c)) start(c, v, "aspirin", "infarction");
  if (start(c, v, "clopidogrel", "infarction")) plan(c, day + 365, (d) => stop(c, "clopidogrel", d, { en: "Twelve months after infarction", zh: "心梗后满12个月" }));
  start(c, v, "atorvastatin", "infarction");
  start(c, v, "bisoprolol", "infarction");
}

function heartFailure(c: Case, day: number): void {
  const v = admit(c, day, "cardiology", { en: "Admission for heart failure", zh: "心力衰竭住院" }, 6 + c.r.int(7));
  if (!v) return;
  c.heartFailureSince = day - 20;
  measurePressure(c, v); measurePulse(c, v, 14); measureAcute(c, v, 0, 4, true);
  orderPanels(c, v, ["heart", "kidneys", "blood", "sugar"]);
  c.chart.procedure(v, "echo", { minute: v.minute + 120 });
  c.chart.observe(v, "ejectionFraction", Math.min(62, Math.max(22, c.noise.normal(c.known.infarction ? 37 : 46, 8))), { minute: v.minute + 120 });
  c.known.heartFailure = c.chart.condition(v, "heartFailure", day - 20);
  kidneyDisease(c, v);
  treat(c, v);
}

/** A flare of chronic lung disease, by the calendar of `course.ts`. */
export function exacerbation(c: Case, day: number): void {
  const v = admit(c, day, "respiratory", { en: "Admission for COPD exacerbation", zh: "慢阻肺急性加重住院" }, 5 + c.r.int(5));
  if (!v) return;
  measurePressure(c, v); measurePulse(c, v, 16); measureAcute(c, v, 0.9, 6, true);
  orderPanels(c, v, ["infection", "kidneys"]);
  c.chart.procedure(v, "chestXray");
  kidneyDisease(c, v);
  c.chart.prescribe(v, "prednisone", { endDay: Math.min(day + 5, c.life.lastDay), reason: c.known.copd });
}

function death(c: Case, planned: number): void {
  const day = Math.max(planned, c.chart.latest());
  if (c.r.chance(0.65)) {
    const v = c.chart.visit(day, 480 + c.r.int(300), "hospital", "emergency", { en: "Emergency attendance", zh: "急诊就诊" }, { class: "emergency", minutes: 150, place: 2 });
    measurePressure(c, v); measurePulse(c, v, 22); measureAcute(c, v, 0.4, 8);
    v.resource.hospitalization = { dischargeDisposition: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/discharge-disposition", code: "exp" }] } };
  }
  c.died = day;
  for (const drug of [...c.taking.keys()]) stop(c, drug, day, { en: "The person died", zh: "患者已故" });
}

/** The instant of death, late on the day, after everything that was done. */
export function deathTime(day: number): string {
  return isoTime(day, 1410);
}
