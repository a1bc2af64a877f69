/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna, ACM TOMS 2021, doi:10.1145/3460772), state filled by
 * splitmix32 from a hash of named parts. Each (seed, person, topic) has its own stream, so that adding a draw in one
 * topic leaves every other topic, and every other person, as it was. Not for secrets.
 */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  int(below: number): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** Standard normal, times `sd`, plus `mean`. */
  normal(mean?: number, sd?: number): number;
  /** Exponential waiting time with this mean. */
  wait(mean: number): number;
  pick<T>(from: readonly T[]): T;
  /** Index drawn in proportion to `weights` (all ≥ 0, sum > 0). */
  weighted(weights: readonly number[]): number;
};

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export function random(...parts: readonly (string | number)[]): Random {
  let fill = fnv1a(parts.join("\u0000"));
  const splitmix = (): number => {
    fill = (fill + 0x9e3779b9) >>> 0;
    let z = fill;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  // A second hash of the parts in reverse keeps the state from resting on 32 bits only.
  let a = splitmix(), b = splitmix() ^ fnv1a([...parts].reverse().join("\u0001")), c = splitmix(), d = splitmix() | 1;
  const bits = (): number => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a; d ^= b; b ^= c; a ^= d; c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  for (let i = 0; i < 8; i++) bits();
  const next = (): number => (bits() * 0x200000 + (bits() >>> 11)) / 0x20000000000000;
  let spare: number | undefined;
  const normal = (mean = 0, sd = 1): number => {
    if (spare !== undefined) { const z = spare; spare = undefined; return mean + sd * z; }
    let u: number, v: number, s: number; // Marsaglia polar method
    do { u = 2 * next() - 1; v = 2 * next() - 1; s = u * u + v * v; } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    spare = v * factor;
    return mean + sd * u * factor;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next, int, normal,
    between: (low, high) => low + (high - low) * next(),
    chance: (probability) => next() < probability,
    wait: (mean) => -mean * Math.log(1 - next()),
    pick: (from) => {
      const value = from[int(from.length)];
      if (value === undefined) throw new Error("pick from an empty list");
      return value;
    },
    weighted: (weights) => {
      let at = next() * weights.reduce((sum, w) => sum + w, 0);
      for (let i = 0; i < weights.length; i++) { at -= weights[i]!; if (at < 0) return i; }
      return weights.length - 1;
    },
  };
}
