import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "#fhir/resource.ts";
import { concerns, gather, gatherAll, isDeceased } from "./facts.ts";
import type { Facts, InputSpec } from "./method.ts";
import { isStale } from "./stale.ts";
import { ageYears, span } from "./time.ts";

const label = { en: "x", zh: "x" };
const asOf = "2024-06-01T12:00:00Z";
const cholesterol: InputSpec & { kind: "quantity" } = { name: "cholesterolMmolPerL", kind: "quantity", label, required: true, unit: "mmol/L", molarMass: 386.65, codes: [{ system: "http://loinc.org", code: "2093-3" }], range: { low: 0.5, high: 40 } };
const systolic: InputSpec = { name: "systolicMmHg", kind: "quantity", label, required: true, unit: "mm[Hg]", codes: [{ system: "http://loinc.org", code: "8480-6" }], range: { low: 40, high: 320 } };
const fibrillation: InputSpec & { kind: "condition" } = { name: "af", kind: "condition", label, required: false, codes: [{ system: "http://snomed.info/sct", code: "49436004" }, { system: "http://hl7.org/fhir/sid/icd-10", code: "I48" }] };
const statin: InputSpec = { name: "statin", kind: "medication", label, required: false, codes: [{ system: "http://www.whocc.no/atc", code: "C10AA" }], names: ["atorvastatin"] };
const smoking: InputSpec = { name: "smoker", kind: "observed-code", label, required: true, codes: [{ system: "http://loinc.org", code: "72166-2" }], answers: { true: [{ system: "http://snomed.info/sct", code: "449868002" }], false: [{ system: "http://snomed.info/sct", code: "266919005" }] } };
const age: InputSpec = { name: "ageYears", kind: "age", label, required: true, range: { low: 0, high: 130 } };
const sex: InputSpec = { name: "sex", kind: "sex", label, required: true };

const facts = (...resources: Resource[]): Facts => ({ subject: "Patient/p", asOf, resources });
const lab = (id: string, at: string | undefined, value: unknown, over: Record<string, unknown> = {}): Resource => ({
  resourceType: "Observation", id, status: "final", code: { coding: [{ system: "http://loinc.org", code: "2093-3" }] }, meta: { versionId: "1" },
  ...(at === undefined ? {} : { effectiveDateTime: at }), valueQuantity: { value, unit: "mmol/L", system: "http://unitsofmeasure.org", code: "mmol/L" }, ...over,
});
const value = (spec: InputSpec, ...resources: Resource[]) => { const found = gather(facts(...resources), spec); return found.kind === "present" ? found.value : undefined; };
const limits = (spec: InputSpec, ...resources: Resource[]) => gather(facts(...resources), spec).limits.map((limit) => `${limit.kind}: ${limit.text.en}`);

test("the newest valid value counts, converted, with its version, path and time", () => {
  const found = gather(facts(lab("old", "2023-01-01", 4), lab("new", "2024-05-01T08:00:00+08:00", 200, { valueQuantity: { value: 200, unit: "mg/dL", system: "http://unitsofmeasure.org", code: "mg/dL" } })), cholesterol);
  assert.equal(found.kind, "present");
  assert.ok(found.kind === "present" && Math.abs((found.value as number) - 5.1727) < 1e-3);
  assert.deepEqual(found.kind === "present" && found.evidence, [{ kind: "resource", reference: "Observation/new", version: "1", path: "valueQuantity", value: "200 mg/dL", at: "2024-05-01T08:00:00+08:00", label }]);
  assert.equal(found.kind === "present" && found.ageDays, 31);
});

test("never an input: wrong status, the future, absent, bound, undated, unit unknown, impossible, machine", () => {
  const good = lab("good", "2020-01-01", 5);
  const bad: [string, Resource][] = [
    ["entered in error", lab("b", "2024-01-01", 9, { status: "entered-in-error" })], ["cancelled", lab("b", "2024-01-01", 9, { status: "cancelled" })], ["registered", lab("b", "2024-01-01", 9, { status: "registered" })], ["unknown status", lab("b", "2024-01-01", 9, { status: "unknown" })],
    ["future", lab("b", "2024-06-01T12:00:01Z", 9)], ["issued later", lab("b", "2024-05-01", 9, { issued: "2024-06-02T00:00:00Z" })], ["absent", lab("b", "2024-01-01", 9, { dataAbsentReason: { text: "x" } })],
    ["bound", lab("b", "2024-01-01", 9, { valueQuantity: { value: 9, comparator: "<", code: "mmol/L", system: "http://unitsofmeasure.org" } })], ["undated", lab("b", undefined, 9)],
    ["no unit", lab("b", "2024-01-01", 9, { valueQuantity: { value: 9 } })], ["other unit", lab("b", "2024-01-01", 9, { valueQuantity: { value: 9, code: "kg", system: "http://unitsofmeasure.org" } })], ["not UCUM", lab("b", "2024-01-01", 9, { valueQuantity: { value: 9, unit: "blobs" } })],
    ["impossible", lab("b", "2024-01-01", 400)], ["negative", lab("b", "2024-01-01", -3)], ["text", lab("b", "2024-01-01", "9")],
    ["machine", lab("b", "2024-01-01", 9, { meta: { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", code: "AIAST" }] } })],
  ];
  for (const [name, resource] of bad) {
    assert.equal(value(cholesterol, resource), undefined, name);
    assert.equal(value(cholesterol, resource, good), 5, name);
  }
  for (const name of ["bound", "undated", "no unit", "other unit", "not UCUM", "impossible", "negative"])
    assert.equal(limits(cholesterol, bad.find(([one]) => one === name)![1]).filter((one) => one.startsWith("quality")).length, 1, name);
  assert.equal(value(cholesterol, lab("edge", asOf, 6)), 6); // at the very moment it exists
});

test("one time, two values: final before preliminary, then issued, then id; the difference is named", () => {
  const at = "2024-05-01T08:00:00Z";
  assert.equal(value(cholesterol, lab("a", at, 7, { status: "preliminary" }), lab("b", at, 5)), 5);
  assert.equal(value(cholesterol, lab("a", at, 7, { issued: "2024-05-01T09:00:00Z" }), lab("b", at, 5, { issued: "2024-05-01T10:00:00Z" })), 5);
  for (const pair of [[lab("a", at, 7), lab("b", at, 5)], [lab("b", at, 5), lab("a", at, 7)]]) assert.equal(value(cholesterol, ...pair), 7);
  assert.match(limits(cholesterol, lab("a", at, 7), lab("b", at, 5)).join(), /Another value for the same time, 5/);
  assert.deepEqual(limits(cholesterol, lab("a", at, 7), lab("b", at, 7)), []);
});

test("too old is stale and not used; both sides of the limit", () => {
  const spec = { ...cholesterol, maxAgeDays: 30 };
  assert.equal(value(spec, lab("a", "2024-05-02T12:00:00Z", 5)), 5);
  assert.equal(value(spec, lab("a", "2024-05-01T12:00:00Z", 5)), undefined);
  assert.match(limits(spec, lab("a", "2024-05-01T12:00:00Z", 5))[0]!, /^stale/);
});

test("a lesser code serves only when nothing else does, and is named", () => {
  const spec: InputSpec = { ...cholesterol, lesser: { codes: [{ system: "http://loinc.org", code: "other" }], note: { en: "by another method", zh: "x" } } };
  const other = lab("o", "2024-05-20", 6, { code: { coding: [{ system: "http://loinc.org", code: "other" }] } });
  assert.equal(value(spec, other), 6);
  assert.deepEqual(limits(spec, other), ["quality: by another method"]);
  assert.equal(value(spec, other, lab("a", "2020-01-01", 5)), 5);
});

test("blood pressure is read from the panel's component", () => {
  const panel: Resource = { resourceType: "Observation", id: "bp", status: "final", code: { coding: [{ system: "http://loinc.org", code: "85354-9" }] }, effectiveDateTime: "2024-05-01", component: [
    { code: { coding: [{ system: "http://loinc.org", code: "8462-4" }] }, valueQuantity: { value: 80, code: "mm[Hg]", system: "http://unitsofmeasure.org" } },
    { code: { coding: [{ system: "http://loinc.org", code: "8480-6" }] }, valueQuantity: { value: 131, unit: "mmHg" } }] };
  const found = gather(facts(panel), systolic);
  assert.ok(found.kind === "present" && found.value === 131 && found.evidence[0]!.kind === "resource" && found.evidence[0]!.path === "component[1].valueQuantity");
});

const status = (code: string) => ({ coding: [{ code }] });
const condition = (over: Record<string, unknown>): Resource => ({ resourceType: "Condition", id: "c", code: { coding: [{ system: "http://snomed.info/sct", code: "49436004" }], text: "AF" }, ...over });

test("conditions: status, verification, onset and abatement", () => {
  const table: [Record<string, unknown>, boolean, boolean /* with history */][] = [
    [{ clinicalStatus: status("active") }, true, true], [{}, true, true], [{ clinicalStatus: status("recurrence") }, true, true],
    [{ clinicalStatus: status("resolved") }, false, true], [{ clinicalStatus: status("inactive") }, false, true], [{ clinicalStatus: status("remission") }, false, true],
    [{ verificationStatus: status("refuted") }, false, false], [{ verificationStatus: status("entered-in-error") }, false, false],
    [{ verificationStatus: status("provisional") }, false, false], [{ verificationStatus: status("differential") }, false, false], [{ verificationStatus: status("unconfirmed") }, false, false],
    [{ onsetDateTime: "2024-06-02" }, false, false], [{ onsetDateTime: "2024-06-01" }, true, true], [{ recordedDate: "2025-01-01" }, false, false],
    [{ abatementDateTime: "2024-05-01" }, false, true], [{ abatementDateTime: "2024-07-01", clinicalStatus: status("resolved") }, true, true], [{ abatementString: "last year" }, false, true],
    [{ code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10-cm", code: "I48.91" }] } }, true, true], [{ code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code: "I47.1" }] } }, false, false],
    [{ code: { coding: [{ system: "http://snomed.info/sct", code: "494360041" }] } }, false, false], [{ code: { text: "AF" } }, false, false],
  ];
  for (const [over, now, ever] of table) {
    assert.equal(value(fibrillation, condition(over)), now, JSON.stringify(over));
    assert.equal(value({ ...fibrillation, history: true }, condition(over)), ever, `history ${JSON.stringify(over)}`);
  }
  assert.match(limits(fibrillation, condition({ verificationStatus: status("provisional") }))[0]!, /provisional and was not counted/);
  const none = gather(facts(), fibrillation);
  assert.ok(none.kind === "present" && none.value === false && !none.recorded);
});

const medicine = (over: Record<string, unknown>): Resource => ({ resourceType: "MedicationRequest", id: "m", status: "active", intent: "order", medicationCodeableConcept: { coding: [{ system: "http://www.whocc.no/atc", code: "C10AA05" }] }, authoredOn: "2024-01-01", ...over });

test("medicines: active at the moment, by class, by reference and by name", () => {
  const table: [Record<string, unknown>, boolean][] = [
    [{}, true], [{ status: "stopped" }, false], [{ status: "entered-in-error" }, false], [{ status: "draft" }, false], [{ intent: "proposal" }, false], [{ doNotPerform: true }, false], [{ authoredOn: "2024-07-01" }, false],
    [{ dispenseRequest: { validityPeriod: { end: "2024-05-31" } } }, false], [{ dispenseRequest: { validityPeriod: { end: "2024-06-01" } } }, true],
    [{ medicationCodeableConcept: { text: "Atorvastatin 20 MG Oral Tablet" } }, true], [{ medicationCodeableConcept: { text: "Patorvastatine" } }, false],
    [{ medicationCodeableConcept: undefined, medicationReference: { reference: "#x" }, contained: [{ resourceType: "Medication", id: "x", code: { coding: [{ system: "http://www.whocc.no/atc", code: "C10AA01" }] } }] }, true],
    [{ resourceType: "MedicationStatement", effectivePeriod: { start: "2020-01-01", end: "2023-01-01" } }, false], [{ resourceType: "MedicationStatement", effectivePeriod: { start: "2020-01-01" } }, true],
  ];
  for (const [over, expected] of table) assert.equal(value(statin, medicine(over)), expected, JSON.stringify(over));
  assert.equal(value(statin, medicine({ medicationCodeableConcept: undefined, medicationReference: { reference: "Medication/z" } }), { resourceType: "Medication", id: "z", code: { coding: [{ system: "http://www.whocc.no/atc", code: "C10AA01" }] } }), true);
});

test("answers: the newest that answers; others are named", () => {
  const answer = (id: string, at: string, code: string): Resource => ({ resourceType: "Observation", id, status: "final", effectiveDateTime: at, code: { coding: [{ system: "http://loinc.org", code: "72166-2" }] }, valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code }], text: code } });
  assert.equal(value(smoking, answer("a", "2020-01-01", "449868002"), answer("b", "2022-01-01", "266919005")), false);
  assert.equal(value(smoking, answer("a", "2020-01-01", "449868002"), answer("b", "2022-01-01", "266927001")), true);
  assert.equal(value(smoking), undefined);
});

test("age by the birthday, leap days, partial dates", () => {
  for (const [born, on, least, greatest] of [["1960-06-01", "2024-06-01", 64, 64], ["1960-06-02", "2024-06-01", 63, 63], ["1960-02-29", "2023-02-28", 62, 62], ["1960-02-29", "2023-03-01", 63, 63], ["1960-02-29", "2024-02-29", 64, 64], ["1960", "2024-06-01", 63, 64], ["1960-06", "2024-06-15", 63, 64], ["1960-05", "2024-06-15", 64, 64]] as const)
    assert.deepEqual(ageYears(born, on), { least, greatest }, `${born} on ${on}`);
  assert.equal(ageYears("2025-01-01", "2024-01-01"), undefined);
  assert.equal(ageYears("1960-02-30", "2024-01-01"), undefined);
  assert.equal(span("2024-13-01"), undefined);
  const partial = gather(facts({ resourceType: "Patient", id: "p", birthDate: "1960" }), age);
  assert.ok(partial.kind === "present" && partial.value === 63 && partial.limits.length === 1);
});

test("sex, death and somebody else's Patient", () => {
  assert.equal(value(sex, { resourceType: "Patient", id: "p", gender: "female" }), "female");
  assert.match(limits(sex, { resourceType: "Patient", id: "p", gender: "other" })[0]!, /recorded gender is other/);
  assert.equal(value(sex, { resourceType: "Patient", id: "q", gender: "female" }), undefined);
  assert.equal(isDeceased(facts({ resourceType: "Patient", id: "p", deceasedDateTime: "2024-06-01" })), true);
  assert.equal(isDeceased(facts({ resourceType: "Patient", id: "p", deceasedDateTime: "2024-07" })), false);
  assert.equal(isDeceased(facts({ resourceType: "Patient", id: "p", deceasedBoolean: true })), true);
});

test("missing inputs are named, the newest time is the finding's", () => {
  const all = gatherAll(facts(lab("a", "2024-05-01", 5), { resourceType: "Patient", id: "p", birthDate: "1960-01-01" }), [cholesterol, age, sex, fibrillation]);
  assert.deepEqual(all.missing, ["sex"]);
  assert.deepEqual(all.values, { cholesterolMmolPerL: 5, ageYears: 64, af: false });
  assert.equal(all.effective, "2024-05-01");
});

test("data of any shape is survived", () => {
  const odd: Resource[] = [
    { resourceType: "Observation", status: "final", code: null, component: [null, 3, { code: { coding: [null, "x"] } }] }, { resourceType: "Observation", status: "final", effectiveDateTime: "nonsense", code: { coding: [{ system: "http://loinc.org", code: "2093-3" }] }, valueQuantity: null },
    { resourceType: "Condition", code: { coding: "x" } }, { resourceType: "Patient", id: "p", birthDate: 5, gender: 7, address: "x" }, { resourceType: "MedicationRequest", status: "active", medicationReference: {} },
  ];
  for (const spec of [cholesterol, systolic, fibrillation, statin, smoking, age, sex]) gather(facts(...odd), spec);
});

test("stale: an input's version changed, was deleted, or something new could be one", () => {
  const method = { inputs: [cholesterol, fibrillation] } as unknown as Parameters<typeof isStale>[2];
  const finding = { subject: "Patient/p", evidence: [{ kind: "resource", reference: "Observation/a", version: "1", path: "x", value: "5" }] } as unknown as Parameters<typeof isStale>[0];
  const about = { subject: { reference: "Patient/p" } };
  assert.equal(isStale(finding, [{ reference: "Observation/a", version: "2", resource: lab("a", "2024-05-01", 6, about) }]), true);
  assert.equal(isStale(finding, [{ reference: "Observation/a", version: "1", resource: lab("a", "2024-05-01", 5, about) }], method), false);
  assert.equal(isStale(finding, [{ reference: "Observation/a", version: "2" }]), true);
  assert.equal(isStale(finding, [{ reference: "Observation/b", version: "1", resource: lab("b", "2024-05-01", 6, about) }]), false);
  assert.equal(isStale(finding, [{ reference: "Observation/b", version: "1", resource: lab("b", "2024-05-01", 6, about) }], method), true);
  assert.equal(isStale(finding, [{ reference: "Observation/b", version: "1", resource: lab("b", "2024-05-01", 6, { subject: { reference: "Patient/q" } }) }], method), false);
  assert.equal(concerns(fibrillation, condition({})), true);
});

test("a value that is given and does not fit is named in both languages", () => {
  const named = { en: "systolic pressure", zh: "收缩压" };
  const said = (spec: InputSpec, given: string | number | boolean) => gather({ ...facts(), given: { [spec.name]: given } }, { ...spec, label: named }).limits.map(({ text }) => text);
  assert.deepEqual(said(systolic, 9000), [{ en: "systolicMmHg 9000 is not possible (40 to 320)", zh: "收缩压 9000 不可能（应在 40 至 320 之间）" }]);
  assert.deepEqual(said(systolic, "high"), [{ en: "systolicMmHg must be a number, not \"high\"", zh: "收缩压须为数值，而不是“high”" }]);
  assert.deepEqual(said(smoking, "perhaps"), [{ en: "smoker must be one of true, false, not \"perhaps\"", zh: "收缩压须为以下之一：true、false，而不是“perhaps”" }]);
  for (const [spec, given] of [[sex, "x"], [fibrillation, "x"], [statin, 2]] as const) assert.match(said(spec, given)[0]!.zh, /^收缩压须为 /);
  assert.deepEqual(said(systolic, 140), []);
});
