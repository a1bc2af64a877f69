/** Inputs that several scores share. Ranges are what a living person can have; beyond them a value is a slip. */
import type { Bilingual } from "#findings/finding.ts";
import type { InputSpec } from "#findings/method.ts";
import { antihypertensives, loinc, snomed, statins } from "./codes.ts";
import { ckdEpi2021 } from "./ckd-epi-equation.ts";

type Of<K extends InputSpec["kind"]> = InputSpec & { kind: K };
const label = (en: string, zh: string): Bilingual => ({ en, zh });
const years = (count: number): number => Math.round(count * 365.25);

/** Molar mass at which mg/dL × 0.02586 is mmol/L, the factor PREVENT prints for cholesterol. */
const cholesterolGPerMol = 10 / 0.02586;

export const ageYears: Of<"age"> = { name: "ageYears", kind: "age", label: label("Age", "年龄"), required: true, range: { low: 0, high: 130 } };
export const sex: Of<"sex"> = { name: "sex", kind: "sex", label: label("Sex", "性别"), required: true };
export const systolicMmHg: Of<"quantity"> = {
  name: "systolicMmHg", kind: "quantity", label: label("Systolic blood pressure", "收缩压"), required: true, unit: "mm[Hg]",
  codes: [...loinc("8480-6", "8459-0", "8460-8", "8461-6", "76534-7"), ...snomed("271649006")], range: { low: 40, high: 320 }, maxAgeDays: years(5),
};
export const totalCholesterolMmolPerL: Of<"quantity"> = {
  name: "totalCholesterolMmolPerL", kind: "quantity", label: label("Total cholesterol", "总胆固醇"), required: true, unit: "mmol/L", molarMass: cholesterolGPerMol,
  codes: loinc("2093-3", "14647-2"), range: { low: 0.5, high: 40 }, maxAgeDays: years(5),
};
export const hdlCholesterolMmolPerL: Of<"quantity"> = {
  name: "hdlCholesterolMmolPerL", kind: "quantity", label: label("HDL cholesterol", "高密度脂蛋白胆固醇"), required: true, unit: "mmol/L", molarMass: cholesterolGPerMol,
  codes: loinc("2085-9", "14646-4"), range: { low: 0.05, high: 8 }, maxAgeDays: years(5),
};
export const creatinineMgPerDl: Of<"quantity"> = {
  name: "creatinineMgPerDl", kind: "quantity", label: label("Creatinine", "肌酐"), required: true, unit: "mg/dL", molarMass: 113.12,
  codes: loinc("2160-0", "38483-4", "14682-9", "77140-2"), range: { low: 0.05, high: 40 }, maxAgeDays: years(5),
};
export const weightKg: Of<"quantity"> = {
  name: "weightKg", kind: "quantity", label: label("Body weight", "体重"), required: true, unit: "kg",
  codes: [...loinc("29463-7", "3141-9", "3142-7"), ...snomed("27113001")], range: { low: 0.3, high: 650 }, maxAgeDays: years(3),
};
export const heightCm: Of<"quantity"> = {
  name: "heightCm", kind: "quantity", label: label("Body height", "身高"), required: true, unit: "cm",
  codes: [...loinc("8302-2", "3137-7", "3138-5"), ...snomed("50373000")], range: { low: 20, high: 275 }, maxAgeDays: years(5),
};
export const bmiKgPerM2: Of<"quantity"> = {
  name: "bmiKgPerM2", kind: "quantity", label: label("Body mass index", "体重指数"), required: true, unit: "kg/m2", codes: loinc("39156-5"), range: { low: 5, high: 200 }, maxAgeDays: years(3),
  derive: {
    inputs: [weightKg, heightCm], note: label("Computed from weight and height", "由体重和身高计算"),
    compute: (values) => (values["weightKg"] as number) / ((values["heightCm"] as number) / 100) ** 2,
  },
};
/** eGFR by the 2021 equation: as reported under its own LOINC code, or from creatinine when that is newer. */
export const egfrMlPerMinPer173M2: Of<"quantity"> = {
  name: "egfrMlPerMinPer173M2", kind: "quantity", label: label("eGFR (CKD-EPI 2021)", "估算肾小球滤过率（CKD-EPI 2021）"), required: true, unit: "mL/min/{1.73_m2}",
  codes: loinc("98979-8"), range: { low: 1, high: 250 }, maxAgeDays: years(5),
  lesser: { codes: loinc("62238-1", "33914-3", "77147-7", "88293-6", "88294-4", "48642-3", "48643-1", "50044-7", "69405-9"), note: label("By an equation other than CKD-EPI 2021", "由 CKD-EPI 2021 以外的公式计算") },
  derive: {
    inputs: [creatinineMgPerDl, { ...ageYears, on: "creatinineMgPerDl" }, sex],
    note: label("Computed from creatinine by CKD-EPI 2021", "由肌酐按 CKD-EPI 2021 计算"),
    compute: (values) => ((values["ageYears"] as number) < 18 ? undefined : ckdEpi2021(values["creatinineMgPerDl"] as number, values["ageYears"] as number, values["sex"] === "female").egfr),
  },
};
export const currentSmoker: Of<"observed-code"> = {
  name: "currentSmoker", kind: "observed-code", label: label("Current smoking", "当前吸烟"), required: true, codes: [...loinc("72166-2"), ...snomed("365981007", "229819007")],
  answers: {
    true: [...snomed("449868002", "428041000124106", "77176002", "65568007", "428071000124103", "428061000124105", "230059006", "230060001", "230062009", "230063004", "230064005", "160603005", "160604004", "160605003", "160606002", "56578002", "56771006", "59978006", "82302008"), ...loinc("LA18976-3", "LA18977-1", "LA18981-3", "LA18982-1", "LA18979-7")],
    false: [...snomed("8517006", "266919005", "8392000", "405746006", "281018007"), ...loinc("LA15920-4", "LA18978-9")],
  },
};
export const onAntihypertensive: Of<"medication"> = { name: "onAntihypertensive", kind: "medication", label: label("Blood-pressure medicine", "降压药"), required: false, ...antihypertensives };
export const onStatin: Of<"medication"> = { name: "onStatin", kind: "medication", label: label("Statin", "他汀类药物"), required: false, ...statins };

/** What a record-based "no" looks like: told apart from a recorded "no". */
export function presence(present: boolean, recorded: boolean): string {
  return present ? "present" : recorded ? "absent" : "not recorded";
}
