import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { hash32, hash64, signedDecimal } from "./keys.ts";

const view = new DataView(new ArrayBuffer(8));
function expected(high: number, low: number): string {
  view.setInt32(0, high);
  view.setInt32(4, low);
  return view.getBigInt64(0).toString();
}

test("a signed number of 64 bits is written as BigInt writes it", () => {
  const edges = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 232, 2328, -233, 10_000_000, -727_379_969, 1_316_134_912];
  for (const high of edges) for (const low of edges) assert.equal(signedDecimal(high, low), expected(high, low), `${high} ${low}`);
  fc.assert(fc.property(fc.integer(), fc.integer(), (high, low) => { assert.equal(signedDecimal(high, low), expected(high, low)); }));
});

test("keys are the first bits of SHA-256, of any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const bytes = hash("sha256", text, "buffer");
    assert.equal(hash64(text), bytes.readBigInt64BE(0).toString());
    assert.equal(hash32(text), bytes.readInt32BE(0));
  }));
});
