import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode, encode, integersToText, rateOf } from "./encode.ts";

const base = { origin: { value: 0, unit: "mV", code: "mV" }, period: 4, factor: 0.005, dimensions: 1 };
const faulty: [string, unknown, RegExp][] = [
  ["no object", null, /not an object/],
  ["no origin", { ...base, origin: {}, data: "1" }, /origin\.value/],
  ["zero period", { ...base, period: 0, data: "1" }, /period/],
  ["text factor", { ...base, factor: "2", data: "1" }, /factor/],
  ["half a dimension", { ...base, dimensions: 1.5, data: "1" }, /dimensions/],
  ["no data", base, /data is absent/],
  ["a word", { ...base, data: "1 2 three 4" }, /value 3 \("three"\)/],
  ["lower-case e", { ...base, data: "1 e" }, /value 2/],
  ["endless number", { ...base, data: "9".repeat(400) }, /value 1/],
  ["odd interleave", { ...base, dimensions: 2, data: "1 2 3" }, /multiple/],
];
for (const [name, value, pattern] of faulty)
  test(`decode refuses ${name}`, () => {
    const decoded = decode(value);
    assert(!decoded.ok);
    assert.match(decoded.failure.text, pattern);
  });

test("decode reads the special values and decimals of the specification", () => {
  const decoded = decode({ ...base, origin: { value: 2, code: "mV" }, factor: 2, data: " 1 -3  E L\tU 0.5 1e1 +4 " });
  assert(decoded.ok);
  assert.deepEqual([...decoded.value[0]!.samples], [4, -4, NaN, -Infinity, Infinity, 3, 22, 10]);
  assert.equal(decoded.value[0]!.rateHz, 250);
});

test("decode separates interleaved dimensions", () => {
  const decoded = decode({ ...base, factor: 1, dimensions: 2, data: "1 10 2 20 3 30" });
  assert(decoded.ok);
  assert.deepEqual(decoded.value.map((signal) => [...signal.samples]), [[1, 2, 3], [10, 20, 30]]);
});

test("whole numbers survive the round trip, with E, L and U", () => {
  const sample = fc.oneof(fc.integer({ min: -2147483646, max: 2147483646 }), fc.constantFrom(NaN, Infinity, -Infinity, 0, 9, 10, -1, 99, 100));
  fc.assert(fc.property(fc.array(sample, { maxLength: 200 }), (values) => {
    const text = integersToText(Float64Array.from(values));
    assert.equal(text, values.map((value) => (Number.isNaN(value) ? "E" : value === Infinity ? "U" : value === -Infinity ? "L" : String(value === 0 ? 0 : value))).join(" "));
    const decoded = decode({ ...base, factor: 1, data: text });
    assert(decoded.ok);
    assert.deepEqual([...decoded.value[0]!.samples].map((value) => value + 0), values.map((value) => value + 0));
  }));
});

test("encode rounds to the resolution and refuses what does not fit", () => {
  const signal = { samples: Float32Array.of(0.1234, -1.5, NaN), unit: "mV", rateHz: 360 };
  const encoded = encode(signal, 0.001);
  assert(encoded.ok);
  assert.equal(encoded.value.data, "123 -1500 E");
  assert.equal(encode({ ...signal, samples: Float64Array.of(1e12) }, 0.001).ok, false);
  assert.equal(encode({ ...signal, rateHz: 0 }, 0.001).ok, false);
  assert.equal(encode(signal, 0).ok, false);
});

test("rateOf recovers whole rates from rounded periods", () => {
  for (const rate of [100, 125, 128, 250, 257, 300, 360, 500, 512, 1000]) {
    assert.equal(rateOf(1000 / rate), rate);
    assert.equal(rateOf(Number((1000 / rate).toFixed(4))), rate);
  }
  assert(Math.abs(rateOf(1000 / 62.4725) - 62.4725) < 1e-9);
});
