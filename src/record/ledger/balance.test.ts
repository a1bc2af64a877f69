import assert from "node:assert/strict";
import { test } from "node:test";
import { Balance, groupOf, groupsCount, statementOf, type Statement } from "./balance.ts";

const one: Statement = { reference: "Observation/a", version: 1, deleted: false, sha256: "aa" };

test("what was logged and is there comes to 0 in any order; each difference leaves its group uneven", () => {
  const others = Array.from({ length: 500 }, (_, i) => ({ ...one, reference: `Patient/p${i}` }));
  const sound = new Balance();
  for (const statement of [one, ...others]) sound.add(statement);
  for (const statement of [...others.toReversed(), one]) sound.subtract(statement);
  assert.deepEqual(sound.uneven(), []);
  for (const changed of [{ ...one, version: 2 }, { ...one, deleted: true }, { ...one, sha256: "ab" }, undefined]) {
    const balance = new Balance();
    for (const statement of [one, ...others]) balance.add(statement);
    for (const statement of [...changed ? [changed] : [], ...others]) balance.subtract(statement);
    assert.deepEqual(balance.uneven(), [groupOf(one.reference)]);
  }
  const twice = new Balance();
  for (const move of [() => twice.add(one), () => twice.add(one), () => twice.subtract(one)]) move();
  assert.deepEqual(twice.uneven(), [groupOf(one.reference)], "a leaf that stands twice is no balance");
});

test("groups are all used, and a payload is a statement where it is of a version", () => {
  const groups = new Set(Array.from({ length: 400_000 }, (_, i) => groupOf(`Observation/${i}`)));
  assert.ok(groups.size > 0.9 * groupsCount && Math.max(...groups) < groupsCount);
  assert.deepEqual(statementOf(`{"kind":"delete","at":"x","reference":"Observation/a","version":3,"sha256":"aa","agent":"b"}`), { reference: "Observation/a", version: 3, deleted: true, sha256: "aa" });
  for (const payload of ["", "{", `{"kind":"read","reference":"Observation/a","version":1,"sha256":"aa"}`, `{"kind":"purge","reference":"Purge/x","version":1,"sha256":"aa"}`, `{"kind":"create"}`]) assert.equal(statementOf(payload), undefined, payload);
});
