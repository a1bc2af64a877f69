/** Elements that a profile marks mustSupport, by id: what a system that conforms to it must be able to handle. */
import type { Branch } from "./tree.ts";

/** In the snapshot's order; slices by id, "Observation.component:systolic.code". */
export function mustSupportOf(root: Branch): string[] {
  const found: string[] = [];
  const visit = (branch: Branch, id: string): void => {
    if (branch.element.mustSupport) found.push(id);
    for (const child of branch.children?.values() ?? []) visit(child, `${id}.${child.name}`);
    for (const [name, slice] of branch.slices ?? []) visit(slice, `${id}:${name}`);
  };
  visit(root, root.name);
  return found;
}
