/** Properties of a whole population: bytes, validity, references, dates, and medical coherence of every chart. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Condition, Encounter, MedicationRequest, Observation, Patient, Resource } from "@medplum/fhirtypes";
import { validateResource } from "#fhir/validate/validate.ts";
import { characters } from "./characters.ts";
import { demoAccounts } from "./demo.ts";
import { egfr, gfrStage } from "./kidney.ts";
import { checkOptions, population, type PopulationPart } from "./population.ts";
import { drugs, measures, problems, type DrugKey } from "./terms.ts";

const asOf = "2026-03-01", seed = 11, size = 260;
const parts: PopulationPart[] = [];
for await (const part of population({ size, seed, asOf })) parts.push(part);
const charts = parts.filter((part) => part.kind === "person").map((part) => part.bundle.entry!.map((entry) => entry.resource!));
const all = parts.flatMap((part) => part.bundle.entry!.map((entry) => entry.resource!));

const of = <T extends Resource["resourceType"]>(chart: Resource[], type: T) => chart.filter((x): x is Extract<Resource, { resourceType: T }> => x.resourceType === type);
const hash = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");
const codes = (x: Observation | Condition): string[] => (x.code?.coding ?? []).map((coding) => coding.code!);
const has = (chart: Resource[], snomed: string): boolean => of(chart, "Condition").some((x) => codes(x).includes(snomed));
const values = (chart: Resource[], key: keyof typeof measures): { at: string; value: number; encounter: string }[] => of(chart, "Observation")
  .filter((x) => codes(x)[0] === measures[key].loinc).map((x) => ({ at: x.effectiveDateTime!, value: x.valueQuantity!.value!, encounter: x.encounter?.reference ?? "" }));
const drugOf = (x: MedicationRequest): DrugKey => (Object.keys(drugs) as DrugKey[]).find((key) => drugs[key].rxnorm === x.medicationCodeableConcept!.coding![0]!.code)!;
/** RR intervals by the highest point of each complex: their coefficient of variation. */
function irregularity(data: string): number {
  const samples = data.split(" ").map(Number), top = Math.max(...samples), peaks: number[] = [];
  for (let i = 1; i < samples.length - 1; i++) if (samples[i]! > 0.6 * top && samples[i]! >= samples[i - 1]! && samples[i]! > samples[i + 1]! && i - (peaks.at(-1) ?? -100) > 60) peaks.push(i);
  const rr = peaks.slice(1).map((x, i) => x - peaks[i]!), mean = rr.reduce((a, b) => a + b, 0) / rr.length;
  return Math.sqrt(rr.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rr.length) / mean;
}
const label = (chart: Resource[]): string => `Patient/${chart[0]!.id}`;

test("same seed and date, same bytes; other seed or date, other bytes", async () => {
  const digest = async (options: { size: number; seed: number; asOf: string }): Promise<string> => { const list: PopulationPart[] = []; for await (const part of population(options)) list.push(part); return hash(list); };
  const first = await digest({ size: 6, seed: 5, asOf });
  assert.equal(await digest({ size: 6, seed: 5, asOf }), first);
  assert.notEqual(await digest({ size: 6, seed: 6, asOf }), first);
  assert.notEqual(await digest({ size: 6, seed: 5, asOf: "2026-03-02" }), first);
});

test("person i does not depend on the size of the population", async () => {
  const small: PopulationPart[] = [];
  for await (const part of population({ size: 9, seed, asOf })) small.push(part);
  assert.deepEqual(small.map(hash), parts.slice(0, 10).map(hash));
});

test("options outside their range are refused with a reason", () => {
  for (const options of [{ size: -1, seed: 1, asOf }, { size: 1.5, seed: 1, asOf }, { size: NaN, seed: 1, asOf }, { size: 1, seed: -1, asOf }, { size: 1, seed: 2 ** 32, asOf }, { size: 1, seed: 1, asOf: "2026-02-30" }, { size: 20_000_000, seed: 1, asOf }]) {
    const checked = checkOptions(options);
    assert.ok(!checked.ok && checked.failure.text.length > 10, JSON.stringify(options));
  }
});

test("every resource is valid R4", () => {
  for (const resource of all) assert.deepEqual(validateResource(resource), [], `${resource.resourceType}/${resource.id}`);
});

test("ids are unique, entries are PUTs to them, every reference resolves", () => {
  const known = new Set<string>();
  for (const part of parts) for (const entry of part.bundle.entry!) {
    const key = `${entry.resource!.resourceType}/${entry.resource!.id}`;
    assert.equal(entry.request!.method, "PUT"); assert.equal(entry.request!.url, key); assert.ok(entry.fullUrl!.endsWith(`/${key}`));
    assert.ok(!known.has(key), key);
    known.add(key);
  }
  for (const resource of all) for (const [, reference] of JSON.stringify(resource).matchAll(/"reference":"([^"]+)"/g)) assert.ok(known.has(reference!), `${resource.id} → ${reference}`);
});

test("nothing is dated before birth, after death, or on or after the as-of day", () => {
  for (const chart of charts) {
    const patient = chart[0] as Patient, born = patient.birthDate!, died = patient.deceasedDateTime;
    for (const resource of chart) for (const [, text] of JSON.stringify(resource).matchAll(/"(\d{4}-\d\d-\d\d(?:T[\d:]+\+08:00)?)"/g)) {
      assert.ok(text!.slice(0, 10) >= born && text!.slice(0, 10) < asOf, `${resource.id} ${text}`);
      if (died) assert.ok(text!.length > 10 ? text! <= died : text! <= died.slice(0, 10), `${resource.id} ${text} after ${died}`);
    }
  }
});

test("periods run forward, and statuses agree with them", () => {
  for (const chart of charts) {
    for (const x of of(chart, "Encounter") as Encounter[]) assert.ok(x.status === "finished" && x.period!.start! < x.period!.end!, x.id!);
    for (const x of of(chart, "Condition")) {
      const status = x.clinicalStatus!.coding![0]!.code;
      assert.equal(status === "resolved", x.abatementDateTime !== undefined, x.id!);
      if (x.abatementDateTime) assert.ok(x.onsetDateTime! <= x.abatementDateTime, x.id!);
      assert.ok(x.onsetDateTime! <= x.recordedDate!.slice(0, 10), x.id!);
    }
    for (const x of of(chart, "MedicationRequest")) {
      const { start, end } = x.dosageInstruction![0]!.timing!.repeat!.boundsPeriod!;
      assert.equal(x.status === "active", end === undefined, x.id!);
      if (end) assert.ok(start! <= end, x.id!);
    }
  }
});

test("medicines have their reason: no antidiabetic without diabetes, no anticoagulant without fibrillation, and so on", () => {
  const needs: Partial<Record<DrugKey, (keyof typeof problems)[]>> = {
    metformin: ["diabetes"], gliclazide: ["diabetes"], insulinGlargine: ["diabetes"], dapagliflozin: ["diabetes", "heartFailure"], apixaban: ["atrialFibrillation"], rivaroxaban: ["atrialFibrillation"], warfarin: ["atrialFibrillation"],
    amlodipine: ["hypertension"], tiotropium: ["copd"], levothyroxine: ["hypothyroidism"], sertraline: ["depression"], clopidogrel: ["infarction"], budesonide: ["asthma"],
  };
  let seen = 0;
  for (const chart of charts) for (const request of of(chart, "MedicationRequest")) {
    const reasons = needs[drugOf(request)];
    if (!reasons) continue;
    seen++;
    const found = of(chart, "Condition").filter((x) => reasons.some((key) => codes(x).includes(problems[key].snomed)) && x.recordedDate! <= request.authoredOn!);
    assert.ok(found.length > 0, `${label(chart)} ${drugOf(request)}`);
    assert.ok(request.reasonReference?.length === 1, request.id!);
  }
  assert.ok(seen > 100);
});

test("BMI is weight over height squared, LDL is Friedewald, FEV1/FVC a ratio, of the values beside them", () => {
  let bmis = 0, ldls = 0, ratios = 0;
  for (const chart of charts) {
    const by = (key: keyof typeof measures): Map<string, number> => new Map(values(chart, key).map((x) => [x.encounter, x.value]));
    const weight = by("weight"), height = by("height"), total = by("cholesterol"), hdl = by("hdl"), tg = by("triglycerides"), fev1 = by("fev1"), fvc = by("fvc");
    for (const x of values(chart, "bmi")) { bmis++; assert.ok(Math.abs(x.value - weight.get(x.encounter)! / (height.get(x.encounter)! / 100) ** 2) <= 0.0501, label(chart)); }
    for (const x of values(chart, "ldl")) { ldls++; assert.ok(Math.abs(x.value - Math.max(0.3, total.get(x.encounter)! - hdl.get(x.encounter)! - tg.get(x.encounter)! / 2.2)) <= 0.0051, label(chart)); }
    for (const x of values(chart, "fev1Ratio")) { ratios++; assert.ok(Math.abs(x.value - (100 * fev1.get(x.encounter)!) / fvc.get(x.encounter)!) <= 0.501, label(chart)); }
  }
  assert.ok(bmis > 1000 && ldls > 500 && ratios > 20, `${bmis} ${ldls} ${ratios}`);
});

test("eGFR is CKD-EPI 2021 of the creatinine and age of that visit; CKD has the stage of its last two values", () => {
  let checked = 0, staged = 0;
  for (const chart of charts) {
    const patient = chart[0] as Patient, creatinine = new Map(values(chart, "creatinine").map((x) => [x.at, x.value]));
    const series = values(chart, "egfr");
    for (const x of series) {
      const born = patient.birthDate!, years = Number(x.at.slice(0, 4)) - Number(born.slice(0, 4)) - (x.at.slice(5, 10) < born.slice(5) ? 1 : 0);
      assert.equal(x.value, Math.round(egfr(creatinine.get(x.at)!, years, patient.gender as "male" | "female")), `${label(chart)} ${x.at}`);
      checked++;
    }
    const ckd = of(chart, "Condition").find((x) => codes(x).includes("709044004"));
    const lastTwo = series.slice(-2).map((x) => x.value);
    if (ckd) { staged++; assert.equal(ckd.code!.text, `Chronic kidney disease stage ${gfrStage((lastTwo[0]! + lastTwo[1]!) / 2)}`, label(chart)); }
    else assert.ok(!(series.length > 3 && series.slice(-4).every((x) => x.value < 60) && series.at(-4)!.at.slice(0, 4) < series.at(-1)!.at.slice(0, 4) && Number(series.at(-1)!.at.slice(0, 4)) - Number(series.at(-4)!.at.slice(0, 4)) > 1), `${label(chart)} has low eGFR for years and no CKD`);
  }
  assert.ok(checked > 1000 && staged > 5, `${checked} ${staged}`);
});

test("treatment shows in what it treats: pressure, HbA1c and LDL fall after the first medicine", () => {
  const change = (drug: DrugKey, key: "hba1c" | "ldl" | "pressure"): number => {
    const deltas: number[] = [];
    for (const chart of charts) {
      const first = of(chart, "MedicationRequest").find((x) => drugOf(x) === drug);
      if (!first) continue;
      const series = key === "pressure"
        ? of(chart, "Observation").filter((x) => codes(x)[0] === "85354-9" && x.encounter).map((x) => ({ at: x.effectiveDateTime!, value: x.component![0]!.valueQuantity!.value! }))
        : values(chart, key);
      const before = series.filter((x) => x.at <= first.authoredOn!).at(-1), after = series.filter((x) => x.at > first.authoredOn!)[1];
      if (before && after) deltas.push(after.value - before.value);
    }
    assert.ok(deltas.length >= 10, `${drug} ${deltas.length}`);
    return deltas.reduce((a, b) => a + b, 0) / deltas.length;
  };
  assert.ok(change("amlodipine", "pressure") < -5);
  assert.ok(change("metformin", "hba1c") < -0.2);
  assert.ok(change("atorvastatin", "ldl") < -0.5);
});

test("recorded prevalence of adults is in the published range, less what nobody has found yet", () => {
  const adults = charts.filter((chart) => !(chart[0] as Patient).deceasedDateTime && (chart[0] as Patient).birthDate! < "1986-03-01");
  const share = (snomed: string): number => adults.filter((chart) => has(chart, snomed)).length / adults.length;
  // ≥ 40 years; bounds of a 99 % binomial interval around the published shares at this size.
  assert.ok(share(problems.hypertension.snomed) > 0.27 && share(problems.hypertension.snomed) < 0.55, `hypertension ${share(problems.hypertension.snomed)}`);
  assert.ok(share(problems.diabetes.snomed) > 0.07 && share(problems.diabetes.snomed) < 0.28, `diabetes ${share(problems.diabetes.snomed)}`);
  assert.ok(share(problems.copd.snomed) > 0.03 && share(problems.copd.snomed) < 0.18, `copd ${share(problems.copd.snomed)}`);
  assert.ok(share("709044004") > 0.03 && share("709044004") < 0.2, `ckd ${share("709044004")}`);
});

test("the population is mixed: children, the old, the healthy, the dead, several institutions", () => {
  const patients = charts.map((chart) => chart[0] as Patient);
  assert.ok(patients.some((x) => x.birthDate! > "2014") && patients.some((x) => x.birthDate! < "1946"));
  assert.ok(patients.some((x) => x.deceasedDateTime));
  assert.ok(charts.some((chart) => (chart[0] as Patient).birthDate! < "1990" && of(chart, "Condition").every((x) => x.category![0]!.coding![0]!.code === "encounter-diagnosis")));
  const institutions = new Set(charts.flatMap((chart) => of(chart, "Encounter").map((x) => x.serviceProvider!.reference)));
  assert.equal(institutions.size, 3);
  for (const x of patients) { assert.equal(x.name!.length, 2); assert.ok(x.name!.some((n) => /\p{Script=Han}/u.test(n.text!)) && x.name!.some((n) => /^[\p{Script=Latin} '’]+$/u.test(n.text!)), x.name![1]!.text!); }
});

test("demo accounts name existing people; the doctor has most people, not all; the first person tells the story", () => {
  const { doctor, patient } = demoAccounts(seed), keys = new Set(all.map((x) => `${x.resourceType}/${x.id}`));
  assert.ok(keys.has(doctor.agent) && keys.has(patient.agent));
  const hers = charts.filter((chart) => (chart[0] as Patient).generalPractitioner![0]!.reference === doctor.agent).length;
  assert.ok(hers > 0.5 * size && hers < 0.75 * size, String(hers));
  for (const chart of charts.filter((x) => (x[0] as Patient).generalPractitioner![0]!.reference !== doctor.agent))
    assert.ok(!JSON.stringify(chart).includes(`"${doctor.agent}"`), `${label(chart)} is not hers`);
  const story = charts[0]!;
  assert.ok(has(story, problems.hypertension.snomed) && has(story, problems.atrialFibrillation.snomed) && has(story, "700378005"));
  assert.ok(!of(story, "MedicationRequest").some((x) => ["apixaban", "rivaroxaban", "warfarin"].includes(drugOf(x))));
  assert.equal(label(story), patient.agent);
  assert.ok((story[0] as Patient).name!.some((n) => n.text === characters[0]!.name.zhFamily + characters[0]!.name.zhGiven));
});

test("watches: months of daily values, strips that fibrillate only in fibrillation", () => {
  const wearers = charts.filter((chart) => chart.some((x) => x.resourceType === "Device" && x.id!.endsWith("watch")));
  assert.ok(wearers.length > 0.04 * size && wearers.length < 0.25 * size, String(wearers.length));
  for (const chart of wearers) {
    const steps = of(chart, "Observation").filter((x) => codes(x)[0] === measures.steps.loinc);
    assert.ok(steps.length > 120 && steps.length <= 180 && steps.every((x) => x.device && x.valueQuantity!.value! > 100), label(chart));
  }
  const spread = (chart: Resource[], text: string): number[] => of(chart, "Observation").filter((x) => x.code.text === text).map((x) => irregularity(x.component![0]!.valueSampledData!.data!));
  const strips = spread(charts[0]!, "ECG strip, wearable");
  assert.ok(strips.length >= 3 && strips[0]! < 0.1 && strips.at(-1)! > 0.12, strips.join(" "));
});
