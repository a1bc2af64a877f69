/** Where a page ended, opaque to clients: base64url of a JSON list, checked when it comes back. */
import { fail, ok, type Result } from "#platform/result.ts";

export type CursorValue = string | number;

export function formatCursor(values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify(values)).toString("base64url");
}

/** `shape`: one letter a value, s for string, n for whole number (also as text), f for any number as text. `more`: others may follow. */
export function parseCursor(cursor: string, shape: string, { more = false } = {}): Result<CursorValue[]> {
  const wrong = fail("value", "The page cursor does not belong to this request; start again from the first page");
  if (cursor.length > 8192) return wrong;
  let values: unknown;
  try { values = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")); } catch { return wrong; }
  if (!Array.isArray(values) || (more ? values.length < shape.length : values.length !== shape.length)) return wrong;
  for (const [i, value] of values.slice(0, shape.length).entries()) {
    const fits = shape[i] === "s" ? typeof value === "string" && !value.includes("\0")
      : shape[i] === "n" ? isWhole(value) : typeof value === "string" && /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|-?Infinity)$/.test(value) && value.length < 40;
    if (!fits) return wrong;
  }
  return ok(values as CursorValue[]);
}

function isWhole(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value !== "string" || !/^-?\d{1,19}$/.test(value)) return false;
  return BigInt.asIntN(64, BigInt(value)) === BigInt(value);
}
