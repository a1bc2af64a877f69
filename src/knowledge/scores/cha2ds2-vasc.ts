/**
 * CHA₂DS₂-VASc: risk of stroke in non-valvular atrial fibrillation, 0 to 9 points.
 * Sources: Lip GYH et al. Chest 2010;137:263-272, doi:10.1378/chest.09-1584 (points); ESC 2020 guideline on atrial
 * fibrillation, Hindricks G et al. Eur Heart J 2021;42:373-498, doi:10.1093/eurheartj/ehaa612, section 10.1 (oral
 * anticoagulation recommended from 2 points in men and 3 in women, considered at 1 and 2).
 * Problems no resource names are taken as absent, and said to be "not recorded".
 */
import { calculator, type Reading } from "#findings/calculator.ts";
import { gather } from "#findings/facts.ts";
import type { Bilingual, Contribution, Urgency } from "#findings/finding.ts";
import type { InputSpec } from "#findings/method.ts";
import { anticoagulants, atrialFibrillation, diabetes, heartFailure, hypertension, strokeOrEmbolism, vascularDisease } from "./codes.ts";
import { ageYears, presence, sex } from "./inputs.ts";

const problem = (name: string, en: string, zh: string, codes: (InputSpec & { kind: "condition" })["codes"], history = true): InputSpec & { kind: "condition" } =>
  ({ name, kind: "condition", label: { en, zh }, required: false, codes, history });

const heart = problem("heartFailure", "Heart failure", "心力衰竭", heartFailure);
const pressure = problem("hypertension", "Hypertension", "高血压", hypertension);
const sugar = problem("diabetes", "Diabetes", "糖尿病", diabetes, false);
const stroke = problem("strokeTiaOrEmbolism", "Stroke, TIA or thromboembolism", "卒中、TIA或血栓栓塞", strokeOrEmbolism);
const vessel = problem("vascularDisease", "Vascular disease", "血管疾病", vascularDisease);
const fibrillation = problem("atrialFibrillation", "Atrial fibrillation", "心房颤动", atrialFibrillation);
const anticoagulant: InputSpec & { kind: "medication" } = { name: "onAnticoagulant", kind: "medication", label: { en: "Oral anticoagulant", zh: "口服抗凝药" }, required: false, ...anticoagulants };
const age = { ...ageYears, valid: { low: 18, high: 130 } };

export const cha2ds2Vasc = calculator({
  id: "cha2ds2-vasc", version: "1.0.0", stage: "prevention",
  title: { en: "CHA₂DS₂-VASc", zh: "CHA₂DS₂-VASc 评分" },
  population: { en: "Adults with atrial fibrillation without mechanical valve or moderate to severe mitral stenosis", zh: "心房颤动成人，无机械瓣或中重度二尖瓣狭窄" },
  inputs: [fibrillation, age, sex, heart, pressure, sugar, stroke, vessel, anticoagulant],
  sources: [
    { citation: "Lip GYH et al. Chest 2010;137:263-272", doi: "10.1378/chest.09-1584" },
    { citation: "Hindricks G et al. ESC 2020 guidelines on atrial fibrillation. Eur Heart J 2021;42:373-498", doi: "10.1093/eurheartj/ehaa612", section: "10.1" },
  ],
  applicable: (facts) => { const found = gather(facts, fibrillation); return found.kind === "present" && found.value === true; },
  parts: [{
    form: "measure", needs: ["ageYears", "sex"],
    code: { system: "https://salus.health/fhir/CodeSystem/method", code: "cha2ds2-vasc", label: { en: "CHA₂DS₂-VASc score", zh: "CHA₂DS₂-VASc 评分" } },
    compute(inputs) {
      const years = inputs.number("ageYears"), female = inputs.choice("sex") === "female";
      const points = (spec: InputSpec, worth: number): Contribution =>
        ({ factor: spec.name, label: spec.label, observed: presence(inputs.flag(spec.name), inputs.recorded(spec.name)), effect: inputs.flag(spec.name) ? worth : 0, effectUnit: "points" });
      const contributions: Contribution[] = [
        points(heart, 1), points(pressure, 1),
        { factor: "age", label: age.label, observed: `${years} years`, rule: "65-74: 1, ≥ 75: 2", effect: years >= 75 ? 2 : years >= 65 ? 1 : 0, effectUnit: "points" },
        points(sugar, 1), points(stroke, 2), points(vessel, 1),
        { factor: "sex", label: sex.label, observed: female ? "female" : "male", rule: "female: 1", effect: female ? 1 : 0, effectUnit: "points" },
      ];
      const total = contributions.reduce((sum, one) => sum + one.effect!, 0);
      const advice = adviceFor(total - (female ? 1 : 0), inputs);
      return {
        value: { kind: "quantity", value: total, unit: "points", code: "{score}" }, urgency: advice.urgency, contributions,
        statement: { en: `CHA₂DS₂-VASc ${total}: ${advice.text.en}.`, zh: `CHA₂DS₂-VASc ${total}分：${advice.text.zh}。` },
      };
    },
  }],
});

/** `beyondSex`: points without the one for female sex; the thresholds differ between the sexes by exactly it. */
function adviceFor(beyondSex: number, inputs: Reading): { urgency: Urgency; text: Bilingual } {
  if (beyondSex <= 0) return { urgency: "routine", text: { en: "low risk of stroke, no anticoagulation needed for it", zh: "卒中风险低，无需因此抗凝" } };
  const treated = inputs.flag("onAnticoagulant");
  const recommended = beyondSex >= 2;
  const advice: Bilingual = recommended ? { en: "oral anticoagulation is recommended", zh: "推荐口服抗凝" } : { en: "oral anticoagulation should be considered", zh: "应考虑口服抗凝" };
  if (treated) return { urgency: "routine", text: { en: `${advice.en}, and is being taken`, zh: `${advice.zh}，现已服用` } };
  return { urgency: recommended ? "urgent" : "soon", text: { en: `${advice.en}; no anticoagulant is recorded`, zh: `${advice.zh}；未见抗凝药记录` } };
}
