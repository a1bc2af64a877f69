/**
 * WFDB annotations in MIT format (.atr, .qrs, …). Source: annot(5), https://physionet.org/physiotools/wag/annot-5.htm
 * Little-endian words: code in the upper six bits, time since the last annotation in the lower ten; SKIP (59) adds
 * a 32-bit interval (high half first); NUM, SUB, CHN (60 to 62) qualify the annotation before them, NUM and CHN also
 * those after; AUX (63) is its text. A note "## time resolution: X" at the start gives the rate of the times.
 */
import { fail, ok, type Result } from "#platform/result.ts";

export type Annotations = {
  /** Sample numbers, in file order. */
  samples: Float64Array;
  codes: Uint8Array;
  subtypes: Int8Array;
  channels: Uint8Array;
  nums: Int8Array;
  /** Texts by index: rhythm labels "(AFIB", comments. */
  aux: Map<number, string>;
  /** Rate of the sample numbers where the file states it, else the record's. */
  rateHz?: number;
  /** False where the file ends without its end mark (cut short). */
  complete: boolean;
};

/** Annotation symbols by code (ecgcodes.h of the WFDB library). */
export const symbols: Readonly<Record<number, string>> = {
  1: "N", 2: "L", 3: "R", 4: "a", 5: "V", 6: "F", 7: "J", 8: "A", 9: "S", 10: "E", 11: "j", 12: "/", 13: "Q", 14: "~", 16: "|", 18: "s", 19: "T",
  20: "*", 21: "D", 22: "\"", 23: "=", 24: "p", 25: "B", 26: "^", 27: "t", 28: "+", 29: "u", 30: "?", 31: "!", 32: "[", 33: "]", 34: "e", 35: "n",
  36: "@", 37: "x", 38: "f", 39: "(", 40: ")", 41: "r",
};
const beatCodes = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 25, 30, 34, 35, 38, 41]);
/** Whether a code marks a heart beat (isqrs of the WFDB library). */
export function isBeat(code: number): boolean {
  return beatCodes.has(code);
}
export const rhythmChange = 28;
const note = 22, skip = 59, num = 60, sub = 61, chn = 62, auxiliary = 63;

export function parseAnnotations(bytes: Uint8Array, name = "annotations"): Result<Annotations> {
  const limit = bytes.length >> 1;
  const samples = new Float64Array(limit), codes = new Uint8Array(limit), subtypes = new Int8Array(limit), channels = new Uint8Array(limit), nums = new Int8Array(limit);
  const aux = new Map<number, string>();
  let count = 0, time = 0, channel = 0, number = 0, complete = false, at = 0, rateHz: number | undefined;
  const word = (): number => { const value = bytes[at]! | (bytes[at + 1]! << 8); at += 2; return value; };
  while (at + 1 < bytes.length) {
    const value = word();
    if (value === 0) { complete = true; break; }
    const code = value >> 10, delta = value & 1023;
    switch (code) {
      case skip: {
        if (at + 3 >= bytes.length) return fail("incomplete", `${name}: a time skip at byte ${at - 2} is cut short; copy the file again.`);
        const high = word();
        time += ((high << 16) | word()) | 0;
        break;
      }
      case num: number = (delta << 24) >> 24; if (count > 0) nums[count - 1] = number; break;
      case sub: if (count > 0) subtypes[count - 1] = delta; break;
      case chn: channel = delta; if (count > 0) channels[count - 1] = channel; break;
      case auxiliary: {
        if (at + delta > bytes.length) return fail("incomplete", `${name}: a text of ${delta} bytes at byte ${at} runs past the end; copy the file again.`);
        let text = "";
        for (let index = 0; index < delta && bytes[at + index] !== 0; index++) text += String.fromCharCode(bytes[at + index]!);
        at += delta + (delta & 1);
        const resolution = /^## time resolution: ([\d.]+)/.exec(text);
        if (resolution && count > 0 && codes[count - 1] === note) { rateHz = Number(resolution[1]); aux.delete(--count); }
        else if (count > 0) aux.set(count - 1, text);
        break;
      }
      default:
        time += delta;
        if (code === 0) break; // a mark without meaning, kept for its time only
        if (code > 49) return fail("invalid", `${name}: byte ${at - 2} holds annotation code ${code}, which no annotator uses; the file is not in MIT annotation format.`);
        if (time < 0) return fail("invalid", `${name}: byte ${at - 2} gives a time before the record's start; the file is damaged or not in MIT annotation format.`);
        samples[count] = time;
        codes[count] = code;
        channels[count] = channel;
        nums[count] = number;
        subtypes[count] = 0;
        count++;
    }
  }
  const value: Annotations = {
    samples: samples.slice(0, count), codes: codes.slice(0, count), subtypes: subtypes.slice(0, count), channels: channels.slice(0, count),
    nums: nums.slice(0, count), aux, complete,
  };
  if (rateHz !== undefined && rateHz > 0) value.rateHz = rateHz;
  return ok(value);
}

/** Sample numbers of the heart beats. */
export function beatSamples(annotations: Annotations): Int32Array {
  const beats: number[] = [];
  annotations.codes.forEach((code, index) => { if (isBeat(code)) beats.push(annotations.samples[index]!); });
  return Int32Array.from(beats);
}
