import assert from "node:assert/strict";
import test from "node:test";
import { resourceTypes } from "../definitions/load.ts";
import { parametersOf } from "../search/parameter-names.ts";
import { compartmentTypes, isCompartmentType, membershipsOf } from "./definitions.ts";

test("compartmentdefinition.html: every member names a reference parameter of its type that may refer to the compartment's", () => {
  for (const compartment of compartmentTypes)
    for (const [type, { params, self }] of membershipsOf(compartment)) {
      assert.ok(resourceTypes().includes(type), type);
      assert.ok(params.length > 0 || self, type);
      assert.equal(self, type === compartment, `${compartment} ${type}`);
      for (const param of params) assert.equal(parametersOf(type).get(param)?.type, "reference", `${compartment}: ${type}.${param}`);
    }
});

test("compartmentdefinition-*.html: sizes, and a member of each", () => {
  assert.deepEqual(compartmentTypes.slice(1).map((type) => [type, membershipsOf(type).size]), [["Device", 32], ["Encounter", 25], ["Practitioner", 59], ["RelatedPerson", 32]]);
  assert.deepEqual(membershipsOf("Encounter").get("Observation"), { params: ["encounter"], self: false });
  assert.deepEqual(membershipsOf("Practitioner").get("ServiceRequest"), { params: ["performer", "requester"], self: false });
  assert.equal(membershipsOf("Encounter").get("Patient"), undefined);
  assert.equal(isCompartmentType("Observation"), false);
});
