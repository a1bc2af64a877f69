/**
 * CKD-EPI creatinine equations of 2021 and 2009. 2021, without race. Source: Inker LA et al. N Engl J Med 2021;385:1737-1749,
 * doi:10.1056/NEJMoa2102953, table S11: 142 × min(Scr/κ,1)^α × max(Scr/κ,1)^−1.200 × 0.9938^age × 1.012 [female];
 * κ 0.7 and α −0.241 for women, κ 0.9 and α −0.302 for men. Creatinine in mg/dL, age in years (adults).
 * 2009: Levey AS et al. Ann Intern Med 2009;150:604-612, doi:10.7326/0003-4819-150-9-200905050-00006: 141 × … ^−1.209 ×
 * 0.993^age, α −0.329 for women and −0.411 for men, with the constant 144 of its table 2 for women (141 × 1.018 in the
 * one-line form, 0.3 % less); its race factor is not used.
 */
import assert from "node:assert/strict";

export type CkdEpi = { egfr: number; creatinineFactor: number; ageFactor: number; sexFactor: number };

export const ckdEpiYears = {
  2021: { constant: 142, alpha: { female: -0.241, male: -0.302 }, above: -1.2, perYear: 0.9938, female: 1.012 },
  2009: { constant: 141, alpha: { female: -0.329, male: -0.411 }, above: -1.209, perYear: 0.993, female: 144 / 141 },
} as const;
export type CkdEpiYear = keyof typeof ckdEpiYears;

export function ckdEpi(year: CkdEpiYear, creatinineMgPerDl: number, ageYears: number, female: boolean): CkdEpi {
  assert(creatinineMgPerDl > 0 && ageYears >= 0);
  const equation = ckdEpiYears[year];
  const ratio = creatinineMgPerDl / (female ? 0.7 : 0.9);
  const creatinineFactor = Math.min(ratio, 1) ** equation.alpha[female ? "female" : "male"] * Math.max(ratio, 1) ** equation.above;
  const ageFactor = equation.perYear ** ageYears;
  const sexFactor = female ? equation.female : 1;
  return { egfr: equation.constant * creatinineFactor * ageFactor * sexFactor, creatinineFactor, ageFactor, sexFactor };
}

export function ckdEpi2021(creatinineMgPerDl: number, ageYears: number, female: boolean): CkdEpi {
  return ckdEpi(2021, creatinineMgPerDl, ageYears, female);
}
