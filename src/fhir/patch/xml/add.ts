/** XML Patch `add` (RFC 5261 §4.3): content, an attribute (type="@name") or a namespace declaration (type="namespace::p"). */
import { fail, ok, type Result } from "#platform/result.ts";
import { xmlNamespace } from "../../xml/reader.ts";
import type { XmlElement } from "../../xml/tree.ts";
import { contentText, copyNode, touch } from "./change.ts";
import { branchOf, type Namespaces, type Selected } from "./select.ts";

const nameForm = /^(?:[\p{L}_][\p{L}\p{N}_.-]*:)?[\p{L}_][\p{L}\p{N}_.-]*$/u;

export function add(operation: XmlElement, selected: Selected, attributes: ReadonlyMap<string, string>, namespaces: Namespaces): Result<void> {
  if (selected.kind !== "node") return fail("value", "add goes to an element, or before or after a node");
  const type = attributes.get("type"), position = attributes.get("pos");
  const { node, parent } = selected;
  if (type !== undefined) {
    if (node.kind !== "element") return fail("value", "only an element has attributes");
    touch(branchOf(node, parent));
    return addNamed(operation, node, type, namespaces);
  }
  const content = operation.children.map(copyNode);
  if (position === "before" || position === "after") {
    if (!parent.element && content.some(child => child.kind === "element" || child.kind === "text" && child.text.trim() !== "")) return fail("value", "a document has one root element");
    touch(parent);
    parent.children.splice(parent.children.indexOf(node) + (position === "after" ? 1 : 0), 0, ...content);
    return ok(undefined);
  }
  if (position !== undefined && position !== "prepend") return fail("value", '"pos" is prepend, before or after');
  if (node.kind !== "element") return fail("value", "content is added into an element; beside other nodes with pos");
  touch(branchOf(node, parent));
  if (position === "prepend") node.children.unshift(...content); else node.children.push(...content);
  return ok(undefined);
}

function addNamed(operation: XmlElement, element: XmlElement, type: string, namespaces: Namespaces): Result<void> {
  const text = contentText(operation);
  if (text === undefined) return fail("value", "the value of an attribute is text");
  if (type.startsWith("namespace::")) {
    const prefix = type.slice(11);
    if (!nameForm.test(prefix) || prefix.includes(":") || prefix.startsWith("xml")) return fail("value", `${JSON.stringify(prefix)} is no prefix`);
    if (element.declared.has(prefix)) return fail("conflict", `the prefix ${prefix} is declared already`);
    element.declared.set(prefix, text.trim());
    return ok(undefined);
  }
  const name = type.startsWith("@") ? type.slice(1) : type.startsWith("attribute::") ? type.slice(11) : "";
  if (!nameForm.test(name)) return fail("value", '"type" is @name or namespace::prefix');
  const colon = name.indexOf(":");
  const namespace = colon < 0 ? "" : name.startsWith("xml:") ? xmlNamespace : namespaces.get(name.slice(0, colon));
  if (namespace === undefined) return fail("value", `the prefix of ${name} is not declared`);
  const local = name.slice(colon + 1);
  if (element.attributes.some(attribute => attribute.local === local && attribute.namespace === namespace)) return fail("conflict", `the attribute ${name} is there already; use replace`);
  element.attributes.push({ name, namespace, local, value: text });
  return ok(undefined);
}
