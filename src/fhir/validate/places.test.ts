import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../profiles/registry.ts";
import type { Resource } from "../resource.ts";
import { createValidator, type Settings } from "./validator.ts";

/** Places of the errors: ours, and as HL7's validator names them. */
function places(resource: object, ...definitions: object[]): Record<Settings["places"], string[]> {
  const registry = createRegistry(definitions as Resource[]);
  const of = (setting: Settings["places"]): string[] => [...new Set(createValidator({ registry, settings: { places: setting } }).validate(resource).issues
    .filter(({ severity }) => severity === "error").map(({ expression }) => expression ?? ""))].sort();
  return { exact: of("exact"), hl7: of("hl7") };
}

const patient = (id: string, more: object = {}): object => ({ resourceType: "Patient", id, active: true, ...more });

test("a wrong fullUrl is told at its entry; HL7's validator names the first", () => {
  const entries = ["http://a.org/Patient/1", "Patient/2", "http://a.org/Patient/4"].map((fullUrl, i) => ({ fullUrl, resource: patient(String(i + 1)) }));
  assert.deepEqual(places({ resourceType: "Bundle", type: "collection", entry: entries }), { exact: ["Bundle.entry[1]", "Bundle.entry[2]"], hl7: ["Bundle.entry[0]"] });
});

test("what a document or message does not carry is told at the reference; HL7's validator counts from one", () => {
  const composition = { resourceType: "Composition", id: "c", status: "final", type: { text: "t" }, date: "2021", title: "t", author: [{ reference: "Patient/9" }],
    section: [{ title: "s", entry: [{ reference: "Patient/1" }, { reference: "Patient/2" }, { reference: "Patient/8" }] }] };
  const version = (versionId: string): object => ({ fullUrl: "http://a.org/Patient/2", resource: patient("2", { meta: { versionId } }) });
  const document = { resourceType: "Bundle", type: "document", identifier: { system: "urn:x", value: "1" }, timestamp: "2021-01-01T00:00:00Z",
    entry: [{ fullUrl: "http://a.org/Composition/c", resource: composition }, { fullUrl: "http://a.org/Patient/1", resource: patient("1") }, version("1"), version("2")] };
  assert.deepEqual(places(document), {
    exact: ["author[0]", "section[0].entry[1]", "section[0].entry[2]"].map((at) => `Bundle.entry[0].resource.${at}`),
    hl7: ["Bundle.entry[0].resource.section[0].entry[1]", "Bundle.entry[1].resource.author[1]", "Bundle.entry[1].resource.section[1].entry[2]", "Bundle.entry[1].resource.section[1].entry[3]"],
  });
  const header = { resourceType: "MessageHeader", id: "m", eventCoding: { code: "x" }, source: { endpoint: "http://a.org" }, focus: [{ reference: "Patient/1" }, { reference: "Patient/9" }] };
  const message = { resourceType: "Bundle", type: "message", timestamp: "2021-01-01T00:00:00Z", entry: [{ fullUrl: "http://a.org/MessageHeader/m", resource: header }, { fullUrl: "http://a.org/Patient/1", resource: patient("1") }] };
  assert.deepEqual(places(message), { exact: ["Bundle.entry[0].resource.focus[1]"], hl7: ["Bundle.entry[1].resource.focus[0]"] });
});

test("a link into a narrative is told at the extension; in a Bundle HL7's validator names the Bundle", () => {
  const linking = patient("1", { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/narrativeLink", valueUrl: "#a" }] });
  assert.deepEqual(places({ resourceType: "Bundle", type: "collection", entry: [{ fullUrl: "http://a.org/Patient/1", resource: linking }] }), { exact: ["Bundle.entry[0].resource.extension[0].value"], hl7: ["Bundle"] });
  assert.deepEqual(places(linking), { exact: ["Patient.extension[0].value"], hl7: ["Patient.extension[0].value"] });
});

test("a differential that widens is told at its element; HL7's validator names the definition", () => {
  const definition = { resourceType: "StructureDefinition", url: "http://example.org/Wide", name: "Wide", status: "draft", kind: "resource", abstract: false, type: "Observation",
    baseDefinition: "http://hl7.org/fhir/StructureDefinition/Observation", derivation: "constraint", differential: { element: [{ id: "Observation.status", path: "Observation.status", min: 0 }] } };
  assert.deepEqual(places(definition), { exact: ["StructureDefinition.differential.element[0]"], hl7: ["StructureDefinition"] });
});

test("a changed fixed value is told at the element of the differential; HL7's validator names the element it is about", () => {
  const definition = (name: string, base: string, fixedUri: string): object => ({ resourceType: "StructureDefinition", url: `http://example.org/${name}`, name, status: "draft", kind: "complex-type", abstract: false, type: "Extension",
    baseDefinition: base, derivation: "constraint", context: [{ type: "element", expression: "Element" }], differential: { element: [{ id: "Extension.url", path: "Extension.url", fixedUri }] } });
  const above = definition("Above", "http://hl7.org/fhir/StructureDefinition/Extension", "http://example.org/Above");
  assert.deepEqual(places(definition("Below", "http://example.org/Above", "http://example.org/Below"), above), { exact: ["StructureDefinition.differential.element[0]"], hl7: ["Extension.url"] });
});
