import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evidence } from "./finding.ts";
import { inputDates } from "./dates.ts";

const input = (at?: string): Evidence => ({ kind: "resource", reference: "Condition/c", path: "code", value: "x", ...(at === undefined ? {} : { at }) });

test("oldest and newest by time, partial dates at their begin, as written", () => {
  assert.deepEqual(inputDates({ evidence: [input("2026-03-01T23:30:00-05:00"), input("2011"), input("2026-03-02T04:00:00Z"), input()] }), { first: "2011", last: "2026-03-01T23:30:00-05:00" });
  assert.deepEqual(inputDates({ evidence: [input("2020-05")] }), { first: "2020-05", last: "2020-05" });
});

test("no dated input: nothing is said", () => {
  assert.equal(inputDates({ evidence: [input(), { kind: "source", citation: "Lip 2010" }] }), undefined);
});
