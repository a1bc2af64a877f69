/**
 * WFDB header (.hea) of a single-segment record. Source: header(5), https://physionet.org/physiotools/wag/header-5.htm
 * Unknown fields take the standard's defaults (250 Hz, gain 200 per mV, baseline = ADC zero, unit mV). File names are
 * names only: a header that points into another folder is refused. Skewed signals, multi-segment records and
 * formats outside formats.ts are refused by name rather than misread.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { formats, type FormatNumber } from "./formats.ts";

export type SignalSpec = {
  file: string;
  format: FormatNumber;
  samplesPerFrame: number;
  /** Bytes before the first sample of the file. */
  byteOffset: number;
  /** ADC units per physical unit. */
  gain: number;
  /** False where the header gives no gain and the standard's 200 per mV stands in. */
  calibrated: boolean;
  /** ADC value of physical zero. */
  baseline: number;
  /** UCUM, from the header's unit. */
  unit: string;
  adcBits: number;
  adcZero: number;
  initial?: number;
  /** 16-bit sum of all samples, as the header states it. */
  checksum?: number;
  description: string;
};

export type Header = {
  record: string;
  frameRateHz: number;
  /** Frames (samples per signal at one sample a frame); absent where the header leaves it to the file's length. */
  frames?: number;
  /** Local date and time of the first sample, "2001-02-03T04:05:06", where the header has both. */
  start?: string;
  signals: SignalSpec[];
  /** Lines beginning with "#", without it. */
  comments: string[];
};

const maxCharacters = 1 << 20, maxSignals = 256;
/** WFDB unit strings to UCUM; others pass where they are plain. */
const units: Record<string, string> = { mV: "mV", uV: "uV", V: "V", mmHg: "mm[Hg]", NU: "1", "nd": "1", bpm: "/min", "%": "%", degC: "Cel", l: "L" };

export function parseHeader(text: string, name = "header"): Result<Header> {
  if (text.length > maxCharacters) return fail("too-long", `${name}: ${text.length} characters is no WFDB header (at most ${maxCharacters}).`);
  if (text.includes("\0")) return fail("invalid", `${name} holds binary data; give the text header (.hea).`);
  const comments: string[] = [], lines: { text: string; number: number }[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const trimmed = line.trim();
    if (trimmed.startsWith("#")) { if (lines.length > 0) comments.push(trimmed.slice(1).trim()); }
    else if (trimmed !== "") lines.push({ text: trimmed, number: index + 1 });
  });
  const first = lines[0];
  if (!first) return fail("incomplete", `${name} is empty; a WFDB header begins with record name, number of signals, rate and samples.`);
  const record = parseRecordLine(first.text, `${name} line ${first.number}`);
  if (!record.ok) return record;
  const { count, ...rest } = record.value;
  if (lines.length - 1 < count) return fail("incomplete", `${name}: line 1 promises ${count} signals, ${lines.length - 1} signal lines follow; the header is cut short.`);
  const signals: SignalSpec[] = [];
  for (let index = 0; index < count; index++) {
    const line = lines[index + 1]!;
    const parsed = parseSignalLine(line.text, `${name} line ${line.number}`);
    if (!parsed.ok) return parsed;
    signals.push(parsed.value);
  }
  const formatOf = new Map<string, number>();
  for (const signal of signals) {
    if ((formatOf.get(signal.file) ?? signal.format) !== signal.format)
      return fail("invalid", `${name}: ${signal.file} is given two formats (${formatOf.get(signal.file)} and ${signal.format}); a signal file has one.`);
    formatOf.set(signal.file, signal.format);
  }
  return ok({ ...rest, signals, comments });
}

function parseRecordLine(text: string, at: string): Result<Omit<Header, "signals" | "comments"> & { count: number }> {
  const fields = text.split(/\s+/);
  const [record, segments] = fields[0]!.split("/");
  if (!record || !/^[\w.-]{1,128}$/.test(record)) return fail("invalid", `${at}: "${fields[0]!.slice(0, 40)}" is no record name (letters, digits, _ - .).`);
  if (segments !== undefined) return fail("not-supported", `${at}: ${record} is a multi-segment record; read its segments' own headers one by one.`);
  const count = Number(fields[1]);
  if (!Number.isInteger(count) || count < 1 || count > maxSignals) return fail("invalid", `${at}: "${fields[1] ?? ""}" is no number of signals from 1 to ${maxSignals}.`);
  const frameRateHz = fields[2] === undefined ? 250 : Number(fields[2].split("/")[0]);
  if (!(frameRateHz > 0) || frameRateHz > 1e6) return fail("invalid", `${at}: "${fields[2]}" is no sampling rate in Hz above zero.`);
  const frames = fields[3] === undefined ? 0 : Number(fields[3]);
  if (!Number.isSafeInteger(frames) || frames < 0) return fail("invalid", `${at}: "${fields[3]}" is no number of samples.`);
  const value: Omit<Header, "signals" | "comments"> & { count: number } = { record, frameRateHz, count };
  if (frames > 0) value.frames = frames;
  const clock = /^(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2})(\.\d+)?$/.exec(fields[4] ?? ""), day = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(fields[5] ?? "");
  if (clock && day) {
    const two = (part: string | undefined): string => (part ?? "0").padStart(2, "0");
    const start = `${day[3]}-${two(day[2])}-${two(day[1])}T${two(clock[1])}:${two(clock[2])}:${two(clock[3])}${clock[4] ?? ""}`;
    if (!Number.isNaN(Date.parse(`${start}Z`))) value.start = start;
  }
  return ok(value);
}

function parseSignalLine(text: string, at: string): Result<SignalSpec> {
  const fields = /^(\S+)\s+(\S+)(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(.*))?$/.exec(text);
  if (!fields) return fail("invalid", `${at}: a signal line needs at least a file name and a format.`);
  const [, file, formatField, gainField, bits, zero, initial, checksum, , description] = fields;
  if (!/^[\w.+ -]{1,255}$/.test(file!) || file === "-" || file!.startsWith(".") || file!.includes(".."))
    return fail("forbidden", `${at}: the signal file "${file!.slice(0, 80)}" is not a plain file name; it must lie beside its header.`);
  const format = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/.exec(formatField!);
  if (!format) return fail("invalid", `${at}: "${formatField}" is no format (number, then xN, :skew, +offset).`);
  const number = Number(format[1]);
  if (!Object.hasOwn(formats, number)) return fail("not-supported", `${at}: format ${number} is not read (only ${Object.keys(formats).join(", ")}); convert the record with xform or wfdb.`);
  const samplesPerFrame = Number(format[2] ?? 1), byteOffset = Number(format[4] ?? 0);
  if (samplesPerFrame < 1 || samplesPerFrame > 10_000) return fail("invalid", `${at}: ${samplesPerFrame} samples per frame is out of 1 to 10000.`);
  if (Number(format[3] ?? 0) !== 0) return fail("not-supported", `${at}: skewed signals (:${format[3]}) are not read; remove the skew with xform.`);
  if (!Number.isSafeInteger(byteOffset)) return fail("invalid", `${at}: the byte offset ${format[4]} is too large.`);
  const gain = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)?(?:\(([+-]?\d+)\))?(?:\/(\S+))?$/.exec(gainField ?? "");
  const stated = gain?.[1] === undefined ? 0 : Number(gain[1]);
  if (!gain || !Number.isFinite(stated)) return fail("invalid", `${at}: "${gainField}" is no gain (number, then (baseline), /unit).`);
  const integer = (value: string | undefined, fallback: number): number => (value === undefined || !/^[+-]?\d+$/.test(value) ? fallback : Number(value));
  const adcZero = integer(zero, 0);
  const unit = gain[3] ?? "mV";
  const spec: SignalSpec = {
    file: file!, format: number as FormatNumber, samplesPerFrame, byteOffset,
    gain: stated === 0 ? 200 : stated, calibrated: stated !== 0, baseline: integer(gain[2], adcZero),
    unit: units[unit] ?? (/^[!-~]{1,32}$/.test(unit) ? unit : "1"), adcBits: integer(bits, 12) || 12, adcZero, description: description?.trim() ?? "",
  };
  if (initial !== undefined && /^[+-]?\d+$/.test(initial)) spec.initial = Number(initial);
  if (checksum !== undefined && /^[+-]?\d+$/.test(checksum)) spec.checksum = Number(checksum);
  return ok(spec);
}
