import assert from "node:assert/strict";
import test from "node:test";
import { subsetAsked, subsetText, type Subset } from "./subset.ts";

const part = (resource: object, subset: Subset): Record<string, unknown> => JSON.parse(subsetText(JSON.stringify(resource), subset)) as Record<string, unknown>;
const names = (resource: object, subset: Subset): string[] => Object.keys(part(resource, subset));
const observation = {
  resourceType: "Observation", id: "a", meta: { versionId: "3", tag: [{ code: "x" }] }, text: { status: "generated", div: "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>" },
  extension: [{ url: "urn:a", valueString: "b" }], status: "final", _status: { id: "s" }, code: { text: "x" }, subject: { reference: "Patient/1" }, valueString: "5", note: [{ text: "n" }],
  referenceRange: [{ text: "r" }], component: [{ code: { text: "c" }, valueString: "1", interpretation: [{ text: "i" }], referenceRange: [{ text: "r" }] }],
};

test("_summary=true: the elements marked so, also inside backbone elements, and what is mandatory", () => {
  assert.deepEqual(names(observation, { kind: "true" }), ["resourceType", "id", "meta", "status", "_status", "code", "subject", "valueString", "component"]);
  assert.deepEqual(part(observation, { kind: "true" }).component, [{ code: { text: "c" }, valueString: "1" }]);
  assert.deepEqual(names({ resourceType: "Patient", name: [{ family: "a" }], contact: [{ name: { family: "b" } }], photo: [{}], active: true }, { kind: "true" }), ["resourceType", "meta", "name", "active"]);
});

test("_summary=text: narrative, id, meta and the mandatory; _summary=data: all but the narrative", () => {
  assert.deepEqual(names(observation, { kind: "text" }), ["resourceType", "id", "meta", "text", "status", "_status", "code"]);
  assert.deepEqual(names(observation, { kind: "data" }), Object.keys(observation).filter((name) => name !== "text"));
});

test("_elements: those named, a choice by its name; mandatory and modifying ones stay", () => {
  assert.deepEqual(names(observation, { kind: "elements", names: ["value", "subject", "nonsense"] }), ["resourceType", "id", "meta", "status", "_status", "code", "subject", "valueString"]);
  assert.deepEqual(names({ resourceType: "Patient", active: false, deceasedBoolean: true, implicitRules: "urn:a", gender: "male", modifierExtension: [{ url: "urn:b" }] }, { kind: "elements", names: ["gender"] }), ["resourceType", "meta", "active", "deceasedBoolean", "implicitRules", "gender", "modifierExtension"]);
});

test("the part is tagged SUBSETTED once, beside what meta said", () => {
  const once = part(observation, { kind: "data" });
  assert.deepEqual((once.meta as { versionId: string; tag: { code: string }[] }).tag.map(({ code }) => code), ["x", "SUBSETTED"]);
  assert.equal((once.meta as { versionId: string }).versionId, "3");
  assert.deepEqual(part(once, { kind: "data" }).meta, once.meta);
});

test("number literals stay", () => {
  assert.match(subsetText('{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}', { kind: "true" }), /"value":1\.50/);
});

test("words that say no part", () => {
  assert.deepEqual([subsetAsked(undefined, undefined), subsetAsked("false", undefined)], [{ ok: true, value: undefined }, { ok: true, value: undefined }]);
  for (const [summary, elements] of [["count", undefined], ["yes", undefined], ["", undefined], [undefined, "a b"], [undefined, ""], [undefined, "a,"], ["true", "name"], [undefined, "a,".repeat(200) + "a"]] as const) assert.equal(subsetAsked(summary, elements).ok, false, `${summary} ${elements}`);
});
