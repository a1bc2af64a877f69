/**
 * One ECG lead read as a whole: beats, quality, heart rate, rhythm, pauses. Only intervals inside usable windows count.
 * Rate limits: bradycardia under 50/min and pauses over 3 s, ACC/AHA/HRS 2018 (doi:10.1161/CIR.0000000000000628);
 * tachycardia over 100/min, ACC/AHA/HRS 2015 (doi:10.1161/CIR.0000000000000311).
 */
import type { Signal } from "../signal.ts";
import { assessQuality, type Quality, type QualityWindow } from "./quality.ts";
import { detect } from "./qrs.ts";
import { irregularity, pauseSeconds, segmentBeats, leastIntervals, type Irregularity } from "./rhythm.ts";

export type RhythmClass = "regular" | "irregular" | "af-like" | "undetermined";
export type RateClass = "bradycardia" | "normal" | "tachycardia" | "undetermined";
export type Stretch = { fromSeconds: number; toSeconds: number };

export type EcgAnalysis = {
  /** Sample numbers of all R peaks found, also where quality is poor. */
  beats: Int32Array;
  windows: QualityWindow[];
  seconds: number;
  usableSeconds: number;
  /** Seconds per quality. */
  quality: Record<Quality, number>;
  /** Mean over usable intervals, beats per minute; absent without at least three. */
  heartRate?: number;
  slowest?: number;
  fastest?: number;
  rate: RateClass;
  rhythm: RhythmClass;
  /** Of the segment that decided the rhythm: the most irregular AF-like one, else the one with the largest RMSSD. */
  measures?: Irregularity;
  afLike: Stretch[];
  pauses: { atSeconds: number; seconds: number }[];
};

/** A stretch of AF-like irregularity must last this long to name the rhythm (ESC 2024, doi:10.1093/eurheartj/ehae176: 30 s). Short strips: their whole length, from `shortest`. */
const afSeconds = 30, shortestAfSeconds = 10;
const irregularFrom = 0.1;

export function analyzeEcg(signal: Signal): EcgAnalysis {
  const detection = detect(signal), { beats } = detection, { rateHz, samples } = signal;
  const windows = assessQuality(signal, detection);
  const quality: Record<Quality, number> = { good: 0, noisy: 0, saturated: 0, flat: 0, absent: 0 };
  for (const window of windows) quality[window.quality] += (window.to - window.from) / rateHz;
  const runs = usableRuns(beats, windows, rateHz);
  const result: EcgAnalysis = {
    beats, windows, seconds: samples.length / rateHz, usableSeconds: quality.good, quality,
    rate: "undetermined", rhythm: "undetermined", afLike: [], pauses: [],
  };
  let sum = 0, count = 0, shortest = Infinity, longest = 0;
  for (const { from, intervals } of runs) {
    for (let index = 0; index < intervals.length; index++) {
      const seconds = intervals[index]!;
      if (seconds > pauseSeconds) result.pauses.push({ atSeconds: beats[from + index]! / rateHz, seconds });
      sum += seconds;
      count++;
      // Extremes over eight beats: one premature beat is no heart rate.
      if (index >= 7) {
        const eight = (beats[from + index + 1]! - beats[from + index - 7]!) / rateHz / 8;
        if (eight < shortest) shortest = eight;
        if (eight > longest) longest = eight;
      }
    }
  }
  if (count >= 3) {
    result.heartRate = (60 * count) / sum;
    result.rate = result.heartRate < 50 ? "bradycardia" : result.heartRate > 100 ? "tachycardia" : "normal";
    if (longest > 0) { result.slowest = 60 / longest; result.fastest = 60 / shortest; }
  }
  judgeRhythm(result, runs, rateHz);
  return result;
}

type Run = { /** Index of its first beat. */ from: number; intervals: Float64Array };

/** Unbroken runs of intervals whose both beats lie in good windows, with nothing but good windows between. */
function usableRuns(beats: Int32Array, windows: QualityWindow[], rateHz: number): Run[] {
  const runs: Run[] = [];
  let window = 0, start = -1;
  const close = (end: number): void => {
    if (start >= 0 && end > start) runs.push({ from: start, intervals: Float64Array.from({ length: end - start }, (_, index) => (beats[start + index + 1]! - beats[start + index]!) / rateHz) });
    start = -1;
  };
  for (let beat = 0; beat < beats.length; beat++) {
    let broken = false;
    while (window + 1 < windows.length && beats[beat]! >= windows[window]!.to) { window++; if (windows[window]!.quality !== "good") broken = true; }
    if (broken) close(beat - 1);
    if (windows[window]!.quality !== "good") { close(beat - 1); continue; }
    if (start < 0) start = beat;
  }
  close(beats.length - 1);
  return runs;
}

function judgeRhythm(result: EcgAnalysis, runs: Run[], rateHz: number): void {
  let most: Irregularity | undefined, mostAf: Irregularity | undefined, judged = false;
  for (const { from, intervals } of runs) {
    for (let at = 0; at < intervals.length; ) {
      // A remainder too short to judge joins the segment before it.
      const end = intervals.length - (at + segmentBeats) < leastIntervals ? intervals.length : at + segmentBeats;
      const measures = irregularity(intervals.subarray(at, end));
      if (measures) {
        judged = true;
        if (!most || measures.normalizedRmssd > most.normalizedRmssd) most = measures;
        if (measures.afLike) {
          if (!mostAf || measures.normalizedRmssd > mostAf.normalizedRmssd) mostAf = measures;
          const fromSeconds = result.beats[from + at]! / rateHz, toSeconds = result.beats[from + end]! / rateHz;
          const last = result.afLike.at(-1);
          if (last && Math.abs(last.toSeconds - fromSeconds) < 1e-9) last.toSeconds = toSeconds;
          else result.afLike.push({ fromSeconds, toSeconds });
        }
      }
      at = end;
    }
  }
  if (!judged) return;
  const needed = Math.max(shortestAfSeconds, Math.min(afSeconds, 0.6 * result.seconds));
  const af = result.afLike.some(({ fromSeconds, toSeconds }) => toSeconds - fromSeconds >= needed);
  result.rhythm = af ? "af-like" : most!.normalizedRmssd > irregularFrom ? "irregular" : "regular";
  result.measures = af ? mostAf! : most!;
}
