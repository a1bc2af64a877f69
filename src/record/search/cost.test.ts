import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery } from "#fhir/search/query.ts";
import type { Filter } from "#fhir/search/query-model.ts";
import { statement } from "../sql.ts";
import { node, patientCaller } from "../testing.ts";
import { candidates, choose, newScope } from "./candidates.ts";
import { allOf, comesInOrder } from "./cost.ts";
import type { Counts } from "./scope.ts";

/** A million resources of 2,000 people; `rows`: of each filter in the order of the query, its inner one first. */
function begin(text: string, rows: readonly number[], buckets?: number) {
  const [type, query] = text.split("?") as [string, string];
  const parsed = parseQuery(type, query);
  assert.ok(parsed.ok);
  const { filters, sort } = parsed.value;
  const counted = new Map<Filter, number>(), spread = new Map<Filter, number>();
  for (const [i, filter] of filters.entries()) {
    counted.set(filter, rows[i]!);
    if (filter.kind === "has") { counted.set(filter.filter, rows[i]!); if (buckets !== undefined) spread.set(filter.filter, buckets); }
    if (filter.kind === "chain") for (const branch of filter.branches) counted.set(branch.filter, rows[i]!);
  }
  const counts: Counts = { rows: counted, buckets: spread, sizes: new Map([["Observation", 800_000], ["Patient", 2000], ["Encounter", 90_000], ["Condition", 25_000]]) };
  const goal = { type, sort, rows: 21 };
  const choice = choose(newScope(node, counts), goal, filters);
  const found = candidates(goal, filters, node, { counts, choice });
  return { first: filters[choice]?.kind ?? "type", starts: found.starts?.column, text: statement(found.where) };
}

test("half of the people: the code's rows are walked in order, and the chain followed from each", () => {
  const found = begin("Observation?patient.gender=female&code=85354-9", [1000, 80_000]);
  assert.equal(found.first, "token");
  assert.equal(found.starts, undefined);
  assert.doesNotMatch(found.text, / in \(select/);
});

test("a few people: the code is looked up in the bucket of each", () => {
  assert.deepEqual([begin("Observation?patient.family=wang&code=85354-9", [3, 80_000])].map(({ first, starts }) => ({ first, starts })), [{ first: "token", starts: "ck" }]);
});

test("a few people and nothing else: what refers to each of them", () => {
  assert.deepEqual([begin("Observation?patient.family=wang", [3])].map(({ first, starts }) => ({ first, starts })), [{ first: "chain", starts: "target" }]);
});

test("a rare code is walked whole, whoever it is about", () => {
  const { first, starts } = begin("Observation?patient.family=wang&code=85354-9", [400, 12]);
  assert.deepEqual([first, starts], ["token", undefined]);
});

test("an order that no index gives: every row counts, so the rows of the people alone are looked at", () => {
  assert.equal(begin("Observation?patient.gender=female&code=85354-9&_sort=value-quantity", [1000, 80_000]).starts, "ck");
  assert.equal(begin("Observation?patient.active=true&code=85354-9&_sort=value-quantity", [2000, 80_000]).starts, undefined);
});

test("_has: what few rows lead to is a set; what most people have is asked of each person", () => {
  assert.equal(begin("Patient?_has:Condition:patient:code=13645005", [100], 100).first, "has");
  assert.equal(begin("Patient?_has:Observation:patient:code=85354-9", [80_000], 1900).first, "type");
});

test("rows of an index come in the order of the main date, those of a type by their last change", () => {
  const sorted = (text: string) => { const parsed = parseQuery("Observation", text); assert.ok(parsed.ok); return { type: "Observation", sort: parsed.value.sort, rows: 21 }; };
  assert.deepEqual(["_count=5", "_sort=-date", "_sort=date", "_sort=-_lastUpdated"].map((text) => (["at", "resource", "plain"] as const).map((driver) => comesInOrder(sorted(text), driver))),
    [[true, true, false], [true, false, false], [false, false, false], [false, true, false]]);
});

test("a patient's search looks in their own bucket, of types that lie with their persons", () => {
  const startsOf = (text: string) => {
    const [type, query] = text.split("?") as [string, string];
    const parsed = parseQuery(type, query);
    assert.ok(parsed.ok);
    return candidates(allOf(type), parsed.value.filters, patientCaller("anna")).starts?.column;
  };
  assert.deepEqual(["Observation?code=85354-9", "Encounter?status=finished", "Provenance?agent-type=author", "Medication?code=1"].map(startsOf), ["ck", "ck", undefined, undefined]);
});
