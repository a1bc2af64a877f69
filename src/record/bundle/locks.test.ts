import assert from "node:assert/strict";
import test from "node:test";
import { locksOf, type Condition } from "./locks.ts";

const patient = (...values: string[]): { resourceType: string } => ({ resourceType: "Patient", identifier: values.map((value) => ({ system: "urn:a", value })) } as never);

/** Whether one of the two transactions waits for the other. */
function meet(one: Condition, other: Condition): boolean {
  const mine = locksOf([one]);
  return [...locksOf([other])].some(([key, whole]) => mine.has(key) && (whole || mine.get(key)!));
}

test("conditions on one identifier meet, however they are spelled", () => {
  const value = patient("1");
  for (const query of ["identifier=urn:a|1", "identifier=1", "identifier=urn:b|1", "identifier=2,urn:a|1", "birthdate=2000&identifier=1", "identifier=URN:A|1"]) assert.ok(meet({ type: "Patient", query: "identifier=urn:a|1", value }, { type: "Patient", query, value }), query);
});

test("conditions on other identifiers meet only where the resources carry each other's", () => {
  const one = { type: "Patient", query: "identifier=1" }, other = { type: "Patient", query: "identifier=2" };
  assert.ok(!meet({ ...one, value: patient("1") }, { ...other, value: patient("2") }));
  assert.ok(meet({ ...one, value: patient("1", "2") }, { ...other, value: patient("1", "2") }));
  assert.ok(!meet(one, { type: "Practitioner", query: "identifier=1" }));
});

test("a condition without identifier meets every other of its type", () => {
  const value = patient("1");
  for (const query of ["birthdate=2000", "identifier:not=1", "identifier=urn:a|", "_id=a"]) {
    assert.ok(meet({ type: "Patient", query, value }, { type: "Patient", query: "identifier=7", value: patient("7") }), query);
    assert.ok(!meet({ type: "Patient", query, value }, { type: "Observation", query: "code=1" }), query);
  }
});

test("very many conditions of one type are one lock", () => {
  const locks = locksOf(Array.from({ length: 5000 }, (_, i) => ({ type: "Patient", query: `identifier=${i}` })));
  assert.deepEqual([...locks.values()], [true]);
});
