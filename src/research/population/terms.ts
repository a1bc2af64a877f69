/**
 * Codes and bilingual labels. SNOMED CT identifiers are used one by one as the Global Patient Set allows (identifier
 * and term, no hierarchy; docs.snomed.org, GPS implementation guide); labels are our own. ICD-10, ATC and LOINC codes
 * stand without text of their publishers; RxNorm ingredients and CVX are public domain.
 */
import type { CodeableConcept, Coding, Extension } from "@medplum/fhirtypes";

export const loinc = "http://loinc.org";
export const snomed = "http://snomed.info/sct";
export const ucum = "http://unitsofmeasure.org";
export const icd10 = "http://hl7.org/fhir/sid/icd-10";
export const rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
export const atc = "http://www.whocc.no/atc";
export const cvx = "http://hl7.org/fhir/sid/cvx";

export type Label = { en: string; zh: string };

/** FHIR's own way to carry a second language: http://hl7.org/fhir/StructureDefinition/translation on the text. */
export function translation(zh: string): { extension: Extension[] } {
  return { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/translation", extension: [{ url: "lang", valueCode: "zh" }, { url: "content", valueString: zh }] }] };
}

/** A concept with English text and its Chinese translation. Shared between resources: never changed. */
export type Concept = CodeableConcept & { _text?: { extension: Extension[] } };
export function concept(label: Label, ...codings: Coding[]): Concept {
  return codings.length > 0
    ? { coding: codings, text: label.en, _text: translation(label.zh) }
    : { text: label.en, _text: translation(label.zh) };
}
export function coded(system: string, code: string, display?: string): CodeableConcept {
  return { coding: [display === undefined ? { system, code } : { system, code, display }] };
}

export type Problem = { key: string; label: Label; snomed: string; icd10: string };
const problem = (key: string, en: string, zh: string, sct: string, icd: string): Problem => ({ key, label: { en, zh }, snomed: sct, icd10: icd });

export const problems = {
  hypertension: problem("hypertension", "Hypertension", "高血压", "38341003", "I10"),
  diabetes: problem("diabetes", "Type 2 diabetes", "2型糖尿病", "44054006", "E11.9"),
  atrialFibrillation: problem("atrialFibrillation", "Atrial fibrillation", "心房颤动", "49436004", "I48.9"),
  copd: problem("copd", "Chronic obstructive pulmonary disease", "慢性阻塞性肺疾病", "13645005", "J44.9"),
  depression: problem("depression", "Depressive disorder", "抑郁障碍", "35489007", "F32.9"),
  heartFailure: problem("heartFailure", "Heart failure", "心力衰竭", "84114007", "I50.9"),
  stroke: problem("stroke", "Ischaemic stroke", "缺血性脑卒中", "422504002", "I63.9"),
  infarction: problem("infarction", "Myocardial infarction", "心肌梗死", "22298006", "I21.9"),
  hyperlipidaemia: problem("hyperlipidaemia", "Hyperlipidaemia", "高脂血症", "55822004", "E78.5"),
  obesity: problem("obesity", "Obesity", "肥胖", "414916001", "E66.9"),
  asthma: problem("asthma", "Asthma", "哮喘", "195967001", "J45.9"),
  hypothyroidism: problem("hypothyroidism", "Hypothyroidism", "甲状腺功能减退症", "40930008", "E03.9"),
  anaemia: problem("anaemia", "Iron deficiency anaemia", "缺铁性贫血", "87522002", "D50.9"),
  osteoarthritis: problem("osteoarthritis", "Osteoarthritis of knee", "膝骨关节炎", "239873007", "M17.9"),
  cold: problem("cold", "Acute upper respiratory infection", "急性上呼吸道感染", "54398005", "J06.9"),
  gastroenteritis: problem("gastroenteritis", "Gastroenteritis", "胃肠炎", "25374005", "A09.9"),
  urinaryInfection: problem("urinaryInfection", "Urinary tract infection", "尿路感染", "68566005", "N39.0"),
  backPain: problem("backPain", "Low back pain", "腰痛", "279039007", "M54.5"),
  pneumonia: problem("pneumonia", "Pneumonia", "肺炎", "233604007", "J18.9"),
  otitis: problem("otitis", "Acute otitis media", "急性中耳炎", "3110003", "H66.9"),
} as const satisfies Record<string, Problem>;
export type ProblemKey = keyof typeof problems;

/** Chronic kidney disease by GFR category, each beside the general concept. */
export const ckdStages = {
  "1": { snomed: "431855005", icd10: "N18.1" }, "2": { snomed: "431856006", icd10: "N18.2" },
  "3a": { snomed: "700378005", icd10: "N18.3" }, "3b": { snomed: "700379002", icd10: "N18.3" },
  "4": { snomed: "431857002", icd10: "N18.4" }, "5": { snomed: "433146000", icd10: "N18.5" },
} as const;
export const ckdGeneral = "709044004";

/** What is measured. `low`/`high`: reference interval for adults, by sex where it differs. */
export type Measure = {
  loinc: string; /** a second code some profiles ask for */ also?: string; label: Label; unit: string; ucum: string; digits: number;
  low?: number | { male: number; female: number }; high?: number | { male: number; female: number };
  category: "vital-signs" | "laboratory" | "survey" | "procedure" | "activity" | "social-history";
  /** Whose range it is, where classifications differ. */ rangeOf?: Label;
};
const m = (category: Measure["category"], code: string, en: string, zh: string, unit: string, ucumCode: string, digits: number, low?: Measure["low"], high?: Measure["high"]): Measure => ({
  loinc: code, label: { en, zh }, unit, ucum: ucumCode, digits, category, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }),
});

export const measures = {
  heartRate: m("vital-signs", "8867-4", "Heart rate", "心率", "/min", "/min", 0, 60, 100),
  respiratoryRate: m("vital-signs", "9279-1", "Respiratory rate", "呼吸频率", "/min", "/min", 0, 12, 20),
  temperature: m("vital-signs", "8310-5", "Body temperature", "体温", "°C", "Cel", 1, 36, 37.3),
  spo2: { ...m("vital-signs", "59408-5", "Oxygen saturation", "血氧饱和度", "%", "%", 0, 95, 100), also: "2708-6" },
  height: m("vital-signs", "8302-2", "Body height", "身高", "cm", "cm", 1),
  weight: m("vital-signs", "29463-7", "Body weight", "体重", "kg", "kg", 1),
  bmi: { ...m("vital-signs", "39156-5", "Body mass index", "体重指数", "kg/m²", "kg/m2", 1, 18.5, 23.9), rangeOf: { en: "Chinese adults, WS/T 428-2013", zh: "中国成人，WS/T 428-2013" } },
  creatinine: m("laboratory", "14682-9", "Creatinine, serum", "血清肌酐", "µmol/L", "umol/L", 0, { male: 57, female: 41 }, { male: 97, female: 81 }),
  egfr: m("laboratory", "98979-8", "eGFR (CKD-EPI 2021)", "估算肾小球滤过率（CKD-EPI 2021）", "mL/min/1.73 m²", "mL/min/{1.73_m2}", 0, 60),
  hba1c: m("laboratory", "4548-4", "HbA1c", "糖化血红蛋白", "%", "%", 1, 4, 6),
  glucose: m("laboratory", "14771-0", "Glucose, fasting", "空腹血糖", "mmol/L", "mmol/L", 1, 3.9, 6.1),
  cholesterol: m("laboratory", "14647-2", "Total cholesterol", "总胆固醇", "mmol/L", "mmol/L", 2, undefined, 5.2),
  hdl: m("laboratory", "14646-4", "HDL cholesterol", "高密度脂蛋白胆固醇", "mmol/L", "mmol/L", 2, 1),
  ldl: m("laboratory", "39469-2", "LDL cholesterol (calculated)", "低密度脂蛋白胆固醇（计算）", "mmol/L", "mmol/L", 2, undefined, 3.4),
  triglycerides: m("laboratory", "14927-8", "Triglycerides", "甘油三酯", "mmol/L", "mmol/L", 2, undefined, 1.7),
  acr: m("laboratory", "9318-7", "Albumin/creatinine, urine", "尿白蛋白/肌酐比值", "mg/g", "mg/g", 0, undefined, 30),
  haemoglobin: m("laboratory", "718-7", "Haemoglobin", "血红蛋白", "g/L", "g/L", 0, { male: 130, female: 115 }, { male: 175, female: 150 }),
  whiteCells: m("laboratory", "6690-2", "White blood cells", "白细胞计数", "×10⁹/L", "10*9/L", 1, 3.5, 9.5),
  platelets: m("laboratory", "777-3", "Platelets", "血小板计数", "×10⁹/L", "10*9/L", 0, 125, 350),
  ferritin: m("laboratory", "2276-4", "Ferritin", "铁蛋白", "µg/L", "ug/L", 0, { male: 30, female: 15 }, { male: 400, female: 200 }),
  potassium: m("laboratory", "2823-3", "Potassium", "血钾", "mmol/L", "mmol/L", 1, 3.5, 5.3),
  sodium: m("laboratory", "2951-2", "Sodium", "血钠", "mmol/L", "mmol/L", 0, 137, 147),
  alt: m("laboratory", "1742-6", "ALT", "丙氨酸氨基转移酶", "U/L", "U/L", 0, undefined, { male: 50, female: 40 }),
  ntProBnp: m("laboratory", "33762-6", "NT-proBNP", "N端脑钠肽前体", "pg/mL", "pg/mL", 0, undefined, 300),
  troponin: m("laboratory", "89579-7", "Troponin I, high sensitivity", "高敏肌钙蛋白I", "ng/L", "ng/L", 0, undefined, { male: 34, female: 16 }),
  crp: m("laboratory", "1988-5", "C-reactive protein", "C反应蛋白", "mg/L", "mg/L", 0, undefined, 10),
  tsh: m("laboratory", "3016-3", "TSH", "促甲状腺激素", "mIU/L", "m[IU]/L", 2, 0.35, 4.94),
  inr: m("laboratory", "6301-6", "INR", "国际标准化比值", "INR", "{INR}", 1, 0.8, 1.2),
  fev1: m("procedure", "20150-9", "FEV1", "第1秒用力呼气容积", "L", "L", 2),
  fvc: m("procedure", "19868-9", "Forced vital capacity", "用力肺活量", "L", "L", 2),
  fev1Ratio: m("procedure", "19926-5", "FEV1/FVC", "一秒率", "%", "%", 0, 70),
  ejectionFraction: m("procedure", "10230-1", "Left ventricular ejection fraction", "左心室射血分数", "%", "%", 0, 50, 70),
  phq9: m("survey", "44261-6", "PHQ-9 total score", "PHQ-9 总分", "points", "{score}", 0, undefined, 4),
  restingHeartRate: m("activity", "40443-4", "Resting heart rate", "静息心率", "/min", "/min", 0, 50, 90),
  steps: m("activity", "41950-7", "Steps in a day", "每日步数", "steps", "{steps}", 0),
  sleep: m("activity", "93832-4", "Sleep duration", "睡眠时长", "h", "h", 1, 7, 9),
} as const satisfies Record<string, Measure>;
export type MeasureKey = keyof typeof measures;

export type Drug = {
  key: string; label: Label; rxnorm: string; atc: string; dose: string; doseZh: string;
  value: number; unit: string; /** times a day */ times: number; asNeeded?: boolean;
};
const d = (key: string, en: string, zh: string, rx: string, atcCode: string, value: number, unit: string, times: number, asNeeded?: boolean): Drug => {
  const often = asNeeded ? "as needed" : times === 1 ? "once a day" : `${times} times a day`;
  const oftenZh = asNeeded ? "需要时" : `每日${times}次`;
  return { key, label: { en, zh }, rxnorm: rx, atc: atcCode, dose: `${value} ${unit} ${often}`, doseZh: `${value} ${unit}，${oftenZh}`, value, unit, times, ...(asNeeded ? { asNeeded } : {}) };
};
export const drugs = {
  amlodipine: d("amlodipine", "Amlodipine", "氨氯地平", "17767", "C08CA01", 5, "mg", 1),
  valsartan: d("valsartan", "Valsartan", "缬沙坦", "69749", "C09CA03", 80, "mg", 1),
  hydrochlorothiazide: d("hydrochlorothiazide", "Hydrochlorothiazide", "氢氯噻嗪", "5487", "C03AA03", 12.5, "mg", 1),
  bisoprolol: d("bisoprolol", "Bisoprolol", "比索洛尔", "19484", "C07AB07", 5, "mg", 1),
  spironolactone: d("spironolactone", "Spironolactone", "螺内酯", "9997", "C03DA01", 20, "mg", 1),
  furosemide: d("furosemide", "Furosemide", "呋塞米", "4603", "C03CA01", 20, "mg", 1),
  metformin: d("metformin", "Metformin", "二甲双胍", "6809", "A10BA02", 500, "mg", 2),
  gliclazide: d("gliclazide", "Gliclazide", "格列齐特", "4816", "A10BB09", 60, "mg", 1),
  dapagliflozin: d("dapagliflozin", "Dapagliflozin", "达格列净", "1488564", "A10BK01", 10, "mg", 1),
  insulinGlargine: d("insulinGlargine", "Insulin glargine", "甘精胰岛素", "274783", "A10AE04", 14, "[iU]", 1),
  atorvastatin: d("atorvastatin", "Atorvastatin", "阿托伐他汀", "83367", "C10AA05", 20, "mg", 1),
  apixaban: d("apixaban", "Apixaban", "阿哌沙班", "1364430", "B01AF02", 5, "mg", 2),
  rivaroxaban: d("rivaroxaban", "Rivaroxaban", "利伐沙班", "1114195", "B01AF01", 20, "mg", 1),
  warfarin: d("warfarin", "Warfarin", "华法林", "11289", "B01AA03", 3, "mg", 1),
  aspirin: d("aspirin", "Aspirin", "阿司匹林", "1191", "B01AC06", 100, "mg", 1),
  clopidogrel: d("clopidogrel", "Clopidogrel", "氯吡格雷", "32968", "B01AC04", 75, "mg", 1),
  tiotropium: d("tiotropium", "Tiotropium (inhaled)", "噻托溴铵吸入剂", "69120", "R03BB04", 18, "ug", 1),
  salbutamol: d("salbutamol", "Salbutamol (inhaled)", "沙丁胺醇吸入剂", "435", "R03AC02", 200, "ug", 4, true),
  budesonide: d("budesonide", "Budesonide (inhaled)", "布地奈德吸入剂", "19831", "R03BA02", 200, "ug", 2),
  sertraline: d("sertraline", "Sertraline", "舍曲林", "36437", "N06AB06", 50, "mg", 1),
  levothyroxine: d("levothyroxine", "Levothyroxine", "左甲状腺素", "10582", "H03AA01", 75, "ug", 1),
  ferrousSulfate: d("ferrousSulfate", "Ferrous sulfate", "硫酸亚铁", "24947", "B03AA07", 300, "mg", 1),
  amoxicillin: d("amoxicillin", "Amoxicillin", "阿莫西林", "723", "J01CA04", 500, "mg", 3),
  azithromycin: d("azithromycin", "Azithromycin", "阿奇霉素", "18631", "J01FA10", 500, "mg", 1),
  paracetamol: d("paracetamol", "Paracetamol", "对乙酰氨基酚", "161", "N02BE01", 500, "mg", 3, true),
  ibuprofen: d("ibuprofen", "Ibuprofen", "布洛芬", "5640", "M01AE01", 400, "mg", 2, true),
  prednisone: d("prednisone", "Prednisone", "泼尼松", "8640", "H02AB07", 30, "mg", 1),
} as const satisfies Record<string, Drug>;
export type DrugKey = keyof typeof drugs;

export const procedures = {
  ecg: concept({ en: "12-lead electrocardiogram", zh: "十二导联心电图" }, { system: snomed, code: "268400002" }),
  echo: concept({ en: "Echocardiography", zh: "超声心动图" }, { system: snomed, code: "40701008" }),
  spirometry: concept({ en: "Spirometry", zh: "肺功能检查" }, { system: snomed, code: "127783003" }),
  pci: concept({ en: "Percutaneous coronary intervention", zh: "经皮冠状动脉介入治疗" }, { system: snomed, code: "415070008" }),
  headCt: concept({ en: "CT of head", zh: "头颅CT" }, { system: snomed, code: "303653007" }),
  chestXray: concept({ en: "Chest X-ray", zh: "胸部X线检查" }, { system: snomed, code: "399208008" }),
  eyeScreening: concept({ en: "Diabetic eye screening", zh: "糖尿病视网膜筛查" }, { system: snomed, code: "134395001" }),
  colonoscopy: concept({ en: "Colonoscopy", zh: "结肠镜检查" }, { system: snomed, code: "73761001" }),
  appendectomy: concept({ en: "Appendectomy", zh: "阑尾切除术" }, { system: snomed, code: "80146002" }),
} as const;
export type ProcedureKey = keyof typeof procedures;

export const vaccines = {
  hepatitisB: concept({ en: "Hepatitis B vaccine", zh: "乙肝疫苗" }, { system: cvx, code: "08" }),
  bcg: concept({ en: "BCG vaccine", zh: "卡介苗" }, { system: cvx, code: "19" }),
  polio: concept({ en: "Polio vaccine (inactivated)", zh: "脊髓灰质炎灭活疫苗" }, { system: cvx, code: "10" }),
  dtap: concept({ en: "DTaP vaccine", zh: "百白破疫苗" }, { system: cvx, code: "20" }),
  mmr: concept({ en: "Measles, mumps and rubella vaccine", zh: "麻腮风疫苗" }, { system: cvx, code: "03" }),
  hepatitisA: concept({ en: "Hepatitis A vaccine", zh: "甲肝疫苗" }, { system: cvx, code: "83" }),
  varicella: concept({ en: "Varicella vaccine", zh: "水痘疫苗" }, { system: cvx, code: "21" }),
  influenza: concept({ en: "Influenza vaccine", zh: "流感疫苗" }, { system: cvx, code: "141" }),
  pneumococcal: concept({ en: "Pneumococcal vaccine (23-valent)", zh: "23价肺炎球菌疫苗" }, { system: cvx, code: "33" }),
  covid19: concept({ en: "COVID-19 vaccine (inactivated)", zh: "新冠灭活疫苗" }, { system: cvx, code: "511" }),
} as const;
export type VaccineKey = keyof typeof vaccines;
