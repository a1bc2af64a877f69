/**
 * Vectors of published risk equations (SOURCE.md of the pack): PREVENT base, SCORE2 and SCORE2-OP, and the worked
 * examples of calculators that we have. Other equations in the files are skipped by name.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readInputs } from "#findings/inputs.ts";
import type { Finding } from "#findings/finding.ts";
import { scores } from "#knowledge/scores/registry.ts";
import type { ExternalCase } from "../run.ts";

export const pack = "scores-vectors";

type Row = Record<string, unknown>;
const mgPerDlToMmolPerL = 0.02586;

function run(id: string, raw: Row): Finding[] {
  const method = scores.find((one) => one.id === id)!;
  const inputs = readInputs(method, raw);
  assert.ok(inputs.ok, inputs.ok ? "" : inputs.failure.text);
  return method.runInputs!(inputs.value);
}

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  for (const file of readdirSync(dir).filter((name) => name.endsWith(".json")).sort()) {
    const { cases: rows, score } = JSON.parse(readFileSync(join(dir, file), "utf8")) as { cases?: Row[]; score?: string };
    for (const [i, row] of (rows ?? []).entries()) {
      const name = `${file} ${i + 1}`;
      if ("expected_10yr" in row) yield* prevent(name, row);
      else if (typeof row["function"] === "string") yield* score2(name, row);
      else if ("calculator" in row) yield* medcalc(name, row);
      else yield { name, run: () => {}, skip: `${score ?? file.replace(".json", "")}: not implemented` };
    }
  }
}

function* prevent(name: string, row: Row): Generator<ExternalCase> {
  const x = row["input"] as Record<string, number | boolean | string>;
  const inputs = {
    ageYears: x["age"], sex: x["sex"], systolicMmHg: x["sbp"], onAntihypertensive: x["bp_tx"], onStatin: x["statin"], diabetes: x["dm"], currentSmoker: x["smoking"], egfrMlPerMinPer173M2: x["egfr"], bmiKgPerM2: x["bmi"],
    totalCholesterolMmolPerL: (x["total_c"] as number) * mgPerDlToMmolPerL, hdlCholesterolMmolPerL: (x["hdl_c"] as number) * mgPerDlToMmolPerL,
  };
  for (const [years, id] of [[10, "prevent"], [30, "prevent-30y"]] as const) {
    const expected = row[`expected_${years}yr`] as Record<string, number | string> | null;
    const label = `${name}, ${years} years`;
    if (expected && expected["model"] !== "base") { yield { name: label, run: () => {}, skip: `PREVENT model ${expected["model"]}: not implemented` }; continue; }
    const isBase = (row["expected_10yr"] as Row | null)?.["model"] === "base";
    if (!expected && !isBase) { yield { name: label, run: () => {}, skip: "PREVENT beyond the base model: not implemented" }; continue; }
    yield { name: label, run() {
      const findings = run(id, inputs);
      if (!expected) return assert.ok(findings.every((one) => one.outcome === "abstained"), "outside the ages of the model, yet computed");
      const part = (one: string): number => Math.round(findings.find((finding) => finding.part === one)!.probability! * 1000) / 1000;
      assert.deepEqual({ total_cvd: part("cvd"), ascvd: part("ascvd"), heart_failure: part("hf") }, { total_cvd: expected["total_cvd"], ascvd: expected["ascvd"], heart_failure: expected["heart_failure"] });
    } };
  }
}

function* score2(name: string, row: Row): Generator<ExternalCase> {
  const x = row["input"] as Record<string, number | string>;
  const expected = row["expected"] as Record<string, number>;
  const percent = expected["score2_percentage"] ?? expected["score2_op_percentage"];
  if (row["function"] !== "SCORE2" || percent === undefined) { yield { name, run: () => {}, skip: `${String(row["function"])}: not implemented` }; return; }
  yield { name, run() {
    const smoker = x["is_current_smoker"] ?? x["is_cuurent_smoker"];
    const [finding] = run((x["age"] as number) >= 70 ? "score2-op" : "score2", {
      ageYears: x["age"], sex: x["gender"], currentSmoker: smoker === 1, systolicMmHg: x["systolic_bp"], totalCholesterolMmolPerL: x["total_chol_mmol_L"], hdlCholesterolMmolPerL: x["total_hdl_mmol_L"],
      riskRegion: String(x["risk_region"]).toLowerCase().replace(" ", "-"), diabetes: x["have_diabetes"] === 1,
    });
    assert.equal((finding!.probability! * 100).toFixed(1), percent.toFixed(1));
  } };
}

const medcalcUnits: Readonly<Record<string, string>> = { "years": "a", "beats per minute": "/min", "degrees celsius": "Cel", "degrees fahrenheit": "[degF]", "kg/m^2": "kg/m2", "in": "[in_i]", "lbs": "[lb_av]", "pounds": "[lb_av]", "feet": "[ft_i]", "µmol/L": "umol/L" };

/** Our score and inputs of a worked example; undefined where we have no such calculator. */
function medcalcInputs(calculator: string, x: Record<string, unknown>): [id: string, inputs: Row] | undefined {
  const measured = (key: string): unknown => { const pair = x[key]; return Array.isArray(pair) ? { value: pair[0], unit: medcalcUnits[String(pair[1])] ?? pair[1] } : undefined; };
  const age = Array.isArray(x["age"]) ? (x["age"] as unknown[])[0] : undefined;
  const sex = String(x["sex"] ?? "").toLowerCase();
  const any = (...words: RegExp[]): boolean => Object.entries(x).some(([key, value]) => value === true && words.some((word) => word.test(key)));
  if (calculator.startsWith("Body Mass Index")) return ["bmi", { weight: measured("weight"), height: measured("height") }];
  if (/CKD-EPI/.test(calculator)) return ["ckd-epi-2021", { ageYears: age, sex, creatinine: measured("creatinine") }];
  if (calculator.startsWith("CHA2DS2-VASc"))
    return ["cha2ds2-vasc", { ageYears: age, sex, heartFailure: any(/congestive heart failure/i), hypertension: any(/hypertension/i), diabetes: any(/diabetes/i), strokeTiaOrEmbolism: any(/stroke/i, /transient ischemic/i, /thromboembolism/i), vascularDisease: any(/vascular disease/i) }];
  return undefined;
}

function* medcalc(name: string, row: Row): Generator<ExternalCase> {
  const calculator = String(row["calculator"]);
  const mapped = medcalcInputs(calculator, row["inputs"] as Record<string, unknown>);
  if (!mapped) { yield { name: `${name} ${calculator}`, run: () => {}, skip: `${calculator}: not implemented` }; return; }
  yield { name: `${name} ${calculator}`, run() {
    const [finding] = run(...mapped);
    assert.equal(finding!.value?.kind, "quantity", finding!.statement.en);
    const value = (finding!.value as { value: number }).value;
    assert.ok(value >= (row["lower"] as number) && value <= (row["upper"] as number), `${value} is outside ${String(row["lower"])} to ${String(row["upper"])}`);
  } };
}
