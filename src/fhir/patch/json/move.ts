/** JSON Patch `move` (RFC 6902 §4.4): remove from one place, add at another; never into itself. */
import { fail, ok, type Result } from "#platform/result.ts";
import { add } from "./add.ts";
import type { Edit } from "./pointer.ts";
import { remove } from "./remove.ts";

export function move(edit: Edit, from: readonly string[], path: readonly string[]): Result<void> {
  const inside = from.every((token, i) => path[i] === token);
  if (inside && path.length > from.length) return fail("value", "a value cannot be moved into itself");
  const value = remove(edit, from);
  if (!value.ok) return inside && from.length === 0 ? ok(undefined) : value;
  return add(edit, path, value.value);
}
