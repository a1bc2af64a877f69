import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "#fhir/resource.ts";
import { openChart } from "./chart.ts";
import { lastVitals, measured, measureKinds, series } from "./measures.ts";

const loinc = "http://loinc.org";
const patient: Resource = { resourceType: "Patient", id: "p" };
function weight(id: string, at: string, value: number, more: object = {}): Resource {
  return { resourceType: "Observation", id, meta: { versionId: "1" }, status: "final", category: [{ coding: [{ code: "vital-signs" }] }], code: { coding: [{ system: loinc, code: "29463-7" }], text: "Body weight" }, effectiveDateTime: at, valueQuantity: { value, unit: "kg", code: "kg" }, ...more };
}
function pressure(id: string, at: string, high: number, low: number): Resource {
  const part = (code: string, value: number, limit: number): object => ({ code: { coding: [{ system: loinc, code }] }, valueQuantity: { value, unit: "mmHg" }, referenceRange: [{ high: { value: limit } }] });
  return { resourceType: "Observation", id, meta: { versionId: "2" }, status: "final", category: [{ coding: [{ code: "vital-signs" }] }], code: { coding: [{ system: loinc, code: "85354-9" }], text: "Blood pressure" }, effectiveDateTime: at, component: [part("8480-6", high, 140), part("8462-4", low, 90)] };
}
function chartOf(...resources: Resource[]): NonNullable<ReturnType<typeof openChart>> {
  return openChart("p", [patient, ...resources], "2026-06-01T00:00:00Z")!;
}

test("values with a comparator, machine findings and recordings are not measured values", () => {
  assert.equal(measured(weight("a", "2026-01-01", 70)).length, 1);
  assert.equal(measured(weight("b", "2026-01-01", 70, { valueQuantity: { value: 70, comparator: "<", unit: "kg" } })).length, 0);
  assert.equal(measured(weight("c", "2026-01-01", 70, { meta: { security: [{ code: "AIAST" }] } })).length, 0);
  assert.equal(measured(weight("d", "2026-01-01", 70, { code: { coding: [{ system: loinc, code: "11524-6" }] } })).length, 0);
  assert.equal(measured({ ...weight("e", "2026-01-01", 70), effectiveDateTime: undefined }).length, 0, "without a time it has no place on an axis");
});

test("entered in error is not part of the chart", () => {
  assert.deepEqual(measureKinds(chartOf(weight("a", "2026-01-01", 70), weight("b", "2026-02-01", 700, { status: "entered-in-error" }))).map(({ count, last }) => [count, last.value]), [[1, 70]]);
});

test("a series ascends in time, keeps one unit and names where each value stands", () => {
  const found = series(chartOf(weight("b", "2026-02-01", 71), weight("a", "2026-01-01", 70), weight("c", "2026-01-15", 154, { valueQuantity: { value: 154, unit: "lb" } })), "29463-7")!;
  assert.equal(found.unit, "kg");
  assert.deepEqual(found.lines[0]!.values, [70, 71]);
  assert.deepEqual(found.lines[0]!.references, ["Observation/a", "Observation/b"]);
  assert.equal(series(chartOf(), "29463-7"), undefined);
});

test("from and to are inclusive", () => {
  const found = series(chartOf(weight("a", "2026-01-01T00:00:00Z", 70), weight("b", "2026-02-01T00:00:00Z", 71), weight("c", "2026-03-01T00:00:00Z", 72)), "29463-7", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")!;
  assert.deepEqual(found.lines[0]!.values, [71, 72]);
});

test("blood pressure: two lines, each with its own band; the newest pair among the vitals", () => {
  const chart = chartOf(pressure("a", "2026-01-01", 150, 85), pressure("b", "2026-02-01", 130, 80));
  const found = series(chart, "85354-9")!;
  assert.deepEqual(found.lines.map(({ values, range }) => [values, range?.high]), [[[150, 130], 140], [[85, 80], 90]]);
  assert.deepEqual(lastVitals(chart).map(({ value, second, reference }) => [value, second, reference]), [[130, 80, "Observation/b"]]);
});

test("the newest is newest in time, whatever zone it was written in", () => {
  const chart = chartOf(weight("early", "2026-01-01T09:00:00+08:00", 70), weight("late", "2026-01-01T02:00:00Z", 71));
  assert.equal(lastVitals(chart)[0]!.reference, "Observation/late");
});
