import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "../fhirpath/values.ts";
import { createRegistry } from "../profiles/registry.ts";
import type { Resource } from "../resource.ts";
import { compile } from "../fhirpath/compile.ts";
import { profilePorts } from "./fhirpath-ports.ts";
import { createValidator } from "./validator.ts";

const base = "http://hl7.org/fhir/StructureDefinition/";
const named = "http://example.org/named";
const sliced = "http://example.org/pressure";
const coded = (name: string, code: string): object[] => [
  { id: `Observation.component:${name}`, path: "Observation.component", sliceName: name },
  { id: `Observation.component:${name}.code`, path: "Observation.component.code", patternCodeableConcept: { coding: [{ system: "http://loinc.org", code }] } },
];
const registry = createRegistry([{
  resourceType: "StructureDefinition", url: sliced, name: "Pressure", kind: "resource", type: "Observation", derivation: "constraint", baseDefinition: `${base}Observation`,
  differential: { element: [
    { path: "Observation.component", slicing: { discriminator: [{ type: "pattern", path: "code" }], rules: "open" } },
    ...coded("systolic", "8480-6"), ...coded("diastolic", "8462-4"),
    { id: "Observation.note.extension", path: "Observation.note.extension", slicing: { discriminator: [{ type: "value", path: "url" }], rules: "open" } },
    { id: "Observation.note.extension:mark", path: "Observation.note.extension", sliceName: "mark", type: [{ code: "Extension" }] },
    { id: "Observation.note.extension:mark.url", path: "Observation.note.extension.url", fixedUri: "urn:mark" },
  ] },
}, {
  resourceType: "StructureDefinition", url: named, name: "Named", kind: "complex-type", type: "HumanName", derivation: "constraint", baseDefinition: `${base}HumanName`,
  differential: { element: [{ path: "HumanName.family", min: 1 }] },
}]);
const ports = profilePorts(createValidator({ registry }));
const port = ports.conformsTo;

test("conformsTo answers for base types and profiles, and not for what it does not know", () => {
  const patient = new Node({ resourceType: "Patient", birthDate: "1980-01-01" }, "Patient");
  assert.equal(port(patient, `${base}Patient`), true);
  assert.equal(port(patient, `${base}DomainResource`), true);
  assert.equal(port(patient, `${base}Observation`), false);
  assert.equal(port(new Node({ resourceType: "Patient", birthDate: "soon" }, "Patient"), `${base}Patient`), false);
  assert.equal(port(patient, "http://example.org/unknown"), undefined);
});

test("an element is tried against a profile on its type", () => {
  assert.equal(port(new Node({ family: "Li" }, "HumanName"), named), true);
  assert.equal(port(new Node({ text: "Li" }, "HumanName"), named), false);
});

const component = (code: string): object => ({ code: { coding: [{ system: "http://loinc.org", code }] }, valueString: code });
const observation = { resourceType: "Observation", status: "final", code: { text: "BP" }, effectiveDateTime: "2020", component: [component("8462-4"), component("8480-6"), component("1-8")], note: [{ text: "x", extension: [{ url: "urn:mark", valueBoolean: true }, { url: "urn:other", valueBoolean: true }] }] } as Resource;

function items(expression: string, on: Resource = observation, type?: string): unknown {
  const compiled = compile(expression, type === undefined ? {} : { type });
  assert.ok(compiled.ok, compiled.ok ? "" : compiled.failure.text);
  const found = compiled.value.evaluate(on, ports);
  return found.ok ? found.value.map((item) => (item instanceof Node ? item.value : item)) : found.failure.text;
}

test("slice() gives the elements that belong to a slice of a profile", () => {
  assert.deepEqual(items(`component.slice('${sliced}', 'systolic').value`), ["8480-6"]);
  assert.deepEqual(items(`Observation.component.slice('${sliced}', 'diastolic').value`, observation, "Observation"), ["8462-4"]);
  assert.deepEqual(items(`note.extension.slice('${sliced}', 'mark').url`), ["urn:mark"]);
  assert.deepEqual(items(`note.extension('urn:mark').slice('${sliced}', 'mark').count()`), [1]);
  assert.deepEqual(items(`category.slice('${sliced}', 'systolic')`), []);
  assert.deepEqual(items(`code.slice('${sliced}', 'systolic')`), []);
  assert.match(String(items(`component.slice('${sliced}', 'mean')`)), /has no slice mean/);
  assert.match(String(items("component.slice('urn:none', 'systolic')")), /profile urn:none is not known/);
});

test("elementDefinition() gives R4's definition of each element, wherever it was found", () => {
  for (const type of [undefined, "Observation"]) {
    assert.deepEqual(items("elementDefinition().path", observation, type), ["Observation"]);
    assert.deepEqual(items("status.elementDefinition().select(path | min | max | isModifier | binding.strength)", observation, type), ["Observation.status", 1, "1", true, "required"]);
    assert.deepEqual(items("component.code.coding.first().elementDefinition().path", observation, type), ["CodeableConcept.coding"]);
    assert.deepEqual(items("component.first().elementDefinition().type.code", observation, type), ["BackboneElement"]);
    assert.deepEqual(items("effective.elementDefinition().select(path | type.code)", observation, type), ["Observation.effective[x]", "dateTime", "Period", "Timing", "instant"]);
    assert.deepEqual(items("children().elementDefinition().where(path = 'Observation.note').short", observation, type), ["Comments about the observation"]);
    assert.deepEqual(items("note.extension('urn:mark').elementDefinition().path", observation, type), ["Annotation.extension"]);
    assert.deepEqual(items("status.length().elementDefinition()", observation, type), []);
  }
});
