/** Elements of a FHIR resource put into the definition's order, each list keeping its own. */
import { isResourceType } from "../definitions/load.ts";
import { layoutOf } from "./layout.ts";
import type { XmlElement, XmlNode } from "./tree.ts";

/** Changes the tree of a resource. What the definition does not know goes last, for the reader to refuse. */
export function inOrder(resource: XmlElement): void {
  if (isResourceType(resource.local)) sort(resource, resource.local);
}

function sort(element: XmlElement, type: string): void {
  const { members } = layoutOf(type);
  const place = (node: XmlNode) => node.kind === "element" ? members.get(node.local)?.order ?? Infinity : -1;
  element.children.sort((a, b) => place(a) - place(b) || 0);
  for (const child of element.children) {
    if (child.kind !== "element" || child.source !== undefined) continue;
    const member = members.get(child.local);
    if (member?.shape === "object") sort(child, member.type);
    else if (member?.shape === "resource") for (const inner of child.children) { if (inner.kind === "element") inOrder(inner); }
  }
}
