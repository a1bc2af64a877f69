/** Whether an element is in a named slice of a profile: what FHIRPath's slice() asks (https://hl7.org/fhir/R4/fhirpath.html#functions). */
import type { Branch } from "../../profiles/tree.ts";
import { fitsType, type Definitions } from "./definitions.ts";
import type { Test } from "./discriminator.ts";
import type { Occurrence } from "./members.ts";
import type { Run } from "./run.ts";
import { sliceMembership } from "./slicing.ts";

type Owner = { branch: Branch; isMember: Test };

/** By the tree of the profile: who has a slice of the name. */
const known = new WeakMap<Branch, Map<string, readonly Owner[]>>();

/**
 * Undefined: the profile is not known, or has no slice of this name. `path` is the defined path of the element where it
 * is known ("CodeableConcept.coding"); elements that bear the same name and type in several places are not told apart.
 */
export function inSlice(occurrence: Occurrence, profile: string, slice: string, path: string | undefined, run: Run): boolean | undefined {
  const { definitions } = run;
  const tree = definitions.registry.tree(profile);
  const owners = tree.ok ? ownersOf(tree.value, slice, definitions) : [];
  return owners.length === 0 ? undefined : owners.some(({ branch, isMember }) => mayBe(branch, occurrence, path) && isMember(occurrence, run));
}

function ownersOf(root: Branch, slice: string, definitions: Definitions): readonly Owner[] {
  const bySlice = known.get(root) ?? new Map<string, readonly Owner[]>();
  known.set(root, bySlice);
  let owners = bySlice.get(slice);
  if (!owners) bySlice.set(slice, owners = branchesOf(root).flatMap((branch) => {
    const isMember = sliceMembership(branch, slice, definitions);
    return isMember ? [{ branch, isMember }] : [];
  }));
  return owners;
}

function branchesOf(root: Branch): Branch[] {
  const found = [root];
  for (const branch of found) found.push(...branch.children?.values() ?? [], ...branch.slices?.values() ?? []);
  return found;
}

function mayBe({ name, element }: Branch, { type }: Occurrence, path: string | undefined): boolean {
  const named = path === undefined || path.slice(path.lastIndexOf(".") + 1) === name.replace("[x]", "");
  return named && (element.types ?? []).some(({ code }) => fitsType(type, code));
}
