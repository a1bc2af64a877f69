import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json } from "../../resource.ts";
import { applyJsonPatch, jsonPatchText } from "./json-patch.ts";

const patient = '{"resourceType":"Patient","id":"p","name":[{"family":"Li","given":["Wei"]}],"multipleBirthInteger":1,"extension":[{"url":"u","valueDecimal":1.50}]}';

function patched(patch: Json, document = patient): string {
  const result = jsonPatchText(document, JSON.stringify(patch));
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return result.value;
}

test("members keep their order and numbers their literals", () => {
  assert.equal(patched([{ op: "replace", path: "/name/0/family", value: "Wu" }, { op: "add", path: "/name/0/given/-", value: "Hua" }]),
    '{"resourceType":"Patient","id":"p","name":[{"family":"Wu","given":["Wei","Hua"]}],"multipleBirthInteger":1,"extension":[{"url":"u","valueDecimal":1.50}]}');
  const result = jsonPatchText(patient, '[{"op":"replace","path":"/extension/0/valueDecimal","value":2.00}]');
  assert.ok(result.ok && result.value.includes('"valueDecimal":2.00'));
  assert.ok(patched([{ op: "copy", from: "/extension/0", path: "/extension/-" }]).endsWith('{"url":"u","valueDecimal":1.50},{"url":"u","valueDecimal":1.50}]}'));
  assert.equal(patched([{ op: "test", path: "/extension/0/valueDecimal", value: 1.5 }]), patient);
});

test("move to its own place, whole document, escapes", () => {
  assert.equal(patched([{ op: "move", from: "/id", path: "/id" }], '{"resourceType":"Basic","id":"x"}'), '{"resourceType":"Basic","id":"x"}');
  assert.equal(patched([{ op: "replace", path: "", value: { a: 1 } }]), '{"a":1}');
  assert.equal(patched([{ op: "remove", path: "/a~1b" }, { op: "add", path: "/m~0n", value: null }], '{"a/b":1,"m":2}'), '{"m":2,"m~n":null}');
});

const faults: readonly [Json, RegExp][] = [
  [{}, /array of operations/],
  [[1], /\[0\]: an operation is a JSON object/],
  [[{ op: "frob", path: "" }], /\[0\] \(frob ""\): "op" is one of/],
  [[{ op: "add", path: "/x" }], /\[0\].*needs "value"/],
  [[{ op: "add", value: 1 }], /"path" is a JSON Pointer/],
  [[{ op: "move", path: "/x" }], /"from" is a JSON Pointer/],
  [[{ op: "test", path: "/id", value: "p" }, { op: "remove", path: "/nonsense" }], /operation \[1\] \(remove "\/nonsense"\): there is nothing/],
  [[{ op: "replace", path: "/name/1", value: {} }], /highest index here is 0/],
  [[{ op: "replace", path: "/name/-", value: {} }], /no index/],
  [[{ op: "add", path: "/name/2", value: {} }], /highest index here is 1/],
  [[{ op: "add", path: "/name/01", value: {} }], /no index/],
  [[{ op: "add", path: "/id/x", value: 1 }], /no object or array/],
  [[{ op: "add", path: "name", value: 1 }], /begins with "\/"/],
  [[{ op: "add", path: "/a~2", value: 1 }], /"~0"/],
  [[{ op: "remove", path: "" }], /whole document/],
  [[{ op: "move", from: "/name", path: "/name/0/x" }], /into itself/],
  [[{ op: "test", path: "/id", value: "q" }], /another than the patch expects/],
  [[{ op: "test", path: "/constructor", value: {} }], /nothing at/],
  [[{ op: "add", path: "/__proto__", value: {} }], /__proto__/],
  [[{ op: "add", path: "/__proto__/polluted", value: true }], /nothing at/],
];

test("faults name the operation, the path and the reason; nothing is changed", () => {
  for (const [patch, reason] of faults) {
    const document = JSON.parse(patient) as Json;
    const result = applyJsonPatch(document, patch);
    assert.ok(!result.ok, JSON.stringify(patch));
    assert.match(result.failure.text, reason);
    assert.deepEqual(document, JSON.parse(patient));
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test("copies of copies stop at a bound", () => {
  const patch = Array.from({ length: 100 }, (_, i) => ({ op: "copy", from: "", path: `/x${i}` }));
  const result = applyJsonPatch({ a: [1, 2, 3] }, patch);
  assert.ok(!result.ok && result.failure.code === "too-costly");
});

test("depth is bounded, by add, copy and move", () => {
  const nest = (levels: number) => JSON.parse(`${'{"x":'.repeat(levels)}1${"}".repeat(levels)}`) as Json;
  const far = (levels: number) => "/x".repeat(levels);
  for (const patch of [
    [{ op: "add", path: far(60), value: nest(60) }, { op: "add", path: far(119), value: nest(60) }],
    Array.from({ length: 400 }, (_, i) => ({ op: "copy", from: "/x", path: far(50 + i) })),
    [{ op: "add", path: "/y", value: nest(100) }, { op: "move", from: "/y", path: far(60) }],
  ]) {
    const result = applyJsonPatch(nest(61), patch);
    assert.ok(!result.ok && /deeper than 128/.test(result.failure.text), JSON.stringify(result).slice(0, 200));
  }
});

test("add then remove gives the document back, whatever it is", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue(), (document, value) => {
    const result = applyJsonPatch({ a: document as Json }, [{ op: "add", path: "/b", value: value as Json }, { op: "test", path: "/b", value: value as Json }, { op: "remove", path: "/b" }]);
    assert.ok(result.ok);
    assert.deepEqual(JSON.stringify(result.value), JSON.stringify({ a: document }));
  }));
});

test("no patch makes it throw", () => {
  const pointer = fc.constantFrom("", "/", "/a", "/a/0", "/a/-", "/b/c", "/~0", "/__proto__", "/a/0/x");
  const operation = fc.record({ op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test"), path: pointer, from: pointer, value: fc.jsonValue() }, { requiredKeys: ["op"] });
  fc.assert(fc.property(fc.array(operation, { maxLength: 6 }), patch => { applyJsonPatch({ a: [{ x: 1 }], b: { c: 2 } }, patch as Json); }), { numRuns: 500 });
});
