/**
 * JSON values whose numbers print as they were written: `1.50` stays `1.50`, `1e3` stays `1e3`. A number that
 * JavaScript would print otherwise is a raw literal (JSON.rawJSON); all others are plain numbers.
 */
import { ok, type Result } from "#platform/result.ts";
import type { Json, JsonObject } from "../resource.ts";
import { parseJson, type Limits } from "./document.ts";

/** Not in TypeScript's library yet; in V8 since 11.4. */
const native = JSON as unknown as {
  rawJSON(text: string): Json;
  isRawJSON(value: unknown): boolean;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): Json;
};

/** A literal that may print otherwise: trailing zeros after a point, exponents, minus zero, many digits. May match inside a string, which costs time only. */
const unusual = /\.\d*0(?!\d)|\d[eE]|-0|\d{16}|\.\d{15}|0\.000000/;

/** As parseJson, with literals. JSON.stringify prints it back. */
export function parseLiterals(source: string | Uint8Array, limits?: Limits): Result<Json> {
  const parsed = parseJson(source, limits);
  if (!parsed.ok) return parsed;
  const text = typeof source === "string" ? source : Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString("utf8");
  if (!unusual.test(text)) return parsed;
  return ok(native.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, (_, value, { source: literal }) =>
    typeof value === "number" && literal !== undefined && literal !== String(value) ? native.rawJSON(literal) : value));
}

/** Text of a number, literal or plain; undefined for other values. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return native.isRawJSON(value) ? (value as { rawJSON: string }).rawJSON : undefined;
}

/** True for a literal kept raw; it is no JSON object. */
export function isLiteral(value: unknown): boolean {
  return native.isRawJSON(value);
}

/** True for an object; a literal is a number, not one. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isLiteral(value);
}

/** A copy with plain numbers, for engines that compute. */
export function plain(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isLiteral(value)) return Number((value as { rawJSON: string }).rawJSON);
  if (Array.isArray(value)) return value.map(plain);
  const copy: Record<string, Json> = {};
  for (const [name, inner] of Object.entries(value)) if (inner !== undefined) copy[name] = plain(inner);
  return copy;
}
