import { test } from "node:test";
import assert from "node:assert/strict";
import { indent, readable } from "./json.ts";

test("indenting keeps every literal and every character of strings", () => {
  const text = '{"a":1.50,"b":"x, {y}: \\"z\\"","c":[],"d":{ },"e":[1e-7,-0.0,true,null]}';
  const pretty = indent(text);
  assert.match(pretty, /"a": 1\.50,/);
  assert.match(pretty, /"x, \{y\}: \\"z\\""/);
  assert.match(pretty, /1e-7,\n\s+-0\.0,/);
  assert.deepEqual(JSON.parse(pretty), JSON.parse(text));
  assert.match(pretty, /"c": \[\],\n {2}"d": \{\}/);
});

test("quantities and codings become one row each; housekeeping is left out", () => {
  const rows = readable(JSON.stringify({ resourceType: "Observation", id: "1", meta: { versionId: "3" }, status: "final", code: { coding: [{ system: "http://loinc.org", code: "2823-3", display: "Potassium" }] }, valueQuantity: { value: 4.2, unit: "mmol/L" } }));
  assert.deepEqual(rows.map((row) => [row.path, row.value]), [["status", "final"], ["code › coding", "Potassium · 2823-3"], ["valueQuantity", "4.2 mmol/L"]]);
});

test("a huge resource is bounded and broken JSON gives no rows", () => {
  assert.equal(readable(JSON.stringify({ list: Array.from({ length: 5000 }, (_, i) => i) })).length, 200);
  assert.deepEqual(readable("{"), []);
});
