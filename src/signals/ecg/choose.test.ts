import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chooseBeats } from "./choose.ts";
import type { Candidates } from "./candidates.ts";

/** Candidates by hand, at 100 per second: [hundredths of a second, level]. */
function candidates(list: readonly (readonly [number, number])[]): Candidates {
  const at = Int32Array.from(list, ([place]) => place), narrow = Float32Array.from(list, ([, level]) => level);
  return { at, narrow, wide: narrow.slice(), step: 1, rateHz: 100, length: (at.at(-1) ?? 0) + 100 };
}
const places = (input: Candidates): number[] => [...chooseBeats(input)].map((index) => input.at[index]!);

test("T waves of a third are left, beats taken", () => {
  const input = candidates(Array.from({ length: 20 }, (_, beat) => [[100 + 80 * beat, 1], [130 + 80 * beat, 0.3]] as const).flat());
  assert.deepEqual(places(input), Array.from({ length: 20 }, (_, beat) => 100 + 80 * beat));
});

test("search-back: one low beat in its place is taken, the same height out of place is not", () => {
  const beats = Array.from({ length: 20 }, (_, beat) => [100 + 80 * beat, beat === 10 ? 0.3 : 1] as const);
  assert(places(candidates(beats)).includes(900));
  const stray = beats.map(([place]): [number, number] => [place, 1]).toSpliced(11, 0, [925, 0.3]);
  assert(!places(candidates(stray)).includes(925));
});

test("every second beat of two fifths: none is lost", () => {
  const input = candidates(Array.from({ length: 40 }, (_, beat) => [[100 + 80 * beat, beat % 2 ? 0.4 : 1], [128 + 80 * beat, 0.12], [164 + 80 * beat, 0.08]] as const).flat());
  assert.equal(places(input).length, 40);
});

test("a pause stays a pause over low candidates", () => {
  const input = candidates([...Array.from({ length: 10 }, (_, beat) => [100 + 80 * beat, 1] as const), [1000, 0.05], [1100, 0.06], [1200, 0.05], [1300, 0.06], ...Array.from({ length: 10 }, (_, beat) => [1420 + 80 * beat, 1] as const)]);
  assert.equal(places(input).filter((place) => place > 900 && place < 1400).length, 0);
});

test("whatever the candidates: ascending, never nearer than 0.2 s", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 8, max: 200 }), fc.float({ min: 0, max: 10, noNaN: true })), { maxLength: 80 }), (steps) => {
    let place = 0;
    const chosen = places(candidates(steps.map(([step, level]) => { place += step; return [place, level] as const; })));
    for (let index = 1; index < chosen.length; index++) assert(chosen[index]! - chosen[index - 1]! >= 20);
  }));
});
