/** From the labels of GDL guideline models to our inputs, one mapping for each score we have. */
import { ageYears } from "#findings/time.ts";
import type { Finding } from "#findings/finding.ts";

export type GdlItem = { id: string; path: string; type: string; value: unknown; unit?: string; code?: string; text?: string };
export type GdlFile = { score: string; title: string; current_datetime?: string; reference_date_missing?: boolean; cases: { n: number; id: string; inputs: GdlItem[]; expected: GdlItem[] }[] };
export type Mapping = {
  /** Begin of the file's `score`, before its version. */
  score: string; id: string;
  inputs(item: (path: RegExp) => GdlItem | undefined, file: GdlFile): Record<string, unknown>;
  /** Why a case is not put to our score. */
  skip?(item: (path: RegExp) => GdlItem | undefined): string | undefined;
  /** Our answer to an expected item; undefined: the item is wording only. */
  answer(expected: GdlItem, findings: readonly Finding[]): number | string | undefined;
};

const units: Readonly<Record<string, string>> = { "mmol/l": "mmol/L", "umol/l": "umol/L", "mg/dl": "mg/dL", "ml/min": "mL/min" };
const measured = (item: GdlItem | undefined): unknown => (item === undefined ? undefined : { value: item.value, unit: units[item.unit ?? ""] ?? item.unit });
const word = (item: GdlItem | undefined): string | undefined => (item === undefined ? undefined : String(item.value).toLowerCase());
const present = (item: GdlItem | undefined): boolean => item !== undefined && (item.text ?? String(item.value)).toLowerCase().startsWith("present");
const age = (item: GdlItem | undefined, file: GdlFile): number | undefined => (item === undefined || !file.current_datetime ? undefined : ageYears(String(item.value).slice(0, 10), file.current_datetime)?.least);
const points = (findings: readonly Finding[], factor: string): number | undefined => findings[0]?.contributions.find((one) => one.factor === factor)?.effect;
const value = (findings: readonly Finding[]): number | undefined => (findings[0]?.value?.kind === "quantity" ? findings[0].value.value : undefined);

/** The point awarded stands behind an ordinal; the band it names is ours when the points are. */
const newsFactors: readonly [RegExp, string][] = [[/^Pulse$/, "pulsePerMin"], [/^Temperature$/, "temperatureCelsius"], [/^Systolic/, "systolicMmHg"], [/^Respiratory/, "breathsPerMin"], [/^SpO2/, "spo2Percent"]];

export const mappings: readonly Mapping[] = [
  {
    score: "BMI", id: "bmi",
    inputs: (item) => ({ weight: measured(item(/^Weight/)), height: measured(item(/^Height/)) }),
    answer(expected, findings) {
      if (expected.path === "Body Mass Index") return value(findings);
      if (!/classification/.test(expected.path)) return undefined;
      const bmi = value(findings)!;
      return [16, 17, 18.5, 25, 30, 35, 40].filter((limit) => bmi >= limit).length;
    },
  },
  {
    score: "CHA2DS2-VASc", id: "cha2ds2-vasc",
    inputs: (item, file) => ({
      ageYears: age(item(/^Birthdate/), file), sex: word(item(/^Gender/)), heartFailure: present(item(/Heart Failure/)), hypertension: present(item(/^Hypertension/)), diabetes: present(item(/^Diabetes/)),
      strokeTiaOrEmbolism: present(item(/^Stroke/)), vascularDisease: present(item(/^Vascular/)),
    }),
    answer(expected, findings) {
      if (expected.path === "Total score") return value(findings);
      const factor = ({ "Gender": "sex", "Age": "age", "Hypertension": "hypertension", "Diabetes": "diabetes" } as Record<string, string>)[expected.path];
      return factor === undefined ? undefined : points(findings, factor);
    },
  },
  {
    score: "NEWS2", id: "news2",
    inputs: (item) => ({
      systolicMmHg: measured(item(/^Systolic/)), spo2Percent: measured(item(/^spO2$/i)), pulsePerMin: measured(item(/^Heart rate/)), temperatureCelsius: measured(item(/^Temperature/)), breathsPerMin: measured(item(/^Respiration/)),
      spo2Scale: /88/.test(word(item(/saturation target/)) ?? "") ? "2" : "1", supplementalOxygen: word(item(/^Supplemental/)) !== "0", consciousness: word(item(/^Consciousness/)) === "0" ? "alert" : "confusion",
    }),
    answer(expected, findings) {
      if (expected.path === "Total score") return value(findings);
      if (expected.path === "Clinical risk") return /: (low-medium|low|medium|high) risk/.exec(findings[0]!.statement.en)?.[1]?.replace(/^./, (first) => first.toUpperCase()) ?? "unsaid";
      const factor = newsFactors.find(([path]) => path.test(expected.path))?.[1];
      return factor === undefined ? undefined : points(findings, factor);
    },
  },
  {
    score: "CKD-EPI", id: "ckd-epi-2009", // the file is of 2019
    inputs: (item, file) => ({ ageYears: age(item(/^Birthdate/), file), sex: word(item(/^Gender/)), creatinine: measured(item(/^Creatinine/)) }),
    answer(expected, findings) {
      if (expected.path === "Estimated GFR") return value(findings);
      if (expected.path !== "Stage") return undefined;
      const stage = [90, 60, 30, 15].findIndex((least) => value(findings)! >= least);
      return String(expected.value).startsWith(String(stage === -1 ? 5 : stage + 1)) ? (expected.value as string) : `stage ${stage === -1 ? 5 : stage + 1}`;
    },
  },
  {
    score: "SCORE2", id: "score2",
    // Draft v0.1 of the model: its figures are those of no region of the publication.
    skip: (item) => (item(/region/i) ? undefined : "SCORE2 without a risk region is not defined by its publication"),
    inputs: (item) => ({
      ageYears: item(/^Age/)?.value, sex: word(item(/^Gender/)), systolicMmHg: measured(item(/^Systolic/)), totalCholesterol: measured(item(/^Total Cholesterol/)), hdlCholesterol: measured(item(/^HDL/)),
      currentSmoker: word(item(/smoking/)) === "yes", riskRegion: word(item(/region/i))?.replace(" ", "-"),
    }),
    answer: (expected, findings) => (/risk score/.test(expected.path) && findings[0]?.probability !== undefined ? findings[0].probability * 100 : undefined),
  },
];
