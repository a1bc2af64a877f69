/** JSON Patch `test` (RFC 6902 §4.6): equal by value; the order of members and the spelling of numbers do not matter. */
import { fail, ok, type Result } from "#platform/result.ts";
import { numberText } from "../../json/literals.ts";
import type { Json } from "../../resource.ts";
import { isJsonObject } from "../../json/literals.ts";
import { valueAt, type Edit } from "./pointer.ts";

export function test(edit: Edit, path: readonly string[], value: Json): Result<void> {
  const found = valueAt(edit.root, path);
  if (!found.ok) return found;
  return same(found.value, value) ? ok(undefined) : fail("conflict", "the value there is another than the patch expects");
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  const left = numberText(a), right = numberText(b);
  if (left !== undefined || right !== undefined) return left !== undefined && right !== undefined && (left === right || Number(left) === Number(right));
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (isJsonObject(a)) {
    if (!isJsonObject(b)) return false;
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every(name => Object.hasOwn(b, name) && same(a[name], b[name]));
  }
  return a === b;
}
