import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compile } from "./compile.ts";
import { parseDecimal } from "./decimal.ts";
import { distinct } from "./distinct.ts";
import { equal } from "./equality.ts";
import { parseDate, parseDateTime } from "./temporal.ts";
import { Node, Quantity, type Item } from "./values.ts";

const objects = [{ a: 1, b: [1, { c: "x" }] }, { b: [1, { c: "x" }], a: 1 }, { a: 2 }, {}, { code: "x", a: 1 }, { a: 1, code: "x" }, { code: "x", a: 2 }, { code: "y", a: 1 }, { code: 5 }];
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.constantFrom<Item>("a", "b", "1", "true", true, false, 1, 2, parseDecimal("1.0")!, parseDecimal("1.00")!, parseDecimal("2.5")!, parseDate("2020")!, parseDate("2020-01")!, parseDateTime("2020-01-01T10:00Z")!, parseDateTime("2020-01-01T11:00+01:00")!),
  fc.constantFrom<Item>(new Quantity(parseDecimal("1")!, "g"), new Quantity(parseDecimal("1000")!, "mg"), new Quantity(parseDecimal("1.0")!, "mg")),
  fc.constantFrom(...objects).map((value) => new Node(value, "Coding")),
  fc.constantFrom("a", "c", undefined).map((value) => new Node(value, "code")),
);

test("property: distinct keeps the first of each class of equal items, few or many", () => {
  fc.assert(fc.property(fc.array(item, { maxLength: 60 }), (items) => {
    const expected: Item[] = [];
    for (const one of items) if (!expected.some((other) => equal(other, one) === true)) expected.push(one);
    assert.deepEqual([...distinct(items)], expected);
  }));
});

test("repeat() gathers what is equal once, repeatAll() as often as it is there", () => {
  const concept = (code: string, ...below: object[]) => ({ code, ...(below.length ? { concept: below } : {}) });
  const system = { resourceType: "CodeSystem", concept: [concept("a", concept("c"), concept("d")), concept("b", concept("c"), concept("d", concept("e")))] };
  for (const [expression, count] of [["repeat(concept).code", 6], ["repeatAll(concept).code", 7], ["concept.repeat(concept).code", 4]] as const) {
    const compiled = compile(expression, { type: "CodeSystem" });
    assert.ok(compiled.ok);
    assert.equal(compiled.value.items(system).length, count, expression);
  }
});
