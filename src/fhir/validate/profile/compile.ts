/**
 * Compiles the tree of a profile to closures that check what it asks beyond the base definition of its type: elements
 * about which it says nothing new cost nothing. The base itself is checked by the structural check and base.ts.
 */
import { withoutVersion } from "../../canonical.ts";
import { typeDefinition, type ElementDefinition } from "../../definitions/load.ts";
import { regexOf, RegexFault, type Regex } from "../../fhirpath/regex/regex.ts";
import { isPrimitive } from "../../fhirpath/values.ts";
import type { Constraint, Element, TypeRef } from "../../profiles/structure.ts";
import type { Branch } from "../../profiles/tree.ts";
import { pop, push, type Container } from "../context.ts";
import { shown } from "../primitives.ts";
import { checkBinding } from "./bound.ts";
import type { Definitions } from "./definitions.ts";
import { fixedDifference, patternDifference, type Difference } from "./fixed.ts";
import { invariantChecks, type ValueCheck } from "./invariants.ts";
import { readerOf, typeOf } from "./members.ts";
import { order } from "./range.ts";
import { isObject, tell, type Run } from "./run.ts";
import { by, slicingCheck } from "./slicing.ts";

export type ObjectRule = (holder: Container, run: Run) => void;

export type Compiler = {
  definitions: Definitions;
  /** Told once per profile: what of it cannot be checked. */
  fault(text: string): void;
  valueCheck(branch: Branch, definition: ElementDefinition, base: Branch | undefined): ValueCheck | undefined;
};

/** Checks that one occurrence of the type conforms to the tree of a profile on it. Undefined: it asks nothing beyond the base. */
export function compileProfile(root: Branch, type: string, base: Branch | undefined, definitions: Definitions, fault: (text: string) => void): ValueCheck | undefined {
  const compiler: Compiler = { definitions, fault, valueCheck: (branch, definition, own) => valueCheck(branch, definition.types, own, compiler) };
  return combined([...ownChecks(root.element, [type], base?.element, compiler), ...objectCheck(root, type, base, compiler)]);
}

function combined(checks: readonly ValueCheck[]): ValueCheck | undefined {
  if (checks.length <= 1) return checks[0];
  return (value, twin, type, run) => { for (const check of checks) check(value, twin, type, run); };
}

/** What an element definition asks of each occurrence, its children included. */
function valueCheck(branch: Branch, declared: readonly string[], base: Branch | undefined, compiler: Compiler): ValueCheck | undefined {
  const { element } = branch;
  const types = element.types;
  const single = types?.length === 1 ? typeName(branch, declared) : "Element";
  const checks = [
    ...typeChecks(element, declared, base?.element, compiler),
    ...ownChecks(element, element.contentReference === undefined && types ? types.map(({ code }) => code) : declared, base?.element, compiler),
    ...(branch.children ? objectCheck(branch, element.contentReference ?? single, base, compiler) : []),
  ];
  return combined(checks);
}

/** The name under which the definitions know the content: a backbone element by its path. */
function typeName(branch: Branch, declared: readonly string[]): string {
  const { code } = branch.element.types![0]!;
  if (code !== "BackboneElement" && code !== "Element") return code;
  return declared.length === 1 ? declared[0]! : code;
}

function ownChecks(element: Element, types: readonly string[], base: Element | undefined, compiler: Compiler): ValueCheck[] {
  const checks: ValueCheck[] = [];
  const { fixed, pattern, binding, maxLength, regex, minValue, maxValue } = element;
  if (fixed && !same(fixed, base?.fixed)) checks.push((value, _twin, _type, run) => differing(fixedDifference(fixed.value, value), "fixed", run));
  if (pattern && !same(pattern, base?.pattern)) checks.push((value, _twin, type, run) => {
    const difference = patternDifference(pattern.value, value);
    // Of several codings none is the one at fault.
    if (difference) differing(type === "CodeableConcept" ? { path: "", expected: pattern.value, found: value } : difference, "pattern", run);
  });
  if (binding && !same(binding, base?.binding)) checks.push((value, _twin, type, run) => checkBinding(binding, value, type, run));
  if (maxLength !== undefined && maxLength !== base?.maxLength) checks.push((value, _twin, _type, run) => {
    if (typeof value === "string" && value.length > maxLength) tell(run, "error", "too-long", `holds at most ${maxLength} characters, found ${value.length}${by(run)}`);
  });
  if (regex !== undefined && regex !== base?.regex) { const check = regexCheck(regex, element.path, compiler); if (check) checks.push(check); }
  if (minValue && !same(minValue, base?.minValue)) checks.push(rangeCheck(minValue.value, "below"));
  if (maxValue && !same(maxValue, base?.maxValue)) checks.push(rangeCheck(maxValue.value, "above"));
  const added = (element.constraints ?? []).filter((one) => !held(one, base));
  checks.push(...invariantChecks(added, types.length === 1 ? types[0]! : "Element", compiler.fault));
  return checks;
}

function same(a: unknown, b: unknown): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function held({ key, expression }: Constraint, base: Element | undefined): boolean {
  return base?.constraints?.some((one) => one.key === key && one.expression === expression) === true;
}

function differing(difference: Difference | undefined, how: string, run: Run): void {
  if (!difference) return;
  const { path, expected, found } = difference;
  const what = expected === undefined ? `${shown(found)} is not part of the ${how} value; leave it out` : found === undefined ? `is missing; the ${how} value is ${shown(expected)}` : `is ${shown(found)}; the ${how} value is ${shown(expected)}`;
  const text = `${what}${by(run)}`;
  if (path === "") tell(run, "error", "value", text);
  else tell(run, "error", "value", text, path.slice(1));
}

function regexCheck(pattern: string, path: string, { fault }: Compiler): ValueCheck | undefined {
  let regex: Regex;
  try {
    regex = regexOf(pattern);
  } catch (error) {
    if (!(error instanceof RegexFault)) throw error;
    fault(`${path}: its regular expression cannot be read: ${error.message}`);
    return undefined;
  }
  return (value, _twin, _type, run) => {
    if (typeof value === "object" || value === undefined) return;
    try {
      if (!regex.test(String(value), true)) tell(run, "error", "value", `${shown(value)} does not fit ${shown(pattern)}${by(run)}`);
    } catch (error) {
      if (!(error instanceof RegexFault)) throw error;
      tell(run, "error", "too-costly", `cannot be compared with ${shown(pattern)}: ${error.message}`);
    }
  };
}

function rangeCheck(bound: unknown, wrong: "below" | "above"): ValueCheck {
  return (value, _twin, type, run) => {
    if (value === undefined) return;
    const found = order(value, bound, type);
    if (found === wrong) tell(run, "error", "value", `${shown(value)} is ${wrong} ${shown(bound)}, the ${wrong === "below" ? "least" : "most"} allowed${by(run)}`);
    else if (found === "incomparable") tell(run, "error", "value", `${shown(value)} cannot be compared with ${shown(bound)}${by(run)}; use a unit that converts to it`);
  };
}

/** Types that a choice is restricted to, profiles on the type, profiles on the target of a reference. */
function typeChecks(element: Element, declared: readonly string[], base: Element | undefined, { definitions, fault }: Compiler): ValueCheck[] {
  const { types } = element;
  if (!types || element.contentReference !== undefined) return [];
  const checks: ValueCheck[] = [];
  const codes = new Set(types.map(({ code }) => code));
  // "Resource" may be narrowed as a choice is; backbone elements are known by their paths.
  if ((declared.length > codes.size || declared[0] === "Resource") && !codes.has("Resource") && !codes.has("BackboneElement") && !codes.has("Element"))
    checks.push((_value, _twin, type, run) => {
      if (codes.has(type)) return;
      // An extension whose value is of another type is another extension: the fault is its own.
      const up = element.path === "Extension.value[x]" ? 1 : 0;
      run.depth -= up;
      tell(run, "error", "structure", `${up ? "its value " : ""}is of type ${type}; allowed: ${[...codes].join(", ")}${by(run)}`);
      run.depth += up;
    });
  for (const { code, profiles } of types) {
    const named = profiles?.filter((url) => url !== definitions.urlOf(code) && !(code === "Quantity" && url === definitions.urlOf("SimpleQuantity")));
    if (!named?.length) continue;
    const known = named.filter((url) => definitions.registry.structure(url));
    if (known.length < named.length) fault(`${element.path}: the profile ${named.find((url) => !known.includes(url))!} is not known here; load the package that brings it`);
    if (known.length > 0) checks.push(profileCheck(code, known, definitions));
  }
  const modes = types.find(({ code }) => code === "Reference")?.aggregation;
  if (modes) checks.push((value, _twin, type, run) => {
    const mode = type === "Reference" && isObject(value) && typeof value.reference === "string" ? aggregationOf(value.reference, run) : undefined;
    if (mode !== undefined && !modes.includes(mode)) tell(run, "error", "structure", `its target is ${mode}; allowed: ${modes.join(", ")}${by(run)}`);
  });
  const targets = types.find(({ code }) => code === "Reference")?.targets;
  // What the base allows, the structural check holds.
  if (targets && !same(targets, base?.types?.find(({ code }) => code === "Reference")?.targets) && !targets.includes(definitions.urlOf("Resource"))) {
    const check = definitions.targetCheck(targets);
    checks.push((value, _twin, type, run) => { if (type === "Reference") check(value, run); });
  }
  return checks;
}

/** ElementDefinition.type.aggregation (https://hl7.org/fhir/R4/valueset-resource-aggregation-mode.html). */
function aggregationOf(reference: string, { bundle, root }: Run): "contained" | "bundled" | "referenced" {
  if (reference.startsWith("#")) return "contained";
  return bundle && bundle.matches(reference, root).length > 0 ? "bundled" : "referenced";
}

/** Conforms to one of them; with a single one its own faults are told. */
function profileCheck(code: string, profiles: readonly string[], definitions: Definitions): ValueCheck {
  const isExtension = code === "Extension";
  return (value, twin, type, run) => {
    if (value === undefined && twin === undefined) return;
    // An extension is checked against the definition its url names wherever it stands (base.ts).
    if (isExtension && profiles.length === 1 && isObject(value) && value.url === withoutVersion(profiles[0]!) && !run.quiet) return;
    if (code !== type && !(code === "Resource" || typeDefinition(type)?.base === code)) return;
    if (profiles.length === 1) return definitions.checkAgainst({ value, twin, type, position: -1 }, profiles[0]!, run);
    if (!profiles.some((url) => definitions.conforms({ value, twin, type, position: -1 }, url, run) !== false))
      tell(run, "error", "structure", `conforms to none of ${profiles.join(", ")}${by(run)}`);
  };
}

/** Rules on the members of an object of the type; empty when there are none. */
function objectCheck(branch: Branch, type: string, base: Branch | undefined, compiler: Compiler): ValueCheck[] {
  const definition = typeDefinition(type);
  if (!definition || !branch.children) return [];
  const rules: ObjectRule[] = [];
  // Datatypes are compared with their own definition, backbone elements with the same place of the base.
  const baseChildren = type.includes(".") ? base && compiler.definitions.childrenOf(base) : compiler.definitions.typeChildren(type);
  for (const child of branch.children.values()) {
    const name = child.name.endsWith("[x]") ? child.name.slice(0, -3) : child.name;
    const element = definition.byName.get(name);
    // The value of a primitive is no JSON member.
    if (!element) { if (definition.kind !== "primitive") compiler.fault(`${child.element.path} is no element of ${type} in R4; it is not checked`); continue; }
    const rule = childRule(child, element, baseChildren?.get(child.name), compiler);
    if (rule) rules.push(rule);
  }
  if (rules.length === 0) return [];
  return [(value, twin, _type, run) => {
    const holder = isObject(value) ? value : twin;
    if (holder) for (const rule of rules) rule(holder, run);
  }];
}

function childRule(child: Branch, definition: ElementDefinition, base: Branch | undefined, compiler: Compiler): ObjectRule | undefined {
  const { element } = child;
  const { name } = definition;
  const min = element.min ?? definition.min;
  const max = element.max === undefined || element.max < 0 ? Infinity : element.max;
  const asksMin = min > definition.min, asksMax = max < definition.max;
  const check = max === 0 ? undefined : valueCheck(child, definition.types, base, compiler);
  const slices = max === 0 ? undefined : slicingCheck(child, definition, base, compiler);
  if (!asksMin && !asksMax && !check && !slices) return undefined;
  const wanted = definition.choice ? choiceNames(definition, element.types) : `"${name}"`;
  const reader = readerOf(definition);
  const one = definition.max <= 1 && definition.members.length === 1 ? definition.types[0]! : undefined;
  const twinName = one !== undefined && isPrimitive(one) ? `_${name}` : undefined;
  return (holder, run) => {
    const count = reader.count(holder);
    if (asksMin && count < min && count >= definition.min) tell(run, "error", "required", count === 0 && min === 1 ? `${wanted} is missing${by(run)}` : `${wanted} is to be there at least ${min} times, found ${count}${by(run)}`);
    if (asksMax && count > max) tell(run, "error", "structure", max === 0 ? `"${name}" is not allowed; leave it out${by(run)}` : `"${name}" is allowed at most ${max} times, found ${count}${by(run)}`);
    if (count === 0 ? slices === undefined : check === undefined && slices === undefined) return;
    if (slices === undefined && one !== undefined) {
      // The common case, without a list.
      const twin = twinName === undefined ? undefined : holder[twinName];
      push(run, name, -1);
      check!(holder[name] ?? undefined, isObject(twin) ? twin : undefined, typeOf(holder[name], one), run);
      pop(run);
      return;
    }
    const occurrences = reader.occurrences(holder);
    if (check) for (const { value, twin, type, position } of occurrences) {
      push(run, name, position);
      check(value, twin, type, run);
      pop(run);
    }
    slices?.(occurrences, run);
  };
}

function choiceNames(definition: ElementDefinition, types: readonly TypeRef[] | undefined): string {
  const codes = new Set(types?.map(({ code }) => code));
  return definition.members.filter(({ type }) => codes.size === 0 || codes.has(type)).map((one) => `"${one.name}"`).slice(0, 8).join(" or ");
}
