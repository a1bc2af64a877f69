import assert from "node:assert/strict";
import { test } from "node:test";
import { patientCompartmentParams, resourceTypes, searchParametersOf } from "../definitions/load.ts";
import type { Resource } from "../resource.ts";
import { patientCompartments } from "./patient.ts";

test("who a resource belongs to", () => {
  const to = (reference: string) => ({ reference });
  const table: [Resource, string[]][] = [
    [{ resourceType: "Observation", subject: to("Patient/1") }, ["1"]],
    [{ resourceType: "Observation", subject: to("Group/1"), performer: [to("Patient/2"), to("Practitioner/3")] }, ["2"]],
    [{ resourceType: "Observation", focus: [to("Patient/9")] }, []],
    [{ resourceType: "Observation", subject: to("https://other.example/Patient/1") }, []],
    [{ resourceType: "Observation", subject: { type: "Patient", identifier: { value: "1" } } }, []],
    [{ resourceType: "Observation", subject: to("#p"), contained: [{ resourceType: "Patient", id: "p" }] }, []],
    [{ resourceType: "Patient", id: "5" }, ["5"]],
    [{ resourceType: "Patient", id: "5", link: [{ other: to("Patient/4"), type: "refer" }] }, ["4", "5"]],
    [{ resourceType: "Patient" }, []],
    [{ resourceType: "Appointment", participant: [{ actor: to("Patient/b") }, { actor: to("Patient/a") }, { actor: to("Patient/b") }] }, ["a", "b"]],
    [{ resourceType: "Group", member: [{ entity: to("Patient/1") }, { entity: to("Patient/2") }] }, ["1", "2"]],
    [{ resourceType: "Condition", subject: to("Patient/1"), asserter: to("Patient/2") }, ["1", "2"]],
    [{ resourceType: "Organization", id: "o" }, []],
    [{ resourceType: "Provenance", target: [to("Patient/1"), to("Observation/2")] }, ["1"]],
  ];
  for (const [resource, expected] of table) assert.deepEqual(patientCompartments(resource), expected, JSON.stringify(resource));
});

test("every parameter of the compartment definition is a reference parameter with rows", () => {
  let count = 0;
  for (const type of resourceTypes())
    for (const code of patientCompartmentParams(type) ?? []) {
      count += 1;
      assert.equal(searchParametersOf(type).find((parameter) => parameter.code === code)?.type, "reference", `${type}.${code}`);
    }
  assert.ok(count > 60);
});
