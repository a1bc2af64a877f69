import assert from "node:assert/strict";
import { test } from "node:test";
import { findConditionalReference } from "./conditional-references.ts";

const find = (value: unknown) => findConditionalReference(JSON.stringify(value));

test("a reference that is a search is found with its place", () => {
  assert.deepEqual(find({ resourceType: "Observation", subject: { reference: "Patient?identifier=1" } }), { link: "Patient?identifier=1", expression: "Observation.subject.reference" });
  assert.deepEqual(find({ resourceType: "Observation", subject: { reference: "Patient/1" }, performer: [{ reference: "Organization/1" }, { reference: "Practitioner?name=a" }] }), { link: "Practitioner?name=a", expression: "Observation.performer[1].reference" });
});

test("what is no reference, or no search of a type that R4 knows, is none", () => {
  for (const value of [{ subject: { reference: "Patient/1" } }, { subject: { display: "Patient?identifier=1" } }, { note: "\"reference\":\"Patient?a=1\"" }, { subject: { reference: "https://a.example/Patient?a=1" } }, { subject: { reference: "Nonsense?a=1" } }, { subject: { reference: "Patient?" } }])
    assert.equal(find({ resourceType: "Observation", ...value }), undefined, JSON.stringify(value));
  assert.equal(findConditionalReference("{\"reference\": \"Patient?a=1\""), undefined, "what cannot be read is refused elsewhere");
});

test("deep and long text is gone through once", () => {
  assert.equal(findConditionalReference(`{"reference"${" ".repeat(200_000)}`), undefined);
  assert.equal(find({ resourceType: "Basic", extension: Array.from({ length: 20_000 }, () => ({ valueReference: { reference: "Nonsense?a" } })) }), undefined);
});
