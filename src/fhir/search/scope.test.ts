import assert from "node:assert/strict";
import test from "node:test";
import { resourceTypes } from "../definitions/load.ts";
import { parseSearch, type SearchScope } from "./scope.ts";

function types(scope: SearchScope, raw: string): string[] {
  const parsed = parseSearch(scope, raw);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.failure.text);
  return parsed.value.map(({ type }) => type);
}

function refused(scope: SearchScope, raw: string, text: RegExp): void {
  const parsed = parseSearch(scope, raw);
  assert.ok(!parsed.ok, raw);
  assert.match(parsed.failure.text, text);
}

test("a search over types: those of _type, else all; parameters hold for each", () => {
  assert.deepEqual(types({}, "_type=Patient,Observation,Patient&_id=a"), ["Patient", "Observation"]);
  assert.deepEqual(types({}, "_lastUpdated=gt2020"), resourceTypes());
  assert.deepEqual(types({}, "_type=Observation,Procedure&date=2020"), ["Observation", "Procedure"]);
  refused({}, "_type=Patient,Observation&code=x", /Patient has no search parameter "code"/);
  refused({}, "_type=Patiant", /did you mean "Patient"/);
  refused({}, "_type=Patient&_type=Observation", /twice/);
  refused({ type: "Patient" }, "_type=Patient", /base address/);
});

test("lenient: what one type does not know is dropped for all", () => {
  const parsed = parseSearch({}, "_type=Observation,Patient&code=x&_id=a", { handling: "lenient" });
  assert.ok(parsed.ok);
  for (const { filters, searched, ignored } of parsed.value) {
    assert.deepEqual(filters.map(({ kind }) => kind), ["id"]);
    assert.deepEqual(searched, ["_type=Observation,Patient", "_id=a"]);
    assert.deepEqual(ignored.map(({ name }) => name), ["code"]);
  }
});

test("a compartment adds its condition; types outside of it are refused by name", () => {
  const parsed = parseSearch({ type: "Observation", compartment: { type: "Patient", id: "a" } }, "code=x");
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value[0]!.filters.at(-1), { kind: "compartment", of: { type: "Patient", id: "a" }, params: ["subject", "performer"], self: false });
  assert.equal(types({ compartment: { type: "Encounter", id: "e" } }, "").length, 25);
  refused({ type: "Organization", compartment: { type: "Patient", id: "a" } }, "", /never in the compartment/);
  refused({ type: "Observation", compartment: { type: "Patient", id: "a b" } }, "", /not a FHIR id/);
});
