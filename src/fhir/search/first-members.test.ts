import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../definitions/load.ts";
import { parse } from "../fhirpath/parser.ts";
import { firstMembers } from "./first-members.ts";
import { branchesOf } from "./index-rows.ts";

function membersOf(type: string, expression: string): readonly string[] | undefined {
  const parsed = parse(expression);
  assert.ok(parsed.ok);
  return firstMembers(type, parsed.value);
}

test("where an expression begins", () => {
  assert.deepEqual(membersOf("Observation", "Observation.code"), ["code", "_code"]);
  assert.deepEqual(membersOf("Observation", "Observation.component.code"), ["component", "_component"]);
  assert.deepEqual(membersOf("Observation", "Resource.meta.tag"), ["meta", "_meta"]);
  assert.deepEqual(membersOf("Observation", "Observation.subject.where(resolve() is Patient)"), ["subject", "_subject"]);
  assert.deepEqual(membersOf("Bundle", "Bundle.entry[0].resource"), ["entry", "_entry"]);
  assert.ok(membersOf("Observation", "(Observation.value as Quantity)")?.includes("valueQuantity"));
  // Something of nothing.
  for (const expression of ["Patient.deceased.exists()", "Patient.deceased.exists() and Patient.deceased != false", "Patient.name.count()", "Patient", "%resource.id"]) assert.equal(membersOf("Patient", expression), undefined, expression);
});

test("of a resource without them, an expression finds nothing", () => {
  let told = 0, untold = 0;
  for (const type of resourceTypes()) for (const { ast, evaluator } of branchesOf(type)) {
    if (!firstMembers(type, ast)) { untold++; continue; }
    told++;
    assert.deepEqual(evaluator.items({ resourceType: type }), [], evaluator.expression);
  }
  assert.ok(told > 1000 && untold < 10, `${told} ${untold}`);
});
