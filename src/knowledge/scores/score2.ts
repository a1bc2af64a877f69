/**
 * SCORE2 and SCORE2-OP as methods. The risk region is an explicit input: given, or that of the country in the person's
 * address. Not for people with cardiovascular disease or diabetes.
 * Sources: see score2-equation.ts; ESC 2021 prevention guideline, Visseren FLJ et al. Eur Heart J 2021;42:3227-3337,
 * doi:10.1093/eurheartj/ehab484 (risk categories by age; countries of the regions, figure 4).
 * Contributions are log-hazards above the reference person of `centres`, before recalibration to the region.
 */
import { ageOf, calculator, type Reading } from "#findings/calculator.ts";
import { gather } from "#findings/facts.ts";
import type { Bilingual, Contribution, Urgency } from "#findings/finding.ts";
import type { Facts, InputSpec, Method } from "#findings/method.ts";
import { diabetes as diabetesCodes, establishedCvd } from "./codes.ts";
import * as shared from "./inputs.ts";
import { centres, regions, score2, score2Factors, type Region, type Score2Factor } from "./score2-equation.ts";

const countries: Record<Region, readonly string[]> = {
  "low": ["BE", "DK", "FR", "IL", "LU", "NO", "ES", "CH", "NL", "GB", "UK"],
  "moderate": ["AT", "CY", "FI", "DE", "GR", "IS", "IE", "IT", "MT", "PT", "SM", "SI", "SE"],
  "high": ["AL", "BA", "HR", "CZ", "EE", "HU", "KZ", "PL", "SK", "TR"],
  "very-high": ["DZ", "AM", "AZ", "BY", "BG", "EG", "GE", "KG", "LV", "LB", "LY", "LT", "ME", "MA", "MD", "MK", "RO", "RU", "RS", "SY", "TN", "UA", "UZ"],
};
const region: InputSpec = {
  name: "riskRegion", kind: "choice", label: { en: "SCORE2 risk region", zh: "SCORE2 风险地区" }, required: true, options: [...regions],
  byCountry: Object.fromEntries(regions.flatMap((one) => countries[one].map((country) => [country, one]))),
};
const diabetes: InputSpec = { name: "diabetes", kind: "condition", label: { en: "Diabetes", zh: "糖尿病" }, required: false, codes: diabetesCodes };
const known: InputSpec = { name: "knownCardiovascularDisease", kind: "condition", label: { en: "Known cardiovascular disease", zh: "已知心血管疾病" }, required: false, codes: establishedCvd, history: true };
const regionNames: Record<Region, Bilingual> = { "low": { en: "low", zh: "低" }, "moderate": { en: "moderate", zh: "中等" }, "high": { en: "high", zh: "高" }, "very-high": { en: "very high", zh: "极高" } };

/** ESC 2021 category of a 10-year risk at an age. */
export function escCategory(probability: number, ageYears: number): { text: Bilingual; urgency: Urgency } {
  const [high, veryHigh] = ageYears < 50 ? [0.025, 0.075] : ageYears < 70 ? [0.05, 0.1] : [0.075, 0.15];
  if (probability >= veryHigh!) return { text: { en: "very high for this age, treatment of risk factors is recommended", zh: "属该年龄极高风险，推荐治疗危险因素" }, urgency: "soon" };
  if (probability >= high!) return { text: { en: "high for this age, treatment of risk factors should be considered", zh: "属该年龄高风险，应考虑治疗危险因素" }, urgency: "routine" };
  return { text: { en: "low to moderate for this age", zh: "属该年龄低至中等风险" }, urgency: "routine" };
}

function method(which: "score2" | "score2-op", ages: { low: number; high: number }, title: string, source: Method["sources"][number]): Method {
  const age = { ...shared.ageYears, valid: ages };
  const centre = centres[which];
  const compute = (inputs: Reading) => {
    for (const [spec, text] of [[known, { en: "Cardiovascular disease is known; the model is for people without", zh: "已有心血管疾病；该模型仅适用于未患病者" }], [diabetes, { en: "Diabetes is known; SCORE2-Diabetes is meant for that", zh: "已有糖尿病；应使用 SCORE2-Diabetes" }]] as const)
      if (inputs.flag(spec.name)) return { abstain: [{ kind: "outside-validity" as const, input: spec.name, label: spec.label, text }] };
    const x = {
      female: inputs.choice("sex") === "female", ageYears: inputs.number("ageYears"), currentSmoker: inputs.flag("currentSmoker"), systolicMmHg: inputs.number("systolicMmHg"),
      totalCholesterolMmolPerL: inputs.number("totalCholesterolMmolPerL"), hdlCholesterolMmolPerL: inputs.number("hdlCholesterolMmolPerL"), region: inputs.choice("riskRegion") as Region,
    };
    const risk = score2(x, which);
    const observed: Record<Score2Factor, [Bilingual, string, string]> = {
      age: [age.label, `${x.ageYears} years`, `${centre.age} years`], smoking: [shared.currentSmoker.label, x.currentSmoker ? "present" : "absent", "absent"],
      systolic: [shared.systolicMmHg.label, `${Math.round(x.systolicMmHg)} mmHg`, `${centre.systolic} mmHg`],
      cholesterol: [shared.totalCholesterolMmolPerL.label, `${x.totalCholesterolMmolPerL.toFixed(2)} mmol/L`, `${centre.cholesterol} mmol/L`],
      hdl: [shared.hdlCholesterolMmolPerL.label, `${x.hdlCholesterolMmolPerL.toFixed(2)} mmol/L`, `${centre.hdl} mmol/L`],
    };
    const contributions: Contribution[] = score2Factors.map((factor) => ({ factor, label: observed[factor][0], observed: observed[factor][1], rule: `reference ${observed[factor][2]}`, effect: Math.round(risk.effects[factor] * 1e4) / 1e4, effectUnit: "log-hazard" as const }));
    contributions.push({ factor: "region", label: region.label, observed: x.region });
    const category = escCategory(risk.probability, x.ageYears);
    const percent = `${(risk.probability * 100).toFixed(1)} %`;
    return {
      probability: Math.round(risk.probability * 1e6) / 1e6, horizonYears: 10, urgency: category.urgency, contributions,
      statement: {
        en: `10-year risk of cardiovascular disease ${percent} (${title}, ${regionNames[x.region].en}-risk region): ${category.text.en}.`,
        zh: `10年心血管疾病风险 ${percent}（${title}，${regionNames[x.region].zh}风险地区）：${category.text.zh}。`,
      },
    };
  };
  return calculator({
    id: which, version: "1.0.0", stage: "prevention", title: { en: `${title} 10-year risk`, zh: `${title} 10年风险` },
    population: { en: `Europeans of ${ages.low} to ${ages.high} years without cardiovascular disease or diabetes`, zh: `${ages.low}至${ages.high}岁、无心血管疾病及糖尿病的欧洲人群` },
    inputs: [age, shared.sex, shared.currentSmoker, shared.systolicMmHg, shared.totalCholesterolMmolPerL, shared.hdlCholesterolMmolPerL, region, diabetes, known],
    sources: [source, { citation: "Visseren FLJ et al. 2021 ESC guidelines on cardiovascular disease prevention. Eur Heart J 2021;42:3227-3337", doi: "10.1093/eurheartj/ehab484", section: "3.2.3" }],
    applicable: (facts) => applies(facts, ages),
    parts: [{
      form: "risk", needs: ["ageYears", "sex", "currentSmoker", "systolicMmHg", "totalCholesterolMmolPerL", "hdlCholesterolMmolPerL", "riskRegion"],
      code: { system: "https://salus.health/fhir/CodeSystem/method", code: which, label: { en: "10-year risk of cardiovascular disease", zh: "10年心血管疾病风险" } },
      compute,
    }],
  });
}

/** Only where the region is known: elsewhere these models have nothing to say. */
function applies(facts: Facts, ages: { low: number; high: number }): boolean {
  const years = ageOf(facts, shared.ageYears);
  if (years === undefined || years < ages.low || years > ages.high || gather(facts, region).kind === "missing") return false;
  return ![diabetes, known].some((spec) => { const found = gather(facts, spec); return found.kind === "present" && found.value === true; });
}

export const score2Method = method("score2", { low: 40, high: 69 }, "SCORE2", { citation: "SCORE2 working group. Eur Heart J 2021;42:2439-2454", doi: "10.1093/eurheartj/ehab309" });
export const score2OpMethod = method("score2-op", { low: 70, high: 89 }, "SCORE2-OP", { citation: "SCORE2-OP working group. Eur Heart J 2021;42:2455-2467", doi: "10.1093/eurheartj/ehab312" });
