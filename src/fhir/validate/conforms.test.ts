import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "../fhirpath/values.ts";
import { conformsToBase } from "./conforms.ts";

test("base definitions of R4: the own type and its ancestors, when valid; others false; unknown ones undefined", () => {
  const url = (name: string): string => `http://hl7.org/fhir/StructureDefinition/${name}`;
  const patient = new Node({ resourceType: "Patient", active: true }, "Patient");
  assert.deepEqual(["Patient", "Patient|4.0.1", "DomainResource", "Resource", "Person", "HumanName", "Nope"].map((name) => conformsToBase(patient, url(name))), [true, true, true, true, false, false, undefined]);
  assert.equal(conformsToBase(new Node({ resourceType: "Patient", active: "yes" }, "Patient"), url("Patient")), false);
  assert.equal(conformsToBase(patient, "http://trash"), undefined);
  assert.equal(conformsToBase(new Node({ family: "x" }, "HumanName"), url("HumanName")), undefined);
});
