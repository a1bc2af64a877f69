/**
 * What a profile may not change of its base: it narrows cardinality, types, targets and bindings, and what it slices can
 * be told apart. Source: https://hl7.org/fhir/R4/profiling.html (Limitations of Use, Slice Cardinality, Changing Binding Strength)
 */
import { isSubtype, typeDefinition } from "../../definitions/load.ts";
import { isPrimitive } from "../../fhirpath/values.ts";
import { findSlice, stepDown, type Branch, type Step } from "../../profiles/tree.ts";
import type { BindingStrength, Element, Structure, Typed, TypeRef } from "../../profiles/structure.ts";
import type { Definitions } from "../profile/definitions.ts";

const strengths: readonly BindingStrength[] = ["example", "preferred", "extensible", "required"];

/** Faults of one element of a differential. `made` and `base`: roots of the snapshot made from it, and of its base's. */
export function derivationFaults(element: Element, way: readonly Step[], made: Branch, base: Branch, definitions: Definitions): string[] {
  const last = way.at(-1);
  const own = walk(made, way, definitions);
  const exact = walk(base, way, definitions);
  const above = exact ?? walk(base, way.map(({ name }) => ({ name })), definitions);
  const faults = own ? ownFaults(element, own) : [];
  if (last?.slice === undefined) faults.push(...own ? slicedFaults(element, own) : []);
  else faults.push(...sliceFaults(element, last, walk(made, [...way.slice(0, -1), { name: last.name }], definitions)));
  // A new slice may be missing where the element itself may not.
  if (above) faults.push(...narrowingFaults(element, above.element, last?.slice !== undefined && !exact, definitions));
  return faults;
}

/** What a path leads to, also below the elements of datatypes, which a snapshot does not list. */
function walk(root: Branch, way: readonly Step[], definitions: Definitions): Branch | undefined {
  return way.reduce<Branch | undefined>((at, step) => {
    const child = at && (stepDown(at, { name: step.name }) ?? definitions.childrenOf(at)?.get(step.name));
    return child && (step.slice === undefined ? child : findSlice(child, step.slice));
  }, root);
}

function narrowingFaults({ min, max, types, binding }: Element, was: Element, newSlice: boolean, definitions: Definitions): string[] {
  const faults: string[] = [];
  if (max !== undefined && was.max !== undefined && was.max >= 0 && (max < 0 || max > was.max))
    faults.push(`allows ${shownMax(max)}, its base ${was.max}; a profile can only narrow`);
  if (min !== undefined && was.min !== undefined && min < was.min && !newSlice)
    faults.push(`requires ${min}, its base ${was.min}; a profile can only narrow`);
  if (binding && was.binding && strengths.indexOf(binding.strength) < strengths.indexOf(was.binding.strength))
    faults.push(`its binding is ${binding.strength}, its base's ${was.binding.strength}; a profile can only make it stronger`);
  if (types && was.types) for (const type of types) faults.push(...typeFaults(type, was.types, definitions));
  return faults;
}

function ownFaults({ fixed, pattern }: Element, { element: { min, max, types } }: Branch): string[] {
  const faults: string[] = [];
  if (min !== undefined && max !== undefined && max >= 0 && min > max) faults.push(`requires ${min} and allows ${max}; make them fit`);
  for (const [what, value] of [["fixed", fixed], ["pattern", pattern]] as const)
    if (value && types && !types.some(({ code }) => takes(code, value))) faults.push(`its ${what} value is of type ${typeOfValue(value)}, and the element is ${types.map(({ code }) => code).join(", ")}`);
  return faults;
}

/** A type as it stands in a member's name: fixedUri has "Uri". */
function typeOfValue({ type }: Typed): string {
  return typeDefinition(type) ? type : type.charAt(0).toLowerCase() + type.slice(1);
}

function takes(code: string, value: Typed): boolean {
  const type = typeOfValue(value);
  if (code === type || code.startsWith(systemTypes)) return true;
  return !isPrimitive(type) && (isSubtype(code, type) || isSubtype(type, code));
}

const systemTypes = "http://hl7.org/fhirpath/";

function typeFaults({ code, targets }: TypeRef, allowed: readonly TypeRef[], definitions: Definitions): string[] {
  const fitting = allowed.filter((type) => type.code.startsWith(systemTypes) || code.startsWith(systemTypes) || type.code === code || isSubtype(code, type.code));
  if (fitting.length === 0) return [`is of type ${code}, its base ${allowed.map((type) => type.code).join(", ")}; a profile can only narrow`];
  if (!targets || fitting.some((type) => !type.targets)) return [];
  const typeOf = (url: string): string | undefined => definitions.registry.structure(url)?.type;
  const types = fitting.flatMap((type) => type.targets ?? []).map(typeOf);
  if (types.includes(undefined)) return [];
  return targets.flatMap((target) => {
    const type = typeOf(target);
    return type === undefined || types.some((one) => one === type || isSubtype(type, one!)) ? [] : [`refers to ${target}, a ${type}; its base refers to ${[...new Set(types)].join(", ")} alone`];
  });
}

function slicedFaults({ path }: Element, { slices, element: { max } }: Branch): string[] {
  if (!slices || max === undefined || max < 0) return [];
  const least = [...slices.values()].reduce((sum, { element }) => sum + (element.min ?? 0), 0);
  return least > max ? [`its slices require ${least} together, and ${path} allows ${max}; make them fit`] : [];
}

function sliceFaults({ path, max }: Element, { name }: Step, sliced: Branch | undefined): string[] {
  if (!sliced) return [];
  const { slicing, max: all } = sliced.element;
  // A name alone on what cannot repeat cuts nothing.
  if (!slicing && all !== 1 && !name.endsWith("[x]") && name !== "extension" && name !== "modifierExtension") return [`is a slice, and nothing says what tells the slices of ${path} apart; give ${path} a slicing`];
  return max !== undefined && all !== undefined && all >= 0 && (max < 0 || max > all) ? [`allows ${shownMax(max)}, and ${path} as a whole ${all}; make them fit`] : [];
}

function shownMax(max: number): string {
  return max < 0 ? "*" : String(max);
}

/** Why a profile as a whole cannot be one of its base. */
export function wholeFaults({ type, kind }: Structure, base: Structure): string[] {
  const faults: string[] = [];
  if (type !== base.type) faults.push(`is a profile on ${type}, and its base is one on ${base.type}; a constraint keeps the type`);
  else if (kind !== base.kind) faults.push(`its kind is ${kind}, and its base's ${base.kind}; a constraint keeps the kind`);
  return faults;
}
