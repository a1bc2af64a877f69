/**
 * Runtime values of FHIRPath. A collection is an array of items; an item is a FHIR element with its type
 * (`Node`) or a System value: boolean, string, number (Integer), `Decimal`, `Temporal`, `Quantity`.
 */
import type { JsonObject } from "../resource.ts";
import { isSubtype, typeDefinition } from "../definitions/load.ts";
import type { TypeName } from "./ast.ts";
import { Decimal, decimalOf } from "./decimal.ts";
import { parseDate, parseDateTime, parseTime, Temporal } from "./temporal.ts";

/** A FHIR element: raw JSON, its type ("HumanName", "Observation.component", "Patient"), and a primitive's `_name` twin. */
export class Node {
  readonly value: unknown;
  readonly type: string;
  readonly twin: JsonObject | undefined;
  readonly kind: Kind;
  constructor(value: unknown, type: string, twin?: JsonObject, kind: Kind = kindOf(type)) {
    this.value = value;
    this.type = type;
    this.twin = twin;
    this.kind = kind;
  }
}

type BaseQuantity = { value: number; unit: string };

/** System.Quantity. `unit` is UCUM ("1" for none) or, with `calendar`, a calendar word in the singular. */
export class Quantity {
  readonly value: Decimal;
  readonly unit: string;
  readonly calendar: boolean;
  constructor(value: Decimal, unit: string, calendar = false) {
    this.value = value;
    this.unit = unit;
    this.calendar = calendar;
  }
  /** The same in base units, found out once: literals meet many values. */
  base(find: (quantity: Quantity) => BaseQuantity | undefined): BaseQuantity | undefined {
    return (this.#base ??= { found: find(this) }).found;
  }
  #base: { found: BaseQuantity | undefined } | undefined;

  toString(): string {
    return this.calendar ? `${this.value} ${this.unit}${this.value.n === 1 ? "" : "s"}` : `${this.value} '${this.unit}'`;
  }
}

export type System = boolean | string | number | Decimal | Temporal | Quantity;
export type Item = Node | System | TypeInfo;
export type Items = readonly Item[];

/** Answer of `type()`. */
export class TypeInfo {
  readonly namespace: string;
  readonly name: string;
  constructor(namespace: string, name: string) {
    this.namespace = namespace;
    this.name = name;
  }
}

export const empty: Items = Object.freeze([]) as Items;
export const isTrue: Items = Object.freeze([true]) as Items;
export const isFalse: Items = Object.freeze([false]) as Items;

export function booleanItems(value: boolean | undefined): Items {
  return value === undefined ? empty : value ? isTrue : isFalse;
}

/** Evaluation that FHIRPath defines as an error (several items where one is allowed, …). Caught at the evaluator's door. */
export class EvaluationFault extends Error {}

/** What elements of a type are as System values: a primitive's System type, "quantity", or "element" for what stays an element. */
export type Kind = "boolean" | "string" | "integer" | "decimal" | "date" | "dateTime" | "time" | "quantity" | "element";

/** FHIR primitive types by the System type they convert to (https://hl7.org/fhir/R4/fhirpath.html#types), and the quantities. */
const kinds: ReadonlyMap<string, Kind> = new Map(Object.entries<Kind>({
  boolean: "boolean", integer: "integer", unsignedInt: "integer", positiveInt: "integer", decimal: "decimal",
  date: "date", dateTime: "dateTime", instant: "dateTime", time: "time",
  string: "string", code: "string", id: "string", markdown: "string", uri: "string", url: "string", canonical: "string",
  oid: "string", uuid: "string", base64Binary: "string", xhtml: "string",
  Quantity: "quantity", Age: "quantity", Count: "quantity", Distance: "quantity", Duration: "quantity", SimpleQuantity: "quantity", MoneyQuantity: "quantity",
}));

export function kindOf(type: string): Kind {
  return kinds.get(type) ?? "element";
}

/** A kind whose value is no object and whose id and extensions stand in a twin. */
export function isPrimitiveKind(kind: Kind): boolean {
  return kind !== "element" && kind !== "quantity";
}

export function isPrimitive(type: string): boolean {
  return isPrimitiveKind(kindOf(type));
}

/** The System value of an item: primitives and quantities convert; other elements stay nodes; a primitive without value is undefined. */
export function system(item: Item): System | Node | TypeInfo | undefined {
  if (!(item instanceof Node)) return item;
  const { value } = item;
  switch (item.kind) {
    case "boolean": return typeof value === "boolean" ? value : undefined;
    case "string": return typeof value === "string" ? value : undefined;
    case "integer": return typeof value === "number" ? value : undefined;
    case "decimal": return stated(value);
    case "date": return typeof value === "string" ? parseDate(value) ?? value : undefined;
    case "dateTime": return typeof value === "string" ? parseDateTime(value) ?? value : undefined;
    case "time": return typeof value === "string" ? parseTime(value) ?? value : undefined;
    case "quantity": return quantityOf(value) ?? item;
    case "element": return item;
  }
}

/** Whether an element is a primitive with a value, without making it: a date's text is one whatever it says. */
export function hasValue(item: Item): boolean {
  if (!(item instanceof Node)) return false;
  switch (item.kind) {
    case "boolean": return typeof item.value === "boolean";
    case "integer": return typeof item.value === "number";
    case "decimal": return typeof item.value === "number" || item.value instanceof Decimal;
    case "string": case "date": case "dateTime": case "time": return typeof item.value === "string";
    case "quantity": case "element": return false;
  }
}

/** A decimal in the data: a number, or a Decimal where the reader kept the digits written (1.0 is not 1 to lowBoundary()). */
function stated(value: unknown): Decimal | undefined {
  return typeof value === "number" ? decimalOf(value) : value instanceof Decimal ? value : undefined;
}

const ucum = "http://unitsofmeasure.org";
/** FHIR quantities in UCUM's calendar-length units (https://hl7.org/fhir/R4/fhirpath.html#quantity). */
function quantityOf(value: unknown): Quantity | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { value: n, system: unitSystem, code, unit, comparator } = value as Record<string, unknown>;
  const amount = stated(n);
  if (amount === undefined || comparator !== undefined) return undefined;
  if (unitSystem === ucum && typeof code === "string") return new Quantity(amount, code);
  if (unitSystem === undefined && code === undefined) return new Quantity(amount, typeof unit === "string" ? unit : "1");
  return undefined;
}

/** Type name without namespace, as `is` compares it. */
export function systemTypeName(item: System): string {
  switch (typeof item) {
    case "boolean": return "Boolean";
    case "string": return "String";
    case "number": return "Integer";
    default:
      if (item instanceof Decimal) return "Decimal";
      if (item instanceof Quantity) return "Quantity";
      return item.kind === "date" ? "Date" : item.kind === "dateTime" ? "DateTime" : "Time";
  }
}

export const systemTypes: ReadonlySet<string> = new Set(["Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"]);

/** Whether an item is of a type: `FHIR.` or `System.` fix the side; without a namespace FHIR's is tried first. */
export function isOfType(item: Item, name: string, namespace?: string): boolean {
  if (item instanceof TypeInfo) return false;
  if (item instanceof Node) return nodeTypeIs(item.type, name, namespace);
  return namespace !== "FHIR" && (systemTypeName(item) === name || name === "Any");
}

function nodeTypeIs(type: string, name: string, namespace: string | undefined): boolean {
  if (namespace === "System") return false;
  return type === name || isSubtype(type, name) || (type.includes(".") && name === typeDefinition(type)?.base);
}

/** Of elements of a type, what `as` and `ofType` keep: a primitive must be of exactly the type asked (a code is no string), others may be subtypes. */
export function typeNarrowsTo(type: string, name: string, namespace?: string): boolean {
  return isPrimitive(type) ? type === name && namespace !== "System" : nodeTypeIs(type, name, namespace);
}

/** `isOfType` for one type asked often: what R4 says of a type is found out once. */
export function typeTest(name: string, namespace?: string): (item: Item) => boolean {
  const known = new Map<string, boolean>();
  return (item) => item instanceof Node ? recalled(known, item.type, nodeTypeIs, name, namespace) : isOfType(item, name, namespace);
}

/** Whether `as` and `ofType` keep an item. */
export function narrowingTest({ name, namespace }: TypeName): (item: Item) => boolean {
  const known = new Map<string, boolean>();
  return (item) => item instanceof Node ? recalled(known, item.type, typeNarrowsTo, name, namespace) : isOfType(item, name, namespace);
}

function recalled(known: Map<string, boolean>, type: string, find: (type: string, name: string, namespace: string | undefined) => boolean, name: string, namespace: string | undefined): boolean {
  let answer = known.get(type);
  if (answer === undefined) known.set(type, answer = find(type, name, namespace));
  return answer;
}

/** The one item of a collection; undefined when empty. */
export function single(items: Items, what: string): Item | undefined {
  if (items.length > 1) throw new EvaluationFault(`${what} takes one item, got ${items.length}`);
  return items[0];
}

/**
 * A collection as a condition (http://hl7.org/fhirpath/N1/index.html#singleton-evaluation-of-collections):
 * empty is unknown, a boolean is itself, any other single item is true.
 */
export function condition(items: Items, what: string): boolean | undefined {
  if (items.length === 0) return undefined;
  const value = system(single(items, what)!);
  return typeof value === "boolean" ? value : true;
}
