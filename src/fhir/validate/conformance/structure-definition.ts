/**
 * A StructureDefinition as a resource: its differential must fit its base, discriminators must lead somewhere, and what
 * the base fixes stays fixed. Source: https://hl7.org/fhir/R4/profiling.html
 */
import { compile } from "../../fhirpath/compile.ts";
import { typeDefinition } from "../../definitions/load.ts";
import { generate } from "../../profiles/snapshot.ts";
import { readStructure, type Element, type Slicing, type Structure } from "../../profiles/structure.ts";
import { stepDown, stepsOf, type Branch } from "../../profiles/tree.ts";
import { expressionOf, type Container } from "../context.ts";
import { derivationPlace, fixedPlace } from "../places.ts";
import { shown } from "../primitives.ts";
import { readPath } from "../profile/discriminator.ts";
import type { Definitions } from "../profile/definitions.ts";
import { fixedDifference } from "../profile/fixed.ts";
import type { ValueCheck } from "../profile/invariants.ts";
import { tell, tellAt, type Run } from "../profile/run.ts";
import { derivationFaults, wholeFaults } from "./derivation.ts";

export const checkStructureDefinition: ValueCheck = (value, _twin, _type, run) => {
  const read = readStructure(value as Container);
  if (!read.ok) return; // structure reports what is missing
  const { snapshot: _, ...structure } = read.value;
  if (structure.derivation !== "constraint" || !structure.differential || structure.base === undefined) return;
  const { registry } = run.definitions;
  const base = structure.base === structure.url ? undefined : registry.tree(structure.base);
  if (!base) return tell(run, "warning", "invalid", "builds on itself, so nothing can be checked; name another baseDefinition", "baseDefinition");
  if (!base.ok) return tell(run, "warning", base.failure.code, base.failure.text, "baseDefinition");
  const parent = registry.structure(structure.base);
  for (const fault of parent ? wholeFaults(structure, parent) : []) tell(run, "error", "value", fault);
  const generated = generate(structure, { structure: registry.structure, tree: (url) => registry.tree(url) }, []);
  if (!generated.ok) {
    const [issue] = generated.failure.issues ?? [];
    return tell(run, "error", generated.failure.code, generated.failure.text, issue?.expression);
  }
  checkElements(structure, base.value, generated.value, run);
};

function checkElements(structure: Structure, base: Branch, made: Branch, run: Run): void {
  const steps = stepsOf(structure.differential!);
  const positions = positionsOf(made);
  // The least place of what follows each element, from the end.
  const following: number[] = [];
  const branches = steps.map((way) => way.reduce<Branch | undefined>((at, step) => at && stepDown(at, step), made));
  for (let i = branches.length - 1, least = Infinity; i >= 0; i--) {
    following[i] = least;
    const own = branches[i];
    if (own) least = Math.min(least, positions.get(own)!);
  }
  const here = expressionOf(run);
  for (const [i, element] of structure.differential!.entries()) {
    const place = `differential.element[${i}]`;
    const own = branches[i];
    const above = steps[i]!.reduce<Branch | undefined>((at, step) => at && stepDown(at, { name: step.name }), base);
    if (own && positions.get(own)! > following[i]!)
      tell(run, "error", "structure", `${element.path} stands before an element that the base has before it; keep the base's order`, place);
    const { fixed, slicing, binding, constraints } = element;
    const types = (element.types ?? own?.element.types)?.map(({ code }) => code);
    if (binding && types?.length && !types.some((code) => bindable.has(code) || code.startsWith("Codeable")))
      tell(run, "error", "value", `binds ${types.join(", ")}, which has no codes; leave the binding out or change the type`, place);
    for (const [k, { key, expression }] of constraints?.entries() ?? []) {
      const compiled = expression === undefined ? undefined : compile(expression);
      if (compiled && !compiled.ok) tell(run, "error", "invalid", `the constraint ${key} cannot be read: ${compiled.failure.text}`, `${place}.constraint[${k}].expression`);
    }
    if (fixed && above?.element.fixed && fixedDifference(above.element.fixed.value, fixed.value))
      tellAt(run, "error", "value", `fixes ${shown(fixed.value)}, but its base fixes ${shown(above.element.fixed.value)}; a profile cannot change that`, fixedPlace(run, element.path, `${here}.${place}`));
    for (const fault of derivationFaults(element, steps[i]!, made, base, run.definitions)) tellAt(run, "error", "value", `${element.id ?? element.path} ${fault}`, derivationPlace(run, `${here}.${place}`));
    if (own && slicing) checkDiscriminators(element, slicing, own, place, run);
  }
}

function checkDiscriminators({ id, path: sliced }: Element, { discriminators }: Slicing, own: Branch, place: string, run: Run): void {
  const wrong = [...discriminators.entries()].filter(([, { path }]) => !leads(own, path, run.definitions));
  for (const [k, { type, path }] of wrong)
    tell(run, "error", "value", `the ${type} discriminator "${path}" leads nowhere from ${sliced}; name an element of it`, `${place}.slicing.discriminator[${k}]`);
  if (wrong.length > 0 && wrong.length === discriminators.length && own.slices?.size)
    tell(run, "error", "value", `nothing tells the slices ${[...own.slices.keys()].join(", ")} of ${id ?? sliced} apart, so that no resource can be checked against this profile; give the slicing a discriminator that leads to what they fix`);
}

/** Types whose values a value set can restrict (https://hl7.org/fhir/R4/terminologies.html#4.1). */
const bindable = new Set(["code", "Coding", "CodeableConcept", "Quantity", "Age", "Count", "Distance", "Duration", "Money", "SimpleQuantity", "string", "uri", "url", "canonical", "markdown", "id", "Extension", "Resource"]);

/** Order of a snapshot: an element, what it holds, its slices. */
function positionsOf(root: Branch): Map<Branch, number> {
  const positions = new Map<Branch, number>();
  const visit = (branch: Branch): void => {
    positions.set(branch, positions.size);
    for (const child of branch.children?.values() ?? []) visit(child);
    for (const slice of branch.slices?.values() ?? []) visit(slice);
  };
  visit(root);
  return positions;
}

/** Whether a discriminator's path exists in one of the types of the element. */
function leads(branch: Branch, path: string, definitions: Definitions): boolean {
  const steps = readPath(path);
  if (!steps) return false;
  let types: readonly string[] | undefined = branch.element.types?.map(({ code }) => code);
  let at: Branch | undefined = branch;
  for (const step of steps) {
    if (types === undefined) return true;
    switch (step.kind) {
      case "ofType": types = types.includes(step.type) || types.includes("Resource") ? [step.type] : []; at = undefined; break;
      case "resolve": return true; // another resource's content
      case "extension": types = ["Extension"]; at = undefined; break;
      case "member": {
        const children: ReadonlyMap<string, Branch> | undefined = at && definitions.childrenOf(at);
        at = children?.get(step.name) ?? children?.get(`${step.name}[x]`);
        types = at ? at.element.types?.map(({ code }) => code)
          : types.flatMap((type) => typeDefinition(type)?.byName.get(step.name)?.types ?? []);
      }
    }
    if (types?.length === 0) return false;
  }
  return true;
}
