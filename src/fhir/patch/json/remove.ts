/** JSON Patch `remove` (RFC 6902 §4.2): what is removed must be there. Answers it. */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Json } from "../../resource.ts";
import { spotOf, type Edit } from "./pointer.ts";

export function remove(edit: Edit, path: readonly string[]): Result<Json> {
  if (path.length === 0) return fail("value", "the whole document cannot be removed");
  const spot = spotOf(edit.root, path, false);
  if (!spot.ok) return spot;
  if ("index" in spot.value) return ok(spot.value.holder.splice(spot.value.index, 1)[0]!);
  const { holder, name } = spot.value;
  const value = holder[name]!;
  delete holder[name];
  return ok(value);
}
