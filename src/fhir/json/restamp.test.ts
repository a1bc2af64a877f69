import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDocument } from "./document.ts";
import { restamp } from "./restamp.ts";

const stamp = { id: "new", meta: { versionId: "3", lastUpdated: "2026-01-02T03:04:05.678Z" } };
const stamped = (text: string) => {
  const parsed = parseDocument(text);
  assert.ok(parsed.ok);
  return restamp(parsed.value, stamp);
};
const meta = '"meta":{"versionId":"3","lastUpdated":"2026-01-02T03:04:05.678Z"}';

test("inserted after resourceType, numbers as written", () => {
  assert.equal(stamped('{"resourceType":"Observation","valueQuantity":{"value":1.50}}'), `{"resourceType":"Observation","id":"new",${meta},"valueQuantity":{"value":1.50}}`);
  assert.equal(stamped('{"resourceType":"Observation"}'), `{"resourceType":"Observation","id":"new",${meta}}`);
});

test("replaced where they stand; meta keeps its own members", () => {
  assert.equal(stamped('{"resourceType":"Patient","meta":{"profile":["p"],"versionId":"1"},"active":true,"id":"old"}'),
    '{"resourceType":"Patient","meta":{"lastUpdated":"2026-01-02T03:04:05.678Z","profile":["p"],"versionId":"3"},"active":true,"id":"new"}');
  assert.equal(stamped('{"resourceType":"Patient","meta":{}}'), `{"resourceType":"Patient","id":"new",${meta}}`);
});

test("resourceType last, and an id deeper down stays", () => {
  assert.equal(stamped('{"active":true,"contained":[{"resourceType":"Device","id":"d","meta":{"versionId":"9"}}],"resourceType":"Patient"}'),
    `{"active":true,"contained":[{"resourceType":"Device","id":"d","meta":{"versionId":"9"}}],"resourceType":"Patient","id":"new",${meta}}`);
});

test("names spelt with escapes are the same names", () => {
  assert.equal(stamped('{"resourceT\\u0079pe":"Patient","\\u0069d":"old","m\\u0065ta":{"version\\u0049d":"1"}}'),
    '{"resourceT\\u0079pe":"Patient","id":"new","m\\u0065ta":{"lastUpdated":"2026-01-02T03:04:05.678Z","version\\u0049d":"3"}}');
});

test("a document that was condensed before is stamped like one that was not", () => {
  const texts = fc.record({ id: fc.option(fc.string()), meta: fc.option(fc.record({ versionId: fc.string() })), note: fc.array(fc.string()), lines: fc.constantFrom("\n", "\r\n", "\n\n") }, { requiredKeys: ["lines"] })
    .map(({ lines, ...members }) => JSON.stringify({ ...members, resourceType: "Basic" }, undefined, 2).replaceAll("\n", lines));
  fc.assert(fc.property(texts, (text) => {
    const parsed = parseDocument(` ${text}\n`), condensed = parseDocument(` ${text}\n`, { condensed: true });
    assert.ok(parsed.ok && condensed.ok);
    assert.ok(!condensed.value.text.includes("\n"));
    assert.deepEqual(condensed.value.value, parsed.value.value);
    assert.equal(restamp(condensed.value, stamp), restamp(parsed.value, stamp));
  }));
});

test("pretty-printed text is condensed, line breaks inside strings are escapes and stay", () => {
  assert.equal(stamped('{\r\n  "resourceType": "Patient",\n  "id": "old",\n  "language" : "a\\n  b"\n}\n'),
    `{"resourceType": "Patient",${meta},"id":"new","language" : "a\\n  b"}`);
});

test("property: everything but id and meta stays, in order", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2), (object, indent) => {
    const text = JSON.stringify({ resourceType: "Basic", ...object, resourceTypeOther: 1 }, null, indent);
    const parsed = parseDocument(text);
    if (!parsed.ok) return; // __proto__, NUL or a lone surrogate among the names
    fc.pre(parsed.value.value.resourceType === "Basic");
    const again = JSON.parse(restamp(parsed.value, stamp)) as Record<string, unknown>;
    assert.equal(again.id, "new");
    const { id: _, meta: __, ...rest } = again;
    const { id: ___, meta: ____, ...before } = JSON.parse(text) as Record<string, unknown>;
    assert.equal(JSON.stringify(rest), JSON.stringify(before));
  }), { numRuns: 500 });
});
