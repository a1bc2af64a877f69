/**
 * Beats (QRS complexes) of one ECG lead, at any rate from 100 to 2000 Hz, either polarity, any gain.
 * Named steps: candidates (band energy) → choice (dynamic programming over amplitude and rhythm) → R (in the raw signal).
 * Looks both ways in time: for recordings, not for a monitor's next second. About three linear passes, no allocation
 * per sample; memory is two thinned copies of the lead. Measured figures: docs/signals.md.
 */
import assert from "node:assert/strict";
import type { Samples, Signal } from "../signal.ts";
import { findCandidates } from "./candidates.ts";
import { chooseBeats } from "./choose.ts";

export type Detection = {
  /** Sample numbers of the R peaks (largest deflection of each complex), ascending, at least 0.1 s apart. */
  beats: Int32Array;
  /** Energy (RMS, 8 to 20 Hz) of each beat, in the signal's unit. */
  level: Float32Array;
  /** Highest energy that was left out between the beat before and this one: T wave, P wave or noise. */
  between: Float32Array;
};

export function detectBeats(signal: Signal): Int32Array {
  return detect(signal).beats;
}

export function detect(signal: Signal): Detection {
  const { samples, rateHz } = signal;
  assert(rateHz >= 60 && rateHz <= 20_000, `an ECG of ${rateHz} Hz`);
  if (samples.length < rateHz / 2) return { beats: new Int32Array(0), level: new Float32Array(0), between: new Float32Array(0) };
  const candidates = findCandidates(samples, rateHz);
  const chosen = chooseBeats(candidates);
  const beats = new Int32Array(chosen.length);
  const level = new Float32Array(chosen.length), between = new Float32Array(chosen.length);
  let count = 0, after = 0;
  for (const candidate of chosen) {
    let left = 0;
    for (; after < candidate; after++) if (candidates.narrow[after]! > left) left = candidates.narrow[after]!;
    after = candidate + 1;
    if (candidates.narrow[candidate]! < tiniest(signal.unit)) continue;
    const beat = peak(samples, candidates.at[candidate]! * candidates.step, rateHz);
    if (count > 0 && beat - beats[count - 1]! < rateHz * 0.1) continue;
    beats[count] = beat;
    level[count] = candidates.narrow[candidate]!;
    between[count++] = left;
  }
  return { beats: beats.slice(0, count), level: level.slice(0, count), between: between.slice(0, count) };
}

/** Below this band energy there is nothing but the converter's own steps: a flat line has no beats. */
function tiniest(unit: string): number {
  return unit === "uV" ? 2 : unit === "V" ? 2e-6 : unit === "mV" ? 2e-3 : 0;
}

/** The sample farthest from the mean of its surroundings (±120 ms), within ±60 ms. */
function peak(samples: Samples, center: number, rateHz: number): number {
  const wide = Math.round(0.12 * rateHz), reach = Math.round(0.06 * rateHz);
  let sum = 0, count = 0;
  const from = Math.max(0, center - wide), to = Math.min(samples.length - 1, center + wide);
  for (let index = from; index <= to; index++) {
    const value = samples[index]!;
    if (value - value === 0) { sum += value; count++; }
  }
  const mean = count > 0 ? sum / count : 0;
  let best = center, farthest = -1;
  for (let index = Math.max(0, center - reach); index <= Math.min(samples.length - 1, center + reach); index++) {
    const distance = Math.abs(samples[index]! - mean);
    if (distance > farthest && distance < Infinity) { farthest = distance; best = index; }
  }
  return best;
}
