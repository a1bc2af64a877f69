/**
 * CKD-EPI 2021 creatinine equation, without race. Source: Inker LA et al. N Engl J Med 2021;385:1737-1749,
 * doi:10.1056/NEJMoa2102953, table S11: 142 × min(Scr/κ,1)^α × max(Scr/κ,1)^−1.200 × 0.9938^age × 1.012 [female];
 * κ 0.7 and α −0.241 for women, κ 0.9 and α −0.302 for men. Creatinine in mg/dL, age in years (adults).
 */
import assert from "node:assert/strict";

export type CkdEpi = { egfr: number; creatinineFactor: number; ageFactor: number; sexFactor: number };

export function ckdEpi2021(creatinineMgPerDl: number, ageYears: number, female: boolean): CkdEpi {
  assert(creatinineMgPerDl > 0 && ageYears >= 0);
  const ratio = creatinineMgPerDl / (female ? 0.7 : 0.9);
  const creatinineFactor = Math.min(ratio, 1) ** (female ? -0.241 : -0.302) * Math.max(ratio, 1) ** -1.2;
  const ageFactor = 0.9938 ** ageYears;
  const sexFactor = female ? 1.012 : 1;
  return { egfr: 142 * creatinineFactor * ageFactor * sexFactor, creatinineFactor, ageFactor, sexFactor };
}
