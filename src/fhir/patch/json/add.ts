/** JSON Patch `add` (RFC 6902 §4.1): into an object (replacing a member of that name) or before an array's index. */
import { ok, type Result } from "#platform/result.ts";
import type { Json } from "../../resource.ts";
import { spotOf, taken, type Edit } from "./pointer.ts";

export function add(edit: Edit, path: readonly string[], value: Json): Result<void> {
  const copy = taken(edit, value, path.length);
  if (!copy.ok) return copy;
  if (path.length === 0) {
    edit.root = copy.value;
    return ok(undefined);
  }
  const spot = spotOf(edit.root, path, true);
  if (!spot.ok) return spot;
  if ("index" in spot.value) spot.value.holder.splice(spot.value.index, 0, copy.value);
  else spot.value.holder[spot.value.name] = copy.value;
  return ok(undefined);
}
