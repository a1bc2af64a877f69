import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleEntries } from "./bundle.ts";
import { rewriteReferences } from "./references.ts";
import { restamp } from "./restamp.ts";

const bundle = `{
  "resourceType": "Bundle", "type": "transaction",
  "entry": [
    { "fullUrl": "urn:uuid:a", "resource": {"resourceType":"Patient","id":"x"}, "request": {"method":"POST","url":"Patient","ifNoneExist":"identifier=1"} },
    { "request": {"method":"DELETE","url":"Patient/9"} },
    { "resource": {"valueQuantity":{"value":1.50}, "resourceType":"Observation"}, "request": {"method":"PUT","url":"Observation/1","ifMatch":"W/\\"2\\""} }
  ]
}`;

test("entries with exact text and request", () => {
  const result = bundleEntries(bundle);
  assert.ok(result.ok);
  const [first, second, third] = result.value;
  assert.equal(first!.fullUrl, "urn:uuid:a");
  assert.equal(first!.document!.text, '{"resourceType":"Patient","id":"x"}');
  assert.deepEqual(first!.request, { method: "POST", url: "Patient", ifNoneExist: "identifier=1" });
  assert.equal(second!.document, undefined);
  assert.equal(second!.request!.method, "DELETE");
  assert.equal(third!.document!.text, '{"valueQuantity":{"value":1.50}, "resourceType":"Observation"}');
  assert.equal(third!.request!.ifMatch, 'W/"2"');
  assert.equal(restamp(third!.document!, { id: "7", meta: { versionId: "1" } }),
    '{"valueQuantity":{"value":1.50}, "resourceType":"Observation","id":"7","meta":{"versionId":"1"}}');
});

test("a Bundle within a Bundle keeps its own entries apart", () => {
  const outer = bundleEntries(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}]}}]}`);
  assert.ok(outer.ok);
  assert.equal(outer.value.length, 1);
  const inner = bundleEntries(outer.value[0]!.document!);
  assert.ok(inner.ok);
  assert.equal(inner.value[0]!.document!.text, '{"resourceType":"Patient"}');
});

test("entries spelt with escapes are found", () => {
  const result = bundleEntries('{"resourceType":"Bundle","\\u0065ntry":[{"resourc\\u0065":{"resourceType":"Patient"}}]}');
  assert.ok(result.ok);
  assert.equal(result.value[0]!.document!.text, '{"resourceType":"Patient"}');
});

const broken: [string, RegExp][] = [
  ['{"resourceType":"Patient"}', /Expected a Bundle/],
  ['{"resourceType":"Bundle","entry":{}}', /list of entries/],
  ['{"resourceType":"Bundle","Entry":[]}', /"Entry" is no member of Bundle/],
];
for (const [text, says] of broken)
  test(`refuses ${text}`, () => {
    const result = bundleEntries(text);
    assert.ok(!result.ok);
    assert.match(result.failure.text, says);
  });

const unreadable: [string, string, RegExp][] = [
  ["7", "Bundle.entry[1]", /is not an object/],
  ['{"resource":{"id":"1"}}', "Bundle.entry[1].resource", /is no FHIR resource/],
  ['{"resource":[{"resourceType":"Patient"}]}', "Bundle.entry[1].resource", /is no FHIR resource/],
  ['{"request":{"method":"GET"}}', "Bundle.entry[1].request", /needs method and url/],
  ['{"request":{"method":"POST","url":"Patient","ifnoneexist":"a=b"}}', "Bundle.entry[1].request", /"ifnoneexist" is no member/],
  ['{"fullurl":"a"}', "Bundle.entry[1]", /"fullurl" is no member/],
];
for (const [text, expression, says] of unreadable)
  test(`the entry ${text} says itself that it cannot be read; the others are read`, () => {
    const result = bundleEntries(`{"resourceType":"Bundle","entry":[{"fullUrl":"a"},${text},{"resource":{"resourceType":"Patient"}}]}`);
    assert.ok(result.ok);
    const [before, entry, after] = result.value;
    assert.deepEqual([before!.fault, before!.fullUrl, after!.fault, after!.document!.text], [undefined, "a", undefined, '{"resourceType":"Patient"}']);
    assert.equal(entry!.fault!.expression, expression);
    assert.match(entry!.fault!.text, says);
  });

test("references: links are replaced where R4 says so, and nowhere else", () => {
  const map = (link: string) => ({ "urn:uuid:a": "Patient/1", "Patient/old": "Patient/1" })[link];
  const cases: [string, string][] = [
    ['{"subject":{"reference":"urn:uuid:a"}}', '{"subject":{"reference":"Patient/1"}}'],
    ['{"subject" : {"reference" : "urn:uuid:a", "display":"urn:uuid:a"}}', '{"subject" : {"reference" : "Patient/1", "display":"urn:uuid:a"}}'],
    ['{"subject":{"reference":"Patient\\/old"},"v":1.50}', '{"subject":{"reference":"Patient/1"},"v":1.50}'],
    ['{"identifier":[{"value":"urn:uuid:a"}]}', '{"identifier":[{"value":"urn:uuid:a"}]}'],
    ['{"extension":[{"url":"x","valueUri":"urn:uuid:a"}]}', '{"extension":[{"url":"x","valueUri":"Patient/1"}]}'],
    ['{"instantiatesUri":["u","urn:uuid:a"]}', '{"instantiatesUri":["u","Patient/1"]}'],
    ['{"instantiatesCanonical":["urn:uuid:a"]}', '{"instantiatesCanonical":["urn:uuid:a"]}'],
    ['{"text":{"div":"<div><a href=\\"urn:uuid:a\\">x</a> urn:uuid:a</div>"}}', '{"text":{"div":"<div><a href=\\"Patient/1\\">x</a> urn:uuid:a</div>"}}'],
    ['{"description":"see [her](urn:uuid:a), urn:uuid:a"}', '{"description":"see [her](Patient/1), urn:uuid:a"}'],
    ['{"subject":{"referenc\\u0065":"urn:uuid:a"}}', '{"subject":{"referenc\\u0065":"Patient/1"}}'],
    ['{"subject":{"reference":"urn:uuid:ab"}}', '{"subject":{"reference":"urn:uuid:ab"}}'],
    ['{"reference":{"reference":"#p"},"urn:uuid:a":1}', '{"reference":{"reference":"#p"},"urn:uuid:a":1}'],
  ];
  for (const [before, after] of cases) assert.equal(rewriteReferences(before, map), after);
});
