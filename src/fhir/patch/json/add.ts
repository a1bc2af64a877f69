/** JSON Patch `add` (RFC 6902 §4.1): into an object (replacing a member of that name) or before an array's index. */
import { ok, type Result } from "#platform/result.ts";
import type { Json } from "../../resource.ts";
import { spotOf, taken, type Edit } from "./pointer.ts";

export function add(edit: Edit, path: readonly string[], value: Json): Result<void> {
  const copy = taken(edit, value);
  return copy.ok ? put(edit, path, copy.value) : copy;
}

/** As add, with a value that is nobody else's. */
export function put(edit: Edit, path: readonly string[], value: Json): Result<void> {
  if (path.length === 0) {
    edit.root = value;
    return ok(undefined);
  }
  const spot = spotOf(edit.root, path, true);
  if (!spot.ok) return spot;
  if ("index" in spot.value) spot.value.holder.splice(spot.value.index, 0, value);
  else spot.value.holder[spot.value.name] = value;
  return ok(undefined);
}
