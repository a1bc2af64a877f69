import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { indexRows } from "./index-rows.ts";
import { matches } from "./matches.ts";
import { parseQuery } from "./query.ts";

const ucum = "http://unitsofmeasure.org";
const observation = (valueQuantity: object): Resource => ({ resourceType: "Observation", valueQuantity });

test("#quantity: units by code, by printed unit, none, and in base units", () => {
  const mg = observation({ value: 5.4, unit: "milligram", system: ucum, code: "mg" });
  const g = observation({ value: 0.0054, system: ucum, code: "g" });
  const bare = observation({ value: 5.4, unit: "mg" });
  const table: [string, boolean, boolean, boolean][] = [
    [`5.4|${ucum}|mg`, true, true, false], [`5.40e-3|${ucum}|g`, true, true, false], ["5.4||mg", true, false, true], ["5.4||milligram", true, false, false],
    ["5.4", true, false, true], [`le5.4|${ucum}|mg`, true, true, false], [`lt5.4|${ucum}|mg`, false, false, false], [`ap5.9|${ucum}|mg`, true, true, false],
    [`5.3|${ucum}|mg`, false, false, false], [`5.4|${ucum}|mL`, false, false, false], ["5.4|urn:x|mg", false, false, false],
  ];
  for (const [value, onMg, onG, onBare] of table) {
    const parsed = parseQuery("Observation", `value-quantity=${encodeURIComponent(value)}`);
    assert.ok(parsed.ok, value);
    assert.deepEqual([mg, g, bare].map((resource) => matches(resource, parsed.value)), [onMg, onG, onBare], value);
  }
});

test("a comparator opens one side", () => {
  const below = observation({ value: 5, comparator: "<", unit: "u" });
  assert.deepEqual(indexRows(below).quantities.map(({ param, low, high }) => [param, low, high]), [["combo-value-quantity", -Infinity, 5], ["value-quantity", -Infinity, 5]]);
  for (const [query, expected] of [["lt3", true], ["gt3", true], ["gt5", false], ["sa1", false], ["5", false]] as const) {
    const parsed = parseQuery("Observation", `value-quantity=${query}`);
    assert.ok(parsed.ok);
    assert.equal(matches(below, parsed.value), expected, query);
  }
});

test("Age, Range, Money and components feed it; SampledData does not", () => {
  const rows = (resource: Resource, param: string) => indexRows(resource).quantities.filter((row) => row.param === param);
  const age = rows({ resourceType: "Condition", onsetAge: { value: 3, system: ucum, code: "a", unit: "years" } }, "onset-age")[0]!;
  assert.deepEqual([age.low, age.code, age.canonicalUnit], [3, "a", "s"]);
  const range = rows({ resourceType: "Condition", onsetRange: { low: { value: 3, unit: "a" }, high: { value: 5, unit: "a" } } }, "onset-age")[0]!;
  assert.deepEqual([range.low, range.high, range.unit], [3, 5, "a"]);
  assert.deepEqual(rows({ resourceType: "Invoice", totalNet: { value: 9.5, currency: "CNY" } }, "totalnet"), [{ param: "totalnet", low: 9.5, high: 9.5, system: "urn:iso:std:iso:4217", code: "CNY" }]);
  const pressure: Resource = { resourceType: "Observation", component: [{ valueQuantity: { value: 120 } }, { valueQuantity: { value: 80 } }] };
  assert.deepEqual(rows(pressure, "component-value-quantity").map((row) => row.low), [120, 80]);
  assert.deepEqual(rows(pressure, "value-quantity"), []);
  assert.deepEqual(indexRows({ resourceType: "Observation", valueSampledData: { origin: { value: 0 }, period: 1, dimensions: 1, data: "1 2" } }).quantities, []);
});

test("malformed quantities", () => {
  for (const value of ["5.4|mg", "a|b|c", "5|x|y|z", "|u|mg"]) assert.ok(!parseQuery("Observation", `value-quantity=${encodeURIComponent(value)}`).ok, value);
});
