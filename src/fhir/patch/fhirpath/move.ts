/** FHIRPath Patch `move`: an item of a list to another index of the same list. */
import { fail, ok, type Result } from "#platform/result.ts";
import { insertAt, lengthOf, removeAt } from "./list.ts";
import { findList, objectAt, type Edit } from "./place.ts";
import { elementOf } from "./value.ts";

export function move(edit: Edit, path: string, source: number, destination: number): Result<void> {
  const list = findList(edit, path);
  if (!list.ok) return list;
  const { holder, name } = list.value;
  if (holder.primitive) return fail("value", "a primitive holds no list that could be reordered");
  const element = elementOf(holder.type, name);
  if (!element.ok) return element;
  if (element.value.max <= 1) return fail("value", `${element.value.path} does not repeat`);
  const object = objectAt(edit, holder);
  const length = lengthOf(object, name);
  for (const [what, index] of [["source", source], ["destination", destination]] as const)
    if (index < 0 || index >= length) return fail("value", `${what} ${index} is outside of the list, which has ${length} ${length === 1 ? "item" : "items"}`);
  insertAt(object, name, destination, removeAt(object, name, source));
  return ok(undefined);
}
