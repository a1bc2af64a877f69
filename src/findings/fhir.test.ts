import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { validateResource } from "#fhir/validate/validate.ts";
import type { Resource } from "#fhir/resource.ts";
import type { Finding } from "./finding.ts";
import { findingFromFhir, isFinding, isMarkedStale, storedHash } from "./from-fhir.ts";
import { deviceId, findingHash, findingId, findingToFhir, methodDevice, provenanceOf, withStaleMark } from "./to-fhir.ts";

// FHIR strings hold no control characters and are not empty; ours are trimmed.
const word = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).map((text) => `x${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff\u00a0]/g, "")}x`);
const code = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const label = fc.record({ en: word, zh: word });
const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => (value === 0 ? 0 : value));
const at = fc.constantFrom("2024", "2024-05", "2024-05-03", "2024-05-03T10:00:00Z", "2024-05-03T10:00:00.123+08:00");
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const limit = fc.record({ kind: fc.constantFrom("missing", "outside-validity", "stale", "quality"), input: code, label, text: label });
const evidence = fc.oneof(
  fc.record({ kind: fc.constant("resource"), reference: fc.constantFrom("Observation/a", "Condition/b", "Patient/p"), path: word, value: word, version: optional(fc.constantFrom("1", "7")), at: optional(at), label: optional(label) }),
  fc.record({ kind: fc.constant("source"), citation: word, section: optional(word), url: optional(fc.constant("https://example.org/a")) }));
const contribution = fc.record({ factor: code, label, observed: word, rule: optional(word), effect: optional(number), effectUnit: optional(fc.constantFrom("points", "log-odds")) });
const value = fc.oneof(
  fc.record({ kind: fc.constant("quantity"), value: number, unit: word, code: fc.constantFrom("kg/m2", "%") }),
  fc.record({ kind: fc.constant("coded"), coding: fc.record({ system: fc.constant("https://example.org/cs"), code }), label }));

const finding = fc.record({
  method: fc.record({ id: code, version: fc.constant("1.0.0"), title: label }), form: fc.constantFrom("risk", "measure", "issue", "impression", undefined),
  outcome: fc.constantFrom("computed", "abstained"), subject: fc.constant("Patient/p"), stage: fc.constantFrom("prevention", "diagnosis"),
  code: fc.record({ system: fc.constant("http://loinc.org"), code: fc.constantFrom("39156-5", "98979-8"), display: optional(word), label }), part: optional(code),
  value: optional(value), probability: optional(fc.double({ noNaN: true, min: 0, max: 1 }).map((p) => (p === 0 ? 0 : p))), horizonYears: optional(fc.integer({ min: 1, max: 30 })),
  urgency: fc.constantFrom("routine", "soon", "urgent", "emergency"), statement: label, contributions: fc.array(contribution, { maxLength: 4 }),
  evidence: fc.array(evidence, { maxLength: 4 }), limits: fc.array(limit, { maxLength: 3 }), effective: optional(at),
}).map((drawn) => JSON.parse(JSON.stringify(drawn)) as Finding);

test("Finding → FHIR → Finding is equal, through JSON text", () => {
  fc.assert(fc.property(finding, (one) => {
    const back = findingFromFhir(JSON.parse(JSON.stringify(findingToFhir(one))) as Resource);
    assert.ok(back.ok, back.ok ? "" : back.failure.text);
    assert.deepEqual(back.value, one);
    assert.equal(findingHash(back.value), findingHash(one));
  }), { numRuns: 300 });
});

test("every mapped resource, Provenance and Device is valid base R4", () => {
  fc.assert(fc.property(finding, (one) => {
    for (const resource of [findingToFhir(one), provenanceOf(one, 1, "2024-05-03T10:00:00Z"), methodDevice({ ...one.method, sources: [{ citation: "A. B 2024", doi: "10.1/x" }] })]) {
      const faults = validateResource(JSON.parse(JSON.stringify(resource))).filter((issue) => issue.severity === "error" || issue.severity === "fatal");
      assert.deepEqual(faults, []);
    }
  }), { numRuns: 100 });
});

const sample = (over: Partial<Finding> = {}): Finding => ({
  method: { id: "m", version: "1", title: { en: "M", zh: "M" } }, outcome: "computed", subject: "Patient/1", stage: "prevention", form: "risk",
  code: { system: "http://loinc.org", code: "1-8", label: { en: "risk", zh: "风险" } }, probability: 0.12, horizonYears: 10, urgency: "soon",
  statement: { en: "12%", zh: "12%" }, contributions: [], evidence: [{ kind: "resource", reference: "Observation/o", version: "3", path: "valueQuantity", value: "5" }], limits: [], ...over,
});

test("identity is person, method and part; the hash follows content", () => {
  const id = findingId("Patient/1", "m", undefined);
  assert.match(id, /^[A-Za-z0-9.-]{1,64}$/);
  assert.equal(findingToFhir(sample({ probability: 0.3 })).id, id);
  assert.notEqual(findingId("Patient/1", "m", "x"), id);
  assert.notEqual(findingId("Patient/2", "m", undefined), id);
  assert.equal(storedHash(findingToFhir(sample())), findingHash(sample()));
  assert.notEqual(findingHash(sample({ evidence: [] })), findingHash(sample()));
});

test("an abstained risk has no prediction; an abstained measure has a reason", () => {
  const risk = findingToFhir(sample({ outcome: "abstained", probability: undefined, horizonYears: undefined }));
  assert.equal(risk["prediction"], undefined);
  const measure = findingToFhir(sample({ outcome: "abstained", form: "measure", probability: undefined, horizonYears: undefined }));
  assert.ok(measure["dataAbsentReason"]);
  assert.equal(measure.resourceType, "Observation");
});

test("Provenance names the Device, the target version and the versions used", () => {
  const provenance = provenanceOf(sample(), 4, "2024-01-01T00:00:00Z");
  assert.deepEqual(provenance["target"], [{ reference: `RiskAssessment/${findingId("Patient/1", "m", undefined)}/_history/4` }]);
  assert.deepEqual(provenance["entity"], [{ role: "source", what: { reference: "Observation/o/_history/3" } }]);
});

test("the stale mark is set once and leaves the Finding readable", () => {
  const marked = withStaleMark(withStaleMark(findingToFhir(sample())));
  assert.ok(isMarkedStale(marked));
  assert.equal(marked.meta?.tag?.filter((tag) => tag.code === "stale").length, 1);
  assert.ok(findingFromFhir(marked).ok);
});

test("what is no Finding is refused by name", () => {
  assert.equal(isFinding({ resourceType: "Observation", id: "x" }), false);
  const refused = findingFromFhir({ resourceType: "Observation", id: "x" });
  assert.equal(refused.ok, false);
});

test("device ids stay within FHIR's id", () => {
  for (const id of ["bmi", "a b/c", "x".repeat(80), "x y".repeat(40)]) assert.match(deviceId(id), /^[A-Za-z0-9.-]{1,64}$/);
  assert.notEqual(deviceId("a b"), deviceId("a/b"));
});
