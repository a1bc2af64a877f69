import assert from "node:assert/strict";
import { test } from "node:test";
import { createValidator } from "../validator.ts";
import { BundleIndex } from "./index.ts";

const validator = createValidator();
const told = (bundle: object, level = "error"): string[] => validator.validate({ resourceType: "Bundle", ...bundle }).issues.filter(({ severity }) => severity === level).map(({ text }) => text);
const patient = (id: string, more: object = {}): Record<string, unknown> => ({ resourceType: "Patient", id, ...more });

test("references inside a Bundle: by fullUrl, by the base of the own fullUrl, by version", () => {
  const from = patient("0");
  const index = new BundleIndex({ entry: [
    { fullUrl: "http://a.org/Patient/0", resource: from },
    { fullUrl: "http://a.org/Patient/1", resource: patient("1", { meta: { versionId: "1" } }) },
    { fullUrl: "http://a.org/Patient/1", resource: patient("1", { meta: { versionId: "2" } }) },
    { fullUrl: "http://b.org/Patient/2", resource: patient("2") },
    { fullUrl: "urn:uuid:0d2c2e4a-0f7f-4a39-9d6e-000000000000", resource: patient("3") },
  ] }, undefined);
  const positions = (reference: string): number[] => index.matches(reference, from).map(({ position }) => position);
  assert.deepEqual(positions("Patient/1"), [1, 2]);
  assert.deepEqual(positions("Patient/1/_history/2"), [2]);
  assert.deepEqual(positions("Patient/2"), []);
  assert.deepEqual(positions("http://b.org/Patient/2"), [3]);
  assert.deepEqual(positions("urn:uuid:0d2c2e4a-0f7f-4a39-9d6e-000000000000"), [4]);
  assert.deepEqual(index.sameKey("Patient/2").map(({ position }) => position), [3]);
});

test("in a history a reference without version means the newest of several", () => {
  const version = (n: number): object => ({ fullUrl: "http://a.org/Patient/1", resource: patient("1", { active: true, meta: { versionId: String(n) } }), request: { method: "PUT", url: "Patient/1" }, response: { status: "200" } });
  const condition = { fullUrl: "http://a.org/Condition/2", resource: { resourceType: "Condition", id: "2", clinicalStatus: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }] }, code: { text: "x" }, subject: { reference: "Patient/1" } }, request: { method: "PUT", url: "Condition/2" }, response: { status: "200" } };
  assert.deepEqual(told({ type: "history", entry: [condition, version(2), version(1)] }), []);
  assert.match(told({ type: "collection", entry: [condition, version(2), version(1)].map(({ fullUrl, resource }: { fullUrl?: string; resource?: object }) => ({ fullUrl, resource })) })[0]!, /2 entries of the Bundle answer to/);
});

test("fullUrl is absolute and ends with the type and id of its resource", () => {
  const bundle = (fullUrl: string): object => ({ type: "collection", entry: [{ fullUrl, resource: patient("1", { active: true }) }] });
  assert.deepEqual(told(bundle("http://a.org/Patient/1")), []);
  assert.match(told(bundle("Patient/1"))[0]!, /^Bundle\.entry\[0\]: fullUrl is an absolute URL/);
  assert.match(told(bundle("http://a.org/Patient/2"))[0]!, /ends with Patient\/2, the resource is Patient\/1/);
});

test("a document carries what its Composition refers to, and nothing that cannot be reached", () => {
  const document = (entry: string): object => ({
    type: "document", identifier: { system: "urn:x", value: "1" }, timestamp: "2021-01-01T00:00:00Z",
    entry: [
      { fullUrl: "http://a.org/Composition/c", resource: { resourceType: "Composition", id: "c", status: "final", type: { text: "t" }, date: "2021", author: [{ reference: "Patient/1" }], title: "t", section: [{ title: "s", entry: [{ reference: entry }] }] } },
      { fullUrl: "http://a.org/Patient/1", resource: patient("1", { active: true }) },
      { fullUrl: "http://a.org/Patient/9", resource: patient("9", { active: true }) },
    ],
  });
  assert.deepEqual(told(document("Patient/1")), []);
  assert.match(told(document("Patient/2"))[0]!, /^Bundle\.entry\[0\]\.resource\.section\[0\]\.entry\[0\]: "Patient\/2" is not in the Bundle/);
  assert.ok(told(document("Patient/1"), "warning").some((text) => /^Bundle\.entry\[2\]: nothing leads/.test(text)));
});

test("searches: links once, modes, ids and types that fit the search", () => {
  const search = (entry: object[], url = "http://a.org/Patient?name=x"): object => ({ type: "searchset", link: [{ relation: "self", url }], entry });
  assert.deepEqual(told(search([{ fullUrl: "http://a.org/Patient/1", search: { mode: "match" }, resource: patient("1", { active: true }) }])), []);
  assert.match(told(search([{ fullUrl: "http://a.org/Basic/1", search: { mode: "match" }, resource: { resourceType: "Basic", id: "1", code: { text: "x" } } }]))[0]!, /the search was for Patient, found Basic/);
  assert.match(told(search([{ fullUrl: "http://a.org/Patient/1", search: { mode: "outcome" }, resource: patient("1", { active: true }) }]))[0]!, /search\.mode outcome is for an OperationOutcome/);
  assert.match(told({ type: "searchset", link: [{ relation: "self", url: "x" }, { relation: "self", url: "y" }] })[0]!, /^Bundle\.link\[1\]: the relation "self" occurs once/);
});

test("the extension narrativeLink leads to one place of a narrative", () => {
  const link = (valueUrl: string, div: string): string[] => told({ type: "collection", entry: [
    { fullUrl: "urn:uuid:0d2c2e4a-0f7f-4a39-9d6e-000000000001", resource: patient("1", { text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${div}</div>` } }) },
    { fullUrl: "urn:uuid:0d2c2e4a-0f7f-4a39-9d6e-000000000002", resource: patient("2", { active: true, extension: [{ url: "http://hl7.org/fhir/StructureDefinition/narrativeLink", valueUrl }] }) },
  ] });
  const to = "urn:uuid:0d2c2e4a-0f7f-4a39-9d6e-000000000001";
  assert.deepEqual(link(`${to}#a`, '<p id="a">x</p>'), []);
  assert.deepEqual(link("http://elsewhere.org/Composition/1#a", "<p>x</p>"), []);
  assert.match(link(`${to}#b`, '<p id="a">x</p>')[0]!, /^Bundle\.entry\[1\]\.resource\.extension\[0\]\.value: .*leads nowhere/);
  assert.match(link(`${to}#a`, '<p id="a">x</p><p id="a">y</p>')[0]!, /leads to 2 places/);
  assert.match(link(to.replace(/1$/, "9#a"), "<p>x</p>")[0]!, /no entry of the Bundle/);
  assert.match(link("#a", "<p>x</p>")[0]!, /leads nowhere/);
});
