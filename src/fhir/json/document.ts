/**
 * The door for JSON text. What passes is well-formed Unicode, one JSON object with a resourceType, no member
 * name twice in one object, bounded in size and depth: so what is validated is what is stored and served.
 * Source: https://hl7.org/fhir/R4/json.html, RFC 8259, RFC 7493 (I-JSON).
 */
import { isUtf8 } from "node:buffer";
import { fail, ok, type FailureCode, type Result } from "#platform/result.ts";
import type { Json, Resource } from "../resource.ts";
import { diagnose, placeText } from "./diagnose.ts";
import { withoutIndentation } from "./restamp.ts";
import { isFault, scan, type EntrySpan, type ResourceSpan, type Scan } from "./scan.ts";

export type Limits = {
  /** Bytes of a Buffer, UTF-16 units of a string. Default 64 MiB. */
  sizeMax?: number;
  /** Levels of objects and arrays. Default 64. */
  depthMax?: number;
  /** Whether `Document.text` is without line breaks and indentation: of a pretty-printed Bundle two thirds, which each later pass would go over again. */
  condensed?: boolean;
};

export type Document = {
  value: Resource;
  /** The text that came in, without a byte order mark, and without indentation where that was asked. */
  text: string;
  /** Where the resource's id, meta and resourceType stand in `text`; for restamp. */
  span: ResourceSpan;
  /** Where the resources of a Bundle's entries stand in `text`. */
  entries: readonly EntrySpan[];
};

export const sizeMaxDefault = 64 * 1024 * 1024;
export const depthMaxDefault = 64;

/** One FHIR resource. Failures: too-long, invalid (encoding, syntax), duplicate, structure; each names line, column and mend. */
export function parseDocument(source: string | Uint8Array, limits: Limits = {}): Result<Document> {
  const parsed = parse(source, limits);
  if (!parsed.ok) return parsed;
  const { value, text, found } = parsed.value;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return fail("structure", `A FHIR resource is a JSON object, this is ${value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`}`);
  if (typeof value.resourceType !== "string" || value.resourceType === "")
    return fail("structure", 'The member "resourceType" is missing; a FHIR resource names its type, such as "Patient"');
  return ok({ value: value as Resource, text, span: found.root, entries: value.resourceType === "Bundle" ? found.entries : [] });
}

/** Any JSON value through the same door: for parameters and files that are no resource. */
export function parseJson(source: string | Uint8Array, limits: Limits = {}): Result<Json> {
  const parsed = parse(source, limits);
  return parsed.ok ? ok(parsed.value.value) : parsed;
}

function parse(source: string | Uint8Array, { sizeMax = sizeMaxDefault, depthMax = depthMaxDefault, condensed = false }: Limits): Result<{ value: Json; text: string; found: Scan }> {
  if (source.length > sizeMax) return fail("too-long", `The text has ${source.length} ${typeof source === "string" ? "characters" : "bytes"}; at most ${sizeMax} are taken here`);
  const read = typeof source === "string" ? unicode(source) : utf8(source);
  if (!read.ok) return read;
  const text = read.value.charCodeAt(0) === 0xfeff ? read.value.slice(1) : read.value;
  // Of text that JSON.parse takes as it came, the condensed form says the same; places of faults are those of what came.
  let kept = condensed ? withoutIndentation(text) : text;
  let found = scan(kept, depthMax);
  if (isFault(found) && kept !== text) found = scan(kept = text, depthMax);
  let value: Json | undefined;
  let thrown: unknown;
  try {
    if (!isFault(found) || !found.deep) value = JSON.parse(text) as Json;
  } catch (error) { thrown = error; }
  if (thrown !== undefined) {
    const syntax = diagnose(text);
    return fail("invalid", `Not JSON: ${syntax ? `${placeText(text, syntax.at)}: ${syntax.text}` : String((thrown as Error).message)}`);
  }
  if (isFault(found)) {
    const type = typeof value === "object" && value !== null && !Array.isArray(value) && typeof value.resourceType === "string" ? value.resourceType : "";
    const path = (type + found.path).replace(/^\./, "");
    const code: FailureCode = found.duplicate ? "duplicate" : "invalid";
    const where = `${placeText(text, found.at)}${path ? ` (in ${path})` : ""}`;
    return fail(code, `${where}: ${found.text}`, [{ severity: "error", code, text: `${where}: ${found.text}`, ...(path ? { expression: path } : {}) }]);
  }
  return ok({ value: value!, text: kept, found });
}

function unicode(text: string): Result<string> {
  if (text.isWellFormed()) return ok(text);
  return fail("invalid", `Not Unicode text: ${placeText(text, firstLone(text))}: half of a surrogate pair`);
}

function firstLone(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    else if (point >= 0xd800 && point <= 0xdfff) return i;
  }
  return text.length;
}

function utf8(bytes: Uint8Array): Result<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return ok(buffer.toString("utf8"));
  let low = 0, high = buffer.length; // longest valid prefix, give or take a cut character
  while (high - low > 4) {
    const middle = (low + high) >> 1;
    if (isUtf8(cutAtCharacter(buffer, middle))) low = middle; else high = middle;
  }
  return fail("invalid", `Not UTF-8: the bytes near offset ${low} are no character; send the text as UTF-8`);
}

/** The first `end` bytes without a character that `end` cuts in two. */
function cutAtCharacter(buffer: Buffer, end: number): Buffer {
  let at = end;
  while (at > 0 && end - at < 3 && (buffer[at]! & 0xc0) === 0x80) at--;
  return buffer.subarray(0, at);
}
