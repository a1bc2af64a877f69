/**
 * Member paths: `name.given`, `value.unit`, `component.code.coding` as closures over raw JSON.
 * One closure per step, specialised by the type of the step, so a chain runs without wrapping anything but
 * its last values. Choice elements (`value`) branch on the JSON member present (`valueQuantity`).
 */
import type { JsonObject } from "../resource.ts";
import { isResourceType, typeDefinition, type ElementDefinition } from "../definitions/load.ts";
import type { TypeName } from "./ast.ts";
import { isPrimitive, isPrimitiveKind, kindOf, Node, typeNarrowsTo, type Item } from "./values.ts";

/** One member; with `as`, only where it is of that type: `value as Quantity` reads valueQuantity and nothing else. */
export type Step = { name: string; as?: TypeName };

/** Appends to `out` what a path finds in one JSON object. */
export type Push = (object: JsonObject, out: Item[]) => void;

/** Types of an element reached by one member name; undefined: the type has no such member. "Resource" stands for any resource. */
export function memberTypes(type: string, name: string): readonly string[] | undefined {
  const definition = typeDefinition(type) ?? (isPrimitive(type) ? typeDefinition("Element") : undefined);
  return definition?.byName.get(name)?.types;
}

/** Members a type has, for messages. */
export function memberNames(type: string): readonly string[] {
  return [...(typeDefinition(type)?.byName.keys() ?? [])];
}

/** Compiles `steps` on an object of a type; undefined when the type has no such path. */
export function compilePath(type: string, steps: readonly Step[]): Push | undefined {
  return compileFrom(type, steps, 0, new Map());
}

/** `known` keeps one closure per type and step: open choices (Extension.value) would branch without end otherwise. */
function compileFrom(type: string, steps: readonly Step[], start: number, known: Map<string, Push | undefined>): Push | undefined {
  const key = `${start} ${type}`;
  if (known.has(key)) return known.get(key);
  const push = compileStep(type, steps, start, known);
  known.set(key, push);
  return push;
}

/** What a member that does not exist gives. */
export const nothing: Push = () => {};

/** Only the data tell the type. */
export function isAnyResource(type: string): boolean {
  return type === "Resource" || type === "DomainResource";
}

function narrowed(push: Push, type: string, as: TypeName | undefined): Push {
  if (as === undefined || !isAnyResource(type)) return push;
  return (object, out) => {
    const found: Item[] = [];
    push(object, found);
    for (const item of found) if (item instanceof Node && typeNarrowsTo(item.type, as.name, as.namespace)) out.push(item);
  };
}

function ofResource(next: Push, type: string, as: TypeName | undefined): Push {
  if (as === undefined || !isAnyResource(type)) return next;
  return (object, out) => { if (typeof object.resourceType === "string" && typeNarrowsTo(object.resourceType, as.name, as.namespace)) next(object, out); };
}

/** A choice of more types than this is found by going over what the object has instead of what it might have. */
const openChoiceMin = 16;

function openChoice({ path }: ElementDefinition, members: readonly { name: string; type: string }[]): Push {
  const known = new Map<string, Push>();
  for (const { name, type } of members) {
    const push = leaf(name, type, path);
    known.set(name, push);
    // `_valueString` alone: extensions without a value.
    known.set(`_${name}`, (object, out) => { if (!Object.hasOwn(object, name)) push(object, out); });
  }
  return (object, out) => { for (const key in object) known.get(key)?.(object, out); };
}

function compileStep(type: string, steps: readonly Step[], start: number, known: Map<string, Push | undefined>): Push | undefined {
  if (isAnyResource(type)) return dynamicPath(steps, start);
  const { name, as } = steps[start]!;
  const definition = typeDefinition(type);
  const element = definition?.byName.get(name);
  if (!element) return undefined;
  const last = start === steps.length - 1;
  const members = as === undefined ? element.members : element.members.filter((member) => isAnyResource(member.type) || typeNarrowsTo(member.type, as.name, as.namespace));
  if (last && members.length > openChoiceMin) return openChoice(element, members);
  const branches: Push[] = [];
  for (const member of members) {
    if (last) {
      branches.push(narrowed(leaf(member.name, member.type, element.path), member.type, as));
      continue;
    }
    const next = compileFrom(member.type, steps, start + 1, known);
    if (!next) continue;
    branches.push(isPrimitive(member.type) ? inner(`_${member.name}`, next) : inner(member.name, ofResource(next, member.type, as)));
  }
  if (branches.length <= 1) return branches[0] ?? (as === undefined ? undefined : nothing);
  return (object, out) => {
    for (let i = 0; i < branches.length; i++) branches[i]!(object, out);
  };
}

/** The type is known only from the data: `contained.id`, `Bundle.entry.resource.status`. */
export function dynamicPath(steps: readonly Step[], start = 0): Push {
  const byType = new Map<string, Push | undefined>();
  return (object, out) => {
    const type = object.resourceType;
    if (typeof type !== "string" || !isResourceType(type)) return;
    let push = byType.get(type);
    if (push === undefined && !byType.has(type)) {
      push = compilePath(type, start === 0 ? steps : steps.slice(start));
      byType.set(type, push);
    }
    push?.(object, out);
  };
}

/** Where an element was found: `index` is undefined outside a list; `element` is its defined path, "HumanName.given". */
export type Origin = { holder: JsonObject; property: string; index: number | undefined; element: string };
let origins: WeakMap<Node, Origin> | undefined;

/** Runs `work` while the origin of every element that a path finds is noted in `into`. */
export function noting<T>(into: WeakMap<Node, Origin>, work: () => T): T {
  const outer = origins;
  origins = into;
  try {
    return work();
  } finally {
    origins = outer;
  }
}

/** As `noting`, where nobody notes yet. */
export function withOrigins<T>(work: () => T): T {
  return origins === undefined ? noting(new WeakMap(), work) : work();
}

/** Known only inside `noting`, and to elements that a path found. */
export function originOf(node: Node): Origin | undefined {
  return origins?.get(node);
}

/** An element's origin, for `noting`; in a function of its own, so that paths stay lean. */
export function noted(node: Node, holder: JsonObject, property: string, index: number | undefined, element: string): Node {
  origins?.set(node, { holder, property, index, element });
  return node;
}

function inner(property: string, next: Push): Push {
  return (object, out) => {
    const value = object[property];
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        const item = value[i];
        if (typeof item === "object" && item !== null) next(item as JsonObject, out);
      }
    } else if (typeof value === "object") next(value, out);
  };
}

/** `element` is the defined path, for origins. */
function leaf(property: string, type: string, element: string): Push {
  if (type === "Resource") return resourceLeaf(property, element);
  const kind = kindOf(type);
  if (!isPrimitive(type)) return (object, out) => {
    const value = object[property];
    if (value === undefined || value === null) return;
    if (origins !== undefined) return withTwin(object, property, value, undefined, type, element, out);
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) { if (value[i] != null) out.push(new Node(value[i], type, undefined, kind)); }
    else out.push(new Node(value, type, undefined, kind));
  };
  const twinName = `_${property}`;
  return (object, out) => {
    const value = object[property];
    const twin = object[twinName];
    if (origins !== undefined || twin !== undefined) return withTwin(object, property, value, twin, type, element, out);
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) { if (value[i] != null) out.push(new Node(value[i], type, undefined, kind)); }
    else out.push(new Node(value, type, undefined, kind));
  };
}

/** Primitives with ids or extensions: `given: ["A", null]` beside `_given: [null, {extension…}]`; and any element whose origin is noted. */
function withTwin(holder: JsonObject, property: string, value: unknown, twin: unknown, type: string, element: string, out: Item[]): void {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const twins: unknown[] = Array.isArray(twin) ? twin : [twin];
  for (let i = 0; i < Math.max(values.length, twins.length); i++) {
    const own = values[i] ?? undefined;
    const beside = typeof twins[i] === "object" && twins[i] !== null ? twins[i] as JsonObject : undefined;
    if (own !== undefined || beside) out.push(noted(new Node(own, type, beside), holder, property, Array.isArray(value ?? twin) ? i : undefined, element));
  }
}

function resourceLeaf(property: string, element: string): Push {
  const add = (value: unknown, holder: JsonObject, index: number | undefined, out: Item[]) => {
    if (typeof value !== "object" || value === null) return;
    const type = (value as JsonObject).resourceType;
    out.push(noted(new Node(value, typeof type === "string" && isResourceType(type) ? type : "Resource"), holder, property, index, element));
  };
  return (object, out) => {
    const value = object[property];
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) add(value[i], object, i, out);
    else add(value, object, undefined, out);
  };
}

const membersByType = new Map<string, ReadonlyMap<string, Push>>();

/** What stands under each JSON member of a type's objects. */
function membersOf(type: string): ReadonlyMap<string, Push> {
  const known = membersByType.get(type);
  if (known) return known;
  const members = new Map<string, Push>();
  for (const [name, member] of typeDefinition(type)?.members ?? []) members.set(name, leaf(name, member.type, member.element.path));
  membersByType.set(type, members);
  return members;
}

/** Every member of one item, in the order of the JSON. */
export function pushChildren(item: Item, out: Item[]): void {
  if (!(item instanceof Node) || (typeof item.value !== "object" && item.twin === undefined)) return;
  const primitive = isPrimitiveKind(item.kind);
  const object = primitive ? item.twin : item.value as JsonObject | null;
  if (typeof object !== "object" || object === null) return;
  const members = membersOf(primitive ? "Element" : item.type);
  for (const key in object) {
    if (key.charCodeAt(0) !== 95) members.get(key)?.(object, out);
    // `_given` alone: a primitive that has extensions and no value.
    else if (!Object.hasOwn(object, key.slice(1))) members.get(key.slice(1))?.(object, out);
  }
}
