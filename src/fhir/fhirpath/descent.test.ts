import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Resource } from "../resource.ts";
import { compile, type Evaluator } from "./compile.ts";
import { Node, type Items } from "./values.ts";

const compiled = new Map<string, Evaluator>();

function found(expression: string, resource: Resource): Items {
  let evaluator = compiled.get(expression);
  if (evaluator === undefined) {
    const fresh = compile(expression, { type: resource.resourceType });
    assert.ok(fresh.ok, expression);
    compiled.set(expression, evaluator = fresh.value);
  }
  const result = evaluator.evaluate(resource);
  assert.ok(result.ok, expression);
  return result.value;
}

const questionnaire = {
  resourceType: "Questionnaire", id: "q", url: "urn:q", _status: { extension: [{ url: "urn:e", valueCoding: { code: "in-twin" } }] },
  contained: [{ resourceType: "ValueSet", url: "urn:vs", compose: { include: [{ system: "urn:s", concept: [{ code: "in-contained" }] }] } }, { resourceType: "Questionnaire", item: [{ linkId: "c", type: "display" }] }],
  extension: [{ url: "urn:e", extension: [{ url: "urn:f", valueCodeableConcept: { coding: [{ code: "in-extension" }] } }] }],
  item: [{ linkId: "1", code: [{ code: "a" }], item: [{ linkId: "1.1", code: [{ code: "b" }], item: [{ linkId: "1.1.1" }] }] }, { linkId: "2", prefix: "p", _prefix: { id: "t" } }],
} as unknown as Resource;

test("descendants().x finds x at every depth: in items, contained resources, extensions, and beside primitives", () => {
  const values = (expression: string): unknown[] => found(expression, questionnaire).map((item) => (item as Node).value);
  assert.deepEqual(values("descendants().linkId"), ["1", "2", "c", "1.1", "1.1.1"]);
  assert.deepEqual(new Set(values("descendants().code.ofType(code)")), new Set(["in-contained", "in-twin", "in-extension", "a", "b"]));
  assert.deepEqual(values("descendants().compose.include.system"), ["urn:s"]);
  assert.deepEqual(values("item.descendants().id"), ["t"]);
  assert.deepEqual(values("Questionnaire.descendants().url"), ["urn:vs", "urn:e", "urn:e", "urn:f"]);
});

// Members of a Patient where they belong and where they do not, of the kind that belongs there and of others.
const plain: readonly (readonly [string, unknown])[] = [["resourceType", "Patient"], ["resourceType", "Observation"], ["resourceType", "none"], ["given", ["a", null]], ["birthDate", "2020"], ["family", "f"], ["id", "i"], ["url", "u"], ["reference", "r"], ["code", "c"], ["name", null], ["extension", "x"]];
const many = fc.constantFrom("extension", "contained", "name", "contact", "name", "_given", "telecom");
const one = fc.constantFrom("valueReference", "valueHumanName", "valueCoding", "other", "_birthDate", "period", "code", "name");
const elements = fc.letrec<{ object: Record<string, unknown>; member: readonly [string, unknown] }>((tie) => ({
  member: fc.oneof({ maxDepth: 5, depthSize: "max" }, fc.constantFrom(...plain), fc.tuple(many, fc.array(tie("object"), { minLength: 1, maxLength: 2 })), fc.tuple(one, tie("object"))),
  object: fc.array(tie("member"), { minLength: 1, maxLength: 4, size: "max" }).map((members) => Object.fromEntries(members)),
})).object;

test("property: on any data it finds what a step on all descendants finds", () => {
  const values = (items: Items): string[] => items.map((item) => (item instanceof Node ? `${item.type} ${JSON.stringify(item.value)} ${JSON.stringify(item.twin)}` : String(item))).sort();
  let some = 0;
  fc.assert(fc.property(elements, fc.constantFrom("id", "given", "code", "url", "value", "extension", "reference", "name.family", "value.extension.url"), (data, path) => {
    const resource = { ...data, resourceType: "Patient" } as unknown as Resource;
    const direct = values(found(`descendants().${path}`, resource));
    assert.deepEqual(direct, values(found(`descendants().select(${path})`, resource)));
    some += direct.length;
  }), { numRuns: 3000 });
  assert.ok(some > 50, `${some} found`);
});
