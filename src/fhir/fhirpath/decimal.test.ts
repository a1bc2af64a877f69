import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addDecimal, compareDecimal, Decimal, divideDecimal, multiplyDecimal, parseDecimal, roundDecimal, subtractDecimal } from "./decimal.ts";

const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 })).map(([coefficient, scale]) => new Decimal(coefficient, scale));

test("what is written is what is printed", () => {
  for (const text of ["0", "1.50", "-0.001", "123456789012345678901234567890.5", "0.0"]) assert.equal(String(parseDecimal(text)), text);
  assert.equal(String(parseDecimal("1.5e3")), "1500");
  assert.equal(String(parseDecimal("5e-3")), "0.005");
  for (const text of ["", ".5", "1.", "1,5", "0x1", "1e99999", "NaN"]) assert.equal(parseDecimal(text), undefined, text);
});

test("division and rounding, both sides of the half", () => {
  assert.equal(String(divideDecimal(parseDecimal("1")!, parseDecimal("3")!)), "0.33333333333333333333");
  assert.equal(divideDecimal(parseDecimal("1")!, parseDecimal("0.0")!), undefined);
  for (const [text, expected] of [["2.445", "2.45"], ["2.444", "2.44"], ["-2.445", "-2.45"], ["-2.444", "-2.44"]] as const)
    assert.equal(String(roundDecimal(parseDecimal(text)!, 2)), expected);
});

test("property: sums undo, products commute, order agrees with the difference", () => {
  fc.assert(fc.property(decimal, decimal, (a, b) => {
    assert.equal(compareDecimal(subtractDecimal(addDecimal(a, b), b), a), 0);
    assert.equal(compareDecimal(multiplyDecimal(a, b), multiplyDecimal(b, a)), 0);
    const difference = subtractDecimal(a, b).coefficient;
    assert.equal(compareDecimal(a, b), difference < 0n ? -1 : difference > 0n ? 1 : 0);
  }));
});
