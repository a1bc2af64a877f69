/**
 * Signal: a sampled waveform as one typed array, with unit, rate and start. The form every algorithm of this room takes.
 * Unknown samples keep their reason: NaN = error or gap, -Infinity = below what the device can show, +Infinity = above
 * (FHIR SampledData "E", "L", "U", https://hl7.org/fhir/R4/datatypes.html#SampledData).
 */

export type Samples = Float32Array | Float64Array;

export type Signal = {
  /** Physical values in `unit`, evenly spaced. */
  samples: Samples;
  /** UCUM code: "mV", "mm[Hg]", "/min". */
  unit: string;
  rateHz: number;
  /** Time of the first sample (ISO 8601), where known. */
  start?: string;
  /** Lead or channel as its device names it: "II", "MLII", "V5". */
  lead?: string;
};

export function durationSeconds(signal: Signal): number {
  return signal.samples.length / signal.rateHz;
}

/** Samples [from, to) of a signal, sharing memory, with `start` moved accordingly. */
export function slice(signal: Signal, from: number, to: number): Signal {
  const first = Math.max(0, Math.min(signal.samples.length, Math.floor(from)));
  const samples = signal.samples.subarray(first, Math.max(first, Math.floor(to)));
  return signal.start === undefined ? { ...signal, samples } : { ...signal, samples, start: timeAt(signal, first) ?? signal.start };
}

/** ISO 8601 instant of a sample, to the millisecond; undefined when the start is unknown. */
export function timeAt(signal: Signal, sample: number): string | undefined {
  if (signal.start === undefined) return undefined;
  const start = Date.parse(signal.start);
  if (Number.isNaN(start)) return undefined;
  return new Date(start + Math.round((sample * 1000) / signal.rateHz)).toISOString();
}
