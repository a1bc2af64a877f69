/** XML Patch `replace` (RFC 5261 §4.4): a node by one of its kind, the value of an attribute or of a declaration. */
import { fail, ok, type Result } from "#platform/result.ts";
import type { XmlElement } from "../../xml/tree.ts";
import { contentText, copyNode, touch, trimmed } from "./change.ts";
import type { Selected } from "./select.ts";

export function replace(operation: XmlElement, selected: Selected): Result<void> {
  if (selected.kind !== "node") {
    const text = contentText(operation);
    if (text === undefined) return fail("value", "the new value is text");
    touch(selected.owner);
    if (selected.kind === "attribute") selected.attribute.value = text;
    else selected.owner.element!.declared.set(selected.prefix, text.trim());
    return ok(undefined);
  }
  const { node, parent } = selected;
  const content = (node.kind === "text" ? operation.children : trimmed(operation)).map(copyNode);
  if (node.kind === "text") {
    if (content.some(child => child.kind !== "text")) return fail("value", "text is replaced by text");
  } else if (content.length !== 1 || content[0]!.kind !== node.kind) return fail("value", `the selector finds ${node.kind === "element" ? "an element" : `a ${node.kind}`}; give exactly one in its place`);
  touch(parent);
  parent.children.splice(parent.children.indexOf(node), 1, ...content);
  return ok(undefined);
}
