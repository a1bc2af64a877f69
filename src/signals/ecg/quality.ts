/**
 * Signal quality of an ECG lead per window of 10 s, so that a stretch nobody should read says so.
 * Orders of checks: absent (no numbers) → flat (electrode off) → saturated (amplifier at its end) → noisy → good.
 * Flat and saturated follow the signal-quality indices of Clifford GD et al., Physiol Meas 2012;33:1419-1433,
 * doi:10.1088/0967-3334/33/9/1419; noisy compares the energy between beats with the beats' own, in the band in which beats
 * are found: where it comes near, beats cannot be told from noise. A window whose slopes are distributed as those of noise
 * (kurtosis near 3, where QRS complexes give 5 and more: Li Q, Mark RG, Clifford GD, Physiol Meas 2008;29:15-32,
 * doi:10.1088/0967-3334/29/1/002) and change sign as often is noisy too; a smooth wide tachycardia changes seldom.
 */
import type { Signal } from "../signal.ts";
import type { Detection } from "./qrs.ts";

export type Quality = "good" | "noisy" | "saturated" | "flat" | "absent";
export type QualityWindow = { /** Samples [from, to). */ from: number; to: number; quality: Quality };

export const windowSeconds = 10;
/** Fractions of a window and levels that decide. */
const absentFraction = 0.2, flatFraction = 0.5, saturatedFraction = 0.02, noiseRatio = 0.35;
const noiseKurtosis = 3.6, noiseTurns = 0.4, slopeSeconds = 0.012;
const constantSeconds = 0.5, pinnedSeconds = 0.04;

export function assessQuality(signal: Signal, detection: Detection): QualityWindow[] {
  const { samples, rateHz } = signal;
  const size = Math.max(1, Math.round(windowSeconds * rateHz));
  let least = Infinity, most = -Infinity;
  for (let index = 0; index < samples.length; index++) {
    const value = samples[index]!;
    if (value < least && value > -Infinity) least = value;
    if (value > most && value < Infinity) most = value;
  }
  const windows: QualityWindow[] = [];
  let beat = 0;
  for (let from = 0; from < samples.length; from += size) {
    // A last piece shorter than half a window belongs to the one before it.
    const to = samples.length - (from + size) < size / 2 ? samples.length : from + size;
    const first = beat;
    while (beat < detection.beats.length && detection.beats[beat]! < to) beat++;
    const wave = judge(signal, from, to, least, most);
    windows.push({ from, to, quality: wave === "good" && isNoisy(detection, first, beat) ? "noisy" : wave });
    if (to === samples.length) break;
  }
  return windows;
}

function judge({ samples, rateHz }: Signal, from: number, to: number, least: number, most: number): Quality {
  const constantLeast = constantSeconds * rateHz, pinnedLeast = Math.max(3, pinnedSeconds * rateHz);
  let absent = 0, flat = 0, pinned = 0, run = 1;
  for (let index = from; index < to; index++) {
    const value = samples[index]!;
    if (value !== value) absent++;
    else if (value === Infinity || value === -Infinity) pinned++;
    if (index + 1 < to && samples[index + 1] === value) { run++; continue; }
    if (run >= constantLeast) flat += run;
    else if (run >= pinnedLeast && (value === least || value === most)) pinned += run;
    run = 1;
  }
  const length = to - from;
  if (absent > absentFraction * length) return "absent";
  if (flat > flatFraction * length || least === most) return "flat";
  if (pinned > saturatedFraction * length) return "saturated";
  return isBroadband(samples, from, to, Math.max(1, Math.round(slopeSeconds * rateHz))) ? "noisy" : "good";
}

/** Slopes over 12 ms: nearly normal and turning at two of five steps or more. */
function isBroadband(samples: Signal["samples"], from: number, to: number, step: number): boolean {
  let squares = 0, fourths = 0, count = 0, turns = 0, last = 0;
  for (let index = from + step; index < to; index += step) {
    const slope = samples[index]! - samples[index - step]!;
    if (slope - slope !== 0) continue;
    const square = slope * slope;
    squares += square;
    fourths += square * square;
    count++;
    if (slope * last < 0) turns++;
    if (slope !== 0) last = slope;
  }
  return squares > 0 && (fourths * count) / (squares * squares) < noiseKurtosis && turns > noiseTurns * count;
}

function isNoisy({ level, between }: Detection, from: number, to: number): boolean {
  if (to - from < 3) return false;
  const levels = level.slice(from, to).sort(), others = between.slice(from, to).sort();
  return others[others.length >> 1]! > noiseRatio * levels[levels.length >> 1]!;
}
