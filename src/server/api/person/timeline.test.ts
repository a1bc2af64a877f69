import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "#fhir/resource.ts";
import { openChart } from "./chart.ts";
import { timeline } from "./timeline.ts";

const patient: Resource = { resourceType: "Patient", id: "p" };
function view(resources: Resource[], from?: string, to?: string): ReturnType<typeof timeline> {
  return timeline(openChart("p", [patient, ...resources], "2026-06-01T00:00:00Z")!, from, to);
}
const encounter = (id: string, start: string): Resource => ({ resourceType: "Encounter", id, status: "finished", period: { start }, serviceProvider: { display: "First Hospital" } });

test("lanes by kind, in order of time, with the institution", () => {
  const { items } = view([
    { resourceType: "Condition", id: "c", onsetDateTime: "2020-01-01", code: { text: "AF" } }, encounter("e", "2019-05-05T08:00:00Z"),
    { resourceType: "Observation", id: "f", status: "final", meta: { security: [{ code: "AIAST" }] }, effectiveDateTime: "2021-01-01", code: { text: "BMI" } },
  ]);
  assert.deepEqual(items.map(({ lane, reference }) => `${lane} ${reference}`), ["encounters Encounter/e", "problems Condition/c", "findings Observation/f"]);
  assert.deepEqual(items[0]!.institution, { en: "First Hospital", zh: "First Hospital" });
  const named = openChart("p", [patient, { ...encounter("e", "2019-05-05"), serviceProvider: { reference: "Organization/h", display: "First Hospital" } }], "2026-06-01T00:00:00Z", new Map([["Organization/h", {
    resourceType: "Organization", name: "First Hospital", _name: { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/translation", extension: [{ url: "lang", valueCode: "zh" }, { url: "content", valueString: "第一医院" }] }] },
  }]]))!;
  assert.deepEqual(timeline(named).items[0]!.institution, { en: "First Hospital", zh: "第一医院" });
});

test("a span keeps what reaches into it: an open problem does, an ended one and a later visit do not", () => {
  const { items } = view([
    { resourceType: "Condition", id: "open", onsetDateTime: "2010-01-01" }, { resourceType: "Condition", id: "ended", onsetDateTime: "2010-01-01", abatementDateTime: "2011-01-01" },
    encounter("before", "2019-01-01"), encounter("within", "2020-06-01"), encounter("after", "2021-06-01"),
  ], "2020-01-01", "2020-12-31");
  assert.deepEqual(items.map(({ reference }) => reference), ["Condition/open", "Encounter/within"]);
});

test("what is cancelled or was entered in error does not appear; what has no time has no place", () => {
  assert.deepEqual(view([{ ...encounter("x", "2020-01-01"), status: "cancelled" }, { resourceType: "Encounter", id: "y", status: "finished" }]).items, []);
});

test("a lane with more than it can show comes as counts, none lost", () => {
  const many = Array.from({ length: 1000 }, (_, i): Resource => ({ resourceType: "Observation", id: `o${i}`, status: "final", code: { text: "x" }, effectiveDateTime: new Date(Date.UTC(2020, 0, 1) + i * 3_600_000).toISOString() }));
  const { items, density } = view(many);
  assert.equal(items.length, 0);
  assert.equal(density.reduce((sum, { count }) => sum + count, 0), 1000);
});

test("out of range by interpretation, else by the range given; unknown stays unknown", () => {
  const lab = (id: string, more: object): Resource => ({ resourceType: "Observation", id, status: "final", code: { coding: [{ code: "1" }] }, effectiveDateTime: `2020-01-0${id}`, valueQuantity: { value: 5, unit: "x" }, ...more });
  const { items } = view([lab("1", { interpretation: [{ coding: [{ code: "H" }] }] }), lab("2", { interpretation: [{ coding: [{ code: "N" }] }] }), lab("3", { referenceRange: [{ low: { value: 6 } }] }), lab("4", { referenceRange: [{ high: { value: 5 } }] }), lab("5", {}), lab("6", { interpretation: [{ coding: [{ code: "IND" }] }] })]);
  assert.deepEqual(items.map(({ tone }) => tone), ["out-of-range", "in-range", "out-of-range", "in-range", undefined, undefined]);
});
