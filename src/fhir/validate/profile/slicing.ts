/**
 * Slicing: each occurrence of an element goes to the first slice whose discriminators it meets; then each slice's
 * cardinality, order and closure are checked, and its rules on what went to it. Reslices are slices of a slice.
 * Source: https://hl7.org/fhir/R4/profiling.html#slicing
 */
import type { Slicing } from "../../profiles/structure.ts";
import { findSlice, type Branch } from "../../profiles/tree.ts";
import type { ElementDefinition } from "../../definitions/load.ts";
import { push, pop } from "../context.ts";
import { discriminatorTest, type Test } from "./discriminator.ts";
import type { Compiler } from "./compile.ts";
import type { Definitions } from "./definitions.ts";
import type { ValueCheck } from "./invariants.ts";
import type { Occurrence } from "./members.ts";
import { tell, type Run } from "./run.ts";

export type SliceCheck = (occurrences: readonly Occurrence[], run: Run) => void;

type Slice = { name: string; min: number; max: number; matches: Test; check: ValueCheck | undefined; inner: SliceCheck | undefined };

/** Undefined when the element has no slices to check. */
export function slicingCheck(branch: Branch, definition: ElementDefinition, baseBranch: Branch | undefined, compiler: Compiler): SliceCheck | undefined {
  if (!branch.slices?.size) return undefined;
  const slicing = slicingOf(branch);
  if (!slicing) { compiler.fault(`${branch.element.path} has slices but no slicing that tells them apart; they are not checked`); return undefined; }
  const slices: Slice[] = [];
  let fallback: Slice | undefined;
  for (const [name, one] of branch.slices) {
    const matches = sliceTest(slicing, one, compiler.definitions);
    const slice: Slice = {
      name, min: one.element.min ?? 0, max: (one.element.max ?? -1) < 0 ? Infinity : one.element.max!,
      matches: typeof matches === "string" ? () => false : matches,
      check: compiler.valueCheck(one, definition, baseBranch), inner: slicingCheck(one, definition, baseBranch, compiler),
    };
    if (name === "@default") { fallback = slice; continue; }
    if (typeof matches === "string") {
      compiler.fault(`${branch.element.path}: the slice ${name} is not checked: ${matches}`);
      continue;
    }
    slices.push(slice);
  }
  return slices.length === 0 && !fallback ? undefined : check(branch, slicing, slices, fallback);
}

/** How the slices of an element are told apart: extensions by url, choices by type, also where a profile does not say so. */
function slicingOf({ name, element }: Branch): Slicing | undefined {
  if (element.slicing) return element.slicing;
  if (element.types?.[0]?.code === "Extension") return { discriminators: [{ type: "value", path: "url" }], rules: "open", ordered: false };
  return name.endsWith("[x]") ? { discriminators: [{ type: "type", path: "$this" }], rules: "open", ordered: false } : undefined;
}

/** Whether an occurrence meets the discriminators of a slice; a text says why that cannot be told. */
function sliceTest({ discriminators }: Slicing, slice: Branch, definitions: Definitions): Test | string {
  const tests: Test[] = [];
  let whyNot: string | undefined;
  for (const { type, path } of discriminators) {
    const test = discriminatorTest(type, path, slice, definitions);
    if (typeof test === "string") whyNot ??= test; else tests.push(test);
  }
  // An order of positions is all that a slicing without discriminators states.
  if (tests.length === 0) return whyNot ?? "the slicing has no discriminator";
  return tests.length === 1 ? tests[0]! : (occurrence, run) => tests.every((test) => test(occurrence, run));
}

/** The slice of the owner, or of one of its slices, that an occurrence belongs to: the first whose discriminators it meets. Undefined: there is no such slice, or none can be told. */
export function sliceMembership(owner: Branch, name: string, definitions: Definitions): Test | undefined {
  const cut = name.lastIndexOf("/");
  const holder = cut < 0 ? owner : findSlice(owner, name.slice(0, cut));
  const outer = cut < 0 ? () => true : sliceMembership(owner, name.slice(0, cut), definitions);
  const slicing = holder && slicingOf(holder);
  if (!slicing || !outer || !holder.slices?.has(name)) return undefined;
  const tests = [...holder.slices].filter(([one]) => one !== "@default").map(([one, slice]) => [one, sliceTest(slicing, slice, definitions)] as const);
  if (typeof tests.find(([one]) => one === name)?.[1] === "string") return undefined;
  return (occurrence, run) => {
    if (!outer(occurrence, run)) return false;
    const first = tests.find(([, test]) => typeof test !== "string" && test(occurrence, run));
    return (first?.[0] ?? "@default") === name;
  };
}

function check(branch: Branch, { rules, ordered }: Slicing, slices: readonly Slice[], fallback: Slice | undefined): SliceCheck {
  const isChoice = branch.name.endsWith("[x]");
  const name = isChoice ? branch.name.slice(0, -3) : branch.name;
  return (occurrences, run) => {
    const members = slices.map((): Occurrence[] => []);
    const rest: Occurrence[] = [];
    let last = -1, lastRest = -1;
    for (const [at, occurrence] of occurrences.entries()) {
      const index = slices.findIndex((slice) => slice.matches(occurrence, run));
      if (index < 0) {
        rest.push(occurrence);
        lastRest = at;
        if (rules === "closed" && !fallback) tell(run, "error", "structure", `fits none of the slices ${slices.map((one) => one.name).join(", ")}, and others are not allowed${by(run)}`, name, occurrence.position);
        continue;
      }
      if (ordered && index < last) tell(run, "error", "structure", `the slice ${slices[index]!.name} stands behind ${slices[last]!.name}; its place is before${by(run)}`, name, occurrence.position);
      else last = index;
      if (rules === "openAtEnd" && lastRest >= 0) tell(run, "error", "structure", `stands behind something that is of no slice; that belongs at the end${by(run)}`, name, occurrence.position);
      members[index]!.push(occurrence);
    }
    for (const [index, slice] of slices.entries()) {
      // A type that a choice may not have is the fault of the value, not of what holds it.
      if (isChoice && slice.max === 0) for (const { position } of members[index]!) tell(run, "error", "structure", `${slice.name} is not allowed here; use another type${by(run)}`, name, position);
      else checkSlice(slice, members[index]!, name, run);
    }
    if (fallback) checkSlice(fallback, rest, name, run);
  };
}

function checkSlice({ name: slice, min, max, check: inner, inner: reslices }: Slice, members: readonly Occurrence[], name: string, run: Run): void {
  if (members.length < min) tell(run, "error", "structure", `"${name}" needs ${min === 1 ? "one that is" : `${min} that are`} of the slice ${slice}, found ${members.length}${by(run)}`);
  if (members.length > max) tell(run, "error", "structure", `"${name}" holds at most ${max} of the slice ${slice}, found ${members.length}${by(run)}`);
  if (inner) for (const { value, twin, type, position } of members) {
    push(run, name, position);
    inner(value, twin, type, run);
    pop(run);
  }
  reslices?.(members, run);
}

export function by(run: Run): string {
  return run.profile === undefined ? "" : ` (${run.profile})`;
}
