/** FHIRPath Patch `delete`: one element, if it is there; what would be left empty goes with it. */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Json } from "../../resource.ts";
import { removeAt, replaceAt } from "./list.ts";
import { find, objectAt, type Edit, type Place } from "./place.ts";

export function remove(edit: Edit, path: string): Result<void> {
  const place = find(edit, path);
  if (!place.ok) return place;
  if (!place.value) return ok(undefined);
  if (!place.value.at) return fail("value", "the resource itself cannot be deleted by a patch");
  take(edit, place.value);
  return ok(undefined);
}

function take(edit: Edit, place: Place): void {
  if (!place.at) return;
  const { holder, member, index, parent } = place.at;
  if (index === undefined) {
    delete holder[member];
    delete holder[`_${member}`];
  } else if (member.startsWith("_")) { // the last extension of one value in a list: the value keeps its index
    const value = (holder[member.slice(1)] as Json[] | undefined)?.[index] ?? undefined;
    if (value === undefined) removeAt(holder, member.slice(1), index);
    else replaceAt(holder, member.slice(1), index, { value, twin: undefined });
  } else removeAt(holder, member, index);
  if (parent.at && !parent.primitive && Object.keys(objectAt(edit, parent)).length === 0) take(edit, parent);
}
