import assert from "node:assert/strict";
import { test } from "node:test";
import { createValidator } from "./validator.ts";

const validator = createValidator();
const organization = (id: string, more: object = {}): object => ({ resourceType: "Organization", id, name: "x", ...more });

function told(contained: object[], more: object = {}): string[] {
  return validator.validate({ resourceType: "Patient", active: true, contained, ...more }).issues.filter(({ text }) => text.includes("dom-3")).map(({ severity, expression }) => `${severity} ${expression}`);
}

test("what is contained is referred to, or refers to the resource around it (dom-3)", () => {
  assert.deepEqual(told([organization("a")], { managingOrganization: { reference: "#a" } }), []);
  assert.deepEqual(told([organization("a"), organization("b", { partOf: { reference: "#a" } })], { managingOrganization: { reference: "#b" } }), []);
  assert.deepEqual(told([organization("a")], { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/workflow-instantiatesUri", valueUri: "#a" }] }), []);
  assert.deepEqual(told([{ resourceType: "Patient", id: "a", active: true, link: [{ type: "seealso", other: { reference: "#" } }] }]), []);
  assert.deepEqual(told([organization("a"), organization("b")], { managingOrganization: { reference: "#a" } }), ["error Patient.contained[1]"]);
  assert.deepEqual(told([organization("a", { partOf: { reference: "#a" } })]), ["error Patient.contained[0]"]);
});

test("a chain of contained resources: its first is what nothing refers to", () => {
  const chain = (length: number): object[] => Array.from({ length }, (_, i) => organization(`o${i}`, i + 1 < length ? { partOf: { reference: `#o${i + 1}` } } : {}));
  assert.deepEqual(told(chain(200), { managingOrganization: { reference: "#o0" } }), []);
  assert.deepEqual(told(chain(200)), ["error Patient.contained[0]"]);
});
