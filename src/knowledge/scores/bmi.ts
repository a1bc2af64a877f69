/**
 * Body mass index of adults: weight / height², kg/m², by two classifications, each named in the statement.
 * Sources: WHO Technical Report Series 894 (2000), classes; WS/T 428-2013 (health standard of China for adults), classes
 * from 18.5, 24 and 28; WHO expert consultation, Lancet 2004;363:157-163, doi:10.1016/S0140-6736(03)15268-3, points for
 * public-health action in Asian populations (23 and 27.5).
 * Under 19 years the index is read against age, not by these classes: abstains.
 */
import { ageOf, calculator, known } from "#findings/calculator.ts";
import type { Bilingual, Urgency } from "#findings/finding.ts";
import { ageYears, heightCm, weightKg } from "./inputs.ts";

type ChineseCode = "underweight" | "normal" | "overweight" | "obese";
type Class = { below: number; code: string; text: Bilingual; urgency: Urgency; /** the class of WS/T 428 that says the same */ same: ChineseCode };
const classes: readonly Class[] = [
  { below: 16, code: "severe-thinness", text: { en: "severe thinness", zh: "重度消瘦" }, urgency: "soon", same: "underweight" },
  { below: 17, code: "moderate-thinness", text: { en: "moderate thinness", zh: "中度消瘦" }, urgency: "routine", same: "underweight" },
  { below: 18.5, code: "mild-thinness", text: { en: "mild thinness", zh: "轻度消瘦" }, urgency: "routine", same: "underweight" },
  { below: 25, code: "normal", text: { en: "normal range", zh: "正常范围" }, urgency: "routine", same: "normal" },
  { below: 30, code: "pre-obese", text: { en: "pre-obese", zh: "超重" }, urgency: "routine", same: "overweight" },
  { below: 35, code: "obese-1", text: { en: "obese, class I", zh: "肥胖Ⅰ级" }, urgency: "routine", same: "obese" },
  { below: 40, code: "obese-2", text: { en: "obese, class II", zh: "肥胖Ⅱ级" }, urgency: "routine", same: "obese" },
  { below: Infinity, code: "obese-3", text: { en: "obese, class III", zh: "肥胖Ⅲ级" }, urgency: "soon", same: "obese" },
];

export function bmiClass(bmi: number): Class {
  return classes.find((one) => bmi < one.below)!;
}

/** WS/T 428-2013, adults: each class ends below the next one's first value. */
const chinese: readonly { below: number; code: ChineseCode; text: Bilingual }[] = [
  { below: 18.5, code: "underweight", text: { en: "underweight", zh: "体重过低" } },
  { below: 24, code: "normal", text: { en: "normal weight", zh: "体重正常" } },
  { below: 28, code: "overweight", text: { en: "overweight", zh: "超重" } },
  { below: Infinity, code: "obese", text: { en: "obese", zh: "肥胖" } },
];

export function chineseBmiClass(bmi: number): (typeof chinese)[number] {
  return chinese.find((one) => bmi < one.below)!;
}

/** One decimal, or two where rounding would carry the figure over a limit it has not reached. */
function printed(bmi: number): string {
  const short = bmi.toFixed(1), crosses = bmiClass(Number(short)) !== bmiClass(bmi) || chineseBmiClass(Number(short)) !== chineseBmiClass(bmi);
  return crosses ? (Math.floor(bmi * 100) / 100).toFixed(2) : short;
}

function statementOf(bmi: number): Bilingual {
  const who = bmiClass(bmi), china = chineseBmiClass(bmi);
  return who.same === china.code
    ? { en: `BMI ${printed(bmi)} kg/m²: ${who.text.en} (WHO and WS/T 428-2013).`, zh: `体重指数 ${printed(bmi)} kg/m²：${who.text.zh}（世卫组织与 WS/T 428-2013 一致）。` }
    : { en: `BMI ${printed(bmi)} kg/m²: ${who.text.en} (WHO); ${china.text.en} (WS/T 428-2013, China).`, zh: `体重指数 ${printed(bmi)} kg/m²：按世卫组织标准为${who.text.zh}；按中国标准（WS/T 428-2013）为${china.text.zh}。` };
}

const age = { ...ageYears, required: false };

export const bmi = calculator({
  id: "bmi", version: "1.1.0", stage: "screening",
  title: { en: "Body mass index", zh: "体重指数" },
  population: { en: "Adults from 19 years; not in pregnancy or with oedema", zh: "19岁及以上成人；不适用于妊娠或水肿" },
  inputs: [weightKg, heightCm, age],
  sources: [
    { citation: "WHO Technical Report Series 894. Obesity: preventing and managing the global epidemic, 2000", url: "https://iris.who.int/handle/10665/42330" },
    { citation: "WS/T 428-2013. Criteria of weight for adults. National Health and Family Planning Commission of China, 2013" },
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
        statement: statementOf(value),
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
