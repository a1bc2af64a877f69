/**
 * Synthetic ECG from the dynamical model of McSharry PE, Clifford GD, Tarassenko L, Smith LA, IEEE Trans Biomed Eng
 * 2003;50(3):289-294, doi:10.1109/TBME.2003.808805: a point on a limit cycle in (x, y), pulled up and down in z by
 * the waves P, Q, R, S, T (table I), fourth-order Runge-Kutta.
 *
 * - Sinus: RR intervals have the given mean and SDNN and the bimodal spectrum of the paper, Gaussians at 0.1 Hz (LF)
 *   and the respiratory rate (HF), drawn as sinusoids of random phase.
 * - Atrial fibrillation: no P wave; RR independent from beat to beat (log-normal, never under 0.3 s: the AV node's
 *   refractory time); fibrillatory waves as a frequency-modulated sawtooth of three harmonics (Stridh M, Sörnmo L,
 *   IEEE Trans Biomed Eng 2001;48(1):105-111, doi:10.1109/10.900266).
 * - Wave widths follow the square root of each beat's own rate, as in the authors' ECGSYN for the mean rate.
 *
 * Same options, same bytes. Values in mV.
 */
import assert from "node:assert/strict";
import { random, type Random } from "../random.ts";
import type { Signal } from "../signal.ts";

export type EcgOptions = {
  seed: number | string;
  seconds: number;
  /** 100 to 2000. Default 250. */
  rateHz?: number;
  rhythm?: "sinus" | "af";
  /** Beats per minute, 20 to 250. Default 60. */
  heartRate?: number;
  /** Standard deviation of RR in ms. Default 40; for AF 0.22 of the mean RR. */
  sdnnMs?: number;
  /** Power ratio of the RR spectrum. Default 0.5. */
  lfHfRatio?: number;
  /** Breathing, Hz. Default 0.25. */
  respirationHz?: number;
  /** Height of R above the isoelectric line, mV; negative turns the complex over. Default 1.2. */
  amplitudeMv?: number;
  /** Standard deviation of white measurement noise, mV. Default 0.01. */
  noiseMv?: number;
  /** Amplitudes of waves relative to table I, e.g. {t: 2} for tall T waves. */
  waves?: Partial<Record<"p" | "q" | "r" | "s" | "t", number>>;
  start?: string;
  lead?: string;
};

export type SyntheticEcg = { signal: Signal; /** Sample numbers of the R peaks. */ beats: Int32Array };

/** Table I: angle (rad), height a, width b (rad). */
const table = {
  p: [-Math.PI / 3, 1.2, 0.25], q: [-Math.PI / 12, -5, 0.1], r: [0, 30, 0.1], s: [Math.PI / 12, -7.5, 0.1], t: [Math.PI / 2, 0.75, 0.4],
} as const;
const waveNames = ["p", "q", "r", "s", "t"] as const;

export function synthesizeEcg(options: EcgOptions): SyntheticEcg {
  const { seed, seconds, rateHz = 250, rhythm = "sinus", heartRate = 60, amplitudeMv = 1.2, noiseMv = 0.01 } = options;
  assert(seconds > 0 && seconds <= 7 * 86400 && rateHz >= 100 && rateHz <= 2000 && heartRate >= 20 && heartRate <= 250);
  const chance = random(seed);
  const nextRr = rhythm === "af" ? fibrillating(chance, options) : sinus(chance, options);
  const respirationHz = options.respirationHz ?? 0.25;

  const samples = new Float32Array(Math.round(seconds * rateHz));
  const beats: number[] = [];
  const height = new Float64Array(5), angle = new Float64Array(5), width = new Float64Array(5);
  let omega = 0;
  const setBeat = (rr: number): void => {
    omega = (2 * Math.PI) / rr;
    const rate = Math.sqrt(1 / rr);
    waveNames.forEach((name, index) => {
      const [phase, a, b] = table[name];
      angle[index] = name === "p" || name === "t" ? phase * Math.sqrt(rate) : phase * rate;
      height[index] = a * (options.waves?.[name] ?? 1) * (name === "p" && rhythm === "af" ? 0 : 1);
      width[index] = b * rate;
    });
  };
  setBeat(nextRr(0));

  const step = 1 / rateHz;
  const slope = (x: number, y: number, z: number, time: number): number => {
    const theta = Math.atan2(y, x);
    let change = 0.005 * Math.sin(2 * Math.PI * respirationHz * time) - z;
    for (let wave = 0; wave < 5; wave++) {
      let off = theta - angle[wave]!;
      if (off > Math.PI) off -= 2 * Math.PI; else if (off < -Math.PI) off += 2 * Math.PI;
      const ratio = off / width[wave]!;
      if (ratio < 8 && ratio > -8) change -= height[wave]! * off * Math.exp(-0.5 * ratio * ratio);
    }
    return change;
  };
  // The random phase of the first beat: recordings start anywhere in the cycle.
  const phase = Math.PI * (0.1 + 1.7 * chance.uniform());
  let x = Math.cos(phase), y = Math.sin(phase), z = 0;
  let top = 0;
  for (let index = 0; index < samples.length; index++) {
    samples[index] = z;
    const time = index * step;
    const a1 = 1 - Math.sqrt(x * x + y * y);
    const kx1 = a1 * x - omega * y, ky1 = a1 * y + omega * x, kz1 = slope(x, y, z, time);
    const x2 = x + (step / 2) * kx1, y2 = y + (step / 2) * ky1, a2 = 1 - Math.sqrt(x2 * x2 + y2 * y2);
    const kx2 = a2 * x2 - omega * y2, ky2 = a2 * y2 + omega * x2, kz2 = slope(x2, y2, z + (step / 2) * kz1, time + step / 2);
    const x3 = x + (step / 2) * kx2, y3 = y + (step / 2) * ky2, a3 = 1 - Math.sqrt(x3 * x3 + y3 * y3);
    const kx3 = a3 * x3 - omega * y3, ky3 = a3 * y3 + omega * x3, kz3 = slope(x3, y3, z + (step / 2) * kz2, time + step / 2);
    const x4 = x + step * kx3, y4 = y + step * ky3, a4 = 1 - Math.sqrt(x4 * x4 + y4 * y4);
    const kx4 = a4 * x4 - omega * y4, ky4 = a4 * y4 + omega * x4, kz4 = slope(x4, y4, z + step * kz3, time + step);
    const before = y;
    x += (step / 6) * (kx1 + 2 * kx2 + 2 * kx3 + kx4);
    y += (step / 6) * (ky1 + 2 * ky2 + 2 * ky3 + ky4);
    z += (step / 6) * (kz1 + 2 * kz2 + 2 * kz3 + kz4);
    if (before < 0 && y >= 0 && x > 0) {
      // The R wave stands at angle zero, which the point has just passed.
      const peak = y > -before ? index : index + 1;
      if (peak < samples.length) beats.push(peak);
      if (z > top) top = z;
      setBeat(nextRr(time));
    }
  }
  const scale = amplitudeMv / (top > 0 ? top : 1);
  const ripple = rhythm === "af" ? fibrillatoryWaves(chance) : undefined;
  for (let index = 0; index < samples.length; index++)
    samples[index] = samples[index]! * scale + noiseMv * chance.normal() + (ripple ? ripple(index * step) : 0);

  const signal: Signal = { samples, unit: "mV", rateHz };
  if (options.start !== undefined) signal.start = options.start;
  if (options.lead !== undefined) signal.lead = options.lead;
  return { signal, beats: Int32Array.from(beats) };
}

/** RR intervals in seconds as a function of time: mean + LF + HF sinusoids whose variances sum to SDNN². */
function sinus(chance: Random, options: EcgOptions): (time: number) => number {
  const mean = 60 / (options.heartRate ?? 60), sdnn = (options.sdnnMs ?? 40) / 1000;
  const ratio = options.lfHfRatio ?? 0.5;
  const parts: { amplitude: number; frequency: number; phase: number }[] = [];
  const perBand = 24, spread = 0.01;
  for (const [center, share] of [[0.1, ratio / (1 + ratio)], [options.respirationHz ?? 0.25, 1 / (1 + ratio)]] as const)
    for (let index = 0; index < perBand; index++)
      // Frequencies drawn from the Gaussian itself, equal amplitudes: no period after which the series repeats.
      parts.push({ amplitude: sdnn * Math.sqrt((2 * share) / perBand), frequency: Math.abs(center + spread * chance.normal()), phase: 2 * Math.PI * chance.uniform() });
  return (time) => {
    let rr = mean;
    for (const { amplitude, frequency, phase } of parts) rr += amplitude * Math.cos(2 * Math.PI * frequency * time + phase);
    return Math.max(0.25, Math.min(3, rr));
  };
}

function fibrillating(chance: Random, options: EcgOptions): (time: number) => number {
  const mean = 60 / (options.heartRate ?? 60);
  const variation = options.sdnnMs === undefined ? 0.22 : options.sdnnMs / 1000 / mean;
  const sigma = Math.sqrt(Math.log(1 + variation * variation));
  return () => Math.max(0.3, Math.min(3, mean * Math.exp(sigma * chance.normal() - (sigma * sigma) / 2)));
}

function fibrillatoryWaves(chance: Random): (time: number) => number {
  const base = 5 + 2 * chance.uniform(), phase = 2 * Math.PI * chance.uniform(), amplitude = 0.03 + 0.03 * chance.uniform();
  return (time) => {
    const angle = 2 * Math.PI * base * time + phase + 1.2 * Math.sin(2 * Math.PI * 0.3 * time);
    const swell = amplitude * (1 + 0.3 * Math.sin(2 * Math.PI * 0.23 * time + phase));
    return swell * (Math.sin(angle) + Math.sin(2 * angle) / 2 + Math.sin(3 * angle) / 3);
  };
}
