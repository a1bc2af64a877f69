import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDecimal } from "./decimal.ts";
import { equalItems, equivalentItems, sameJson } from "./equality.ts";
import { parseDate } from "./temporal.ts";
import { Node, type Item } from "./values.ts";

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.constantFrom<Item>("a", "b", true, false, 1, 2, parseDecimal("1.0")!, parseDecimal("1.00")!, parseDecimal("2.5")!, parseDate("2020")!, parseDate("2020-01")!),
  fc.constantFrom({ a: 1, b: [1, { c: "x" }] }, { b: [1, { c: "x" }], a: 1 }, { a: 2 }, {}).map((value) => new Node(value, "Coding")),
  fc.constantFrom("a", "c").map((value) => new Node(value, "code")),
);

test("property: equality is symmetric; equivalence ignores order", () => {
  fc.assert(fc.property(fc.array(item, { maxLength: 6 }), fc.array(item, { maxLength: 6 }), (a, b) => {
    assert.equal(equalItems(a, b), equalItems(b, a));
    assert.ok(equivalentItems(a, [...a].reverse()));
  }));
});

test("deep equality of JSON", () => {
  assert.ok(sameJson({ a: [1, { b: null }] }, { a: [1, { b: null }] }));
  for (const [a, b] of [[{ a: 1 }, { a: 1, b: 2 }], [[1, 2], [2, 1]], [[], {}], [{ a: undefined }, { b: undefined }], [null, {}]] as const) assert.ok(!sameJson(a, b));
});
