/** XML Patch `remove` (RFC 5261 §4.5), with `ws` for the white space beside what is removed. */
import { fail, ok, type Result } from "#platform/result.ts";
import { isBlankText, touch } from "./change.ts";
import type { Selected } from "./select.ts";

export function remove(selected: Selected, attributes: ReadonlyMap<string, string>): Result<void> {
  const space = attributes.get("ws");
  if (space !== undefined && !["before", "after", "both"].includes(space)) return fail("value", '"ws" is before, after or both');
  if (selected.kind !== "node") {
    const { element } = selected.owner;
    touch(selected.owner);
    if (selected.kind === "attribute") element!.attributes.splice(element!.attributes.indexOf(selected.attribute), 1);
    else element!.declared.delete(selected.prefix);
    return ok(undefined);
  }
  const { node, parent } = selected;
  if (!parent.element && node.kind === "element") return fail("value", "the root element cannot be removed");
  const { children } = parent;
  let from = children.indexOf(node), count = 1;
  if (space === "after" || space === "both") {
    if (!isBlankText(children[from + 1])) return fail("not-found", "there is no white space after the node");
    count++;
  }
  if (space === "before" || space === "both") {
    if (!isBlankText(children[from - 1])) return fail("not-found", "there is no white space before the node");
    from--;
    count++;
  }
  touch(parent);
  children.splice(from, count);
  return ok(undefined);
}
