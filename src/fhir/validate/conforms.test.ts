import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "../fhirpath/values.ts";
import { createRegistry } from "../profiles/registry.ts";
import { conformsTo } from "./conforms.ts";
import { createValidator } from "./validator.ts";

const base = "http://hl7.org/fhir/StructureDefinition/";
const named = "http://example.org/named";
const registry = createRegistry([{
  resourceType: "StructureDefinition", url: named, name: "Named", kind: "complex-type", type: "HumanName", derivation: "constraint", baseDefinition: `${base}HumanName`,
  differential: { element: [{ path: "HumanName.family", min: 1 }] },
}]);
const port = conformsTo(createValidator({ registry }));

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
