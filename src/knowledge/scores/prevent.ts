/**
 * PREVENT: risk of a first cardiovascular event (total CVD, ASCVD, heart failure) over 10 years, ages 30 to 79, and
 * over 30 years, ages 30 to 59. Base model.
 * Sources: Khan SS et al. Circulation 2024;149:430-449, doi:10.1161/CIRCULATIONAHA.123.067626 (equations and ranges);
 * AHA/ACC 2025 guideline on high blood pressure, Jones DW et al., doi:10.1161/CIR.0000000000001356 (from a 10-year CVD
 * risk of 7.5 %, blood-pressure medicine is advised at 130/80 mmHg and more). Not for people with known cardiovascular disease.
 * Contributions are log-odds above the reference: age 55, non-HDL 3.5, HDL 1.3 mmol/L, SBP 130 mmHg, eGFR 90, untreated.
 */
import { ageOf, calculator, known as isKnown, type Computed, type Part, type Reading } from "#findings/calculator.ts";
import { gather } from "#findings/facts.ts";
import type { Bilingual, Contribution } from "#findings/finding.ts";
import type { Facts, InputSpec, Method } from "#findings/method.ts";
import { diabetes as diabetesCodes, establishedCvd, heartFailure } from "./codes.ts";
import * as shared from "./inputs.ts";
import { factors, prevent, type Factor, type Horizon, type Outcome } from "./prevent-equation.ts";

const systolic = { ...shared.systolicMmHg, valid: { low: 90, high: 200 } };
const cholesterol = { ...shared.totalCholesterolMmolPerL, valid: { low: 130 * 0.02586, high: 320 * 0.02586 } };
const hdl = { ...shared.hdlCholesterolMmolPerL, valid: { low: 20 * 0.02586, high: 100 * 0.02586 } };
const egfr = { ...shared.egfrMlPerMinPer173M2, valid: { low: 15, high: 150 } };
const bmi = { ...shared.bmiKgPerM2, valid: { low: 18.5, high: 39.99 } };
const diabetes: InputSpec = { name: "diabetes", kind: "condition", label: { en: "Diabetes", zh: "糖尿病" }, required: false, codes: diabetesCodes };
const known: InputSpec = { name: "knownCardiovascularDisease", kind: "condition", label: { en: "Known cardiovascular disease", zh: "已知心血管疾病" }, required: false, codes: [...establishedCvd, ...heartFailure], history: true };

const names: Record<Outcome, Bilingual> = {
  cvd: { en: "cardiovascular disease", zh: "心血管疾病" },
  ascvd: { en: "atherosclerotic cardiovascular disease", zh: "动脉粥样硬化性心血管疾病" },
  hf: { en: "heart failure", zh: "心力衰竭" },
};
const needs: Record<Outcome, readonly string[]> = {
  cvd: ["ageYears", "sex", "systolicMmHg", "totalCholesterolMmolPerL", "hdlCholesterolMmolPerL", "egfrMlPerMinPer173M2", "currentSmoker"],
  ascvd: ["ageYears", "sex", "systolicMmHg", "totalCholesterolMmolPerL", "hdlCholesterolMmolPerL", "egfrMlPerMinPer173M2", "currentSmoker"],
  hf: ["ageYears", "sex", "systolicMmHg", "egfrMlPerMinPer173M2", "currentSmoker", "bmiKgPerM2"],
};

function part(outcome: Outcome, horizon: Horizon): Part {
  return {
    part: outcome, form: "risk", needs: needs[outcome],
    code: {
      system: "https://salus.health/fhir/CodeSystem/method", code: `prevent-${outcome}-${horizon}y`,
      label: { en: `${horizon}-year risk of ${names[outcome].en}`, zh: `${horizon}年${names[outcome].zh}风险` },
    },
    compute: (inputs) => compute(inputs, outcome, horizon),
  };
}

function compute(inputs: Reading, outcome: Outcome, horizon: Horizon): Computed {
  if (inputs.flag(known.name))
    return { abstain: [{ kind: "outside-validity", input: known.name, label: known.label, text: { en: "Cardiovascular disease is known; the equations are for people without", zh: "已有心血管疾病；该公式仅适用于未患病者" } }] };
  const optional = (name: string): number => (inputs.has(name) ? inputs.number(name) : Number.NaN);
  const x = {
    female: inputs.choice("sex") === "female", ageYears: inputs.number("ageYears"), systolicMmHg: inputs.number("systolicMmHg"), egfrMlPerMinPer173M2: inputs.number("egfrMlPerMinPer173M2"),
    totalCholesterolMmolPerL: optional("totalCholesterolMmolPerL"), hdlCholesterolMmolPerL: optional("hdlCholesterolMmolPerL"), bmiKgPerM2: optional("bmiKgPerM2"),
    diabetes: inputs.flag("diabetes"), currentSmoker: inputs.flag("currentSmoker"), onAntihypertensive: inputs.flag("onAntihypertensive"), onStatin: inputs.flag("onStatin"),
  };
  const risk = prevent(x, outcome, horizon);
  const observed: Record<Factor, { label: Bilingual; observed: string }> = {
    age: { label: shared.ageYears.label, observed: `${x.ageYears} years` },
    nonHdl: { label: { en: "Non-HDL cholesterol", zh: "非高密度脂蛋白胆固醇" }, observed: `${(x.totalCholesterolMmolPerL - x.hdlCholesterolMmolPerL).toFixed(2)} mmol/L` },
    hdl: { label: hdl.label, observed: `${x.hdlCholesterolMmolPerL.toFixed(2)} mmol/L` },
    systolic: { label: systolic.label, observed: `${Math.round(x.systolicMmHg)} mmHg` },
    diabetes: { label: diabetes.label, observed: shared.presence(x.diabetes, inputs.recorded("diabetes")) },
    smoking: { label: shared.currentSmoker.label, observed: x.currentSmoker ? "present" : "absent" },
    egfr: { label: egfr.label, observed: `${x.egfrMlPerMinPer173M2.toFixed(0)} mL/min/1.73 m²` },
    antihypertensive: { label: shared.onAntihypertensive.label, observed: shared.presence(x.onAntihypertensive, inputs.recorded("onAntihypertensive")) },
    statin: { label: shared.onStatin.label, observed: shared.presence(x.onStatin, inputs.recorded("onStatin")) },
    bmi: { label: bmi.label, observed: `${x.bmiKgPerM2.toFixed(1)} kg/m²` },
  };
  const absent: readonly Factor[] = outcome === "hf" ? ["nonHdl", "hdl", "statin"] : ["bmi"];
  const contributions: Contribution[] = factors.filter((factor) => !absent.includes(factor)).map((factor) => ({ factor, ...observed[factor], effect: Math.round(risk.effects[factor] * 1e4) / 1e4, effectUnit: "log-odds" as const }));
  const percent = `${(risk.probability * 100).toFixed(1)} %`;
  const over = outcome === "cvd" && horizon === 10 && risk.probability >= 0.075;
  const years = `${horizon}-year risk of ${names[outcome].en}`;
  return {
    probability: Math.round(risk.probability * 1e6) / 1e6, horizonYears: horizon, urgency: over ? "soon" : "routine", contributions,
    statement: {
      en: `${years} ${percent} (PREVENT)${over ? ", at or above 7.5 %, where medicine is advised from 130/80 mmHg" : ""}.`,
      zh: `${horizon}年${names[outcome].zh}风险 ${percent}（PREVENT）${over ? "，达到 7.5 %：血压≥130/80 mmHg 时建议药物治疗" : ""}。`,
    },
  };
}

function method(horizon: Horizon, ages: { low: number; high: number }): Method {
  const age = { ...shared.ageYears, valid: ages };
  return calculator({
    id: horizon === 10 ? "prevent" : "prevent-30y", version: "1.0.0", stage: "prevention",
    title: horizon === 10 ? { en: "PREVENT 10-year risk", zh: "PREVENT 10年风险" } : { en: "PREVENT 30-year risk", zh: "PREVENT 30年风险" },
    population: { en: `Adults of ${ages.low} to ${ages.high} years without known cardiovascular disease (derived in the United States)`, zh: `${ages.low}至${ages.high}岁、无已知心血管疾病的成人（源自美国人群）` },
    inputs: [age, shared.sex, systolic, cholesterol, hdl, egfr, bmi, shared.currentSmoker, diabetes, shared.onAntihypertensive, shared.onStatin, known],
    sources: [
      { citation: "Khan SS et al. Circulation 2024;149:430-449", doi: "10.1161/CIRCULATIONAHA.123.067626", section: horizon === 10 ? "Table S12.A" : "Table S12.F" },
      ...(horizon === 10 ? [{ citation: "Jones DW et al. 2025 AHA/ACC guideline on high blood pressure in adults", doi: "10.1161/CIR.0000000000001356" }] : []),
    ],
    // The 30-year twin speaks only with all at hand; what is missing the 10-year one says already.
    applicable: (facts) => inAges(facts, ages) && !isTrue(facts, known) && (horizon === 10 || [systolic, cholesterol, hdl, egfr, shared.currentSmoker].every((spec) => isKnown(facts, spec))),
    parts: (["cvd", "ascvd", "hf"] as const).map((outcome) => part(outcome, horizon)),
  });
}

function inAges(facts: Facts, ages: { low: number; high: number }): boolean {
  const years = ageOf(facts, shared.ageYears);
  return years !== undefined && years >= ages.low && years <= ages.high;
}

function isTrue(facts: Facts, spec: InputSpec): boolean {
  const found = gather(facts, spec);
  return found.kind === "present" && found.value === true;
}

export const prevent10 = method(10, { low: 30, high: 79 });
export const prevent30 = method(30, { low: 30, high: 59 });
