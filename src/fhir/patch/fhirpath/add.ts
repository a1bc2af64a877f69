/** FHIRPath Patch `add`: append to the element that the path finds, under a name. */
import { fail, type Result } from "#platform/result.ts";
import type { Json, JsonObject } from "../../resource.ts";
import { find, objectAt, type Edit } from "./place.ts";
import { attach, type Given } from "./value.ts";

export function add(edit: Edit, path: string, name: string, value: Given): Result<void> {
  const place = find(edit, path);
  if (!place.ok) return place;
  if (!place.value) return fail("not-found", "the path finds nothing to add to");
  if (!place.value.primitive) return attach(objectAt(edit, place.value), place.value.type, name, value);
  // An extension of a primitive goes into the object beside it, which may have to be made.
  const { holder, member, index } = place.value.at!;
  const twinName = `_${member}`;
  const beside: JsonObject = ((index === undefined ? holder[twinName] : (holder[twinName] as Json[] | undefined)?.[index]) as JsonObject | null | undefined) ?? {};
  const done = attach(beside, "Element", name, value);
  if (!done.ok) return done;
  if (index === undefined) holder[twinName] = beside;
  else {
    const twins = (holder[twinName] ??= []) as Json[];
    while (twins.length < (holder[member] as Json[] | undefined ?? []).length) twins.push(null);
    twins[index] = beside;
  }
  return done;
}
