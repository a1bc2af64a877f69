import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesFor, formats, type FormatNumber } from "./formats.ts";

/** Writers as signal(5) words them, independent of the decoder. */
const writers: Record<FormatNumber, (values: number[]) => number[]> = {
  16: (values) => values.flatMap((value) => [value & 255, (value >> 8) & 255]),
  61: (values) => values.flatMap((value) => [(value >> 8) & 255, value & 255]),
  80: (values) => values.map((value) => value + 128),
  212: (values) => {
    const bytes: number[] = [];
    for (let index = 0; index < values.length; index += 2) {
      const first = values[index]! & 0xfff, second = (values[index + 1] ?? 0) & 0xfff;
      bytes.push(first & 255, (first >> 8) | ((second >> 8) << 4));
      if (index + 1 < values.length) bytes.push(second & 255);
    }
    return bytes;
  },
};
const bits: Record<FormatNumber, number> = { 16: 16, 61: 16, 80: 8, 212: 12 };

for (const format of [16, 61, 80, 212] as const)
  test(`format ${format} gives back what was written`, () => {
    const bound = 2 ** (bits[format] - 1);
    fc.assert(fc.property(fc.array(fc.integer({ min: -bound, max: bound - 1 }), { maxLength: 41 }), (values) => {
      const bytes = Uint8Array.from(writers[format](values)), out = new Int16Array(values.length);
      assert.equal(bytes.length, bytesFor(format, values.length));
      formats[format].decode(bytes, out, values.length);
      assert.deepEqual([...out], values);
    }));
    assert.equal(formats[format].invalid, -bound);
  });
