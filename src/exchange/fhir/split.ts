/**
 * Cuts FHIR JSON of any size into resources with bounded memory: a Bundle entry by entry, NDJSON line by line, a
 * single resource whole. Bytes in, exact source text out, so that member order and number literals survive.
 */
import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { fail, ok, type Result } from "#platform/result.ts";
import { diagnose, placeText } from "#fhir/json/diagnose.ts";

/** One resource of a file. `place` names it: "entry[3]", "line 12", "the resource". */
export type SourceResource = { place: string; text: string; fullUrl?: string };

export const resourceBytesMax: number = 64 * 1024 * 1024;
const chunkBytes = 1 << 20;

const quote = 0x22, backslash = 0x5c, openBrace = 0x7b, closeBrace = 0x7d, openBracket = 0x5b, closeBracket = 0x5d, newline = 0x0a, comma = 0x2c;

export type FhirForm = "ndjson" | "bundle" | "resource";

/** Reads the first bytes: what a file holds. undefined: no FHIR JSON. */
export function formOf(head: Buffer): FhirForm | undefined {
  const text = head.toString("utf8").replace(/^\ufeff/, "").trimStart();
  if (!text.startsWith("{")) return undefined;
  const top = topMembers(text);
  const type = top.resourceType;
  const lineEnd = text.indexOf("\n");
  const line = lineEnd > 0 ? text.slice(0, lineEnd).trim() : "";
  if (type !== undefined && line.endsWith("}") && text.slice(lineEnd).trim() !== "" && isJson(line)) return "ndjson";
  if (type === "Bundle") return "bundle";
  if (type !== undefined) return "resource";
  // A Bundle may name itself after its entries, beyond what was read here.
  return top.entry ? "bundle" : undefined;
}

/** The members at the top level of the (possibly cut) text that tell what it is. */
function topMembers(text: string): { resourceType?: string; entry: boolean } {
  const found: { resourceType?: string; entry: boolean } = { entry: false };
  let depth = 0;
  let member = "";
  for (let i = 0; i < text.length && found.resourceType === undefined; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) {
      const from = i + 1;
      for (i = from; i < text.length && text.charCodeAt(i) !== quote; i++) if (text.charCodeAt(i) === backslash) i += 1;
      if (depth !== 1) continue;
      const value = text.slice(from, i);
      if (member === "resourceType" && /:\s*$/.test(text.slice(Math.max(0, from - 20), from - 1))) found.resourceType = value;
      else member = value;
    } else if (c === openBrace || c === openBracket) {
      if (depth === 1 && c === openBracket && member === "entry") found.entry = true;
      depth += 1;
    } else if (c === closeBrace || c === closeBracket) depth -= 1;
    if (depth === 0 && i > 0) break;
  }
  return found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Yields every resource, or a failure naming the place where the file breaks off; entries before it were good. */
export async function* splitFhir(path: string, form: FhirForm, onBytes: (done: number) => void = () => {}): AsyncGenerator<Result<SourceResource>> {
  switch (form) {
    case "ndjson": yield* splitLines(chunks(path, onBytes)); break;
    case "bundle": yield* splitBundle(path, onBytes); break;
    case "resource": yield* whole(path, onBytes); break;
  }
}

async function* chunks(path: string, onBytes: (done: number) => void): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    let at = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      onBytes(at);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function tooLong(place: string): Result<SourceResource> {
  return fail("too-long", `${place} is larger than ${resourceBytesMax >> 20} MiB, the most one resource may have.`);
}

/** Bytes that are no UTF-8 would turn into other characters unseen. */
function textAt(place: string, bytes: Buffer): Result<string> {
  return isUtf8(bytes) ? ok(bytes.toString("utf8")) : fail("invalid", `${place} is not UTF-8; save the file as UTF-8 and import it again.`);
}

async function* whole(path: string, onBytes: (done: number) => void): AsyncGenerator<Result<SourceResource>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks(path, onBytes)) {
    size += chunk.length;
    if (size > resourceBytesMax) {
      yield tooLong("the resource");
      return;
    }
    parts.push(chunk);
  }
  const text = textAt("the resource", Buffer.concat(parts));
  yield text.ok ? ok({ place: "the resource", text: text.value.replace(/^\ufeff/, "") }) : text;
}

/** NDJSON from any source: a line that is too long or no UTF-8 is named and passed over. Empty lines give nothing. */
export async function* splitLines(source: AsyncIterable<Buffer>): AsyncGenerator<Result<SourceResource>> {
  for await (const group of lineGroups(source)) yield* group;
}

/** As `splitLines`, together what ends in one chunk: waiting for each line costs more than cutting it, and so does decoding each. */
export async function* lineGroups(source: AsyncIterable<Buffer>): AsyncGenerator<Result<SourceResource>[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let line = 0;
  let skipping = false;
  let group: Result<SourceResource>[] = [];
  function add(text: string): void {
    line += 1;
    const trimmed = text.trim();
    if (trimmed !== "") group.push(ok({ place: `line ${line}`, text: trimmed }));
  }
  function take(bytes: Buffer): void {
    const read = textAt(`line ${line + 1}`, bytes);
    if (read.ok) return add(read.value);
    line += 1;
    group.push(read);
  }
  /** Whole lines, each with its line break but the last. */
  function takeAll(bytes: Buffer): void {
    if (isUtf8(bytes)) for (const text of bytes.toString("utf8").split("\n")) add(text);
    else for (let from = 0, end = 0; end < bytes.length; from = end + 1) take(bytes.subarray(from, end = lineEnd(bytes, from)));
  }
  for await (const chunk of source) {
    const first = lineEnd(chunk, 0), last = chunk.lastIndexOf(newline);
    if (last >= 0) {
      if (skipping) {
        line += 1;
        skipping = false;
        group.push(tooLong(`line ${line}`));
      } else take(rest.length ? Buffer.concat([...rest, chunk.subarray(0, first)]) : chunk.subarray(0, first));
      rest = [];
      restBytes = 0;
      if (last > first) takeAll(chunk.subarray(first + 1, last));
      if (group.length) yield group;
      group = [];
    }
    if (skipping) continue;
    const tail = chunk.subarray(last + 1);
    rest.push(tail);
    restBytes += tail.length;
    if (restBytes > resourceBytesMax) {
      skipping = true;
      rest = [];
      restBytes = 0;
    }
  }
  if (skipping) group.push(tooLong(`line ${line + 1}`));
  else take(Buffer.concat(rest));
  if (group.length) yield group;
}

/** Of the line that begins at `from`. */
function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(newline, from);
  return end < 0 ? bytes.length : end;
}

/**
 * A byte machine over the Bundle: follows strings and depth; each object at depth 2 of the member "entry" is one entry.
 * Strings, escapes and multi-byte characters may straddle chunks.
 */
async function* splitBundle(path: string, onBytes: (done: number) => void): AsyncGenerator<Result<SourceResource>> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let member = "";            // the last string read at depth 1
  let memberParts: number[] | undefined;
  let inEntries = false;
  let index = 0;
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let collecting = false;
  let overlong = false;
  for await (const chunk of chunks(path, onBytes)) {
    let start = collecting ? 0 : -1;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) {
          inString = false;
          if (memberParts) {
            member = Buffer.from(memberParts).toString("utf8");
            memberParts = undefined;
          }
        } else if (memberParts && memberParts.length < 64) memberParts.push(byte);
        continue;
      }
      switch (byte) {
        case quote:
          inString = true;
          if (depth === 1) memberParts = [];
          break;
        case openBrace: case openBracket:
          if (inEntries && depth === 2 && byte === openBrace) {
            collecting = true;
            start = i;
          }
          if (depth === 1 && byte === openBracket && member === "entry") inEntries = true;
          depth += 1;
          break;
        case closeBrace: case closeBracket:
          depth -= 1;
          if (inEntries && depth === 1) inEntries = false;
          if (collecting && depth === 2) {
            kept.push(chunk.subarray(start, i + 1));
            const place = `entry[${index}]`;
            yield overlong ? tooLong(place) : entryOf(place, Buffer.concat(kept));
            index += 1;
            kept = [];
            keptBytes = 0;
            collecting = false;
            overlong = false;
            start = -1;
          }
          break;
        case comma:
          if (depth === 1) member = "";
          break;
        default:
      }
    }
    if (collecting) {
      if (!overlong) {
        kept.push(Buffer.from(chunk.subarray(start)));
        keptBytes += chunk.length - start;
      }
      if (keptBytes > resourceBytesMax) {
        overlong = true;
        kept = [];
        keptBytes = 0;
      }
    }
  }
  if (depth !== 0 || inString) yield fail("structure", `the file breaks off inside ${collecting ? `entry[${index}]` : "the Bundle"}: it is cut short or not JSON. ${index} entries before it were read.`);
}

/** The exact text of the entry's resource, and its fullUrl. */
function entryOf(place: string, bytes: Buffer): Result<SourceResource> {
  const read = textAt(place, bytes);
  if (!read.ok) return read;
  const text = read.value;
  let entry: { fullUrl?: unknown; resource?: unknown };
  try {
    entry = JSON.parse(text) as typeof entry;
  } catch {
    const fault = diagnose(text); // names the place without quoting the data, as the engine's message does
    return fail("structure", `${place} is not JSON${fault ? `: ${placeText(text, fault.at)} of it: ${fault.text}` : ""}`);
  }
  if (typeof entry.resource !== "object" || entry.resource === null) return fail("required", `${place} has no resource.`);
  const span = memberSpan(text, "resource");
  if (!span) return fail("structure", `${place}.resource could not be told apart.`);
  return ok({ place, text: text.slice(span.start, span.end), ...(typeof entry.fullUrl === "string" ? { fullUrl: entry.fullUrl } : {}) });
}

/** Where the value of a top-level member stands in the text of an object that JSON.parse accepts. */
function memberSpan(text: string, name: string): { start: number; end: number } | undefined {
  let depth = 0;
  let lastString = "";
  let start = -1;
  let found: { start: number; end: number } | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === quote) {
      const from = i + 1;
      for (i = from; text.charCodeAt(i) !== quote; i++) if (text.charCodeAt(i) === backslash) i += 1;
      if (depth === 1 && start < 0) lastString = text.slice(from, i);
    } else if (c === openBrace || c === openBracket) {
      if (depth === 1 && c === openBrace && lastString === name) start = i;
      depth += 1;
    } else if (c === closeBrace || c === closeBracket) {
      depth -= 1;
      if (depth === 1 && start >= 0) {
        found = { start, end: i + 1 };
        start = -1;
        lastString = "";
      }
    }
  }
  return found;
}
