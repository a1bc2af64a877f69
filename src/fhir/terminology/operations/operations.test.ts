/** The operations over R4's own content and small resources; the pack `terminology` holds the wide cases. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Coding, Resource } from "../../resource.ts";
import type { Parameter } from "../parameters.ts";
import { runSync, type Work } from "../provider.ts";
import { r4Terminology } from "../r4.ts";
import type { ConceptMap } from "../resources.ts";
import type { Answer, Request } from "./answer.ts";
import { batchValidateOperation } from "./batch-validate.ts";
import { validateInSystemOperation } from "./code-system-validate-code.ts";
import { expandOperation } from "./expand.ts";
import { lookupOperation } from "./lookup.ts";
import { subsumesOperation } from "./subsumes.ts";
import { translateOperation } from "./translate.ts";
import { validateCodeOperation } from "./validate-code.ts";

const actReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const gender = "http://hl7.org/fhir/administrative-gender";
const map: ConceptMap = {
  resourceType: "ConceptMap", url: "urn:map", version: "1", status: "active",
  group: [{ source: "urn:a", target: "urn:b", element: [{ code: "1", target: [{ code: "x", equivalence: "wider" }, { code: "y", equivalence: "disjoint" }] }, { code: "2", noMap: true }], unmapped: { mode: "other-map", url: "urn:more" } }],
};
const more: ConceptMap = { resourceType: "ConceptMap", url: "urn:more", status: "active", group: [{ source: "urn:a", target: "urn:b", element: [], unmapped: { mode: "fixed", code: "other" } }] };
const source = r4Terminology().with([map, more]);

function call(operation: (request: Request) => Work<Answer>, ...parameter: Parameter[]): Answer & { of: (name: string) => unknown } {
  const answer = runSync(operation({ source, parameters: { resourceType: "Parameters", parameter } }));
  const given = (answer.body.parameter ?? []) as Parameter[];
  return { ...answer, of: (name) => { const found = given.find((one) => one.name === name); return found && Object.entries(found).find(([member]) => member !== "name")![1]; } };
}

const uri = (name: string, valueUri: string): Parameter => ({ name, valueUri });
const code = (name: string, valueCode: string): Parameter => ({ name, valueCode });

test("$lookup: display, definition, parents and children; what is not here is 404", () => {
  const found = call(lookupOperation, uri("system", actReason), code("code", "TREAT"));
  assert.equal(found.of("display"), "treatment");
  const properties = (found.body.parameter as Parameter[]).filter(({ name }) => name === "property").map(({ part }) => part!.map((one) => one.valueCode ?? one.valueBoolean));
  assert.ok(properties.some(([name, value]) => name === "parent" && value === "PurposeOfUse") && properties.some(([name, value]) => name === "child" && value === "ETREAT"));
  assert.equal(call(lookupOperation, uri("system", actReason), code("code", "nothing")).status, 404);
  assert.equal(call(lookupOperation, uri("system", "urn:none"), code("code", "x")).status, 404);
  assert.equal(call(lookupOperation, code("code", "x")).status, 400);
});

test("$subsumes says all four outcomes", () => {
  const outcome = (a: string, b: string): unknown => call(subsumesOperation, uri("system", actReason), code("codeA", a), code("codeB", b)).of("outcome");
  assert.deepEqual([outcome("TREAT", "ETREAT"), outcome("ETREAT", "TREAT"), outcome("TREAT", "TREAT"), outcome("TREAT", "HPAYMT")], ["subsumes", "subsumed-by", "equivalent", "not-subsumed"]);
  assert.equal(call(subsumesOperation, uri("system", actReason), code("codeA", "TREAT"), code("codeB", "none")).status, 404);
  assert.equal(call(subsumesOperation, { name: "codingA", valueCoding: { system: "urn:a", code: "1" } }, { name: "codingB", valueCoding: { system: "urn:b", code: "1" } }).status, 400);
});

test("$translate: matches of the map, its unmapped rule, both directions", () => {
  const matches = (answer: Answer): unknown[] => (answer.body.parameter as Parameter[]).filter(({ name }) => name === "match").map(({ part }) => [part!.find(({ name }) => name === "equivalence")!.valueCode, part!.find(({ name }) => name === "concept")?.valueCoding?.code, part!.find(({ name }) => name === "source")?.valueCoding?.code]);
  const one = call(translateOperation, uri("url", "urn:map"), uri("system", "urn:a"), code("code", "1"));
  assert.deepEqual([one.of("result"), matches(one)], [true, [["wider", "x", undefined], ["disjoint", "y", undefined]]]);
  const none = call(translateOperation, uri("url", "urn:map"), uri("system", "urn:a"), code("code", "2"));
  assert.deepEqual([none.of("result"), matches(none)], [false, [["unmatched", undefined, undefined]]]);
  assert.deepEqual(matches(call(translateOperation, uri("system", "urn:a"), code("code", "7"))), [["inexact", "other", undefined]]);
  assert.deepEqual(matches(call(translateOperation, uri("sourceSystem", "urn:a"), uri("targetSystem", "urn:b"), code("targetCode", "x"))), [["narrower", "x", "1"]]);
  assert.equal(call(translateOperation, uri("url", "urn:none"), uri("system", "urn:a"), code("code", "1")).status, 404);
  assert.equal(call(translateOperation, code("code", "1")).status, 400);
  const r4 = call(translateOperation, uri("url", "http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v3"), uri("system", gender), code("code", "female"));
  assert.deepEqual(matches(r4), [["equal", "F", undefined]]);
});

test("$validate-code in value sets and systems; a system without content is not known, never empty", () => {
  const inSet = (...parameter: Parameter[]): unknown => call(validateCodeOperation, uri("url", "http://hl7.org/fhir/ValueSet/administrative-gender"), ...parameter).of("result");
  assert.deepEqual([inSet(code("code", "male")), inSet(uri("system", gender), code("code", "m")), inSet({ name: "codeableConcept", valueCodeableConcept: { coding: [{ system: "urn:x", code: "1" }, { system: gender, code: "male" }] } })], [true, false, false]);
  assert.equal(call(validateInSystemOperation, uri("url", gender), code("code", "male"), { name: "display", valueString: "Woman" }).of("result"), false);
  const open = call(validateCodeOperation, uri("url", "http://hl7.org/fhir/ValueSet/observation-codes"), uri("system", "http://loinc.org"), code("code", "8867-4"));
  assert.deepEqual([open.of("result"), open.of("x-caused-by-unknown-system")], [false, "http://loinc.org"]);
  assert.equal(call(validateCodeOperation, uri("url", "urn:none"), code("code", "x")).status, 404);
  assert.equal(call(validateCodeOperation, uri("url", "http://hl7.org/fhir/ValueSet/administrative-gender")).status, 400);
});

test("resources of a request are read whatever they are: an answer or an outcome, never a throw", () => {
  const whole = [
    { resourceType: "CodeSystem", url: "urn:cs", content: "complete", property: [{ code: "p" }], concept: [{ code: "a", designation: [{ value: "A" }], property: [{ code: "parent", valueCode: "b" }], concept: [{ code: "b" }] }] },
    { resourceType: "ValueSet", url: "urn:vs", extension: [{ url: "urn:x" }], compose: { include: [{ system: "urn:cs", filter: [{ property: "concept", op: "is-a", value: "a" }] }, { valueSet: ["urn:vs2"] }], exclude: [{ system: "urn:cs", concept: [{ code: "b" }] }] } },
    { resourceType: "ValueSet", url: "urn:vs2", expansion: { contains: [{ system: "urn:cs", code: "a", contains: [] }] } },
    { resourceType: "ConceptMap", url: "urn:cm", group: [{ source: "urn:cs", target: "urn:t", element: [{ code: "a", target: [{ code: "t", dependsOn: [{ property: "x", value: "1" }] }] }], unmapped: { mode: "fixed", code: "x" } }] },
  ];
  const places = (value: unknown, at: string[] = []): string[][] => typeof value !== "object" || value === null ? [at] : [at, ...Object.entries(value).flatMap(([name, inner]) => places(inner, [...at, name]))];
  const all = places(whole).filter((at) => at.length > 1 && at[1] !== "resourceType");
  const odd = fc.oneof(fc.constantFrom<unknown>(null, 1, true, "x", [], {}, [null], [1], ["x"], [[]], [{}], { code: 1 }), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(fc.property(fc.constantFrom(...all), odd, (at, strange) => {
    const resources = structuredClone(whole) as unknown[];
    let holder = resources as unknown as { [name: string]: unknown };
    for (const name of at.slice(0, -1)) holder = holder[name] as { [name: string]: unknown };
    holder[at.at(-1)!] = strange;
    const given: Parameter[] = [...resources.map((resource): Parameter => ({ name: "tx-resource", resource: resource as Resource })), uri("url", "urn:vs"), uri("system", "urn:cs"), code("code", "a"), { name: "coding", valueCoding: strange as Coding }];
    const answers = [validateCodeOperation, validateInSystemOperation, lookupOperation, translateOperation, subsumesOperation, batchValidateOperation].map((operation) => call(operation, ...given));
    answers.push(call((request) => expandOperation({ ...request, stamp: { identifier: "urn:uuid:0", timestamp: "2026-01-01T00:00:00Z" } }), ...given));
    for (const { status, body } of answers) assert.ok([200, 400, 404, 422].includes(status) && typeof body.resourceType === "string");
  }), { numRuns: 1500 });
});

test("batch validation: shared parameters, each validation its own answer or outcome", () => {
  const validation = (...parameter: Parameter[]): Parameter => ({ name: "validation", resource: { resourceType: "Parameters", parameter } });
  const answer = call(batchValidateOperation, uri("url", "http://hl7.org/fhir/ValueSet/administrative-gender"), validation(code("code", "male")), validation(), validation(code("code", "m")));
  const kinds = (answer.body.parameter as Parameter[]).map(({ resource }) => [resource!.resourceType, (resource!.parameter as Parameter[] | undefined)?.find(({ name }) => name === "result")?.valueBoolean]);
  assert.deepEqual(kinds, [["Parameters", true], ["OperationOutcome", undefined], ["Parameters", false]]);
});
