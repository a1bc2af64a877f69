/**
 * Second-order Butterworth sections by the bilinear transform with prewarping, so that a cut-off stands at the same
 * frequency at every sampling rate. Source: Oppenheim AV, Schafer RW, Discrete-Time Signal Processing, ch. 7.
 */

/** y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2] */
export type Biquad = { b0: number; b1: number; b2: number; a1: number; a2: number };

export function lowPass(cutHz: number, rateHz: number): Biquad {
  const k = Math.tan((Math.PI * cutHz) / rateHz), norm = 1 / (1 + Math.SQRT2 * k + k * k);
  return { b0: k * k * norm, b1: 2 * k * k * norm, b2: k * k * norm, a1: 2 * (k * k - 1) * norm, a2: (1 - Math.SQRT2 * k + k * k) * norm };
}

export function highPass(cutHz: number, rateHz: number): Biquad {
  const k = Math.tan((Math.PI * cutHz) / rateHz), norm = 1 / (1 + Math.SQRT2 * k + k * k);
  return { b0: norm, b1: -2 * norm, b2: norm, a1: 2 * (k * k - 1) * norm, a2: (1 - Math.SQRT2 * k + k * k) * norm };
}

/** Filters in place, forward then backward: no delay, twice the order. Starts from rest at the first value. */
export function zeroPhase(section: Biquad, values: Float32Array): void {
  run(section, values, 0, values.length, 1);
  run(section, values, values.length - 1, -1, -1);
}

function run({ b0, b1, b2, a1, a2 }: Biquad, values: Float32Array, from: number, to: number, step: 1 | -1): void {
  if (values.length === 0) return;
  const first = values[from]!;
  // At rest on a constant input the output is gain × input: no step at the edge.
  const gain = (b0 + b1 + b2) / (1 + a1 + a2);
  let x1 = first, x2 = first, y1 = gain * first, y2 = y1;
  for (let index = from; index !== to; index += step) {
    const x = values[index]!;
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    x2 = x1; x1 = x; y2 = y1; y1 = y;
    values[index] = y;
  }
}
