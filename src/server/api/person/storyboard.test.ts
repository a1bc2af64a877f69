import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "#fhir/resource.ts";
import { ageOn, openChart, personSummary } from "./chart.ts";
import { storyboard } from "./storyboard.ts";

const patient: Resource = { resourceType: "Patient", id: "p", birthDate: "1954-06-28", gender: "female", name: [{ text: "王秀兰" }], identifier: [{ value: "X" }, { type: { coding: [{ code: "MR" }] }, value: "C1" }] };
function board(...resources: Resource[]): ReturnType<typeof storyboard> {
  return storyboard(openChart("p", [patient, ...resources], "2026-06-01T00:00:00Z")!, []);
}
const condition = (id: string, text: string, more: object = {}): Resource => ({ resourceType: "Condition", id, clinicalStatus: { coding: [{ code: "active" }] }, code: { text }, onsetDateTime: "2020-01-01", ...more });

test("age turns on the birthday", () => {
  assert.equal(ageOn("1954-06-28", "2026-06-27T23:59:59Z"), 71);
  assert.equal(ageOn("1954-06-28", "2026-06-28T00:00:00Z"), 72);
  assert.equal(ageOn("1954", "2026-06-28"), undefined, "a year alone is no age");
});

test("the summary prefers the medical record number and keeps an unknown sex unknown", () => {
  assert.equal(personSummary(patient, "2026-06-01").mrn, "C1");
  assert.equal(personSummary({ resourceType: "Patient", id: "q" }, "2026-06-01").sex, "unknown");
});

test("problems: active ones once each; resolved, refuted and abated ones not", () => {
  const { problems } = board(condition("a", "AF"), condition("b", "AF", { onsetDateTime: "2021-01-01" }), condition("c", "Flu", { clinicalStatus: { coding: [{ code: "resolved" }] } }), condition("d", "MI", { verificationStatus: { coding: [{ code: "refuted" }] } }), condition("e", "Cold", { abatementDateTime: "2020-02-01" }));
  assert.deepEqual(problems.map(({ reference }) => reference), ["Condition/b"]);
});

test("allergies: nothing recorded, known to have none, and some are three different things", () => {
  const none: Resource = { resourceType: "AllergyIntolerance", id: "n", code: { coding: [{ system: "http://snomed.info/sct", code: "716186003" }] } };
  const some: Resource = { resourceType: "AllergyIntolerance", id: "s", code: { text: "Penicillin" } };
  const said = (...resources: Resource[]): [number, boolean] => { const { allergies, allergiesKnown } = board(...resources); return [allergies.length, allergiesKnown]; };
  assert.deepEqual(said(), [0, false]);
  assert.deepEqual(said(none), [0, true]);
  assert.deepEqual(said(some), [1, true]);
});

test("medicines: those taken now first; the stopped and the ended ones say so", () => {
  const medicine = (id: string, more: object): Resource => ({ resourceType: "MedicationRequest", id, status: "active", authoredOn: "2020-01-01", medicationCodeableConcept: { text: id }, ...more });
  const { medicines } = board(medicine("now", {}), medicine("stopped", { status: "stopped" }), medicine("ended", { dosageInstruction: [{ timing: { repeat: { boundsPeriod: { start: "2020-01-01", end: "2020-02-01" } } } }] }));
  assert.equal(medicines[0]!.label.en, "now");
  assert.deepEqual(medicines.filter(({ status }) => status === "active").map(({ label }) => label.en), ["now"]);
});

test("somebody never assessed is not called well", () => {
  assert.doesNotMatch(board(condition("a", "AF")).answer.en, /nothing needs attention/i);
});
