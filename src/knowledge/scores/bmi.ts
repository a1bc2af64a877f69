/**
 * Body mass index of adults: weight / height², kg/m².
 * Sources: WHO Technical Report Series 894 (2000), classes; WHO expert consultation, Lancet 2004;363:157-163,
 * doi:10.1016/S0140-6736(03)15268-3, points for public-health action in Asian populations (23 and 27.5).
 * Under 19 years the index is read against age, not by these classes: abstains.
 */
import { ageOf, calculator, known } from "#findings/calculator.ts";
import type { Bilingual, Urgency } from "#findings/finding.ts";
import { ageYears, heightCm, weightKg } from "./inputs.ts";

type Class = { below: number; code: string; text: Bilingual; urgency: Urgency };
const classes: readonly Class[] = [
  { below: 16, code: "severe-thinness", text: { en: "severe thinness", zh: "重度消瘦" }, urgency: "soon" },
  { below: 17, code: "moderate-thinness", text: { en: "moderate thinness", zh: "中度消瘦" }, urgency: "routine" },
  { below: 18.5, code: "mild-thinness", text: { en: "mild thinness", zh: "轻度消瘦" }, urgency: "routine" },
  { below: 25, code: "normal", text: { en: "normal range", zh: "正常范围" }, urgency: "routine" },
  { below: 30, code: "pre-obese", text: { en: "pre-obese", zh: "超重" }, urgency: "routine" },
  { below: 35, code: "obese-1", text: { en: "obese, class I", zh: "肥胖Ⅰ级" }, urgency: "routine" },
  { below: 40, code: "obese-2", text: { en: "obese, class II", zh: "肥胖Ⅱ级" }, urgency: "routine" },
  { below: Infinity, code: "obese-3", text: { en: "obese, class III", zh: "肥胖Ⅲ级" }, urgency: "soon" },
];

export function bmiClass(bmi: number): Class {
  return classes.find((one) => bmi < one.below)!;
}

const age = { ...ageYears, required: false };

export const bmi = calculator({
  id: "bmi", version: "1.0.0", stage: "screening",
  title: { en: "Body mass index", zh: "体重指数" },
  population: { en: "Adults from 19 years; not in pregnancy or with oedema", zh: "19岁及以上成人；不适用于妊娠或水肿" },
  inputs: [weightKg, heightCm, age],
  sources: [
    { citation: "WHO Technical Report Series 894. Obesity: preventing and managing the global epidemic, 2000", url: "https://iris.who.int/handle/10665/42330" },
    { citation: "WHO expert consultation. Lancet 2004;363:157-163", doi: "10.1016/S0140-6736(03)15268-3" },
  ],
  applicable: (facts) => (ageOf(facts, ageYears) ?? 0) >= 19 && known(facts, weightKg) && known(facts, heightCm),
  parts: [{
    form: "measure", needs: ["weightKg", "heightCm"],
    code: { system: "http://loinc.org", code: "39156-5", label: { en: "Body mass index", zh: "体重指数" } },
    compute(inputs) {
      if (inputs.has("ageYears") && inputs.number("ageYears") < 19)
        return { abstain: [{ kind: "outside-validity", input: "ageYears", label: age.label, text: { en: `Age ${inputs.number("ageYears")} is under 19: read it against growth references`, zh: `年龄${inputs.number("ageYears")}岁，不足19岁：应按生长参考标准判读` } }] };
      const weight = inputs.number("weightKg"), height = inputs.number("heightCm");
      const value = weight / (height / 100) ** 2;
      const found = bmiClass(value);
      const asian = (value >= 23 && value < 25) || (value >= 27.5 && value < 30);
      return {
        value: { kind: "quantity", value: Math.round(value * 100) / 100, unit: "kg/m²", code: "kg/m2" }, urgency: found.urgency,
        statement: { en: `BMI ${value.toFixed(1)} kg/m²: ${found.text.en}.`, zh: `体重指数 ${value.toFixed(1)} kg/m²：${found.text.zh}。` },
        contributions: [
          { factor: "weight", label: weightKg.label, observed: `${Math.round(weight * 10) / 10} kg` },
          { factor: "height", label: heightCm.label, observed: `${Math.round(height * 10) / 10} cm` },
        ],
        limits: asian ? [{ kind: "quality", input: "weightKg", label: { en: "Asian populations", zh: "亚洲人群" }, text: {
          en: `In Asian populations action is advised from ${value >= 27.5 ? "27.5 (high risk)" : "23 (increased risk)"} kg/m²`, zh: `亚洲人群自 ${value >= 27.5 ? "27.5（高风险）" : "23（风险增加）"} kg/m² 起建议干预`,
        } }] : [],
      };
    },
  }],
});
