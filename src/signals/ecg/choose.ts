/**
 * Which candidates are beats: the set that explains amplitude and rhythm best together, found exactly by dynamic
 * programming over the whole recording (as in beat tracking: Ellis DPW, J New Music Res 2007;36:51-60,
 * doi:10.1080/09298210701653344). A candidate speaks for itself by the logarithm of its energy over a local threshold
 * between beat and noise level (adaptive thresholds: Hamilton P, Computers in Cardiology 2002;29:101-104); an interval
 * much shorter than the local one (T wave, noise) or much longer (missed beat: search-back) costs. Pauses cost no more
 * than `gapMost`, so that a true pause stays one. Levels, thresholds and local interval are estimated from the
 * beats chosen, on both sides of each moment, and the choice is repeated.
 */
import type { Candidates } from "./candidates.ts";

/** Heart rates above 300/min are not followed: two beats are never nearer. */
const refractorySeconds = 0.2;
const leastOfBeat = 0.35;              // of the local beat level: below this a candidate speaks against itself
const weight = 2, scoreLeast = -4, scoreMost = 2.5, wideScoreMost = 1.5;
const shortRatio = 0.65, shortWeight = 2.5, shortReferenceSeconds = 0.75;
const longRatio = 1.4, longWeight = 3, gapMost = 4, lookBackSeconds = 4;
const neighbours = 8;                  // beats on each side that set level and interval
const firstIntervalSeconds = 0.55, blockSeconds = 2, blocks = 5, typicalSeconds = 10;
const intervalSeconds = { least: 0.3, most: 2 };
const firstMost = 0.55, laterMost = 0.65, otherWeight = 1.3;
/** Against a recording's loud stretches, a beat level under this is silence. */
const leastOfRecording = 0.02, silent = 0.05;
const rounds = 3;

type Local = { threshold: Float32Array; wideThreshold: Float32Array; interval: Float32Array };

/** Indices of the candidates that are beats, ascending. */
export function chooseBeats(candidates: Candidates): Int32Array {
  const count = candidates.at.length;
  const level = startLevel(candidates);
  const local: Local = {
    threshold: startThreshold(candidates, level),
    wideThreshold: new Float32Array(count).fill(Infinity),
    interval: new Float32Array(count).fill(firstIntervalSeconds * candidates.rateHz),
  };
  let chosen = best(candidates, local, false);
  for (let round = 1; round < rounds && chosen.length >= 5; round++) {
    estimate(candidates, chosen, level, local);
    chosen = best(candidates, local, true);
  }
  return chosen;
}

/** Beat level before any beat is known: each block's highest candidate, medians before and after, geometric mean of both. */
function startLevel({ at, narrow, rateHz, length }: Candidates): Float32Array {
  const size = Math.max(1, Math.round(blockSeconds * rateHz)), number = Math.max(1, Math.ceil(length / size));
  const highest = new Float32Array(number);
  for (let candidate = 0; candidate < at.length; candidate++) {
    const block = Math.floor(at[candidate]! / size);
    if (narrow[candidate]! > highest[block]!) highest[block] = narrow[candidate]!;
  }
  const least = leastOfRecording * (highest.toSorted()[Math.floor(number * 0.9)] ?? 0);
  const level = new Float32Array(number);
  for (let block = 0; block < number; block++)
    level[block] = Math.max(least, between(median(highest, Math.max(0, block - blocks), block + 1), median(highest, block, Math.min(number, block + blocks + 1))));
  return Float32Array.from(at, (position) => level[Math.floor(position / size)]!);
}

/** Where candidates in general are high (noise, tall T), the first threshold stands higher: between 0.35 and 0.55 of the level. */
function startThreshold({ at, narrow, rateHz }: Candidates, level: Float32Array): Float32Array {
  const reach = typicalSeconds * rateHz, threshold = new Float32Array(at.length);
  let typical = 0;
  for (let candidate = 0; candidate < at.length; candidate++) {
    if (candidate % 8 === 0) {
      const near = narrow.slice(firstFrom(at, at[candidate]! - reach), firstFrom(at, at[candidate]! + reach)).sort();
      typical = near[Math.floor(near.length * 0.55)] ?? 0;
    }
    threshold[candidate] = Math.max(leastOfBeat * level[candidate]!, Math.min(firstMost * level[candidate]!, Math.sqrt(typical * level[candidate]!)));
  }
  return threshold;
}

function estimate({ at, narrow, wide, rateHz }: Candidates, chosen: Int32Array, start: Float32Array, local: Local): void {
  const beats = chosen.length;
  const intervals = new Float32Array(beats), levels = new Float32Array(beats), wides = new Float32Array(beats);
  // The second highest candidate left out between two beats: noise has many of a height, a missed beat only itself.
  const others = new Float32Array(beats - 1), otherWides = new Float32Array(beats - 1);
  for (let beat = 0; beat < beats; beat++) {
    levels[beat] = narrow[chosen[beat]!]!;
    wides[beat] = wide[chosen[beat]!]!;
    if (beat === 0) continue;
    intervals[beat] = at[chosen[beat]!]! - at[chosen[beat - 1]!]!;
    let highest = 0, second = 0;
    for (let candidate = chosen[beat - 1]! + 1; candidate < chosen[beat]!; candidate++) {
      const value = narrow[candidate]!;
      if (value > highest) { second = highest; highest = value; } else if (value > second) second = value;
      if (wide[candidate]! > otherWides[beat - 1]!) otherWides[beat - 1] = wide[candidate]!;
    }
    others[beat - 1] = second;
  }
  intervals[0] = intervals[1]!;
  let next = 0, last = -1, level = 0, threshold = 0, other = 0, wideThreshold = 0, interval = 0;
  for (let candidate = 0; candidate < at.length; candidate++) {
    while (next + 1 < beats && at[chosen[next]!]! < at[candidate]!) next++;
    if (next !== last) {
      last = next;
      const from = Math.max(0, next - neighbours), to = Math.min(beats, next + neighbours);
      level = between(median(levels, from, Math.max(1, next)), median(levels, next, to));
      const gapFrom = Math.min(beats - 2, from), gapTo = Math.max(gapFrom + 1, Math.min(beats - 1, to));
      other = median(others, gapFrom, gapTo);
      const wideLevel = median(wides, from, to);
      wideThreshold = Math.max(0.6 * wideLevel, Math.min(0.8 * wideLevel, 1.5 * median(otherWides, gapFrom, gapTo)));
      interval = Math.min(intervalSeconds.most * rateHz, Math.max(intervalSeconds.least * rateHz, median(intervals, from, to)));
    }
    const beatLevel = Math.max(level, 0.7 * start[candidate]!);
    threshold = Math.max(leastOfBeat * beatLevel, Math.min(laterMost * beatLevel, Math.sqrt(otherWeight * other * beatLevel)));
    local.threshold[candidate] = threshold;
    local.wideThreshold[candidate] = wideThreshold;
    local.interval[candidate] = interval;
  }
}

function best({ at, narrow, wide, rateHz }: Candidates, { threshold, wideThreshold, interval }: Local, searchBack: boolean): Int32Array {
  const count = at.length;
  const value = new Float64Array(count), before = new Int32Array(count), bestSoFar = new Int32Array(count);
  const refractory = refractorySeconds * rateHz, lookBack = lookBackSeconds * rateHz, shortReference = shortReferenceSeconds * rateHz;
  let top = -1;
  for (let candidate = 0; candidate < count; candidate++) {
    const narrowScore = Math.min(scoreMost, weight * Math.log(narrow[candidate]! / threshold[candidate]!));
    const wideScore = Math.min(wideScoreMost, weight * Math.log(wide[candidate]! / wideThreshold[candidate]!));
    const score = Math.max(scoreLeast, narrowScore, wideScore);
    const usual = interval[candidate]!, usualShort = Math.min(usual, shortReference);
    let most = 0, from = -1;
    for (let previous = candidate - 1; previous >= 0; previous--) {
      const distance = at[candidate]! - at[previous]!;
      if (distance < refractory) continue;
      if (distance > lookBack) {
        const far = bestSoFar[previous]!;
        if (value[far]! - gapMost > most) { most = value[far]! - gapMost; from = far; }
        break;
      }
      const ratio = distance / usual, shortness = distance / usualShort;
      let cost = 0;
      if (shortness < shortRatio) cost = shortWeight * Math.log(shortRatio / shortness);
      else if (searchBack && ratio > longRatio) cost = Math.min(gapMost, longWeight * Math.log(ratio / longRatio));
      if (value[previous]! - cost > most) { most = value[previous]! - cost; from = previous; }
    }
    value[candidate] = most + score;
    before[candidate] = from;
    if (top < 0 || value[candidate]! >= value[top]!) top = candidate;
    bestSoFar[candidate] = top;
  }
  const reversed: number[] = [];
  for (let candidate = top; candidate >= 0; candidate = before[candidate]!) reversed.push(candidate);
  return Int32Array.from(reversed.reverse());
}

/** Geometric mean of the levels before and after; where one side is as good as silent (electrode off), the other alone. */
function between(before: number, after: number): number {
  const high = Math.max(before, after);
  return Math.min(before, after) < silent * high ? high : Math.sqrt(before * after);
}

function firstFrom(sorted: Int32Array, bound: number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < bound) low = middle + 1; else high = middle;
  }
  return low;
}

const few = new Float32Array(2 * Math.max(neighbours, blocks) + 2);
/** Median of a short stretch (upper one of two). */
function median(values: Float32Array, from: number, to: number): number {
  const count = to - from;
  for (let index = 0; index < count; index++) {
    const value = values[from + index]!;
    let place = index;
    while (place > 0 && few[place - 1]! > value) { few[place] = few[place - 1]!; place--; }
    few[place] = value;
  }
  return count > 0 ? few[count >> 1]! : 0;
}
