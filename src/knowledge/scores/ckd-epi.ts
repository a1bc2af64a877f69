/**
 * Estimated glomerular filtration rate from creatinine, mL/min/1.73 m²: CKD-EPI 2021, and the 2009 equation it replaced,
 * which some laboratories still report and which runs only on request, never on a record.
 * Sources: Inker LA et al. N Engl J Med 2021;385:1737-1749, doi:10.1056/NEJMoa2102953 (equation);
 * KDIGO 2024, doi:10.1016/j.kint.2023.10.018 (categories G1-G5; referral below 30).
 * For adults; age is taken on the day of the creatinine. Contributions: % by which each factor moves the constant in mL/min/1.73 m².
 */
import { ageOf, calculator, known } from "#findings/calculator.ts";
import type { Bilingual, Urgency } from "#findings/finding.ts";
import type { Method } from "#findings/method.ts";
import { ckdEpi, ckdEpiYears, type CkdEpiYear } from "./ckd-epi-equation.ts";
import { ageYears, creatinineMgPerDl, sex } from "./inputs.ts";

const age = { ...ageYears, on: creatinineMgPerDl.name, valid: { low: 18, high: 130 } };

/** KDIGO G category of an eGFR. */
export function gfrCategory(egfr: number): { code: string; text: Bilingual; urgency: Urgency } {
  if (egfr >= 90) return { code: "G1", text: { en: "normal or high", zh: "正常或偏高" }, urgency: "routine" };
  if (egfr >= 60) return { code: "G2", text: { en: "mildly decreased", zh: "轻度下降" }, urgency: "routine" };
  if (egfr >= 45) return { code: "G3a", text: { en: "mildly to moderately decreased", zh: "轻至中度下降" }, urgency: "routine" };
  if (egfr >= 30) return { code: "G3b", text: { en: "moderately to severely decreased", zh: "中至重度下降" }, urgency: "routine" };
  if (egfr >= 15) return { code: "G4", text: { en: "severely decreased", zh: "重度下降" }, urgency: "soon" };
  return { code: "G5", text: { en: "kidney failure", zh: "肾衰竭" }, urgency: "urgent" };
}

function method(year: CkdEpiYear, source: Method["sources"][number], loincCode: string): Method {
  const equation = ckdEpiYears[year];
  const title = { en: `eGFR (CKD-EPI ${year})`, zh: `估算肾小球滤过率（CKD-EPI ${year}）` };
  return calculator({
    id: `ckd-epi-${year}`, version: "1.0.0", stage: "diagnosis", title,
    population: { en: "Adults of 18 years and older with stable kidney function", zh: "18岁及以上、肾功能稳定的成人" },
    inputs: [creatinineMgPerDl, age, sex],
    sources: [source, { citation: "KDIGO 2024 Clinical Practice Guideline for CKD. Kidney Int 2024;105(4S):S117-S314", doi: "10.1016/j.kint.2023.10.018" }],
    applicable: (facts) => year === 2021 && known(facts, creatinineMgPerDl) && (ageOf(facts, ageYears) ?? 0) >= 18,
    parts: [{
      form: "measure", needs: ["creatinineMgPerDl", "ageYears", "sex"], code: { system: "http://loinc.org", code: loincCode, label: title },
      compute(inputs) {
        const creatinine = inputs.number("creatinineMgPerDl"), years = inputs.number("ageYears"), female = inputs.choice("sex") === "female";
        const { egfr, creatinineFactor, ageFactor, sexFactor } = ckdEpi(year, creatinine, years, female);
        const category = gfrCategory(egfr);
        const percent = (factor: number): number => Math.round((factor - 1) * 1000) / 10;
        const shown = egfr.toFixed(1);
        return {
          value: { kind: "quantity", value: Math.round(egfr * 100) / 100, unit: "mL/min/1.73 m²", code: "mL/min/{1.73_m2}" },
          urgency: category.urgency,
          statement: { en: `eGFR ${shown} mL/min/1.73 m², ${category.text.en} (${category.code}).`, zh: `估算肾小球滤过率 ${shown} mL/min/1.73 m²，${category.text.zh}（${category.code}）。` },
          contributions: [
            { factor: "creatinine", label: creatinineMgPerDl.label, observed: `${creatinine.toFixed(2)} mg/dL`, rule: `reference ${female ? 0.7 : 0.9} mg/dL`, effect: percent(creatinineFactor), effectUnit: "%" },
            { factor: "age", label: age.label, observed: `${years} years`, rule: `${equation.perYear} for each year`, effect: percent(ageFactor), effectUnit: "%" },
            { factor: "sex", label: sex.label, observed: female ? "female" : "male", rule: `${equation.female.toFixed(3)} for women`, effect: percent(sexFactor), effectUnit: "%" },
          ],
        };
      },
    }],
  });
}

export const ckdEpi2021Method = method(2021, { citation: "Inker LA et al. N Engl J Med 2021;385:1737-1749", doi: "10.1056/NEJMoa2102953" }, "98979-8");
export const ckdEpi2009Method = method(2009, { citation: "Levey AS et al. Ann Intern Med 2009;150:604-612", doi: "10.7326/0003-4819-150-9-200905050-00006" }, "62238-1");
