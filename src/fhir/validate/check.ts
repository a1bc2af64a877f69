/**
 * Compiles a type definition into one closure that checks an object of the type: unknown members, JSON shape,
 * cardinality, choices, primitives with their `_member` extensions, bindings, references, ele-1 and ext-1.
 * Compiled once per type, at first use. Source: https://hl7.org/fhir/R4/json.html
 */
import assert from "node:assert/strict";
import { codeSet, isResourceType, typeDefinition, type ElementDefinition, type TypeDefinition } from "../definitions/load.ts";
import { codeFault, codingFault, conceptFault } from "./bindings.ts";
import { isFull, pop, push, report, type Container, type Context } from "./context.ts";
import { kindOf, primitiveChecks, shown, type Fault, type PrimitiveCheck } from "./primitives.ts";
import { checkReference } from "./references.ts";
import { unknownMember } from "./spelling.ts";
import { xhtmlFault } from "./xhtml.ts";

export type ObjectCheck = (value: unknown, context: Context) => void;
/** Checks one member; `holder` is the object it stands in, for the twin of a primitive. */
type MemberCheck = (value: unknown, holder: Container, context: Context) => void;
type Member = { check: MemberCheck; required: number; choice: number; isId: boolean };

/** The door refuses deeper JSON; values from elsewhere end here instead of on the stack. */
const depthMax = 120;

const checks = new Map<string, ObjectCheck>();

/** The check of a resource type, datatype or backbone element ("Resource": whatever type the value names). */
export function typeCheck(name: string): ObjectCheck {
  const known = checks.get(name);
  if (known) return known;
  if (name === "Resource") return checkInnerResource;
  // Types refer to themselves (Extension.extension): the first call compiles, later ones go straight through.
  let compiled: ObjectCheck | undefined;
  const check: ObjectCheck = (value, context) => (compiled ??= compileType(name))(value, context);
  checks.set(name, check);
  return check;
}

function compileType(name: string): ObjectCheck {
  const definition = typeDefinition(name);
  assert(definition, `no definition of ${name}`);
  return objectCheck(definition, false);
}

function objectCheck(definition: TypeDefinition, idMayStandAlone: boolean): ObjectCheck {
  const isResource = definition.kind === "resource";
  const members = new Map<string, Member>();
  let bits = 0;
  const requiredElements: { bit: number; element: ElementDefinition }[] = [];
  const choiceElements: { bit: number; element: ElementDefinition }[] = [];
  const nextBit = () => { assert(bits < 31, `${definition.name} has more required and choice elements than bits`); return 1 << bits++; };
  for (const element of definition.elements) {
    const required = element.min > 0 ? nextBit() : 0;
    if (required) requiredElements.push({ bit: required, element });
    const choice = element.choice ? nextBit() : 0;
    if (choice) choiceElements.push({ bit: choice, element });
    for (const { name, type } of element.members) {
      const isId = name === "id";
      members.set(name, { check: memberCheck(element, name, type), required, choice, isId });
      if (type in primitiveChecks || type === "xhtml") members.set(`_${name}`, { check: twinCheck(element, name), required, choice, isId: false });
    }
  }
  const requiredMask = requiredElements.reduce((mask, { bit }) => mask | bit, 0);
  const isExtension = definition.name === "Extension";

  return (value, context) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return report(context, "structure", `expected an object (${definition.name}), found ${kindOf(value)}`);
    if (isFull(context)) return;
    if (context.depth > depthMax) return report(context, "too-long", `nested deeper than ${depthMax} levels`);
    const holder = value as Container;
    let seen = 0, chosen = 0, count = 0, idOnly = true;
    for (const name in holder) {
      const member = members.get(name);
      if (member === undefined) {
        if (isResource && name === "resourceType") continue;
        if (isFull(context)) return;
        report(context, "structure", unknownMember(definition, name));
        idOnly = false;
        count++;
        continue;
      }
      count++;
      if (!member.isId) idOnly = false;
      seen |= member.required;
      if (member.choice !== 0) {
        if ((chosen & member.choice) !== 0) checkOneChoice(choiceElements, member.choice, holder, context);
        chosen |= member.choice;
      }
      member.check(valueOf(holder, name), holder, context);
    }
    if ((seen & requiredMask) !== requiredMask)
      for (const { bit, element } of requiredElements)
        if ((seen & bit) === 0) report(context, "required", `${wanted(element)} is missing; ${definition.name} needs it`);
    if (idOnly && !isResource && (count === 0 || !idMayStandAlone))
      report(context, "invariant", `an element has a value or children (ele-1), found ${count === 0 ? "an empty object" : "only an id"}; leave it out`);
    if (isExtension) checkExtension(holder, chosen !== 0, context);
  };
}

/** Outside the loop over members: there V8 takes the read for one of a single name, and gives up what it compiled at every other, again and again. */
function valueOf(holder: Container, name: string): unknown {
  return holder[name];
}

function wanted(element: ElementDefinition): string {
  return element.choice ? element.members.map(m => `"${m.name}"`).slice(0, 8).join(" or ") : `"${element.name}"`;
}

/** Called when a second member of a choice is met: `valueString` and `_valueString` are one, `valueInteger` is another. */
function checkOneChoice(choices: readonly { bit: number; element: ElementDefinition }[], bit: number, holder: Container, context: Context): void {
  const element = choices.find(choice => choice.bit === bit)!.element;
  const present = element.members.filter(({ name }) => Object.hasOwn(holder, name) || Object.hasOwn(holder, `_${name}`));
  if (present.length > 1) report(context, "structure", `only one of ${present.map(m => m.name).join(", ")} may stand here; keep one`, element.name);
}

/** ext-1: value or nested extensions, one of them. */
function checkExtension(holder: Container, hasValue: boolean, context: Context): void {
  if (hasValue === (holder.extension !== undefined))
    report(context, "invariant", `an extension has either a value or nested extensions (ext-1), found ${hasValue ? "both" : "neither"}`);
}

function memberCheck(element: ElementDefinition, name: string, type: string): MemberCheck {
  const primitive = type === "xhtml" ? xhtmlFault : primitiveChecks[type];
  if (primitive) return element.max > 1 ? primitiveList(element, name, bound(primitive, element, type)) : primitiveOne(element, bound(primitive, element, type));
  const one = complexCheck(element, type);
  const step = element.name;
  if (element.max <= 1)
    return (value, _holder, context) => {
      if (Array.isArray(value)) return report(context, "structure", "holds one value, found an array; leave out the brackets", step);
      push(context, step, -1);
      one(value, context);
      pop(context);
    };
  return (value, _holder, context) => {
    if (!checkList(value, element, context)) return;
    for (let i = 0; i < value.length; i++) {
      push(context, step, i);
      one(value[i], context);
      pop(context);
    }
  };
}

/** A primitive with its required binding. */
function bound(primitive: PrimitiveCheck, element: ElementDefinition, type: string): PrimitiveCheck {
  const set = element.binding !== undefined && type === "code" ? codeSet(element.binding) : undefined;
  if (!set) return primitive;
  const { codes } = set;
  return value => typeof value === "string" && codes.has(value) ? undefined : primitive(value) ?? codeFault(set, value);
}

function primitiveOne(element: ElementDefinition, check: PrimitiveCheck): MemberCheck {
  return (value, _holder, context) => {
    const fault = check(value);
    if (fault) report(context, fault.code, fault.text, element.name);
  };
}

function primitiveList(element: ElementDefinition, name: string, check: PrimitiveCheck): MemberCheck {
  const twinName = `_${name}`;
  return (value, holder, context) => {
    if (!checkList(value, element, context)) return;
    for (let i = 0; i < value.length && !isFull(context); i++) {
      if (value[i] === null && Array.isArray(holder[twinName]) && holder[twinName][i] != null) continue;
      const fault = check(value[i]);
      if (fault) report(context, fault.code, value[i] === null ? `null stands only where ${twinName} has an extension at the same position` : fault.text, element.name, i);
    }
  };
}

function checkList(value: unknown, element: ElementDefinition, context: Context): value is unknown[] {
  if (!Array.isArray(value)) { report(context, "structure", `holds a list, found ${kindOf(value)}; put it in brackets`, element.name); return false; }
  if (value.length === 0) { report(context, "structure", "an empty list is not allowed; leave the member out", element.name); return false; }
  if (value.length > element.max) report(context, "structure", `holds at most ${element.max} values, found ${value.length}`, element.name);
  return true;
}

/** id and extensions of a primitive: beside its value, or in its place. */
function twinCheck(element: ElementDefinition, name: string): MemberCheck {
  let compiled: ObjectCheck | undefined;
  const inner = (value: unknown, context: Context) => (compiled ??= objectCheck(typeDefinition("Element")!, true))(value, context);
  const step = element.name;
  const one = (twin: unknown, hasValue: boolean, position: number, context: Context): void => {
    push(context, step, position);
    inner(twin, context);
    if (!hasValue && typeof twin === "object" && twin !== null && (twin as Container).extension === undefined)
      report(context, "invariant", `a primitive has a value or an extension (ele-1); give "${name}" a value`);
    pop(context);
  };
  if (element.max <= 1)
    return (twin, holder, context) => {
      if (Array.isArray(twin)) return report(context, "structure", `"_${name}" holds one object, found an array`, step);
      one(twin, holder[name] !== undefined, -1, context);
    };
  return (twin, holder, context) => {
    if (!checkList(twin, element, context)) return;
    const values = Array.isArray(holder[name]) ? holder[name] as unknown[] : [];
    for (let i = 0; i < twin.length; i++) {
      if (twin[i] !== null) one(twin[i], values[i] != null, i, context);
      else if (i >= values.length) report(context, "structure", `"_${name}" has null at a position where "${name}" has no value`, step, i);
    }
  };
}

function complexCheck(element: ElementDefinition, type: string): ObjectCheck {
  if (type === "Resource" && element.name === "contained") return checkContained;
  const inner = typeCheck(type);
  if (type === "Reference") {
    const targets = element.targets === undefined || element.targets.includes("Resource") ? undefined : element.targets;
    return (value, context) => { inner(value, context); checkReference(value, targets, context); };
  }
  const set = element.binding === undefined ? undefined : codeSet(element.binding);
  if (set && type === "CodeableConcept") return withFault(inner, value => conceptFault(set, value));
  if (set && type === "Coding") return withFault(inner, value => codingFault(set, value));
  if (element.simpleQuantity && type === "Quantity")
    return withFault(inner, value => (value as Container | null)?.comparator === undefined ? undefined : { code: "invariant", text: "no comparator is allowed here (sqty-1)" });
  return inner;
}

function withFault(inner: ObjectCheck, extra: (value: unknown) => Fault | undefined): ObjectCheck {
  return (value, context) => {
    inner(value, context);
    const fault = extra(value);
    if (fault) report(context, fault.code, fault.text);
  };
}

/** A resource that names its own type: the root, Bundle.entry.resource, Parameters.parameter.resource. */
export function checkResource(value: unknown, context: Context): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return report(context, "structure", `expected a resource, found ${kindOf(value)}`);
  const { resourceType } = value as Container;
  if (typeof resourceType !== "string" || !isResourceType(resourceType))
    return report(context, "structure", resourceType === undefined ? 'a resource names its type in "resourceType"' : `${shown(resourceType)} is no R4 resource type`);
  typeCheck(resourceType)(value, context);
}

function checkInnerResource(value: unknown, context: Context): void {
  const outer = context.container;
  context.container = value as Container;
  checkResource(value, context);
  context.container = outer;
}

/** "#id" inside a contained resource refers to its sisters, so the container stays. Source: https://hl7.org/fhir/R4/domainresource.html */
function checkContained(value: unknown, context: Context): void {
  checkResource(value, context);
  if (typeof value !== "object" || value === null) return;
  const { contained, id, meta } = value as Container;
  if (contained !== undefined) report(context, "invariant", "a contained resource contains no others (dom-2)");
  if (id === undefined) report(context, "required", 'a contained resource needs an "id" to be referred to');
  const { versionId, lastUpdated } = (typeof meta === "object" && meta !== null ? meta : {}) as Container;
  if (versionId !== undefined || lastUpdated !== undefined) report(context, "invariant", "a contained resource has no meta.versionId and meta.lastUpdated (dom-4)");
}
