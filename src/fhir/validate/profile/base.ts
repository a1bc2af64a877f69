/**
 * What R4's base definitions ask beyond structure: invariants, bindings of every strength, extensions, codes and
 * displays, references, and rules of single types that stand in the specification's text. Compiled once per type; a walk
 * visits only members that are there.
 */
import { codeSet, isResourceType, typeDefinition, type ElementDefinition } from "../../definitions/load.ts";
import { isPrimitive } from "../../fhirpath/values.ts";
import type { Branch } from "../../profiles/tree.ts";
import { BundleIndex } from "../bundle/index.ts";
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
  const own = [...invariantChecks(constraints, type, () => {}), ...typeRules[type] ?? [], ...definition.kind === "resource" ? resourceRules[type] ?? [] : []];
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
  if (type === "Resource") return (value, _holder, run) => each(value, element.name, run, (one) => { if (isObject(one)) inner(one, element.name === "contained", run); });
  const checks = elementChecks(element, type, branch, definitions);
  const place = `${holderType}.${element.name}`;
  if (isPrimitive(type) || type === "xhtml") {
    const all = [...typeRules[type] ?? [], ...checks];
    if (all.length === 0) return undefined;
    return (value, holder, run) => {
      const twin = holder[`_${element.name}`];
      each(value, element.name, run, (one) => { if (one !== null) for (const check of all) check(one, isObject(twin) ? twin : undefined, type, run); });
    };
  }
  let rules: BaseRules | undefined;
  return (value, holder, run) => {
    rules ??= definitions.base(type);
    const { own, walk } = rules;
    const outer = run.elementPath, outerType = run.elementType;
    each(value, element.name, run, (one) => {
      if (!isObject(one)) return;
      for (const check of checks) check(one, undefined, type, run);
      if (type === "Extension") return checkExtension(one, element.name === "modifierExtension", holder, run);
      for (const check of own) check(one, undefined, type, run);
      run.elementPath = place;
      run.elementType = type;
      walk(one, run);
      run.elementPath = outer;
      run.elementType = outerType;
    });
  };
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
function twinRule(holderType: string, element: ElementDefinition, type: string, definitions: Definitions): MemberRule {
  const place = `${holderType}.${element.name}`;
  return (value, _holder, run) => {
    const { walk } = definitions.base("Element");
    const outer = run.elementPath, outerType = run.elementType;
    run.elementPath = place;
    run.elementType = type;
    each(value, element.name, run, (one) => { if (isObject(one)) walk(one, run); });
    run.elementPath = outer;
    run.elementType = outerType;
  };
}

function each(value: unknown, name: string, run: Run, visit: (one: unknown) => void): void {
  if (!Array.isArray(value)) {
    push(run, name, -1);
    visit(value);
    pop(run);
    return;
  }
  for (let i = 0; i < value.length && !isFull(run); i++) {
    push(run, name, i);
    visit(value[i]);
    pop(run);
  }
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
