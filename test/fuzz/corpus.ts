/** Inputs that each reached something new: a point of the code, or a known point clearly more often. */
import { counters, pointsMax } from "./counters.ts";
import type { Random } from "#research/population/random.ts";

export class Corpus {
  readonly inputs: Uint8Array[] = [];
  readonly #seen = new Uint8Array(pointsMax);
  readonly #size: () => number;

  /** `size`: how many points there are by now; modules may be loaded on demand. */
  constructor(size: () => number) {
    this.#size = size;
  }

  /** Takes the counters of a run, and the input when they show something new. */
  consider(input: Uint8Array): boolean {
    let fresh = false;
    for (let i = 0, size = this.#size(); i < size; i++) {
      const count = counters[i]!;
      if (count === 0) continue;
      const bit = often(count);
      if ((this.#seen[i]! & bit) === 0) { this.#seen[i]! |= bit; fresh = true; }
    }
    if (fresh) this.inputs.push(Uint8Array.from(input));
    return fresh;
  }

  /** Half of the time one of the latest: they lead on. */
  pick(random: Random): Uint8Array {
    const { length } = this.inputs;
    const latest = Math.max(1, Math.ceil(length / 8));
    return this.inputs[random.chance(0.5) ? length - 1 - random.int(latest) : random.int(length)]!;
  }

  /** How many points from `from` up to `to` were reached. */
  reached(from: number, to: number): number {
    let count = 0;
    for (let i = from; i < to; i++) if (this.#seen[i] !== 0) count++;
    return count;
  }
}

/** Once, twice, three times, up to 7, 15, 31, 127, more: one bit each. */
function often(count: number): number {
  return count <= 3 ? 1 << (count - 1) : count < 8 ? 8 : count < 16 ? 16 : count < 32 ? 32 : count < 128 ? 64 : 128;
}
