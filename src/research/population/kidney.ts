/**
 * eGFR by CKD-EPI 2021 (creatinine, without race): Inker LA et al. N Engl J Med 2021;385:1737-1749,
 * doi:10.1056/NEJMoa2102953. For adults (≥ 18 years). mL/min/1.73 m²; creatinine in µmol/L (88.4 µmol/L = 1 mg/dL).
 */
import { ckdEpi2021 } from "#knowledge/scores/ckd-epi-equation.ts";
import type { Sex } from "./epidemiology.ts";

export function egfr(creatinineUmolPerL: number, age: number, sex: Sex): number {
  return ckdEpi2021(creatinineUmolPerL / 88.4, age, sex === "female").egfr;
}

/** The creatinine (µmol/L) at which `egfr` gives this value: the inverse, both branches. */
export function creatinineFor(target: number, age: number, sex: Sex): number {
  const kappa = sex === "female" ? 0.7 : 0.9, alpha = sex === "female" ? -0.241 : -0.302;
  const share = target / (142 * 0.9938 ** age * (sex === "female" ? 1.012 : 1));
  const ratio = share <= 1 ? share ** (-1 / 1.2) : share ** (1 / alpha);
  return ratio * kappa * 88.4;
}

export type CkdStage = "1" | "2" | "3a" | "3b" | "4" | "5";

/** GFR category, KDIGO 2024 (doi:10.1016/j.kint.2023.10.018); G1 and G2 are CKD only with another marker of damage. */
export function gfrStage(value: number): CkdStage {
  if (value >= 90) return "1";
  if (value >= 60) return "2";
  if (value >= 45) return "3a";
  if (value >= 30) return "3b";
  return value >= 15 ? "4" : "5";
}
