/** What the operations of XML Patch share: marking what is touched, copying content. */
import type { XmlElement, XmlNode } from "../../xml/tree.ts";
import type { Branch } from "./select.ts";

/** An element and those around it are no longer as their source wrote them. */
export function touch(branch: Branch | undefined): void {
  for (let at = branch; at !== undefined; at = at.up) if (at.element) delete at.element.source;
}

export function copyNode(node: XmlNode): XmlNode {
  if (node.kind !== "element") return { ...node };
  const copy: XmlElement = { kind: "element", local: node.local, namespace: node.namespace, attributes: node.attributes.map(attribute => ({ ...attribute })), declared: new Map(node.declared), children: node.children.map(copyNode) };
  if (node.source !== undefined) copy.source = node.source;
  return copy;
}

/** The text of an operation that gives a value: an attribute's, a namespace's. */
export function contentText(operation: XmlElement): string | undefined {
  return operation.children.every(child => child.kind === "text") ? operation.children.map(child => child.kind === "text" ? child.text : "").join("") : undefined;
}

export function isBlankText(node: XmlNode | undefined): boolean {
  return node?.kind === "text" && node.text.trim() === "";
}

/** The operation's content without the blank text around its nodes. */
export function trimmed(operation: XmlElement): XmlNode[] {
  const list = operation.children.filter(child => !isBlankText(child));
  return list.length === 0 ? operation.children : list;
}
