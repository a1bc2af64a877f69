/**
 * Differential → snapshot: the base definition's tree with each element of the differential laid over it.
 * Source: https://hl7.org/fhir/R4/profiling.html#snapshot
 */
import { structureDefinitionUrl } from "../canonical.ts";
import { fail, ok, type Issue, type Result } from "#platform/result.ts";
import type { Element, Structure, TypeRef } from "./structure.ts";
import { copyAll, copyOf, findSlice, placeSlice, stepsOf, treeOfList, type Branch, type Step } from "./tree.ts";

/** Elements that one snapshot may grow to while it is generated. */
const grownMax = 100_000;
/** Bases of bases. */
const basesMax = 50;


export type TreeSource = {
  structure(canonical: string): Structure | undefined;
  /** The tree of another definition, generated when need be. `via`: urls being generated, to find cycles. */
  tree(canonical: string, via: readonly string[]): Result<Branch>;
};

/**
 * The tree of a definition. Failure `not-found` names a base that is missing, `invalid` a cycle or an element that the
 * base does not have, `too-costly` a definition that grows beyond bounds.
 */
export function generate(structure: Structure, source: TreeSource, via: readonly string[]): Result<Branch> {
  const { url } = structure;
  if (via.includes(url)) return fail("invalid", `${[...via, url].join(" → ")}: profiles that build on each other in a circle; let one of them build on a base definition`);
  if (via.length > basesMax) return fail("too-costly", `${url}: more than ${basesMax} definitions build on each other`);
  if (structure.snapshot) return ok(treeOfList(structure.snapshot));
  if (!structure.base) return fail("invalid", `${url}: has neither a snapshot nor a baseDefinition; give it one`);
  const base = source.tree(structure.base, [...via, url]);
  if (!base.ok) return base.failure.code === "not-found" ? fail("not-found", `${url}: its base ${structure.base} is not known here; load the package that brings it`) : base;
  const root = copyOf(base.value);
  const work: Work = { structure, source, via: [...via, url], root, grown: 0 };
  const elements = structure.differential ?? [];
  // A specialization, such as a logical model, names a type of its own.
  const named = elements[0]?.path.split(".")[0];
  if (specializes(structure) && named !== undefined) {
    root.name = named;
    root.element = { ...root.element, path: named };
  }
  const steps = stepsOf(elements);
  for (const [i, element] of elements.entries()) {
    if (element.path.split(".")[0] !== root.name)
      return fail("invalid", `${url}: differential.element[${i}] (${element.path}) does not belong to ${root.name}`, at(i));
    const placed = place(work, steps[i]!, element);
    if (!placed.ok) return fail(placed.failure.code, `${url}: differential.element[${i}] (${element.id ?? element.path}): ${placed.failure.text}`, at(i));
  }
  return ok(root);
}

/** The place of a fault, below the StructureDefinition. */
function at(index: number): Issue[] {
  return [{ severity: "error", code: "invalid", text: "", expression: `differential.element[${index}]` }];
}

function specializes({ derivation }: Structure): boolean {
  return derivation === "specialization";
}

type Work = { structure: Structure; source: TreeSource; via: readonly string[]; root: Branch; grown: number };

function place(work: Work, steps: readonly Step[], element: Element): Result<Branch> {
  let at = work.root;
  for (const [i, step] of steps.entries()) {
    const next = child(work, at, step, i === steps.length - 1);
    if (!next.ok) return next;
    at = next.value;
  }
  at.element = merged(at.element, element);
  // Another type holds other elements.
  if (element.types && at.children && steps.length > 0 && element.types.length === 1 && element.types[0]!.profiles) delete at.children;
  return ok(at);
}

function child(work: Work, at: Branch, step: Step, last: boolean): Result<Branch> {
  if (!at.children) {
    const unfolded = unfold(work, at);
    if (!unfolded.ok) return unfolded;
  }
  let found = at.children!.get(step.name);
  let { slice } = step;
  if (!found) {
    // valueQuantity stands for the slice of value[x] with that type.
    for (const one of at.children!.values()) {
      if (!one.name.endsWith("[x]") || !step.name.startsWith(one.name.slice(0, -3))) continue;
      const type = one.element.types?.find(({ code }) => one.name.slice(0, -3) + capital(code) === step.name);
      if (type) { found = one; slice ??= step.name; }
    }
  }
  if (!found && last && slice === undefined && specializes(work.structure)) at.children!.set(step.name, found = { name: step.name, element: { path: `${at.element.path}.${step.name}` } });
  if (!found) return fail("invalid", `${at.element.path} has no element "${step.name}"`);
  if (slice === undefined) return ok(found);
  return sliceOf(work, found, slice, last);
}

function sliceOf(work: Work, owner: Branch, name: string, mayCreate: boolean): Result<Branch> {
  const known = findSlice(owner, name);
  if (known) return ok(known);
  // A type slice of a choice needs no introduction: value[x]:valueQuantity.code.
  const choice = owner.name.endsWith("[x]");
  if (!mayCreate && !choice) return fail("invalid", `the slice "${name}" of ${owner.element.path} is not introduced before its children`);
  const cut = name.lastIndexOf("/");
  const outer = cut < 0 ? owner : findSlice(owner, name.slice(0, cut)) ?? owner;
  const slice: Branch = { name: outer.name, element: outer.element, ...(outer.children ? { children: copyAll(outer.children) } : {}) };
  if ((work.grown += sizeOf(slice)) > grownMax) return fail("too-costly", `the snapshot grows beyond ${grownMax} elements`);
  const { slicing: _, ...element } = outer.element;
  slice.element = { ...element, slice: name, min: 0 };
  if (choice) {
    const types = typesNamed(owner, name);
    if (types.length) {
      slice.element.types = types;
      owner.element = { ...owner.element, slicing: owner.element.slicing ?? { discriminators: [{ type: "type", path: "$this" }], rules: "open", ordered: false } };
    }
  }
  placeSlice(owner, name, slice);
  return ok(slice);
}

function typesNamed(owner: Branch, slice: string): TypeRef[] {
  return (owner.element.types ?? []).filter(({ code }) => owner.name.slice(0, -3) + capital(code) === slice);
}

export function capital(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}

/** Children of an element that is not yet unfolded: from the element it refers to, its one profile, or its type. */
function unfold(work: Work, at: Branch): Result<void> {
  const { element } = at;
  let from: Result<Branch>;
  if (element.contentReference !== undefined) {
    // What the profile says of the element referred to holds there, not here.
    const [type, ...way] = element.contentReference.split(".");
    const base = work.source.tree(structureDefinitionUrl + type!, work.via);
    if (!base.ok) return base;
    const target = way.reduce<Branch | undefined>((branch, name) => branch?.children?.get(name), base.value);
    if (!target) return fail("invalid", `${element.path} refers to ${element.contentReference}, which is not there`);
    from = ok(target);
  } else {
    const types = element.types ?? [];
    const code = types.length === 1 ? types[0]!.code : "Element";
    const profiles = types.length === 1 ? types[0]!.profiles : undefined;
    const url = profiles?.length === 1 ? profiles[0]! : structureDefinitionUrl + code;
    from = work.via.includes(url) ? work.source.tree(structureDefinitionUrl + code, work.via) : work.source.tree(url, work.via);
    // A profile that is not here constrains nothing that could be checked; its type still says what there is.
    if (!from.ok && from.failure.code === "not-found" && url !== structureDefinitionUrl + code) from = work.source.tree(structureDefinitionUrl + code, work.via);
  }
  if (!from.ok) return from;
  const children = copyAll(from.value.children ?? new Map());
  for (const one of children.values()) work.grown += sizeOf(one);
  if (work.grown > grownMax) return fail("too-costly", `the snapshot grows beyond ${grownMax} elements`);
  at.children = children;
  return ok(undefined);
}

function sizeOf(branch: Branch): number {
  let size = 1;
  for (const one of branch.children?.values() ?? []) size += sizeOf(one);
  for (const one of branch.slices?.values() ?? []) size += sizeOf(one);
  return size;
}

/** What the differential says replaces what the base says; constraints add up by key. */
function merged(base: Element, over: Element): Element {
  const { path: _path, id: _id, constraints, contentReference: _content, ...said } = over;
  const out: Element = { ...base, ...said };
  if (said.types && base.types) out.types = said.types.map((type) => filled(type, base.types!));
  if (constraints) {
    const kept = (base.constraints ?? []).filter((one) => !constraints.some((other) => other.key === one.key));
    out.constraints = [...kept, ...constraints];
  }
  if (said.binding && base.binding && said.binding.valueSet === undefined && base.binding.valueSet !== undefined) out.binding = { ...said.binding, valueSet: base.binding.valueSet };
  if (said.slicing && said.slicing.discriminators.length === 0 && base.slicing) out.slicing = { ...said.slicing, discriminators: base.slicing.discriminators };
  return out;
}

/** A type named again without targets keeps those of the base. */
function filled(type: TypeRef, base: readonly TypeRef[]): TypeRef {
  const same = base.find((one) => one.code === type.code);
  return same?.targets && !type.targets ? { ...type, targets: same.targets } : type;
}
