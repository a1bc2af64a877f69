import assert from "node:assert/strict";
import { test } from "node:test";
import { NdjsonReader, parseDigits, type LineFault } from "./read.ts";

function read(bytes: Uint8Array, pieceBytes = bytes.length, resource = "Observation"): { found: [string, number][]; faults: LineFault[] } {
  const found: [string, number][] = [];
  const faults: LineFault[] = [];
  const reader = new NdjsonReader({ resource, each: ({ id }, line) => { found.push([id ?? "", line]); }, fault: (fault) => { faults.push(fault); } });
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(Uint8Array.from(bytes.subarray(at, at + pieceBytes)));
  reader.end();
  return { found, faults };
}

const lines = [
  '\ufeff{"resourceType":"Observation","id":"a"}',
  '{"resourceType":"Patient","id":"p"}\r',
  "",
  '{"id":"b","resourceType":"Observation","note":[{"text":"二〇"}]}\r',
  "not JSON",
  '{"resourceType":"Patient","id":"cut',
  '{"resourceType":"Observations","id":"other"}',
  '{ "resourceType" : "Observation", "id": "c" }',
  "[1]",
  '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","id":"d"}},{"resource":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","id":"e"}}]}},{}]}',
  "   ",
  '{"resourceType":"Observ\\u0061tion","id":"f"}',
  '{"resourceType":"Patient","contained":[{"resourceType":"Observation","id":"contained"}]}',
  '{"resourceType":"Observation","id":"last"}',
];

test("lines in pieces of any size give the same resources and faults", () => {
  const bytes = Buffer.from(lines.join("\n"));
  const whole = read(bytes);
  assert.deepEqual(whole.found, [["a", 1], ["b", 4], ["c", 8], ["d", 10], ["e", 10], ["f", 12], ["last", 14]]);
  assert.deepEqual(whole.faults.map(({ line }) => line), [5, 6, 9]);
  for (const size of [1, 2, 3, 7, 64, 100]) assert.deepEqual(read(bytes, size), whole, `pieces of ${size}`);
  assert.deepEqual(read(Buffer.concat([bytes, Buffer.from("\n")])), whole);
});

test("a line that is not UTF-8 is named, its neighbours are read", () => {
  const bytes = Buffer.concat([Buffer.from('{"resourceType":"Observation","id":"a"}\n{"resourceType":"Observation","id":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}\n{"resourceType":"Observation","id":"\ufffd"}\n')]);
  for (const size of [bytes.length, 5]) assert.deepEqual(read(bytes, size), { found: [["a", 1], ["\ufffd", 3]], faults: [{ line: 2, text: "is not UTF-8" }] });
});

test("a reader that is told to stop stops", () => {
  const found: string[] = [];
  const reader = new NdjsonReader({ resource: "Observation", each: ({ id }) => { found.push(id!); return false; }, fault: () => assert.fail() });
  reader.push(Buffer.from('{"resourceType":"Observation","id":"a"}\n{"resourceType":"Observation","id":"b"}\nnonsense\n'));
  reader.push(Buffer.from("{}\n"));
  reader.end();
  assert.deepEqual(found, ["a"]);
});

test("a Bundle is itself when Bundles are wanted", () => {
  assert.deepEqual(read(Buffer.from('{"resourceType":"Bundle","id":"x"}\n'), 9, "Bundle").found, [["x", 1]]);
});

test("parseDigits keeps how decimals are written, and nothing else", () => {
  const value = parseDigits('{"a":1.0,"b":1,"c":1.5,"d":"1.0","e":0.10,"f":-2.00}') as Record<string, unknown>;
  assert.deepEqual(Object.values(value).map(String), ["1.0", "1", "1.5", "1.0", "0.10", "-2.00"]);
  assert.deepEqual(Object.values(value).map((item) => typeof item), ["object", "number", "number", "string", "object", "object"]);
});
