/**
 * Discriminators: what tells the slices of an element apart. Each discriminator of a slice becomes one test on an
 * occurrence: where to look (the path), and what must be there (fixed, pattern, required binding, existence, type,
 * profile). Source: https://hl7.org/fhir/R4/profiling.html#discriminator
 */
import { withoutVersion } from "../../canonical.ts";
import { isResourceType, isSubtype, typeDefinition } from "../../definitions/load.ts";
import type { DiscriminatorType, Element } from "../../profiles/structure.ts";
import type { Branch } from "../../profiles/tree.ts";
import { parseReference } from "../../resource.ts";
import { anyMember, codingsOf } from "./bound.ts";
import type { Definitions } from "./definitions.ts";
import { fixedDifference, patternDifference } from "./fixed.ts";
import { membersOf, typeOf, type Occurrence } from "./members.ts";
import { isObject, type Run } from "./run.ts";

export type Test = (occurrence: Occurrence, run: Run) => boolean;

type PathStep = { kind: "member"; name: string } | { kind: "ofType"; type: string } | { kind: "resolve" } | { kind: "extension"; url: string };

const step = /^(?:extension\(\s*['"]([^'"]*)['"]\s*\)|(resolve|first)\(\)|(?:ofType|as)\(\s*(?:FHIR\.)?(\w+)\s*\)|(\$this)|`?([A-Za-z][\w-]*(?:\[x\])?)`?)(?:\.|$)/;

/** Undefined: not a path of the restricted kind that discriminators may have. */
export function readPath(path: string): PathStep[] | undefined {
  const steps: PathStep[] = [];
  for (let rest = path.trim(); rest !== ""; ) {
    const match = step.exec(rest);
    if (!match) return undefined;
    const [whole, url, call, type, , name] = match;
    if (url !== undefined) steps.push({ kind: "extension", url });
    else if (call === "resolve") steps.push({ kind: "resolve" });
    else if (type !== undefined) steps.push({ kind: "ofType", type });
    else if (name !== undefined) steps.push({ kind: "member", name });
    rest = rest.slice(whole.length);
  }
  return steps;
}

/** What holds of the places that a path leads to in a slice: their definitions, and parts of a pattern or fixed value above them. */
type Target = { branch: Branch | undefined; parts: { exact: boolean; value: unknown }[] };

/** The test of one discriminator for one slice; a text says why there is none. */
export function discriminatorTest(type: DiscriminatorType, path: string, slice: Branch, definitions: Definitions): Test | string {
  const steps = readPath(path);
  if (!steps) return `the discriminator path "${path}" cannot be read`;
  const targets = targetsOf(slice, steps, definitions);
  const tests = targets.map((target) => targetTest(type, target, definitions));
  const usable = tests.filter((test) => test !== undefined);
  if (usable.length === 0) return `nothing in the slice says what "${path}" is to be (${type})`;
  const test: OccurrencesTest = (found, run) => usable.some((one) => one(found, run));
  return steps.length === 0 ? (occurrence, run) => test([occurrence], run) : (occurrence, run) => test(follow([occurrence], steps, run, type === "type"), run);
}

type OccurrencesTest = (found: readonly Occurrence[], run: Run) => boolean;

function targetTest(type: DiscriminatorType, { branch, parts }: Target, definitions: Definitions): OccurrencesTest | undefined {
  switch (type) {
    case "exists":
      if (branch?.element.max === 0) return (found) => found.length === 0;
      return (branch?.element.min ?? 0) > 0 ? (found) => found.length > 0 : undefined;
    case "value": case "pattern": {
      const inner = branch && contentTest(branch, 0);
      if (!inner && parts.length === 0) return (branch?.element.min ?? 0) > 0 ? (found) => found.length > 0 : undefined;
      return (found, run) => parts.every(({ exact, value }) => found.some((one) => (exact ? fixedDifference : patternDifference)(value, one.value) === undefined))
        && (!inner || found.some((one) => inner(one, run)));
    }
    case "type": {
      const codes = branch?.element.types?.map(({ code }) => code);
      if (!codes?.length) return undefined;
      return (found) => found.some((one) => codes.some((code) => one.type === code || isSubtype(one.type, code) || typeDefinition(one.type)?.base === code));
    }
    case "profile": {
      const profiles = branch?.element.types?.flatMap((one) => one.profiles ?? []) ?? [];
      if (profiles.length === 0) return undefined;
      return (found, run) => found.some((one) => profiles.some((url) => definitions.conforms(one, url, run) === true));
    }
    case "position": return undefined;
  }
}

const contentDepthMax = 12;

/** Fixed, pattern, required binding of an element, else those of what it must hold. */
function contentTest(branch: Branch, depth: number): Test | undefined {
  const own = elementTest(branch.element);
  if (own || depth > contentDepthMax) return own;
  const inner: Test[] = [];
  for (const child of branch.children?.values() ?? []) {
    const options = [child, ...child.slices?.values() ?? []].filter(({ element }) => (element.min ?? 0) > 0 || element.fixed !== undefined || element.pattern !== undefined);
    for (const one of options) {
      const test = contentTest(one, depth + 1);
      if (test) inner.push((occurrence, run) => membersOf(occurrence, child.name).some((member) => test(member, run)));
    }
  }
  return inner.length === 0 ? undefined : (occurrence, run) => inner.every((test) => test(occurrence, run));
}

function elementTest({ fixed, pattern, binding }: Element): Test | undefined {
  if (fixed) return ({ value }) => fixedDifference(fixed.value, value) === undefined;
  if (pattern) return ({ value }) => patternDifference(pattern.value, value) === undefined;
  const set = binding?.strength === "required" ? binding.valueSet : undefined;
  if (set === undefined) return undefined;
  return ({ value, type }, run) => anyMember(set, codingsOf(value, type) ?? [], run).kind === "member";
}

/** Follows a path through the definitions of a slice. */
function targetsOf(slice: Branch, steps: readonly PathStep[], definitions: Definitions): Target[] {
  let at: Target[] = [{ branch: slice, parts: partsOf(slice) }];
  for (const one of steps) at = at.flatMap((target) => next(target, one, definitions));
  return at;
}

function partsOf(branch: Branch): Target["parts"] {
  const { fixed, pattern } = branch.element;
  return fixed ? [{ exact: true, value: fixed.value }] : pattern ? [{ exact: false, value: pattern.value }] : [];
}

function next(target: Target, one: PathStep, definitions: Definitions): Target[] {
  const { branch, parts } = target;
  switch (one.kind) {
    case "ofType": {
      const slices = [...branch?.slices?.values() ?? []].filter(({ element }) => element.types?.some(({ code }) => code === one.type));
      return slices.length ? slices.map((found) => ({ branch: found, parts: partsOf(found) })) : [target];
    }
    case "resolve":
      return (branch?.element.types ?? []).flatMap(({ targets }) => targets ?? []).map((url) => {
        const type = definitions.registry.structure(url)?.type ?? url.slice(url.lastIndexOf("/") + 1);
        const tree = definitions.registry.tree(url);
        const element: Element = { path: type, types: [{ code: type, profiles: [url] }] };
        return { branch: tree.ok ? { ...tree.value, element: { ...tree.value.element, ...element } } : { name: type, element }, parts: [] };
      });
    case "extension": {
      const holder = branch && definitions.childrenOf(branch)?.get("extension");
      const found = [...holder?.slices?.values() ?? []].find((slice) => slice.element.types?.some(({ profiles }) => profiles?.some((url) => withoutVersion(url) === one.url)) || definitions.childrenOf(slice)?.get("url")?.element.fixed?.value === one.url);
      return [{ branch: found ?? holder, parts: [] }];
    }
    case "member": {
      const children = branch && definitions.childrenOf(branch);
      const child = children?.get(one.name) ?? children?.get(`${one.name}[x]`);
      const inner = parts.flatMap(({ exact, value }) => valuesIn(value, one.name).map((part) => ({ exact, value: part })));
      if (!child) return inner.length ? [{ branch: undefined, parts: inner }] : [];
      // A pattern further in, on a required slice of the child, is as good as one on the child.
      const slices = [...child.slices?.values() ?? []].filter(({ element }) => (element.min ?? 0) > 0);
      const own: Target = { branch: child, parts: [...inner, ...partsOf(child)] };
      return own.parts.length === 0 && slices.length > 0 && !contentTest(child, 0) ? slices.map((found) => ({ branch: found, parts: partsOf(found) })) : [own];
    }
  }
}

function valuesIn(value: unknown, name: string): unknown[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    const inner = isObject(one) ? one[name] : undefined;
    return inner === undefined ? [] : Array.isArray(inner) ? inner : [inner];
  });
}

/** Follows a path through the data. `typeOnly`: of what a reference leads to, its type is enough, which the reference may tell itself. */
function follow(from: readonly Occurrence[], steps: readonly PathStep[], run: Run, typeOnly: boolean): readonly Occurrence[] {
  let at = from;
  for (const one of steps) {
    switch (one.kind) {
      case "member": at = at.flatMap((occurrence) => membersOf(occurrence, one.name)); break;
      case "ofType": at = at.filter(({ type }) => type === one.type || isSubtype(type, one.type)); break;
      case "extension": at = at.flatMap((occurrence) => membersOf(occurrence, "extension")).filter(({ value }) => isObject(value) && value.url === one.url); break;
      case "resolve": at = at.flatMap(({ value }) => {
        const found = run.definitions.resolve(value, run);
        const type = found ? typeOf(found, "Resource") : typeOnly ? namedType(value) : undefined;
        return type === undefined ? [] : [{ value: found ?? {}, twin: undefined, type, position: -1 }];
      });
    }
  }
  return at;
}

/** The type that a reference which leads nowhere here names: "Patient/1", or by Reference.type. */
function namedType(reference: unknown): string | undefined {
  if (!isObject(reference)) return undefined;
  const named = typeof reference.reference === "string" ? parseReference(reference.reference)?.type : undefined;
  return named ?? (typeof reference.type === "string" && isResourceType(reference.type) ? reference.type : undefined);
}
