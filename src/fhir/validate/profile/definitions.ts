/**
 * Compiled definitions: each profile once, each base type once, with what their checks ask of one another. One instance
 * per registry and terminology; it holds no state of a validation.
 */
import { structureDefinitionUrl, withoutVersion } from "../../canonical.ts";
import { isResourceType, isSubtype, typeDefinition } from "../../definitions/load.ts";
import { ok, type Result } from "#platform/result.ts";
import type { Registry } from "../../profiles/registry.ts";
import type { Branch } from "../../profiles/tree.ts";
import { parseReference } from "../../resource.ts";
import type { TerminologyPort } from "../../terminology/port.ts";
import type { Container } from "../context.ts";
import { baseRules, type BaseRules } from "./base.ts";
import { compileProfile } from "./compile.ts";
import type { ValueCheck } from "./invariants.ts";
import { occurrenceKey, type Occurrence } from "./members.ts";
import { resolveReference } from "./resolve.ts";
import { isObject, tell, type Run } from "./run.ts";

export type CompiledProfile = {
  url: string;
  /** The type it constrains. */
  type: string;
  /** Undefined: it asks nothing beyond its type. */
  check: ValueCheck | undefined;
  /** What of the profile cannot be checked, and why. */
  faults: readonly string[];
};

export type Definitions = {
  registry: Registry;
  terminology: TerminologyPort;
  urlOf(type: string): string;
  /** False for R4's base definitions of types. */
  isProfile(url: string): boolean;
  childrenOf(branch: Branch): ReadonlyMap<string, Branch> | undefined;
  typeChildren(type: string): ReadonlyMap<string, Branch> | undefined;
  profile(url: string): Result<CompiledProfile>;
  /** Profiles that a loaded ImplementationGuide asks of every resource of the type. */
  globalProfiles(type: string): readonly string[];
  base(type: string): BaseRules;
  resolve(reference: unknown, run: Run): Container | undefined;
  /** Undefined: the profile is not known. */
  conforms(occurrence: Occurrence, url: string, run: Run): boolean | undefined;
  checkAgainst(occurrence: Occurrence, url: string, run: Run): void;
  /** The target of a Reference: its type, and one of the profiles where it can be looked at. */
  targetCheck(targets: readonly string[]): (reference: unknown, run: Run) => void;
};

const faultsMax = 20;

export function createDefinitions(registry: Registry, terminology: TerminologyPort): Definitions {
  const profiles = new Map<string, Result<CompiledProfile>>();
  const bases = new Map<string, BaseRules>();
  const unfolded = new WeakMap<Branch, ReadonlyMap<string, Branch> | undefined>();
  const urlOf = (type: string): string => structureDefinitionUrl + type;
  const isProfile = (canonical: string): boolean => {
    const url = withoutVersion(canonical);
    return !(url.startsWith(structureDefinitionUrl) && typeDefinition(url.slice(structureDefinitionUrl.length)) !== undefined);
  };
  const treeChildren = (url: string): ReadonlyMap<string, Branch> | undefined => {
    const tree = registry.tree(url);
    return tree.ok ? tree.value.children : undefined;
  };
  const globals = globalProfilesOf(registry);
  const definitions: Definitions = {
    registry, terminology, urlOf, isProfile,
    childrenOf(branch) {
      if (branch.children) return branch.children;
      if (unfolded.has(branch)) return unfolded.get(branch);
      const types = branch.element.types ?? [];
      const one = types.length === 1 ? types[0]! : undefined;
      const profile = one?.profiles?.length === 1 ? one.profiles[0]! : undefined;
      const found = (profile === undefined ? undefined : treeChildren(profile)) ?? treeChildren(urlOf(one?.code ?? "Element"));
      unfolded.set(branch, found);
      return found;
    },
    typeChildren: (type) => treeChildren(urlOf(type)),
    profile(url) {
      let compiled = profiles.get(url);
      if (!compiled) profiles.set(url, compiled = compile(url));
      return compiled;
    },
    globalProfiles: (type) => globals.get(type) ?? [],
    base(type) {
      let rules = bases.get(type);
      if (!rules) { rules = baseRules(type, definitions); bases.set(type, rules); }
      return rules;
    },
    resolve: resolveReference,
    conforms(occurrence, url, run) {
      const { value, twin, type } = occurrence;
      const compiled = definitions.profile(url);
      if (!compiled.ok) return undefined;
      if (!fitsType(type, compiled.value.type)) return false;
      const { check } = compiled.value;
      if (!check) return true;
      const key = occurrenceKey(occurrence);
      const known = key && run.trials.get(key);
      // In a circle the question that is still open is taken for yes: what conforms does so together.
      if (known?.has(url)) return known.get(url) ?? true;
      const verdicts = known ?? new Map<string, boolean | undefined>();
      if (key) { run.trials.set(key, verdicts); verdicts.set(url, undefined); }
      const trial: Run = { ...run, quiet: true, issues: [], issuesMax: 1, questions: [], profile: url, names: [...run.names], positions: [...run.positions], ...standing(value, run) };
      check(value, twin, type, trial);
      const conforms = trial.issues.length === 0;
      verdicts.set(url, conforms);
      return conforms;
    },
    checkAgainst(occurrence, url, run) {
      const compiled = definitions.profile(url);
      if (!compiled.ok) return tell(run, "warning", "not-found", `not checked against ${url}: ${compiled.failure.text}`);
      if (!fitsType(occurrence.type, compiled.value.type)) return tell(run, "error", "structure", `${url} is a profile on ${compiled.value.type}, found ${occurrence.type}`);
      const { check } = compiled.value;
      const key = occurrenceKey(occurrence);
      if (!check || run.open.has(`${url}`) && key !== undefined && run.open.get(url)!.has(key)) return;
      const open = run.open.get(url) ?? new Set<object>();
      run.open.set(url, open);
      if (key) open.add(key);
      const { profile, resource, root, container } = run;
      run.profile = url;
      Object.assign(run, standing(occurrence.value, run));
      check(occurrence.value, occurrence.twin, occurrence.type, run);
      run.profile = profile;
      run.resource = resource;
      run.root = root;
      run.container = container;
      if (key) open.delete(key);
    },
    targetCheck(targets) {
      const types = targets.map((url) => registry.structure(url)?.type ?? (isProfile(url) ? undefined : withoutVersion(url).slice(structureDefinitionUrl.length)));
      const unknown = targets.filter((_, i) => types[i] === undefined);
      return (reference, run) => {
        if (!isObject(reference)) return;
        const found = definitions.resolve(reference, run);
        const type = typeof found?.resourceType === "string" ? found.resourceType : statedType(reference.reference);
        if (type === undefined) return;
        if (found && unknown.length > 0) tell(run, "error", "not-found", `its target is to be checked against ${unknown.join(", ")}, which is not known here; load the package that brings it`);
        if (unknown.length > 0 && !found) return;
        const candidates = targets.filter((_, i) => types[i] !== undefined && isSubtype(type, types[i]!));
        if (candidates.length === 0) {
          if (unknown.length === 0) tell(run, "error", "structure", `may refer to ${targets.join(", ")}, found ${type}`);
          return;
        }
        if (!found || candidates.some((url) => !isProfile(url))) return;
        const occurrence: Occurrence = { value: found, twin: undefined, type, position: -1 };
        const verdicts = candidates.map((url) => definitions.conforms(occurrence, url, run));
        if (!verdicts.some((one) => one !== false)) tell(run, "error", "structure", `refers to a ${type} that does not conform to ${candidates.join(" or ")}`);
      };
    },
  };
  function compile(url: string): Result<CompiledProfile> {
    const tree = registry.tree(url);
    if (!tree.ok) return tree;
    const type = registry.structure(url)!.type;
    const base = registry.tree(urlOf(type));
    const faults: string[] = [];
    const check = compileProfile(tree.value, type, base.ok ? base.value : undefined, definitions, (text) => { if (faults.length < faultsMax && !faults.includes(text)) faults.push(text); });
    return ok({ url, type, check, faults });
  }
  return definitions;
}

function statedType(reference: unknown): string | undefined {
  const named = typeof reference === "string" ? parseReference(reference)?.type : undefined;
  return named !== undefined && isResourceType(named) ? named : undefined;
}

/** Whether an element of a type can be checked by a definition for another. */
export function fitsType(type: string, profiled: string): boolean {
  return type === profiled || isSubtype(type, profiled) || profiled === "Element" || typeDefinition(type)?.base === profiled;
}

/** A resource tried by itself is %resource; what is contained keeps its container. */
function standing(value: unknown, run: Run): Partial<Run> {
  if (!isObject(value) || typeof value.resourceType !== "string" || value === run.resource) return {};
  const contained = Array.isArray(run.root.contained) && run.root.contained.includes(value);
  return contained ? { resource: value } : { resource: value, root: value, container: value };
}

/** ImplementationGuide.global (https://hl7.org/fhir/R4/implementationguide-definitions.html#ImplementationGuide.global). */
function globalProfilesOf(registry: Registry): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const guide of registry.resources) {
    if (guide.resourceType !== "ImplementationGuide" || !Array.isArray(guide.global)) continue;
    for (const one of guide.global) if (isObject(one) && typeof one.type === "string" && typeof one.profile === "string") {
      const list = found.get(one.type);
      if (list) list.push(one.profile); else found.set(one.type, [one.profile]);
    }
  }
  return found;
}
