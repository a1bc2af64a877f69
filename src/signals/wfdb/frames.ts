/**
 * Frames of a WFDB signal file: which bytes hold frames [from, to), and their samples per signal. The reader of the
 * file keeps memory bounded by asking for a few seconds at a time. Pure.
 */
import { bytesFor, formats } from "./formats.ts";
import type { Header, SignalSpec } from "./header.ts";

/** The signals of one file: in every frame they follow each other, each with its samples per frame. */
export type Group = { file: string; /** Indices in header.signals, in file order. */ indices: number[]; signals: SignalSpec[]; samplesPerFrame: number };

export function groups(header: Header): Group[] {
  const byFile = new Map<string, Group>();
  header.signals.forEach((signal, index) => {
    const group = byFile.get(signal.file) ?? { file: signal.file, indices: [], signals: [], samplesPerFrame: 0 };
    group.indices.push(index);
    group.signals.push(signal);
    group.samplesPerFrame += signal.samplesPerFrame;
    byFile.set(signal.file, group);
  });
  return [...byFile.values()];
}

/** Frames that a file of `size` bytes holds completely. */
export function framesIn(group: Group, size: number): number {
  const { format, byteOffset } = group.signals[0]!;
  const { unit, bytes } = formats[format];
  const usable = Math.max(0, size - byteOffset), whole = Math.floor(usable / bytes);
  const samples = whole * unit + (usable - whole * bytes >= bytes - 1 && unit > 1 ? unit - 1 : 0);
  return Math.floor(samples / group.samplesPerFrame);
}

/** Byte range of frames [from, to). `from` must be even: a unit of format 212 holds two samples. */
export function byteRange(group: Group, from: number, to: number): { offset: number; length: number } {
  const { format, byteOffset } = group.signals[0]!;
  if (from % 2 !== 0) throw new Error(`frames are read from an even frame, not ${from}`);
  const start = bytesFor(format, from * group.samplesPerFrame);
  return { offset: byteOffset + start, length: bytesFor(format, to * group.samplesPerFrame) - start };
}

/** ADC values of `frames` frames, one array per signal of the group. */
export function decodeFrames(group: Group, bytes: Uint8Array, frames: number): Int16Array[] {
  const { samplesPerFrame } = group;
  const all = new Int16Array(frames * samplesPerFrame);
  formats[group.signals[0]!.format].decode(bytes, all, all.length);
  if (group.signals.length === 1) return [all];
  let offset = 0;
  return group.signals.map(({ samplesPerFrame: own }) => {
    const out = new Int16Array(frames * own);
    if (own === 1) for (let frame = 0, at = offset; frame < frames; frame++, at += samplesPerFrame) out[frame] = all[at]!;
    else for (let frame = 0, at = 0; frame < frames; frame++) for (let sample = 0; sample < own; sample++) out[at++] = all[frame * samplesPerFrame + offset + sample]!;
    offset += own;
    return out;
  });
}

/** Physical values; the format's "no sample" becomes NaN. */
export function toPhysical(spec: SignalSpec, raw: Int16Array, out = new Float32Array(raw.length), at = 0): Float32Array {
  const { invalid } = formats[spec.format], scale = 1 / spec.gain;
  for (let index = 0; index < raw.length; index++) {
    const value = raw[index]!;
    out[at + index] = value === invalid ? NaN : (value - spec.baseline) * scale;
  }
  return out;
}

/** Running 16-bit checksum: add every chunk, compare with the header's when the last is in. */
export function addChecksum(sum: number, raw: Int16Array): number {
  let total = sum;
  for (let index = 0; index < raw.length; index++) total = (total + raw[index]!) | 0;
  return total;
}
export function checksumMatches(spec: SignalSpec, sum: number): boolean {
  return spec.checksum === undefined || ((sum ^ spec.checksum) & 0xffff) === 0;
}
