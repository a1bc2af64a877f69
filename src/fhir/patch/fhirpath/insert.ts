/** FHIRPath Patch `insert`: into a list before an index from 0; the index may be the list's length. */
import { fail, ok, type Result } from "#platform/result.ts";
import { insertAt, lengthOf } from "./list.ts";
import { findList, objectAt, type Edit } from "./place.ts";
import { elementOf, fitted, type Given } from "./value.ts";

export function insert(edit: Edit, path: string, index: number, value: Given): Result<void> {
  const list = findList(edit, path);
  if (!list.ok) return list;
  const { holder, name } = list.value;
  if (holder.primitive) return fail("value", "the list of a primitive's extensions is filled with add");
  const element = elementOf(holder.type, name);
  if (!element.ok) return element;
  if (element.value.max <= 1) return fail("value", `${element.value.path} does not repeat; use add or replace`);
  const fit = fitted(element.value, name, value);
  if (!fit.ok) return fit;
  const object = objectAt(edit, holder);
  const length = lengthOf(object, fit.value.member);
  if (index < 0 || index > length) return fail("value", `index ${index} is outside of the list, which has ${length} ${length === 1 ? "item" : "items"}`);
  insertAt(object, fit.value.member, index, fit.value.item);
  return ok(undefined);
}
