/**
 * A snapshot as a tree: each element with its children by name and its slices by name. Generation and compilation walk
 * it by steps instead of searching paths in a list.
 */
import type { Element } from "./structure.ts";

export type Branch = {
  /** Last part of the path: "value[x]". */
  name: string;
  element: Element;
  /** Undefined: not unfolded here; the element's type or profile says what it holds. */
  children?: Map<string, Branch>;
  slices?: Map<string, Branch>;
};

/** One step down: the element's name, and the slice of it (a reslice is "outer/inner"). */
export type Step = { name: string; slice?: string };

/**
 * Steps of each element of a list, the root's name left out. The id tells them; where it is missing or does not fit the
 * path, the path and the slice names met so far do.
 */
export function stepsOf(elements: readonly Element[]): Step[][] {
  const open = new Map<string, string>();
  return elements.map(({ path, id, slice }) => {
    for (const known of open.keys()) if (known === path || known.startsWith(`${path}.`)) open.delete(known);
    if (slice !== undefined) open.set(path, slice);
    const names = path.split(".");
    const fromId = id === undefined ? undefined : idSteps(id, names, slice);
    if (fromId) return fromId;
    const steps: Step[] = [];
    for (let i = 1, prefix = names[0]!; i < names.length; i++) {
      prefix += `.${names[i]!}`;
      const found = open.get(prefix);
      steps.push(found === undefined ? { name: names[i]! } : { name: names[i]!, slice: found });
    }
    return steps;
  });
}

/** Undefined when the id does not tell the same way as the path: older tools wrote ids of their own. */
function idSteps(id: string, names: readonly string[], slice: string | undefined): Step[] | undefined {
  const parts = id.split(".");
  if (parts.length !== names.length) return undefined;
  const steps: Step[] = [];
  for (let i = 1; i < parts.length; i++) {
    const colon = parts[i]!.indexOf(":");
    const name = colon < 0 ? parts[i]! : parts[i]!.slice(0, colon);
    if (name !== names[i] && !(name.endsWith("[x]") && names[i]!.startsWith(name.slice(0, -3)))) return undefined;
    steps.push(colon < 0 ? { name } : { name, slice: parts[i]!.slice(colon + 1) });
  }
  if (slice !== undefined && steps.length > 0 && steps.at(-1)!.slice === undefined) return undefined;
  return steps;
}

/** The tree of a whole snapshot. Elements whose parent is missing are left out. */
export function treeOfList(elements: readonly Element[]): Branch {
  const root: Branch = { name: elements[0]!.path, element: elements[0]! };
  const steps = stepsOf(elements);
  for (let i = 1; i < elements.length; i++) {
    const way = steps[i]!;
    if (way.length === 0) continue;
    const holder = way.slice(0, -1).reduce<Branch | undefined>((at, step) => at && stepDown(at, step), root);
    if (!holder) continue;
    const last = way.at(-1)!;
    if (last.slice === undefined) (holder.children ??= new Map()).set(last.name, { name: last.name, element: elements[i]! });
    else {
      const owner = holder.children?.get(last.name);
      if (owner) placeSlice(owner, last.slice, { name: last.name, element: elements[i]! });
    }
  }
  return root;
}

export function stepDown(at: Branch, { name, slice }: Step): Branch | undefined {
  const child = at.children?.get(name);
  return child === undefined || slice === undefined ? child : findSlice(child, slice);
}

/** A slice by its name; "outer/inner" lies in the slice "outer". */
export function findSlice(owner: Branch, name: string): Branch | undefined {
  const own = owner.slices?.get(name);
  if (own) return own;
  const cut = name.lastIndexOf("/");
  return cut < 0 ? undefined : findSlice(owner, name.slice(0, cut))?.slices?.get(name);
}

export function placeSlice(owner: Branch, name: string, slice: Branch): void {
  const cut = name.lastIndexOf("/");
  const holder = cut < 0 ? owner : findSlice(owner, name.slice(0, cut)) ?? owner;
  (holder.slices ??= new Map()).set(name, slice);
}

/** Elements are values and shared; what holds them is copied. */
export function copyOf(branch: Branch): Branch {
  const copy: Branch = { name: branch.name, element: branch.element };
  if (branch.children) copy.children = copyAll(branch.children);
  if (branch.slices) copy.slices = copyAll(branch.slices);
  return copy;
}

export function copyAll(branches: ReadonlyMap<string, Branch>): Map<string, Branch> {
  return new Map([...branches].map(([name, branch]) => [name, copyOf(branch)]));
}

/** The tree as a snapshot lists it: element, its children, then its slices, each with its id. */
export function listOf(root: Branch): Element[] {
  const out: Element[] = [];
  const visit = (branch: Branch, path: string, id: string): void => {
    out.push({ ...branch.element, path, id });
    for (const child of branch.children?.values() ?? []) visit(child, `${path}.${child.name}`, `${id}.${child.name}`);
    for (const [name, slice] of branch.slices ?? []) visit(slice, path, `${id.replace(/:[^.:]*$/, (old) => name.startsWith(`${old.slice(1)}/`) ? "" : old)}:${name}`);
  };
  visit(root, root.name, root.name);
  return out;
}
