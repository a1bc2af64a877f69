/** FHIRPath Patch `replace`: the one element that the path finds, with its id and extensions. */
import { fail, ok, type Result } from "#platform/result.ts";
import { replaceAt } from "./list.ts";
import { find, type Edit } from "./place.ts";
import { fitted, type Given } from "./value.ts";

export function replace(edit: Edit, path: string, value: Given): Result<void> {
  const place = find(edit, path);
  if (!place.ok) return place;
  if (!place.value) return fail("not-found", "the path finds nothing to replace; use add");
  if (!place.value.at) return fail("value", "the resource itself cannot be replaced by a patch; update it");
  const { holder, member, index, element } = place.value.at;
  const fit = fitted(element, element.name, value);
  if (!fit.ok) return fit;
  const { item } = fit.value;
  if (index !== undefined) {
    replaceAt(holder, member, index, item);
    return ok(undefined);
  }
  if (fit.value.member !== member || item.value === undefined) delete holder[member];
  delete holder[`_${member}`];
  if (item.value !== undefined) holder[fit.value.member] = item.value;
  if (item.twin !== undefined) holder[`_${fit.value.member}`] = item.twin;
  return ok(undefined);
}
