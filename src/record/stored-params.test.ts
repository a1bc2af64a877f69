import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "#fhir/resource.ts";
import { paramKey } from "./keys.ts";
import { derive, emptyRows, tables } from "./rows.ts";
import { storedParams } from "./stored-params.ts";

/** Parameters under which the references of a resource are stored, row by row. */
function kept(resource: Resource & Record<string, unknown>, params: readonly string[]): (string | undefined)[] {
  const rows = emptyRows(), at = Object.keys(tables.reference).indexOf("param");
  derive(rows, resource, 1, "1", []);
  return rows.reference.map((row) => params.find((param) => paramKey(resource.resourceType, param) === row[at])).sort();
}

const observation = (subject: unknown) => ({ resourceType: "Observation" as const, id: "o", status: "final", code: { text: "x" }, subject });

test("a reference is stored under the narrowest parameter that has it, and once", () => {
  assert.deepEqual(kept(observation({ reference: "Patient/1" }), ["subject", "patient"]), ["patient"]);
  assert.deepEqual(kept(observation({ reference: "Group/1" }), ["subject", "patient"]), ["subject"]);
  assert.deepEqual(kept(observation({ reference: "https://other.example/Patient/1" }), ["subject", "patient"]), ["patient"]);
  assert.deepEqual(kept(observation({ reference: "https://other.example/Group/1" }), ["subject", "patient"]), ["subject"]);
  assert.deepEqual(kept(observation({ type: "Patient", identifier: { value: "7" } }), ["subject", "patient"]), ["patient", "patient", "patient"]);
  assert.deepEqual(kept(observation({ identifier: { value: "7" } }), ["subject", "patient"]), ["subject", "subject", "subject"]);
  // The contained resource says the type.
  assert.deepEqual(kept({ ...observation({ reference: "#p", identifier: { value: "7" } }), contained: [{ resourceType: "Patient", id: "p" }] }, ["subject", "patient"]), ["patient", "patient", "patient", "patient"]);
  assert.deepEqual(kept({ resourceType: "Encounter", id: "e", status: "finished", class: { code: "AMB" }, participant: [{ individual: { reference: "Practitioner/1" } }, { individual: { reference: "RelatedPerson/1" } }] }, ["participant", "practitioner"]), ["participant", "practitioner"]);
  assert.deepEqual(kept({ resourceType: "Coverage", id: "c", status: "active", beneficiary: { reference: "Patient/1" } }, ["beneficiary", "patient"]), ["beneficiary"]);
});

test("parameters that are not repeats keep their own rows, and searches ask the fewest", () => {
  assert.deepEqual(storedParams("Observation", "performer"), ["performer"]);
  assert.deepEqual(storedParams("Observation", "patient"), ["patient"]);
  assert.deepEqual(storedParams("Observation", "subject"), ["subject", "patient"]);
  assert.deepEqual(storedParams("Observation", "subject", ["Patient"]), ["patient"]);
  assert.deepEqual(storedParams("Observation", "subject", ["Group", "Device"]), ["subject"]);
  assert.deepEqual(storedParams("Appointment", "actor", ["Patient", "Device"]), ["patient", "actor"]);
  assert.deepEqual(storedParams("Coverage", "patient"), ["beneficiary"]);
  // patient reads both agent.who and entity.what: no repeat of either alone.
  assert.deepEqual(storedParams("AuditEvent", "entity"), ["entity"]);
  assert.deepEqual(storedParams("Observation", "combo-code"), ["code", "component-code"]);
});
