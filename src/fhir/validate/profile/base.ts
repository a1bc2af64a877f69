/**
 * What R4's base definitions ask beyond structure: invariants, bindings of every strength, extensions, codes and
 * displays, references, and rules of single types that stand in the specification's text. Compiled once per type; a walk
 * visits only members that are there.
 */
import { codeSet, isResourceType, typeDefinition, type ElementDefinition } from "../../definitions/load.ts";
import { isPrimitive } from "../../fhirpath/values.ts";
import type { Branch } from "../../profiles/tree.ts";
import { BundleIndex } from "../bundle/index.ts";
import { checkContainedLinks } from "../contained-links.ts";
import { isFull, pop, push, type Container } from "../context.ts";
import { checkBinding, checkCoding } from "./bound.ts";
import type { Definitions } from "./definitions.ts";
import { checkExtension } from "./extensions.ts";
import { invariantChecks, type ValueCheck } from "./invariants.ts";
import { resourceRules } from "./resource-rules.ts";
import { isObject, tell, type Run } from "./run.ts";
import { vitalSignsProfile } from "../vital-signs.ts";
import { typeRules } from "./type-rules.ts";

export type BaseRules = {
  /** Constraints of the type itself and what R4's text says of it. */
  own: readonly ValueCheck[];
  walk(holder: Container, run: Run): void;
};

type MemberRule = (value: unknown, holder: Container, run: Run) => void;

/** `type`: a resource, datatype, or backbone element by its path. */
export function baseRules(type: string, definitions: Definitions): BaseRules {
  const definition = typeDefinition(type);
  if (!definition) return { own: [], walk: () => {} };
  const branch = branchOf(type, definitions);
  const members = new Map<string, MemberRule>();
  for (const element of definition.elements) {
    const child = branch && definitions.childrenOf(branch)?.get(element.choice ? `${element.name}[x]` : element.name);
    for (const member of element.members) {
      const rule = memberRule(type, element, member.type, child, definitions);
      if (rule) members.set(member.name, rule);
      if (isPrimitive(member.type)) members.set(`_${member.name}`, twinRule(type, element, member.type, definitions));
    }
  }
  // A backbone element's constraints stand on the element; a type's on its root.
  const constraints = type.includes(".") ? [] : branch?.element.constraints ?? [];
  const own = [...invariantChecks(constraints, type, () => {}), ...typeRules[type] ?? [], ...definition.kind === "resource" ? [checkContainedLinks, ...resourceRules[type] ?? []] : []];
  return {
    own,
    walk(holder, run) {
      for (const name in holder) {
        const rule = members.get(name);
        if (rule === undefined) continue;
        if (isFull(run)) return;
        rule(holder[name], holder, run);
      }
    },
  };
}

function branchOf(type: string, definitions: Definitions): Branch | undefined {
  const [root, ...steps] = type.split(".");
  const tree = definitions.registry.tree(definitions.urlOf(root!));
  return tree.ok ? steps.reduce<Branch | undefined>((at, name) => at?.children?.get(name), tree.value) : undefined;
}

function memberRule(holderType: string, element: ElementDefinition, type: string, branch: Branch | undefined, definitions: Definitions): MemberRule | undefined {
  const { name } = element;
  if (type === "Resource") return each(name, (one, _holder, run) => { if (isObject(one)) inner(one, name === "contained", run); });
  const checks = elementChecks(element, type, branch, definitions);
  if (isPrimitive(type) || type === "xhtml") {
    const all = [...typeRules[type] ?? [], ...checks];
    const twinName = `_${name}`;
    return all.length === 0 ? undefined : each(name, (one, holder, run) => {
      if (one === null) return;
      const twin = holder[twinName];
      for (const check of all) check(one, isObject(twin) ? twin : undefined, type, run);
    });
  }
  if (type === "Extension") return each(name, (one, holder, run) => {
    if (!isObject(one)) return;
    for (const check of checks) check(one, undefined, type, run);
    checkExtension(one, name === "modifierExtension", holder, run);
  });
  const place = `${holderType}.${name}`;
  let rules: BaseRules | undefined;
  return each(name, (one, _holder, run) => {
    if (!isObject(one)) return;
    const { own, walk } = rules ??= definitions.base(type);
    for (const check of checks) check(one, undefined, type, run);
    for (const check of own) check(one, undefined, type, run);
    within(place, type, one, walk, run);
  });
}

/** Walks the content of an element, which stands at this place for extensions. */
function within(place: string, type: string, holder: Container, walk: BaseRules["walk"], run: Run): void {
  const { elementPath, elementType } = run;
  run.elementPath = place;
  run.elementType = type;
  walk(holder, run);
  run.elementPath = elementPath;
  run.elementType = elementType;
}

/** Constraints and binding that stand on the element. */
function elementChecks(element: ElementDefinition, type: string, branch: Branch | undefined, definitions: Definitions): ValueCheck[] {
  if (!branch) return [];
  const from = branch.element.contentReference === undefined ? branch : branchOf(branch.element.contentReference, definitions) ?? branch;
  const checks = invariantChecks(from.element.constraints ?? [], type, () => {});
  const { binding } = branch.element;
  const enumerated = element.binding !== undefined && codeSet(element.binding) !== undefined;
  // Required sets that can be enumerated are held by the structural check.
  if (binding && !(binding.strength === "required" && enumerated && (type === "code" || type === "Coding" || type === "CodeableConcept")))
    if (binding.strength !== "example") checks.push((value, _twin, _type, run) => checkBinding(binding, value, type, run));
  const targets = type === "canonical" ? branch.element.types?.find(({ code }) => code === "canonical")?.targets?.map((url) => url.slice(url.lastIndexOf("/") + 1)) : undefined;
  if (targets && !targets.includes("Resource")) checks.push((value, _twin, _type, run) => {
    const found = run.settings.checkTargets && typeof value === "string" ? run.canonicalType?.(value) : undefined;
    if (found !== undefined && !targets.includes(found)) tell(run, "error", "value", `${value as string} is a ${found}; a ${targets.join(" or ")} belongs here`);
  });
  if (type === "Coding") checks.push((value, _twin, _type, run) => checkCoding(value, run));
  return checks;
}

/** Extensions of a primitive. */
function twinRule(holderType: string, { name }: ElementDefinition, type: string, definitions: Definitions): MemberRule {
  const place = `${holderType}.${name}`;
  return each(name, (one, _holder, run) => { if (isObject(one)) within(place, type, one, definitions.base("Element").walk, run); });
}

/** Visits one value, or each of a list, at its place. */
function each(name: string, visit: MemberRule): MemberRule {
  return (value, holder, run) => {
    if (!Array.isArray(value)) {
      push(run, name, -1);
      visit(value, holder, run);
      pop(run);
      return;
    }
    for (let i = 0; i < value.length && !isFull(run); i++) {
      push(run, name, i);
      visit(value[i], holder, run);
      pop(run);
    }
  };
}

function inner(resource: Container, contained: boolean, run: Run): void {
  const { resource: outer, root, container } = run;
  run.resource = resource;
  if (!contained) { run.root = resource; run.container = resource; }
  checkResourceRules(resource, run);
  run.resource = outer;
  run.root = root;
  run.container = container;
}

/** A whole resource, in its place: base rules, then the profiles it claims. */
export function checkResourceRules(resource: Container, run: Run, profiles: readonly string[] = []): void {
  const { resourceType } = resource;
  if (typeof resourceType !== "string" || !isResourceType(resourceType)) return;
  const outerBundle = run.bundle, outerPath = run.elementPath, outerType = run.elementType;
  if (resourceType === "Bundle") run.bundle = new BundleIndex(resource, run.bundle);
  run.elementPath = resourceType;
  run.elementType = resourceType;
  const { own, walk } = run.definitions.base(resourceType);
  for (const check of own) check(resource, undefined, resourceType, run);
  walk(resource, run);
  const claimed = isObject(resource.meta) && Array.isArray(resource.meta.profile) ? resource.meta.profile : [];
  const named = [...profiles, ...resource === run.root ? run.definitions.globalProfiles(resourceType) : []];
  for (const [i, url] of claimed.entries()) if (typeof url === "string" && !named.includes(url)) {
    const compiled = run.definitions.profile(url);
    if (compiled.ok) named.push(url);
    else tell(run, "warning", "not-found", `not checked: ${compiled.failure.text}`, "meta.profile", i);
  }
  const vital = resourceType === "Observation" ? vitalSignsProfile(resource) : undefined;
  if (vital && !named.includes(vital.url)) {
    named.push(vital.url);
    tell(run, "information", "value", `checked against ${vital.url}, which R4 asks of the LOINC code ${vital.code}`);
  }
  for (const url of named) run.definitions.checkAgainst({ value: resource, twin: undefined, type: resourceType, position: -1 }, url, run);
  run.bundle = outerBundle;
  run.elementPath = outerPath;
  run.elementType = outerType;
}
