/**
 * Code sets of the inputs. LOINC for measurements; SNOMED CT concepts one by one (Global Patient Set use), ICD-10 by
 * prefix, ATC by group. SNOMED CT descendants that are not named here are not counted: no terminology server is asked.
 */
import type { Coding } from "#fhir/resource.ts";

const of = (system: string) => (...codes: string[]): Coding[] => codes.map((code) => ({ system, code }));
export const loinc = of("http://loinc.org");
export const snomed = of("http://snomed.info/sct");
export const icd10 = of("http://hl7.org/fhir/sid/icd-10");
export const icd9 = of("http://hl7.org/fhir/sid/icd-9-cm");
export const atc = of("http://www.whocc.no/atc");

export const atrialFibrillation = [...snomed("49436004", "282825002", "440059007", "440028005", "426749004", "5370000", "195080001"), ...icd10("I48"), ...icd9("427.3")];
export const heartFailure = [
  ...snomed("84114007", "42343007", "88805009", "85232009", "441481004", "441530006", "417996009", "418304008", "703272007", "446221000", "48447003", "56675007", "443253003", "443254009"),
  ...icd10("I50", "I11.0", "I13.0", "I13.2"), ...icd9("428"),
];
export const hypertension = [...snomed("38341003", "59621000", "1201005", "10725009", "78975002", "70272006", "31992008"), ...icd10("I10", "I11", "I12", "I13", "I15"), ...icd9("401", "402", "403", "404", "405")];
/** E08 and E09 are ICD-10-CM's secondary diabetes (E13 of WHO). Not 199223000: diabetes in pregnancy takes in the gestational one, which is no lasting disease. */
export const diabetes = [
  ...snomed("73211009", "44054006", "46635009", "8801005", "127013003", "422034002", "368581000119106", "1551000119108", "97331000119101", "90781000119102", "157141000119108", "60951000119105", "313436004", "237599002"),
  ...icd10("E08", "E09", "E10", "E11", "E12", "E13", "E14"), ...icd9("250"),
];
/** Ischaemic or unspecified stroke, transient ischaemic attack, arterial embolism; haemorrhage is not among them. */
export const strokeOrEmbolism = [
  ...snomed("230690007", "422504002", "266257000", "432504007", "195189003", "371041009", "371040005", "275526006", "161511000", "65198009"),
  ...icd10("I63", "I64", "I69.3", "I69.4", "G45.0", "G45.1", "G45.2", "G45.3", "G45.8", "G45.9", "I74", "Z86.73"), ...icd9("434", "435", "436", "444"),
];
/** Myocardial infarction, peripheral artery disease, aortic plaque (Lip 2010); an acute coronary syndrome may be no infarction. */
export const vascularDisease = [
  ...snomed("22298006", "399211009", "401303003", "401314000", "1755008", "57054005", "399957001", "400047006", "840580004"),
  ...icd10("I21", "I22", "I25.2", "I70.0", "I70.2", "I73.9"), ...icd9("410", "412", "440.0", "440.2", "443.9"),
];
export const coronaryDisease = [...snomed("53741008", "414545008", "194828000", "59021001", "429559004", "443502000", "394659003", "4557003"), ...icd10("I20", "I24", "I25", "Z95.1", "Z95.5"), ...icd9("411", "413", "414")];
export const establishedCvd = [...strokeOrEmbolism, ...vascularDisease, ...coronaryDisease];

/** Without C02KX (pulmonary arterial hypertension) and C03XA (vasopressin antagonists), which do not treat blood pressure. */
export const antihypertensives = {
  codes: atc("C02A", "C02B", "C02C", "C02D", "C02KA", "C02KB", "C02KC", "C02KD", "C02KN", "C02L", "C02N", "C03A", "C03B", "C03C", "C03D", "C03E", "C07", "C08", "C09"),
  names: ["amlodipine", "nifedipine", "felodipine", "diltiazem", "verapamil", "lisinopril", "enalapril", "ramipril", "perindopril", "captopril", "benazepril", "losartan", "valsartan", "irbesartan", "candesartan", "telmisartan", "olmesartan", "hydrochlorothiazide", "chlorthalidone", "chlortalidone", "indapamide", "spironolactone", "atenolol", "metoprolol", "bisoprolol", "carvedilol", "nebivolol", "labetalol", "doxazosin", "clonidine", "methyldopa", "hydralazine"],
};
/** C10BA one by one: C10BA10 is bempedoic acid with ezetimibe, no statin; every C10BX (2026) holds one. */
export const statins = { codes: atc("C10AA", ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16].map((n) => `C10BA${String(n).padStart(2, "0")}`), "C10BX"), names: ["atorvastatin", "simvastatin", "rosuvastatin", "pravastatin", "fluvastatin", "lovastatin", "pitavastatin"] };
export const anticoagulants = { codes: atc("B01AA", "B01AE07", "B01AF"), names: ["warfarin", "acenocoumarol", "phenprocoumon", "apixaban", "rivaroxaban", "edoxaban", "dabigatran"] };
