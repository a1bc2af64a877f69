/**
 * Seeded random numbers for synthetic signals: sfc32 (C. Doty-Humphrey, PractRand), seeded through splitmix32.
 * Same seed, same sequence, on every machine. Not for secrets.
 */

export type Random = {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal (Box-Muller, both halves used). */
  normal(): number;
};

export function random(seed: number | string): Random {
  let state = typeof seed === "number" ? seed >>> 0 : fnv1a(seed);
  const split = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  let a = split(), b = split(), c = split(), counter = 1;
  const uniform = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 12; round++) uniform();
  let spare = NaN;
  const normal = (): number => {
    if (spare === spare) { const value = spare; spare = NaN; return value; }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())), angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
