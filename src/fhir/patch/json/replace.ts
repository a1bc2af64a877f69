/** JSON Patch `replace` (RFC 6902 §4.3): what is replaced must be there; its place among the members stays. */
import { ok, type Result } from "#platform/result.ts";
import type { Json } from "../../resource.ts";
import { spotOf, taken, type Edit } from "./pointer.ts";

export function replace(edit: Edit, path: readonly string[], value: Json): Result<void> {
  const copy = taken(edit, value, path.length);
  if (!copy.ok) return copy;
  if (path.length === 0) {
    edit.root = copy.value;
    return ok(undefined);
  }
  const spot = spotOf(edit.root, path, false);
  if (!spot.ok) return spot;
  if ("index" in spot.value) spot.value.holder[spot.value.index] = copy.value;
  else spot.value.holder[spot.value.name] = copy.value;
  return ok(undefined);
}
