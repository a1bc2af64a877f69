/**
 * Resources from text for a view. NDJSON comes in pieces of any size and is held one line at a time; a line of
 * another type is passed over by looking at its text, without parsing. Bundles (and lists, in a whole document)
 * are opened. Source: https://hl7.org/fhir/R4/nd-json.html
 */
import { isAscii, isUtf8 } from "node:buffer";
import type { Resource } from "../resource.ts";
import { parseDecimal } from "../fhirpath/decimal.ts";
import { diagnose } from "../json/diagnose.ts";

/** Longest line, in bytes. */
export const lineBytesMax = 256 << 20;

export type LineFault = { line: number; text: string };

export type ReaderOptions = {
  /** Only resources of this type are handed on. */
  resource: string;
  /** Keep the digits of decimals (View.digits); several times slower. */
  digits?: boolean;
  /** False stops the reader: what comes later is ignored. */
  each: (resource: Resource, line: number) => boolean | void;
  fault: (fault: LineFault) => void;
};

/** JSON with decimals as `Decimal` where a JavaScript number would lose how they are written: 1.0, 1e400. */
export function parseDigits(text: string): unknown {
  return JSON.parse(text, function (_key, value: unknown, context?: { source?: string }) {
    if (typeof value !== "number" || context?.source === undefined || context.source === String(value)) return value;
    return parseDecimal(context.source) ?? value;
  } as (key: string, value: unknown) => unknown);
}

/** Bundles inside Bundles, and lists, are opened this deep. */
const openedDepthMax = 16;

/** Resources of a document: itself, the entries of a Bundle unless Bundles are wanted, the members of a list. */
export function* resourcesIn(value: unknown, wanted: string, depth = 0): Generator<Resource> {
  if (typeof value !== "object" || value === null || depth > openedDepthMax) return;
  if (Array.isArray(value)) { for (const item of value) yield* resourcesIn(item, wanted, depth + 1); return; }
  const resource = value as Resource;
  if (resource.resourceType === wanted) yield resource;
  else if (resource.resourceType === "Bundle" && Array.isArray(resource.entry))
    for (const entry of resource.entry as unknown[])
      if (typeof entry === "object" && entry !== null) yield* resourcesIn((entry as { resource?: unknown }).resource, wanted, depth + 1);
}

export class NdjsonReader {
  readonly #options: ReaderOptions;
  readonly #typed: string;
  readonly #parse: (text: string) => unknown;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #discarding = false;
  #line = 0;
  #stopped = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#typed = `${start}${options.resource}"`;
    this.#parse = options.digits ? parseDigits : JSON.parse;
  }

  /** Takes the next bytes of the stream. */
  push(bytes: Uint8Array): void {
    if (this.#stopped) return;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const last = buffer.lastIndexOf(10);
    if (last < 0) { this.#hold(buffer); return; }
    if (this.#heldBytes > 0 || this.#discarding) {
      const first = buffer.indexOf(10);
      this.#hold(buffer.subarray(0, first + 1));
      this.#flush();
      if (last > first) this.#text(buffer.subarray(first + 1, last + 1));
    } else this.#text(buffer.subarray(0, last + 1));
    if (last + 1 < buffer.length) this.#hold(Buffer.from(buffer.subarray(last + 1)));
  }

  /** The stream has ended: takes a last line without a line feed. */
  end(): void {
    if (!this.#stopped) this.#flush();
  }

  #hold(piece: Buffer): void {
    this.#heldBytes += piece.length;
    if (this.#discarding) return;
    if (this.#heldBytes > lineBytesMax) { this.#discarding = true; this.#held = []; }
    else this.#held.push(piece);
  }

  #flush(): void {
    if (this.#discarding) this.#fault(++this.#line, `is longer than ${lineBytesMax} bytes`);
    else if (this.#heldBytes > 0) this.#text(this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held));
    this.#held = [];
    this.#heldBytes = 0;
    this.#discarding = false;
  }

  #fault(line: number, text: string): void {
    this.#options.fault({ line, text });
  }

  /** Whole lines. One decoding for all of them: lines are slices of it, and JSON.parse reads slices in place. */
  #text(bytes: Buffer): void {
    if (!isUtf8(bytes)) return this.#singly(bytes);
    const text = bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
    for (let at = 0; at < text.length && !this.#stopped; ) {
      let end = text.indexOf("\n", at);
      if (end < 0) end = text.length;
      this.#line += 1;
      const from = this.#line === 1 && text.charCodeAt(at) === 0xfeff ? at + 1 : at;
      if (end > from && !this.#passed(text, from, end)) this.#read(text.slice(from, end));
      at = end + 1;
    }
  }

  /** Lines among which some are not UTF-8: those are named, the others read. */
  #singly(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.#stopped; ) {
      let end = bytes.indexOf(10, at);
      if (end < 0) end = bytes.length;
      const line = bytes.subarray(at, end);
      if (isUtf8(line)) this.#text(bytes.subarray(at, end + 1));
      else this.#fault(++this.#line, "is not UTF-8");
      at = end + 1;
    }
  }

  /** Told by its first member to be of another type, and not cut short. */
  #passed(text: string, from: number, end: number): boolean {
    return text.startsWith(start, from) && !text.startsWith(this.#typed, from) && !text.startsWith(bundle, from) && plain(text, from + start.length)
      && text.charCodeAt(text.charCodeAt(end - 1) === carriageReturn ? end - 2 : end - 1) === closingBrace;
  }

  #read(line: string): void {
    let value: unknown;
    try {
      value = this.#parse(line);
    } catch {
      if (line.trim() === "") return;
      // The engine's own message would quote the data.
      const place = diagnose(line);
      this.#fault(this.#line, `is not JSON: ${place ? `column ${place.at + 1}: ${place.text}` : "it is nested too deep"}`);
      return;
    }
    const resource = value as Resource;
    if (typeof value !== "object" || value === null || typeof resource.resourceType !== "string") return this.#fault(this.#line, "is no resource: it has no resourceType");
    if (resource.resourceType === this.#options.resource) { this.#hand(resource); return; }
    for (const inner of resourcesIn(value, this.#options.resource)) if (!this.#hand(inner)) return;
  }

  #hand(resource: Resource): boolean {
    if (this.#options.each(resource, this.#line) === false) this.#stopped = true;
    return !this.#stopped;
  }
}

/** Letters up to the closing quote: a name with escapes in it is not told by looking. */
function plain(text: string, at: number): boolean {
  for (;;) {
    const c = text.charCodeAt(at++);
    if (c === quote) return true;
    if (!((c >= 65 && c <= 90) || (c >= 97 && c <= 122))) return false;
  }
}

const quote = 34;
const start = '{"resourceType":"';
const bundle = `${start}Bundle"`;
const carriageReturn = 13;
const closingBrace = 125;
