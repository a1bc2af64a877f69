/** WFDB annotations in MIT format: bytes. */
import assert from "node:assert/strict";
import type { Target } from "../target.ts";

const word = (code: number, delta: number): number[] => [delta & 255, (code << 2) | (delta >> 8)];

export const target: Target = {
  rooms: ["src/signals/wfdb/annotations.ts"],
  seeds: [
    Uint8Array.from([...word(22, 0), ...word(63, 24), ...Buffer.from("## time resolution: 360.5"), 0, ...word(1, 77), ...word(28, 18), ...word(63, 5), ...Buffer.from("(AFIB"), 0, ...word(62, 1), ...word(61, 3), ...word(60, 2), 0, 0]),
    Uint8Array.from([...word(59, 0), 1, 0, 0, 0, ...word(5, 10), ...word(1, 1023), 0, 0]),
  ],
  giants: () => [Buffer.alloc(5_000_000, 0x04), Uint8Array.from({ length: 5_000_000 }, (_, i) => (i % 2 === 0 ? 0xff : 0xff)), Uint8Array.from({ length: 5_000_000 }, (_, i) => [0, 59 << 2, 0xff, 0x7f, 0xff, 0xff][i % 6]!), Uint8Array.from({ length: 4_000_000 }, (_, i) => [1, 4, 2, 63 << 2, 65, 66][i % 6]!)],
  async open() {
    const { beatSamples, parseAnnotations } = await import("#signals/wfdb/annotations.ts");
    return (input) => {
      const read = parseAnnotations(input);
      if (!read.ok) { assert.match(read.failure.text, /byte \d+/); return; }
      const { samples, codes, aux } = read.value;
      assert.equal(samples.length, codes.length);
      for (const sample of samples) assert.ok(sample >= 0 && Number.isSafeInteger(sample), String(sample));
      for (const index of aux.keys()) assert.ok(index < samples.length);
      beatSamples(read.value);
    };
  },
};
