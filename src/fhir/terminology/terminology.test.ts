/** Expected members are read from https://hl7.org/fhir/R4/ (pages named in each title). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { terminologyShelf } from "../definitions/terminology.ts";
import type { CodingLike, Membership } from "./port.ts";
import { r4Terminology } from "./r4.ts";
import { Terminology } from "./terminology.ts";

const r4 = r4Terminology();
const kind = (membership: Membership): string => membership.kind;
const member = (set: string, coding: CodingLike): string => kind(r4.memberOf(`http://hl7.org/fhir/ValueSet/${set}`, coding));

test("valueset-*.html: members, strangers, and what has no content here", () => {
  assert.equal(member("administrative-gender", { code: "female" }), "member");
  assert.equal(member("administrative-gender", { system: "http://hl7.org/fhir/administrative-gender", code: "female" }), "member");
  assert.equal(member("administrative-gender|4.0.1", { code: "FEMALE" }), "not-member");
  assert.equal(member("administrative-gender", { system: "http://loinc.org", code: "female" }), "not-member");
  assert.equal(member("observation-codes", { system: "http://loinc.org", code: "8867-4" }), "unknown");
  assert.equal(member("observation-codes", { system: "http://snomed.info/sct", code: "8867-4" }), "not-member");
  assert.equal(member("marital-status", { system: "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", code: "M" }), "member");
  assert.equal(member("marital-status", { system: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", code: "UNK" }), "member");
  assert.equal(member("marital-status", { system: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", code: "ASKU" }), "not-member");
  assert.equal(member("none", { code: "x" }), "unknown");
});

test("filters on HL7 v3: v3.PurposeOfUse is the descendants of PurposeOfUse in ActReason", () => {
  const system = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
  const set = "http://terminology.hl7.org/ValueSet/v3-PurposeOfUse";
  assert.equal(kind(r4.memberOf(set, { system, code: "TREAT" })), "member");
  assert.equal(kind(r4.memberOf(set, { system, code: "ETREAT" })), "member");
  assert.equal(kind(r4.memberOf(set, { system, code: "PAT" })), "not-member");
});

test("grammars: units, languages, media types", () => {
  assert.equal(member("ucum-units", { system: "http://unitsofmeasure.org", code: "mg/dL" }), "member");
  assert.equal(member("ucum-units", { code: "mgs per dL" }), "not-member");
  assert.equal(member("all-languages", { code: "de-CH-1996" }), "member");
  assert.equal(member("all-languages", { code: "no language" }), "not-member");
  assert.equal(member("mimetypes", { code: "application/fhir+json" }), "member");
  assert.equal(member("mimetypes", { code: "json" }), "not-member");
  assert.equal(kind(r4.inSystem({ system: "http://unitsofmeasure.org", code: "10*9/L" })), "member");
});

test("displays: the concept's, in any case, and others named", () => {
  const coding = { system: "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", code: "M" };
  assert.deepEqual(r4.inSystem({ ...coding, display: "married" }), { kind: "member", display: "Married" });
  const wrong = r4.inSystem({ ...coding, display: "Single" });
  assert.ok(wrong.kind === "member" && /"Single".*"Married"/.test(wrong.displayFault!));
});

test("in a system: members, strangers with what would fit, systems that are not here", () => {
  assert.match((r4.inSystem({ system: "http://hl7.org/fhir/administrative-gender", code: "f" }) as { text: string }).text, /it has male, female, other, unknown/);
  assert.equal(kind(r4.inSystem({ system: "http://loinc.org", code: "8867-4" })), "unknown");
  assert.equal(kind(r4.inSystem({ code: "x" })), "unknown");
});

test("subsumption in ActReason and over HL7's child properties", () => {
  const system = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
  assert.equal(r4.subsumes(system, "PurposeOfUse", "ETREAT"), true);
  assert.equal(r4.subsumes(system, "ETREAT", "PurposeOfUse"), false);
  assert.equal(r4.subsumes(system, "ETREAT", "nothing"), undefined);
  assert.equal(r4.subsumes("urn:none", "a", "b"), undefined);
});

test("layers: later resources stand over earlier ones, and the base does not change", () => {
  const codes = (...concept: { code: string }[]): { resourceType: "CodeSystem"; url: string; content: "complete"; concept: { code: string }[] } => ({ resourceType: "CodeSystem", url: "urn:cs", content: "complete", concept });
  const set = { resourceType: "ValueSet" as const, url: "urn:vs", compose: { include: [{ system: "urn:cs" }, { valueSet: ["http://hl7.org/fhir/ValueSet/administrative-gender"] }], exclude: [{ system: "urn:cs", concept: [{ code: "b" }] }] } };
  const one = r4.with([codes({ code: "a" }, { code: "b" }), set]);
  const two = one.with([codes({ code: "c" })]);
  const in_ = (terminology: Terminology, code: string): string => kind(terminology.memberOf("urn:vs", { code }));
  assert.deepEqual(["a", "b", "c", "male"].map((code) => in_(one, code)), ["member", "not-member", "not-member", "member"]);
  assert.deepEqual(["a", "c", "male"].map((code) => in_(two, code)), ["not-member", "member", "member"]);
  assert.equal(in_(r4, "a"), "unknown");
});

test("value sets made of themselves, and imports that are not here, are not known rather than empty", () => {
  const of = (url: string, valueSet: string): { resourceType: "ValueSet"; url: string; compose: { include: { valueSet: string[] }[] } } => ({ resourceType: "ValueSet", url, compose: { include: [{ valueSet: [valueSet] }] } });
  const circle = Terminology.of([of("urn:a", "urn:b"), of("urn:b", "urn:a"), of("urn:c", "urn:none")]);
  assert.match((circle.memberOf("urn:a", { code: "x" }) as { text: string }).text, /urn:a → urn:b → urn:a/);
  assert.match((circle.memberOf("urn:c", { code: "x" }) as { text: string }).text, /urn:none is not known/);
});

test("case-insensitive systems fold codes", () => {
  const terminology = Terminology.of([
    { resourceType: "CodeSystem", url: "urn:cs", content: "complete", caseSensitive: false, concept: [{ code: "Abc" }] },
    { resourceType: "ValueSet", url: "urn:vs", compose: { include: [{ system: "urn:cs" }] } },
  ]);
  assert.equal(kind(terminology.memberOf("urn:vs", { system: "urn:cs", code: "aBC" })), "member");
});

test("every value set of R4 compiles, and most are wholly here", () => {
  const shelf = terminologyShelf();
  const sets = shelf.filter(({ type }) => type === "ValueSet");
  assert.ok(sets.length > 1300 && shelf.filter(({ type }) => type === "ConceptMap").length > 10);
  const unknown = sets.filter(({ url }) => r4.memberOf(url, { code: "there is no such code" }).kind === "unknown");
  assert.ok(unknown.length < sets.length * 0.15, `${unknown.length} of ${sets.length} draw on content that is not here`);
});
