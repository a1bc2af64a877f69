/**
 * A life under care, in the order of days: births, vaccinations, check-ups, illnesses, follow-up of chronic
 * conditions, specialist reviews and events. Each step may plan later ones; nothing looks ahead.
 * The electronic record begins 34 years before its last day, and is dense in its last 11 years.
 */
import { anticoagulated, exacerbation, year } from "./events.ts";
import { diagnose, followUpDays, foundFibrillation, planEpisodes, start, stop, treat } from "./chronic.ts";
import type { Visit } from "./chart.ts";
import { age, fibrillating, plan, smokesNow, workingMinute, type Case } from "./state.ts";
import { askSmoking, measureAcute, measureBody, measurePressure, measurePulse, moodScore, orderPanels, since, spirometry, type Panel } from "./examination.ts";
import { drugs, rxnorm, snomed, type VaccineKey } from "./terms.ts";
import { daysPerYear, isoDate, weekday } from "./time.ts";

const recordYears = 34, denseYears = 11;
/** Days for which a wearer has had the watch. */
export const wearableDays = 180;

/** Weekend visits move to Monday, or to Friday where Monday is beyond the last day. */
function workday(c: Case, day: number): number {
  const shift = weekday(day) === 0 ? 1 : weekday(day) === 6 ? 2 : 0;
  return day + shift <= c.life.lastDay ? day + shift : day + shift - 3;
}
function sparse(c: Case, day: number): boolean {
  return day < c.life.lastDay - denseYears * daysPerYear;
}

export function runCourse(c: Case): void {
  const { life } = c;
  const begin = Math.max(life.birthDay, Math.floor(life.lastDay - recordYears * daysPerYear));
  if (begin === life.birthDay) childhood(c);
  const drawn = c.r.between(0, 400);
  plan(c, begin + (begin === life.birthDay ? 1100 : drawn), (day) => checkup(c, day));
  plan(c, begin + c.r.wait(300), (day) => illness(c, day));
  plan(c, begin + Math.floor(c.r.between(0, 365)), (day) => year(c, day));
  conditionsThatBringPeople(c, begin);
  if (life.birthDay < life.lastDay - 18 * daysPerYear && c.r.chance(0.06)) plan(c, life.birthDay + c.r.between(9, 40) * daysPerYear, (day) => { if (day >= begin) appendix(c, day); });
  while (c.agenda.length > 0 && c.died === undefined) {
    let first = 0;
    for (let i = 1; i < c.agenda.length; i++) {
      const a = c.agenda[i]!, b = c.agenda[first]!;
      if (a.day < b.day || (a.day === b.day && a.order < b.order)) first = i;
    }
    const [step] = c.agenda.splice(first, 1);
    const day = Math.max(step!.day, begin); // what began before the record is found when it begins
    step!.run(day);
    ensureFollowUp(c, day);
  }
}

/** Conditions that lead to a visit by themselves rather than being found at one. */
function conditionsThatBringPeople(c: Case, begin: number): void {
  const { onset } = c.life;
  const soon = (from: number, low: number, high: number): number => Math.max(begin, from) + c.r.between(low, high);
  planEpisodes(c, (day, episode, recurrence) => mood(c, day, episode, recurrence));
  if (onset.asthma !== undefined) { const at = onset.asthma; plan(c, soon(at, 10, 60), (day) => simple(c, day, "asthma", at)); }
  if (onset.hypothyroidism !== undefined) { const at = onset.hypothyroidism; plan(c, soon(at, 40, 200), (day) => simple(c, day, "hypothyroidism", at)); }
  if (onset.osteoarthritis !== undefined) { const at = onset.osteoarthritis; plan(c, soon(at, 30, 400), (day) => simple(c, day, "osteoarthritis", at)); }
  if (onset.copd !== undefined && c.r.chance(0.75)) plan(c, soon(onset.copd, 60, 900), (day) => airways(c, day));
  // A watch that sees an irregular pulse sends its wearer to the doctor within days.
  if (onset.atrialFibrillation !== undefined && c.wearable && onset.atrialFibrillation > c.life.lastDay - wearableDays) plan(c, onset.atrialFibrillation + 9 + c.r.int(4), (day) => heart(c, day, true));
}

function checkup(c: Case, day: number): void {
  const a = age(c, day), interval = a < 7 ? 365 : a < 18 ? 730 : a < 40 ? 800 : a < 60 ? 420 : 365;
  plan(c, day + interval * c.r.between(0.85, 1.25) * (sparse(c, day) ? (a < 18 ? 1.5 : 2.5) : 1), (next) => checkup(c, next));
  const missed = c.r.chance(a < 40 ? 0.25 : 0.1);
  if (a >= 18 && missed && !c.forced.diligent) return; // not everybody comes
  const child = a < 18, site = child || c.r.chance(0.7) ? "community" : "hospital";
  const v = c.chart.visit(workday(c, day), workingMinute(c), site, child ? "paediatrics" : site === "community" ? c.gp : "emergency",
    child ? { en: "Child health check", zh: "儿童保健检查" } : { en: "Annual health check", zh: "年度健康体检" }, { minutes: 40 });
  const firstAdult = c.lastReview.checkup === undefined || (a >= 18 && age(c, c.lastReview.checkup) < 18);
  c.lastReview.checkup = v.day;
  if (a >= 3) measurePressure(c, v);
  measurePulse(c, v);
  const bmi = measureBody(c, v);
  if (!child) {
    askSmoking(c, v);
    const panels: Panel[] = ["sugar", "lipids", "kidneys", "blood"];
    if (a >= 45 || c.known.diabetes || (c.lastGlucose ?? 0) >= 6.1) panels[0] = "hba1c";
    if (a >= 40) panels.push("liver");
    if (c.known.hypertension || c.known.diabetes) panels.push("albumin");
    orderPanels(c, v, panels);
    if (bmi >= 28 && !c.known.obesity) c.known.obesity = c.chart.condition(v, "obesity", v.day);
    if (a >= 50 && a < 75 && c.r.chance(0.06)) c.chart.procedure(v, "colonoscopy", { minute: v.minute + 30 });
    // A high reading is checked again before a name is given to it.
    const last = c.pressures.at(-1);
    if (!c.known.hypertension && last && (last.systolic >= 140 || last.diastolic >= 90) && c.r.chance(0.8)) plan(c, v.day + 10 + c.r.int(25), (next) => recheck(c, next));
  }
  if (firstAdult) history(c, v);
  vaccinateAdult(c, v);
  conclude(c, v);
}

function recheck(c: Case, day: number): void {
  if (c.known.hypertension) return;
  const v = c.chart.visit(workday(c, day), workingMinute(c), "community", c.gp, { en: "Blood pressure check", zh: "血压复测" });
  measurePressure(c, v);
  conclude(c, v);
}

function conclude(c: Case, v: Visit): void {
  diagnose(c, v);
  treat(c, v);
}

/** Follow-up begins once there is something to follow, and one series of it runs at a time. */
function ensureFollowUp(c: Case, day: number): void {
  if (c.following || followUpDays(c) === undefined) return;
  c.following = true;
  plan(c, day + 30 + c.r.int(20), (next) => followUp(c, next));
}

function followUp(c: Case, day: number): void {
  const days = followUpDays(c);
  if (days === undefined) { c.following = false; return; }
  plan(c, day + days * c.r.between(0.8, 1.3) * (sparse(c, day) ? 3 : 1), (next) => followUp(c, next));
  if (c.r.chance(0.06)) return; // missed
  const { known } = c;
  if (specialist(c, day)) return;
  const v = c.chart.visit(workday(c, day), workingMinute(c), "community", c.gp, { en: "Follow-up of chronic conditions", zh: "慢性病随访" }, {});
  measurePressure(c, v); measurePulse(c, v);
  if (since(c, "body", v.day) > 0.7) measureBody(c, v);
  const panels: Panel[] = [];
  if (known.diabetes) panels.push(since(c, "diabetes", v.day) > 0.45 ? "hba1c" : "sugar");
  if (panels.includes("hba1c")) c.lastReview.diabetes = v.day;
  const kidneyEvery = (c.egfrs.at(-1)?.value ?? 90) < 60 || known.heartFailure ? 0.3 : 0.9;
  if ((known.hypertension || known.diabetes || known.ckd || known.heartFailure) && since(c, "kidney", v.day) > kidneyEvery) { panels.push("kidneys"); if (known.ckd || known.diabetes) panels.push("albumin"); c.lastReview.kidney = v.day; }
  if (c.taking.has("warfarin")) panels.push("clotting");
  if (c.taking.has("atorvastatin") && since(c, "labs", v.day) > 0.8) { panels.push("lipids"); c.lastReview.labs = v.day; }
  if (known.hypothyroidism) panels.push("thyroid");
  if (known.anaemia && !known.anaemia.abatementDateTime) panels.push("blood", "iron");
  if (panels.length > 0) orderPanels(c, v, panels);
  if (c.life.smoking && c.r.chance(0.2)) askSmoking(c, v);
  vaccinateAdult(c, v);
  diagnose(c, v);
  treat(c, v);
}

/** About once a year the follow-up takes place with the specialist of the weightiest condition. */
function specialist(c: Case, day: number): boolean {
  const { known } = c;
  const due = (key: "heart" | "kidney" | "airways" | "eyes"): boolean => since(c, key, day) > 0.95;
  if ((known.atrialFibrillation || known.heartFailure || known.infarction) && due("heart")) { heart(c, day, false); return true; }
  if (known.diabetes && due("eyes")) { diabetesReview(c, day); return true; }
  if (known.ckd && ["3b", "4", "5"].includes(c.ckdStage ?? "") && since(c, "kidney", day) > 0.45) { kidneyReview(c, day); return true; }
  if (known.copd && due("airways")) { airways(c, day); return true; }
  return false;
}

function heart(c: Case, day: number, alerted: boolean): void {
  if (alerted && c.known.atrialFibrillation) return;
  const v = alerted
    ? c.chart.visit(workday(c, day), workingMinute(c), "community", c.gp, { en: "Visit after a wearable alert", zh: "可穿戴设备提醒后就诊" }, { reason: { en: "Irregular pulse seen by a wearable", zh: "可穿戴设备提示脉搏不齐" } })
    : c.chart.visit(workday(c, day), workingMinute(c), "hospital", "cardiology", { en: "Cardiology review", zh: "心内科复诊" }, { minutes: 30 });
  measurePressure(c, v); measurePulse(c, v);
  orderPanels(c, v, ["kidneys", "heart", "blood", ...(c.taking.has("warfarin") ? ["clotting" as const] : []), ...(c.taking.has("atorvastatin") ? ["lipids" as const] : [])]);
  if (alerted && fibrillating(c, v.day)) foundFibrillation(c, v);
  else {
    c.chart.procedure(v, "ecg");
    if (since(c, "heart", day) > 1.8) {
      c.chart.procedure(v, "echo", { minute: v.minute + 25 });
      c.chart.observe(v, "ejectionFraction", Math.min(70, Math.max(22, c.noise.normal(c.known.heartFailure ? 44 : c.known.infarction ? 52 : 62, 4))), { minute: v.minute + 25 });
    }
    c.lastReview.heart = v.day;
  }
  c.lastReview.kidney = v.day;
  diagnose(c, v); treat(c, v);
}

function diabetesReview(c: Case, day: number): void {
  const v = c.chart.visit(workday(c, day), workingMinute(c), "hospital", "endocrinology", { en: "Annual diabetes review", zh: "糖尿病年度评估" }, { minutes: 30 });
  measurePressure(c, v); measurePulse(c, v); measureBody(c, v);
  orderPanels(c, v, ["hba1c", "kidneys", "albumin", "lipids", "liver"]);
  c.chart.procedure(v, "eyeScreening", { minute: v.minute + 20, reason: c.known.diabetes });
  c.lastReview.eyes = v.day; c.lastReview.diabetes = v.day; c.lastReview.kidney = v.day; c.lastReview.labs = v.day;
  diagnose(c, v); treat(c, v);
}

function kidneyReview(c: Case, day: number): void {
  const v = c.chart.visit(workday(c, day), workingMinute(c), "hospital", "nephrology", { en: "Nephrology review", zh: "肾内科复诊" }, { minutes: 25 });
  measurePressure(c, v); measurePulse(c, v);
  orderPanels(c, v, ["kidneys", "albumin", "blood"]);
  c.lastReview.kidney = v.day;
  diagnose(c, v); treat(c, v);
}

/** Spirometry decides: FEV1/FVC below 0.70 (GOLD 2024). */
function airways(c: Case, day: number): void {
  const v = c.chart.visit(workday(c, day), workingMinute(c), "clinic", "respiratory", { en: "Respiratory clinic", zh: "呼吸科门诊" }, { minutes: 35, reason: { en: "Breathlessness or cough", zh: "气促或咳嗽" } });
  measurePulse(c, v); measureAcute(c, v, 0, 0);
  const ratio = spirometry(c, v);
  askSmoking(c, v);
  if (!c.known.copd && ratio < 70 && c.life.onset.copd !== undefined && v.day >= c.life.onset.copd) {
    c.known.copd = c.chart.condition(v, "copd", Math.max(c.life.onset.copd, v.day - 700));
    planExacerbations(c, v.day);
  }
  treat(c, v);
}
function planExacerbations(c: Case, day: number): void {
  const wait = c.r.wait(4.5 * daysPerYear * (0.3 + c.life.fev1Share(day))) / (smokesNow(c, day) === "current" ? 1.4 : 1);
  plan(c, day + 60 + wait, (next) => { exacerbation(c, next); planExacerbations(c, next); });
}

function mood(c: Case, day: number, episode: { from: number; to: number }, recurrence: boolean): void {
  c.depressed = episode;
  const clinic = c.r.chance(0.6);
  const v = c.chart.visit(workday(c, day), workingMinute(c), clinic ? "clinic" : "community", clinic ? "psychiatry" : c.gp, { en: "Mental health consultation", zh: "精神心理咨询" }, { minutes: 45, reason: { en: "Low mood", zh: "情绪低落" } });
  moodScore(c, v);
  const ended = episode.to <= c.life.lastDay ? episode.to : undefined;
  c.known.depression = c.chart.condition(v, "depression", episode.from, { recurrence: recurrence && ended === undefined, ...(ended === undefined ? {} : { endDay: ended }) });
  if (c.r.chance(0.7)) {
    stop(c, "sertraline", v.day, { en: "New episode, dose reviewed", zh: "再次发作，重新评估" });
    start(c, v, "sertraline", "depression");
    const until = episode.to + 120 + c.r.int(90);
    plan(c, until, (d) => stop(c, "sertraline", d, { en: "In remission", zh: "症状缓解" }));
  }
  for (let at = day + 28, n = 0; at < episode.to + 90 && n < 5; at += 35 + c.r.int(30), n++) plan(c, at, (next) => {
    const w = c.chart.visit(workday(c, next), workingMinute(c), clinic ? "clinic" : "community", clinic ? "psychiatry" : c.gp, { en: "Mental health follow-up", zh: "精神心理复诊" }, { minutes: 25 });
    moodScore(c, w);
  });
}

function simple(c: Case, day: number, key: "asthma" | "hypothyroidism" | "osteoarthritis", onset: number): void {
  const v = c.chart.visit(workday(c, day), workingMinute(c), key === "asthma" && age(c, day) >= 12 ? "clinic" : "community", key === "asthma" ? (age(c, day) >= 12 ? "respiratory" : "paediatrics") : c.gp, { en: "Consultation", zh: "门诊就诊" });
  if (key === "hypothyroidism") orderPanels(c, v, ["thyroid"]);
  if (key === "asthma") measureAcute(c, v, 0, 1);
  c.known[key] = c.chart.condition(v, key, onset);
  if (key === "osteoarthritis" && c.r.chance(0.45)) c.chart.statement(v, "ibuprofen", onset);
  treat(c, v);
}

function appendix(c: Case, day: number): void {
  const v = c.chart.visit(day, workingMinute(c), "hospital", "emergency", { en: "Surgical admission", zh: "外科住院" }, { class: "inpatient", minutes: Math.max(1, Math.min(4, c.life.lastDay - day)) * 1440 - 300, place: 1, reason: { en: "Acute appendicitis", zh: "急性阑尾炎" } });
  measureAcute(c, v, 1.2, 0); measurePulse(c, v, 15);
  orderPanels(c, v, ["infection"]);
  c.chart.procedure(v, "appendectomy", { minute: v.minute + 240 });
}

/** Short illnesses, about one visit in sixteen months, more in small children and the very old. */
function illness(c: Case, day: number): void {
  const a = age(c, day);
  plan(c, day + c.r.wait(a < 6 ? 190 : a < 18 ? 480 : a < 65 ? 620 : 430) * (sparse(c, day) ? 2.5 : 1) + 14, (next) => illness(c, next));
  const kinds = ["cold", "gastroenteritis", "urinaryInfection", "backPain", "otitis", "pneumonia"] as const;
  const female = c.life.sex === "female";
  const kind = kinds[c.r.weighted(a < 8 ? [6, 2, 0.2, 0, 2.5, 0.5] : a < 65 ? [5, 1.5, female ? 1.6 : 0.2, 2.2, 0, 0.2] : [3, 1, female ? 2 : 0.8, 2, 0, 1.4])]!;
  const emergency = kind === "pneumonia";
  const v = emergency
    ? c.chart.visit(day, workingMinute(c), "hospital", "emergency", { en: "Emergency attendance", zh: "急诊就诊" }, { class: "emergency", minutes: 180, place: 2 })
    : c.chart.visit(workday(c, day), workingMinute(c), "community", a < 16 ? "paediatrics" : c.gp, { en: "Consultation", zh: "门诊就诊" }, { minutes: 15 });
  const fever = { cold: 0.9, gastroenteritis: 0.6, urinaryInfection: 0.7, backPain: 0, otitis: 1.4, pneumonia: 2 }[kind] * c.r.between(0.3, 1.4);
  if (kind !== "backPain") measureAcute(c, v, fever, emergency ? 4 : 0, emergency);
  if (kind !== "backPain" || a >= 40) measurePulse(c, v, fever * 9);
  if (a >= 18 && (emergency || c.r.chance(0.5))) measurePressure(c, v);
  if (emergency) { c.chart.procedure(v, "chestXray"); orderPanels(c, v, ["infection", "kidneys"]); }
  else if (kind === "urinaryInfection") orderPanels(c, v, ["infection"]);
  const days = { cold: 7, gastroenteritis: 4, urinaryInfection: 6, backPain: 18, otitis: 8, pneumonia: 21 }[kind] + c.r.int(5);
  const over = v.day + days <= c.life.lastDay ? v.day + days : undefined;
  const found = c.chart.condition(v, kind, Math.max(c.life.birthDay, v.day - 1 - c.r.int(2)), { acute: true, ...(over === undefined ? {} : { endDay: over }) });
  const until = Math.min(c.life.lastDay, v.day + 7);
  if (kind === "otitis" || kind === "urinaryInfection" || emergency) c.chart.prescribe(v, c.penicillinAllergy ? "azithromycin" : "amoxicillin", { endDay: until, reason: found });
  else if (kind === "backPain" && !anticoagulated(c) && !c.known.ckd) c.chart.prescribe(v, "ibuprofen", { endDay: until, reason: found });
  else if (kind !== "gastroenteritis") c.chart.prescribe(v, "paracetamol", { endDay: Math.min(c.life.lastDay, v.day + 4), reason: found });
  diagnose(c, v);
}

/** Told once: allergies and illness in the family. */
function history(c: Case, v: Visit): void {
  if (c.historyTaken) return;
  c.historyTaken = true;
  const { chart, r, life } = c;
  const reaction = { reaction: { en: "Rash", zh: "皮疹" }, reactionCode: "271807003" };
  if (c.penicillinAllergy) chart.allergy(v, { en: "Penicillin allergy", zh: "青霉素过敏" }, { system: snomed, code: "91936005" }, { category: "medication", high: r.chance(0.3), ...reaction });
  else if (r.chance(0.03)) chart.allergy(v, { en: "Shellfish allergy", zh: "贝类过敏" }, { system: snomed, code: "300913006" }, { category: "food", ...reaction });
  else if (r.chance(0.02)) chart.allergy(v, { en: "Aspirin allergy", zh: "阿司匹林过敏" }, { system: rxnorm, code: drugs.aspirin.rxnorm }, { category: "medication", ...reaction });
  else if (r.chance(0.7)) chart.allergy(v, { en: "No known allergy", zh: "无已知过敏" }, { system: snomed, code: "716186003" });
  if (life.family.diabetes) chart.family(v, "diabetes", r.chance(0.5));
  if (life.family.hypertension) chart.family(v, "hypertension", r.chance(0.5));
  if (life.family.stroke) chart.family(v, "stroke", r.chance(0.5));
}

/** National immunisation programme of China (2021), ages in months; varicella is bought by most. */
const schedule: readonly [number, readonly [VaccineKey, number][]][] = [
  [0, [["hepatitisB", 1], ["bcg", 1]]], [1, [["hepatitisB", 2]]], [2, [["polio", 1]]], [3, [["polio", 2], ["dtap", 1]]], [4, [["dtap", 2]]], [5, [["dtap", 3]]],
  [6, [["hepatitisB", 3]]], [8, [["mmr", 1]]], [12, [["varicella", 1]]], [18, [["dtap", 4], ["mmr", 2], ["hepatitisA", 1]]],
];
function childhood(c: Case): void {
  const { life, chart } = c;
  for (const [month, doses] of schedule) {
    const day = life.birthDay + (month === 0 ? 0 : Math.round(month * 30.44) + c.r.int(12));
    const taken = month === 0 || c.r.chance(0.96);
    plan(c, day, (on) => {
      if (!taken) return;
      const v = month === 0
        ? chart.visit(on, 600, "hospital", "paediatrics", { en: "Birth", zh: "出生" }, { class: "inpatient", place: 1, minutes: 600 })
        : chart.visit(workday(c, on), workingMinute(c), "community", "paediatrics", { en: "Vaccination and growth check", zh: "预防接种与生长监测" });
      for (const [vaccine, dose] of doses) chart.immunize(v, vaccine, dose);
      measureBody(c, v);
      if (month >= 8 || month === 0) measurePulse(c, v);
    });
  }
}

function vaccinateAdult(c: Case, v: Visit): void {
  const a = age(c, v.day), month = Number(isoDate(v.day).slice(5, 7));
  const chronic = Boolean(c.known.copd || c.known.diabetes || c.known.heartFailure);
  if ((a >= 60 || chronic) && (month >= 9 || month === 1) && c.r.chance(0.45) && (c.lastInfluenza === undefined || v.day - c.lastInfluenza > 270)) { c.lastInfluenza = v.day; c.chart.immunize(v, "influenza"); }
  if (a >= 65 && !c.pneumococcal && c.r.chance(0.2)) { c.pneumococcal = true; c.chart.immunize(v, "pneumococcal", 1); }
  const date = isoDate(v.day);
  if (a >= 12 && date >= "2021-02-01" && date < "2023-03-01" && (c.covidDoses ?? 0) < 3 && c.r.chance(0.75)) { c.covidDoses = (c.covidDoses ?? 0) + 1; c.chart.immunize(v, "covid19", c.covidDoses); }
}
