import assert from "node:assert/strict";
import { test } from "node:test";
import { createValidator } from "../validator.ts";

const validator = createValidator();

function errors(type: string, element: object[]): string[] {
  const definition = {
    resourceType: "StructureDefinition", url: "http://example.org/p", name: "P", status: "draft", kind: type === "Extension" ? "complex-type" : "resource", abstract: false, type,
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`, derivation: "constraint", differential: { element: element.map((one) => ({ id: (one as { path: string }).path, ...one })) },
  };
  return validator.validate(definition).issues.filter(({ severity }) => severity === "error").map(({ text }) => text);
}

test("a differential fits its base: its elements, their order, what is fixed, discriminators that lead somewhere", () => {
  assert.deepEqual(errors("Patient", [{ path: "Patient.identifier", min: 1 }, { path: "Patient.birthDate", min: 1 }]), []);
  assert.match(errors("Patient", [{ path: "Patient.birthday", min: 1 }])[0]!, /^StructureDefinition\.differential\.element\[0\]: .*no element "birthday"/);
  assert.match(errors("Patient", [{ path: "Patient.birthDate", min: 1 }, { path: "Patient.identifier", min: 1 }])[0]!, /^StructureDefinition\.differential\.element\[0\]: Patient\.birthDate stands before/);
  assert.match(errors("Patient", [{ path: "Patient.birthDate", max: "*" }])[0]!, /Patient\.birthDate allows \*, its base 1/);
  assert.match(errors("Patient", [{ path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "sytem" }], rules: "open" } }])[0]!, /slicing\.discriminator\[0\]: the value discriminator "sytem" leads nowhere/);
  assert.match(errors("Patient", [{ path: "Patient.birthDate", binding: { strength: "required", valueSet: "http://example.org/vs" } }])[0]!, /element\[0\]: binds date, which has no codes/);
  assert.match(errors("Patient", [{ path: "Patient", constraint: [{ key: "x", severity: "error", human: "x", expression: "name.(" }] }])[0]!, /constraint\[0\]\.expression: the constraint x cannot be read/);
  assert.deepEqual(errors("Observation", [{ path: "Observation.value[x]", slicing: { discriminator: [{ type: "type", path: "$this" }], rules: "open" } }]), []);
});

test("a profile narrows: cardinality, types, targets, bindings; values are of the element's type", () => {
  const first = (type: string, ...element: object[]): string => errors(type, element)[0] ?? "";
  assert.match(first("Observation", { path: "Observation.status", min: 0 }), /^StructureDefinition\.differential\.element\[0\]: Observation\.status requires 0, its base 1/);
  assert.match(first("Observation", { path: "Observation.status", max: "0" }), /requires 1 and allows 0/);
  assert.match(first("Patient", { path: "Patient.name.period", max: "*" }), /allows \*, its base 1/);
  assert.match(first("Observation", { path: "Observation.value[x]", type: [{ code: "Address" }] }), /is of type Address, its base Quantity, /);
  assert.match(first("Observation", { path: "Observation.status", binding: { strength: "example", valueSet: "http://hl7.org/fhir/ValueSet/observation-status" } }), /its binding is example, its base's required/);
  assert.match(first("Observation", { path: "Observation.subject", type: [{ code: "Reference", targetProfile: ["http://hl7.org/fhir/StructureDefinition/Medication"] }] }), /refers to .*Medication, a Medication; its base refers to Patient, Group, Device, Location alone/);
  assert.match(first("Observation", { path: "Observation.status", fixedString: "final" }), /^.*its fixed value is of type string, and the element is code/);
  assert.match(first("Observation", { path: "Observation.code", patternCoding: { code: "x" } }), /its pattern value is of type Coding, and the element is CodeableConcept/);
  assert.deepEqual(errors("Observation", [
    { path: "Observation.status", fixedCode: "final" }, { path: "Observation.category", min: 1, max: "1" }, { path: "Observation.code", patternCodeableConcept: { text: "x" } },
    { path: "Observation.subject", min: 1, type: [{ code: "Reference", targetProfile: ["http://hl7.org/fhir/StructureDefinition/Patient"] }] }, { path: "Observation.value[x]", type: [{ code: "Quantity" }, { code: "string" }] },
  ]), []);
});

test("slices: told apart by something, no more than the element, together no more than it allows", () => {
  const slicing = { discriminator: [{ type: "value", path: "gender" }], rules: "open" };
  const slice = (name: string, more: object): object => ({ id: `Patient.contact:${name}`, path: "Patient.contact", sliceName: name, ...more });
  assert.deepEqual(errors("Patient", [{ path: "Patient.contact", max: "2", slicing }, slice("a", { min: 1, max: "1" }), slice("b", { min: 0, max: "2" })]), []);
  assert.match(errors("Patient", [{ path: "Patient.contact", max: "1", slicing }, slice("a", { min: 1 }), slice("b", { min: 1 })])[0]!, /element\[0\]: Patient\.contact its slices require 2 together, and Patient\.contact allows 1/);
  assert.match(errors("Patient", [{ path: "Patient.contact", max: "1", slicing }, slice("a", { max: "2" })])[0]!, /element\[1\]: Patient\.contact:a allows 2, and Patient\.contact as a whole 1/);
  assert.match(errors("Patient", [slice("a", { min: 1 })])[0]!, /Patient\.contact:a is a slice, and nothing says what tells the slices of Patient\.contact apart/);
  assert.deepEqual(errors("Observation", [{ id: "Observation.value[x]:valueQuantity", path: "Observation.value[x]", sliceName: "valueQuantity", type: [{ code: "Quantity" }] }]), []);
});

test("slices that nothing tells apart make a profile useless", () => {
  const profile = (...paths: string[]): string[] => errors("Patient", [
    { path: "Patient.identifier", slicing: { discriminator: paths.map((path) => ({ type: "value", path })), rules: "open" } },
    { id: "Patient.identifier:a", path: "Patient.identifier", sliceName: "a", slicing: { discriminator: [{ type: "value", path: "use" }], rules: "open" } },
    { id: "Patient.identifier:a/b", path: "Patient.identifier", sliceName: "a/b" },
  ]).filter((text) => text.startsWith("StructureDefinition:"));
  assert.deepEqual(profile("system"), []);
  assert.deepEqual(profile("sytem", "system"), []);
  assert.match(profile("sytem")[0]!, /^StructureDefinition: nothing tells the slices a of Patient\.identifier apart/);
});

test("a CapabilityStatement states search parameters as they are defined", () => {
  const statement = (type: string): object => ({
    resourceType: "CapabilityStatement", status: "active", date: "2021", kind: "requirements", description: "x", fhirVersion: "4.0.1", format: ["json"],
    rest: [{ mode: "server", resource: [{ type: "Patient", searchParam: [{ name: "birthdate", definition: "http://hl7.org/fhir/SearchParameter/individual-birthdate", type }] }] }],
  });
  const told = (type: string): string[] => validator.validate(statement(type)).issues.filter(({ severity }) => severity === "error").map(({ text }) => text);
  assert.deepEqual(told("date"), []);
  assert.match(told("token")[0]!, /^CapabilityStatement\.rest\[0\]\.resource\[0\]\.searchParam\[0\]: birthdate is stated as token/);
});
