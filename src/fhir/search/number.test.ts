import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { indexRows } from "./index-rows.ts";
import { matches } from "./matches.ts";
import { parseNumber } from "./number.ts";
import { parseQuery } from "./query.ts";

test("#number: implied precision", () => {
  const table: [string, number, number][] = [
    ["100", 99.5, 100.5], ["100.00", 99.995, 100.005], ["1e2", 50, 150], ["1.00e2", 99.5, 100.5], ["5.40e-3", 0.005395, 0.005405],
    ["-1.5", -1.55, -1.45], ["0", -0.5, 0.5], ["ap50", 45, 55], ["ap-50", -55, -45],
  ];
  for (const [raw, low, high] of table) {
    const parsed = parseNumber(raw);
    assert.ok(parsed.ok, raw);
    assert.deepEqual([parsed.value.low, parsed.value.high], [low, high], raw);
  }
  for (const raw of ["", "abc", "1,5", "ge", "1e9999", "0x10", "--1", "1.", "NaN"]) assert.ok(!parseNumber(raw).ok, raw);
});

test("#number: prefixes, both sides of each boundary", () => {
  const found = (query: string, probability: number) => {
    const parsed = parseQuery("RiskAssessment", `probability=${query}`);
    assert.ok(parsed.ok);
    return matches({ resourceType: "RiskAssessment", prediction: [{ probabilityDecimal: probability }] }, parsed.value);
  };
  const table: [string, number, boolean][] = [
    ["0.80", 0.795, true], ["0.80", 0.7949, false], ["0.80", 0.8049, true], ["0.80", 0.805, false],
    ["ne0.80", 0.795, false], ["ne0.80", 0.805, true],
    ["gt0.8", 0.8, false], ["gt0.8", 0.8001, true], ["lt0.8", 0.8, false], ["lt0.8", 0.7999, true],
    ["ge0.8", 0.8, true], ["ge0.8", 0.7999, false], ["le0.8", 0.8, true], ["le0.8", 0.8001, false],
    ["sa0.8", 0.8, false], ["sa0.8", 0.81, true], ["eb0.8", 0.8, false], ["eb0.8", 0.79, true],
    ["ap0.8", 0.72, true], ["ap0.8", 0.71, false], ["ap0.8", 0.88, true], ["ap0.8", 0.89, false], ["gt8e-1", 0.81, true],
  ];
  for (const [query, value, expected] of table) assert.equal(found(query, value), expected, `${query} on ${value}`);
});

test("a Range is searched from its low to its high", () => {
  const risk: Resource = { resourceType: "RiskAssessment", prediction: [{ probabilityRange: { low: { value: 0.1 }, high: { value: 0.4 } } }] };
  assert.deepEqual(indexRows(risk).numbers, [{ param: "probability", low: 0.1, high: 0.4 }]);
  for (const [query, expected] of [["gt0.3", true], ["gt0.4", false], ["lt0.2", true], ["lt0.1", false], ["sa0.05", true], ["sa0.1", false], ["0.2", false], ["eb0.5", true]] as const) {
    const parsed = parseQuery("RiskAssessment", `probability=${query}`);
    assert.ok(parsed.ok);
    assert.equal(matches(risk, parsed.value), expected, query);
  }
  const open: Resource = { resourceType: "RiskAssessment", prediction: [{ probabilityRange: { low: { value: 0.1 } } }] };
  assert.deepEqual(indexRows(open).numbers, [{ param: "probability", low: 0.1, high: Infinity }]);
});
