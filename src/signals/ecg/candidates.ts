/**
 * From an ECG lead to places where a QRS complex may be: maxima of the energy between 8 and 20 Hz, where a narrow
 * complex stands out most from P, T and muscle (Elgendi M, Jonkman M, De Boer F, Proc. BIOSTEC 2010; Pan J, Tompkins WJ,
 * IEEE Trans Biomed Eng 1985;32:230-236, doi:10.1109/TBME.1985.325532 for squaring and the moving window). A second
 * energy, from 3 to 20 Hz, is measured there for wide ventricular complexes. Filters are zero-phase, on the
 * signal thinned to about 120 to 240 Hz after a low-pass, so 100 and 1000 Hz give the same picture.
 */
import type { Samples } from "../signal.ts";
import { highPass, lowPass, zeroPhase } from "./filter.ts";

export type Candidates = {
  /** Positions in thinned samples, ascending; multiply by `step` for samples of the signal. */
  at: Int32Array;
  /** Root mean square over 100 ms, in the signal's unit: 8 to 20 Hz at the candidate, 3 to 20 Hz at most near it. */
  narrow: Float32Array;
  wide: Float32Array;
  step: number;
  /** Thinned samples per second. */
  rateHz: number;
  /** Number of thinned samples. */
  length: number;
};

const antiAliasHz = 40, narrowHz = 8, wideHz = 3, topHz = 20, windowSeconds = 0.1, reachSeconds = 0.08;

export function findCandidates(samples: Samples, signalRateHz: number): Candidates {
  const step = Math.max(1, Math.floor(signalRateHz / 120)), rateHz = signalRateHz / step;
  const low = thin(samples, signalRateHz, step), length = low.length, narrowBand = low.slice();
  const half = Math.max(1, Math.round((windowSeconds * rateHz) / 2));
  for (const [band, floorHz] of [[narrowBand, narrowHz], [low, wideHz]] as const) {
    zeroPhase(highPass(floorHz, rateHz), band);
    zeroPhase(lowPass(topHz, rateHz), band);
    movingRms(band, half);
  }
  const reach = Math.max(1, Math.round(reachSeconds * rateHz));
  const found = new Int32Array(Math.ceil(length / reach) + 1);
  let count = 0;
  for (let index = 1; index < length - 1; index++) {
    const value = narrowBand[index]!;
    if (!(value > narrowBand[index - 1]! && value >= narrowBand[index + 1]!)) continue;
    if (count > 0 && index - found[count - 1]! < reach) continue;
    const end = Math.min(length - 1, index + reach);
    let highest = true;
    for (let near = Math.max(0, index - reach); near <= end; near++) if (narrowBand[near]! > value) { highest = false; break; }
    if (highest) found[count++] = index;
  }
  const at = found.slice(0, count), narrow = new Float32Array(count), wide = new Float32Array(count);
  for (let candidate = 0; candidate < count; candidate++) {
    const center = at[candidate]!, end = Math.min(length - 1, center + reach);
    narrow[candidate] = narrowBand[center]!;
    let top = 0;
    for (let near = Math.max(0, center - reach); near <= end; near++) if (low[near]! > top) top = low[near]!;
    wide[candidate] = top;
  }
  return { at, narrow, wide, step, rateHz, length };
}

/** Low-pass, then every `step`-th sample. A sample that is no number repeats the last one known. */
function thin(samples: Samples, rateHz: number, step: number): Float32Array {
  const out = new Float32Array(Math.floor(samples.length / step));
  const { b0, b1, b2, a1, a2 } = lowPass(Math.min(antiAliasHz, rateHz / 2.5), rateHz);
  let known = 0;
  for (let index = 0; index < samples.length; index++) {
    const value = samples[index]!;
    if (value - value === 0) { known = value; break; }
  }
  let x1 = known, x2 = known, y1 = known, y2 = known;
  for (let index = 0, phase = 0, at = 0; at < out.length; index++) {
    const value = samples[index]!;
    if (value - value === 0) known = value;
    const y = b0 * known + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    x2 = x1; x1 = known; y2 = y1; y1 = y;
    if (phase === 0) out[at++] = y;
    if (++phase === step) phase = 0;
  }
  return out;
}

/** Centred moving root mean square over 2·half+1 values, in place: a ring keeps the squares that are already overwritten. */
function movingRms(values: Float32Array, half: number): void {
  const length = values.length, size = 2 * half + 1, ring = new Float64Array(size);
  let sum = 0, write = 0;
  for (let ahead = 0; ahead < length + half; ahead++) {
    const value = ahead < length ? values[ahead]! : 0, square = value * value;
    sum += square - ring[write]!;
    ring[write] = square;
    if (++write === size) write = 0;
    if (ahead >= half) values[ahead - half] = sum > 0 ? Math.sqrt(sum / size) : 0;
  }
}
