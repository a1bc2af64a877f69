import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { beatSamples, parseAnnotations } from "./annotations.ts";

const word = (code: number, value: number): number[] => [value & 255, (code << 2) | (value >> 8)];
const text = (value: string): number[] => [...word(63, value.length), ...Buffer.from(value), ...(value.length % 2 ? [0] : [])];
const parse = (...bytes: number[][]) => parseAnnotations(Uint8Array.from(bytes.flat()), "x.atr");

test("reads times, a long skip, sub, chan, num and aux as annot(5) gives them", () => {
  const parsed = parse(word(28, 18), text("(N"), word(1, 59), word(59, 0), [1, 0, 0x10, 0], word(5, 4), word(61, 2), word(62, 1), word(60, 1023), word(1, 100), [0, 0], [9, 9]);
  assert(parsed.ok);
  const { samples, codes, subtypes, channels, nums, aux, complete } = parsed.value;
  assert.deepEqual([...samples], [18, 77, 77 + 65536 + 16 + 4, 77 + 65536 + 16 + 104]);
  assert.deepEqual([...codes], [28, 1, 5, 1]);
  assert.deepEqual([...subtypes], [0, 0, 2, 0]);
  assert.deepEqual([...channels], [0, 0, 1, 1]);
  assert.deepEqual([...nums], [0, 0, -1, -1]);
  assert.deepEqual([...aux], [[0, "(N"]]);
  assert.equal(complete, true);
  assert.deepEqual([...beatSamples(parsed.value)], [77, 65633, 65733]);
});

test("a negative skip goes back; a stated time resolution is kept apart", () => {
  const parsed = parse(word(22, 0), text("## time resolution: 500"), word(1, 1000), word(59, 0), [0xff, 0xff, 0xf6, 0xff], word(1, 4), [0, 0]);
  assert(parsed.ok);
  assert.equal(parsed.value.rateHz, 500);
  assert.deepEqual([...parsed.value.samples], [1000, 994]);
});

test("a text of the note that states the time resolution goes with it, and is not of what comes after", () => {
  const parsed = parse(word(22, 0), text("## other"), text("## time resolution: 500"), word(1, 10), [0, 0]);
  assert(parsed.ok);
  assert.equal(parsed.value.rateHz, 500);
  assert.deepEqual([...parsed.value.samples], [10]);
  assert.deepEqual([...parsed.value.aux], []);
});

test("an end without mark is told; damage is refused", () => {
  const cut = parse(word(1, 5), word(1, 5));
  assert(cut.ok);
  assert.equal(cut.value.complete, false);
  for (const [bytes, pattern] of [[[word(59, 0), [1]], /cut short/], [[word(1, 1), word(63, 900), [65]], /past the end/], [[word(55, 3)], /code 55/], [[word(59, 0), [0xff, 0xff, 0, 0], word(1, 1)], /before the record's start/]] as const) {
    const parsed = parse(...bytes.map((part) => [...part]));
    assert(!parsed.ok);
    assert.match(parsed.failure.text, pattern);
  }
});

test("never throws, whatever the bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => { parseAnnotations(bytes); }));
});
