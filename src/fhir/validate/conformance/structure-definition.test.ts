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
  assert.match(errors("Patient", [{ path: "Patient.birthDate", max: "*" }])[0]!, /allows \*, its base 1/);
  assert.match(errors("Patient", [{ path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "sytem" }], rules: "open" } }])[0]!, /slicing\.discriminator\[0\]: the value discriminator "sytem" leads nowhere/);
  assert.match(errors("Patient", [{ path: "Patient.birthDate", binding: { strength: "required", valueSet: "http://example.org/vs" } }])[0]!, /element\[0\]: binds date, which has no codes/);
  assert.match(errors("Patient", [{ path: "Patient", constraint: [{ key: "x", severity: "error", human: "x", expression: "name.(" }] }])[0]!, /constraint\[0\]\.expression: the constraint x cannot be read/);
  assert.deepEqual(errors("Observation", [{ path: "Observation.value[x]", slicing: { discriminator: [{ type: "type", path: "$this" }], rules: "open" } }]), []);
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
