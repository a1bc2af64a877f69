/**
 * Beats found against reference beats: one-to-one, within a tolerance, greedy from the left over both sorted lists
 * (ANSI/AAMI EC57 uses 150 ms). Se = hit / (hit + missed), +P = hit / (hit + extra).
 */
export type BeatScore = { hit: number; missed: number; extra: number };

export function scoreBeats(found: ArrayLike<number>, reference: ArrayLike<number>, toleranceSamples: number): BeatScore {
  let hit = 0, at = 0, expected = 0;
  while (at < found.length && expected < reference.length) {
    const distance = found[at]! - reference[expected]!;
    if (Math.abs(distance) <= toleranceSamples) { hit++; at++; expected++; }
    else if (distance < 0) at++;
    else expected++;
  }
  return { hit, missed: reference.length - hit, extra: found.length - hit };
}
