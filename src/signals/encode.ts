/**
 * Signal ↔ FHIR SampledData. Source: https://hl7.org/fhir/R4/datatypes.html#SampledData
 * value = text × factor + origin; period is in milliseconds; several dimensions are interleaved.
 * "E" (error) is NaN, "L" (below the limit) -Infinity, "U" (above the limit) +Infinity, both ways.
 * Bounds: text of at most `maxCharacters`; a number of at most 24 characters.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Samples, Signal } from "./signal.ts";

export type SampledData = {
  origin: { value: number; unit: string; system: "http://unitsofmeasure.org"; code: string };
  period: number;
  factor?: number;
  lowerLimit?: number;
  upperLimit?: number;
  dimensions: number;
  data: string;
};

/** FHIR strings hold at most 1 MiB (https://hl7.org/fhir/R4/datatypes.html#string); lenient by 16×, for others write more. */
const maxCharacters = 16 << 20;
const space = 0x20, minus = 0x2d, zero = 0x30, letterE = 0x45, letterL = 0x4c, letterU = 0x55;
const ascii = new TextDecoder("latin1");

/** Whole numbers to text, single spaces between. NaN, -Infinity and +Infinity become E, L and U. |value| < 2^31. */
export function integersToText(values: Samples | Int16Array | Int32Array): string {
  const bytes = new Uint8Array(values.length * 12);
  let at = 0;
  for (let index = 0; index < values.length; index++) {
    if (index > 0) bytes[at++] = space;
    const value = values[index]!;
    if (value !== value) { bytes[at++] = letterE; continue; }
    if (value >= 2147483648) { bytes[at++] = letterU; continue; }
    if (value < -2147483647) { bytes[at++] = letterL; continue; }
    let whole = Math.round(value) | 0;
    if (whole < 0) { bytes[at++] = minus; whole = -whole; }
    let digits = 1;
    for (let bound = 10; digits < 10 && whole >= bound; bound *= 10) digits++;
    for (let place = at + digits - 1; place >= at; place--) {
      const tenth = (whole / 10) | 0;
      bytes[place] = zero + whole - tenth * 10;
      whole = tenth;
    }
    at += digits;
  }
  return ascii.decode(bytes.subarray(0, at));
}

/**
 * One signal as SampledData of whole numbers. `resolution` is the size of one step in the signal's unit
 * (0.001 keeps millivolts to 1 µV; an ADC's 1/gain keeps its values exactly); samples are rounded to it.
 * Fails on a rate or resolution that is not above zero, or where a finite sample needs more than 31 bits.
 */
export function encode(signal: Signal, resolution: number, origin = 0): Result<SampledData> {
  if (!(signal.rateHz > 0)) return fail("value", `The rate ${signal.rateHz} Hz is not above zero; give the samples per second.`);
  if (!(resolution > 0)) return fail("value", `The resolution ${resolution} is not above zero; give the size of one step in ${signal.unit}.`);
  const scaled = new Float64Array(signal.samples.length);
  for (let index = 0; index < scaled.length; index++) {
    const value = (signal.samples[index]! - origin) / resolution;
    if (value - value === 0 && Math.abs(value) > 2147483646)
      return fail("value", `Sample ${index} (${signal.samples[index]} ${signal.unit}) has no 31-bit whole number at resolution ${resolution}; choose a coarser resolution.`);
    scaled[index] = value;
  }
  return ok(sampledData(integersToText(scaled), signal.unit, signal.rateHz, resolution, origin));
}

/** SampledData around text of whole numbers already at hand (an ADC's own, for instance). */
export function sampledData(data: string, unit: string, rateHz: number, factor: number, origin = 0): SampledData {
  return {
    origin: { value: origin, unit, system: "http://unitsofmeasure.org", code: unit },
    period: 1000 / rateHz, factor, dimensions: 1, data,
  };
}

/** The signals of one SampledData, one per dimension, in its unit. `at` names the element in failures. */
export function decode(value: unknown, at = "SampledData"): Result<Signal[]> {
  if (typeof value !== "object" || value === null) return fail("structure", `${at} is not an object.`);
  const { origin, period, factor, dimensions, data } = value as Record<string, unknown>;
  const originValue = (origin as { value?: unknown } | undefined)?.value;
  if (typeof originValue !== "number") return fail("required", `${at}.origin.value is not a number; give the zero of the values.`);
  if (typeof period !== "number" || !(period > 0) || !Number.isFinite(period)) return fail("required", `${at}.period is not above zero; give milliseconds between samples.`);
  if (factor !== undefined && (typeof factor !== "number" || !Number.isFinite(factor))) return fail("value", `${at}.factor is not a number.`);
  if (typeof dimensions !== "number" || !Number.isInteger(dimensions) || dimensions < 1 || dimensions > 64) return fail("required", `${at}.dimensions is not a whole number from 1 to 64.`);
  if (typeof data !== "string") return fail("required", `${at}.data is absent; without data there is no signal.`);
  const unitOf = origin as { code?: unknown; unit?: unknown };
  const unit = typeof unitOf.code === "string" ? unitOf.code : typeof unitOf.unit === "string" ? unitOf.unit : "1";
  const parsed = textToNumbers(data, factor ?? 1, originValue, at);
  if (!parsed.ok) return parsed;
  const all = parsed.value;
  if (all.length % dimensions !== 0) return fail("structure", `${at}.data holds ${all.length} values, which is no multiple of its ${dimensions} dimensions.`);
  const rateHz = rateOf(period);
  if (dimensions === 1) return ok([{ samples: all, unit, rateHz }]);
  const signals: Signal[] = [];
  for (let dimension = 0; dimension < dimensions; dimension++) {
    const samples = new Float64Array(all.length / dimensions);
    for (let index = 0; index < samples.length; index++) samples[index] = all[index * dimensions + dimension]!;
    signals.push({ samples, unit, rateHz });
  }
  return ok(signals);
}

/** Samples per second for a period in ms; the whole rate where the period is that rate's decimal, however rounded. */
export function rateOf(periodMs: number): number {
  const rate = 1000 / periodMs, whole = Math.round(rate);
  return whole > 0 && Math.abs(rate - whole) / whole < 1e-4 ? whole : rate;
}

function textToNumbers(text: string, factor: number, origin: number, at: string): Result<Float64Array> {
  const length = text.length;
  if (length > maxCharacters) return fail("too-long", `${at}.data has ${length} characters, above ${maxCharacters}; split the recording into segments.`);
  const values = new Float64Array((length + 1) >> 1);
  let count = 0, index = 0;
  for (;;) {
    let code = text.charCodeAt(index);
    while (code === space || (code >= 9 && code <= 13)) code = text.charCodeAt(++index);
    if (index >= length) break;
    const start = index;
    let negative = false, whole = 0, digits = 0;
    if (code === minus) { negative = true; code = text.charCodeAt(++index); }
    while (code >= zero && code <= 57) { whole = whole * 10 + code - zero; digits++; code = text.charCodeAt(++index); }
    if (digits > 0 && digits < 15 && (code === space || index >= length)) {
      values[count++] = (negative ? -whole : whole) * factor + origin;
      continue;
    }
    while (index < length && !(code === space || (code >= 9 && code <= 13))) code = text.charCodeAt(++index);
    const word = text.slice(start, Math.min(index, start + 25));
    const first = word.charCodeAt(0);
    if (index - start === 1 && first === letterE) values[count++] = NaN;
    else if (index - start === 1 && first === letterL) values[count++] = -Infinity;
    else if (index - start === 1 && first === letterU) values[count++] = Infinity;
    else if (word.length <= 24 && /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(word) && Number.isFinite(Number(word)))
      values[count++] = Number(word) * factor + origin;
    else return fail("value", `${at}.data: value ${count + 1} ("${word.slice(0, 24)}") is neither a decimal number nor E, L or U.`);
  }
  return ok(values.slice(0, count));
}
