import assert from "node:assert/strict";
import { test } from "node:test";
import { r4Terminology } from "../../terminology/r4.ts";
import { createValidator } from "../validator.ts";

const validator = createValidator({ terminology: r4Terminology() });
const told = (resource: object, level: string): string[] => validator.validate(resource).issues.filter(({ severity }) => severity === level).map(({ text }) => text);
const named = { name: "N", status: "draft", url: "http://example.org/n" };

test("CodeSystem: declared properties of their type, related codes that exist, a count that is not exceeded", () => {
  const system = (property: object | undefined, count = 3): string[] => told({
    resourceType: "CodeSystem", ...named, content: "complete", count,
    property: [{ code: "parent", type: "code", uri: "http://hl7.org/fhir/concept-properties#parent" }, { code: "status", type: "code" }, { code: "size", type: "decimal" }],
    concept: [{ code: "a", concept: [{ code: "b" }] }, { code: "c", ...property && { property: [property] } }],
  }, "error");
  assert.deepEqual(system(undefined), []);
  assert.deepEqual(system(undefined, 4), []);
  assert.match(system(undefined, 2)[0]!, /^CodeSystem\.count: count states 2 concepts, and 3 are defined/);
  for (const property of [{ code: "parent", valueCode: "b" }, { code: "status", valueCode: "retired" }, { code: "size", valueDecimal: 1.5 }]) assert.deepEqual(system(property), []);
  assert.match(system({ code: "parent", valueCode: "z" })[0]!, /^CodeSystem\.concept\[1\]\.property\[0\]: "z" is no code of this code system/);
  assert.match(system({ code: "size", valueInteger: 1 })[0]!, /declared as decimal; write valueDecimal instead of valueInteger/);
  assert.match(system({ code: "colour", valueString: "red" })[0]!, /"colour" is not declared/);
});

const gender = "http://hl7.org/fhir/administrative-gender";

test("ValueSet: listed codes are codes of their system; a system that is not known here is let be", () => {
  const set = (system: string, ...codes: string[]): string[] => told({ resourceType: "ValueSet", ...named, compose: { include: [{ system, concept: codes.map((code) => ({ code })) }], exclude: [{ system, concept: codes.map((code) => ({ code })) }] } }, "warning").filter((text) => text.includes(".concept["));
  assert.deepEqual(set(gender, "male", "female"), []);
  const [include, exclude, ...more] = set(gender, "male", "man");
  assert.match(include!, /^ValueSet\.compose\.include\[0\]\.concept\[1\]\.code: "man" is no code of .*; it has male, female/);
  assert.match(exclude!, /^ValueSet\.compose\.exclude\[0\]/);
  assert.deepEqual(more, []);
  assert.deepEqual(set("http://snomed.info/sct", "1"), []);
});

test("ConceptMap: sources and targets are codes of the group's systems", () => {
  const map = (code: string, to: string): string[] => told({ resourceType: "ConceptMap", ...named, group: [{ source: gender, target: "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", element: [{ code, target: [{ code: to, equivalence: "equivalent" }] }] }] }, "warning").filter((text) => text.includes("group["));
  assert.deepEqual(map("male", "M"), []);
  assert.match(map("man", "M")[0]!, /^ConceptMap\.group\[0\]\.element\[0\]\.code: "man"/);
  assert.match(map("male", "X")[0]!, /^ConceptMap\.group\[0\]\.element\[0\]\.target\[0\]\.code: "X"/);
});
