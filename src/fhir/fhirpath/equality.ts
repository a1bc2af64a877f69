/**
 * Equality, equivalence and order of FHIRPath items.
 * Source: http://hl7.org/fhirpath/N1/index.html#equality and #comparison.
 */
import { compareDecimal, Decimal, decimalOf, sameRounded } from "./decimal.ts";
import { compareTemporal, Temporal } from "./temporal.ts";
import { compareQuantity, equivalentQuantities } from "./units.ts";
import { EvaluationFault, Node, Quantity, system, TypeInfo, type Item, type Items } from "./values.ts";

/** Collections: same length and pairwise equal; undefined (empty) when a side is empty or a pair is not comparable. */
export function equalItems(left: Items, right: Items): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined;
  if (left.length !== right.length) return false;
  let known: boolean | undefined = true;
  for (let i = 0; i < left.length; i++) {
    const same = equal(left[i]!, right[i]!);
    if (same === false) return false;
    if (same === undefined) known = undefined;
  }
  return known;
}

/** Two items; undefined where the answer is unknown (dates of different precision, unlike units). */
export function equal(left: Item, right: Item): boolean | undefined {
  if (typeof left !== "object" && typeof right !== "object") return left === right;
  if (left instanceof Node && right instanceof Node && typeof left.value === "string" && left.type === right.type && left.kind === "string")
    return right.value === undefined ? undefined : left.value === right.value;
  const quantities = sameUnit(left, right);
  if (quantities !== undefined) return quantities;
  const a = system(left);
  const b = system(right);
  if (a === undefined || b === undefined) return a === b ? true : undefined;
  if (typeof a !== "object" && typeof b !== "object") return a === b;
  if (a instanceof Node || b instanceof Node) return a instanceof Node && b instanceof Node && sameJson(a.value, b.value);
  if (a instanceof TypeInfo || b instanceof TypeInfo)
    return a instanceof TypeInfo && b instanceof TypeInfo && a.name === b.name && a.namespace === b.namespace;
  if (a instanceof Temporal || b instanceof Temporal) {
    const pair = temporalPair(a, b);
    if (!pair) return false;
    const order = compareTemporal(pair[0], pair[1]);
    return order === undefined ? undefined : order === 0;
  }
  if (a instanceof Quantity || b instanceof Quantity) {
    const pair = quantityPair(a, b);
    if (!pair) return false;
    const order = compareQuantity(pair[0], pair[1]);
    return order === undefined ? undefined : order === 0;
  }
  if (a instanceof Decimal || b instanceof Decimal) {
    const pair = decimalPair(a, b);
    return pair !== undefined && compareDecimal(pair[0], pair[1]) === 0;
  }
  return a === b;
}

/** Two quantities of the data in one and the same unit need no decimals; undefined for all others. */
function sameUnit(left: Item, right: Item): boolean | undefined {
  if (!(left instanceof Node && right instanceof Node) || left.type !== "Quantity" || right.type !== "Quantity") return undefined;
  const a = left.value as Partial<Record<string, unknown>> | null;
  const b = right.value as Partial<Record<string, unknown>> | null;
  if (a?.system !== "http://unitsofmeasure.org" || b?.system !== a.system || a.code !== b.code || typeof a.code !== "string") return undefined;
  return typeof a.value === "number" && typeof b.value === "number" && a.comparator === undefined && b.comparator === undefined ? a.value === b.value : undefined;
}

/** Order-independent, never unknown: two empty collections are equivalent. */
export function equivalentItems(left: Items, right: Items): boolean {
  if (left.length !== right.length) return false;
  if (left.length === 1) return equivalent(left[0]!, right[0]!);
  if (left.every((item, i) => equivalent(item, right[i]!))) return true;
  const rest = [...right];
  return left.every((item) => {
    const at = rest.findIndex((other) => equivalent(item, other));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

export function equivalent(left: Item, right: Item): boolean {
  const a = system(left);
  const b = system(right);
  if (a === undefined || b === undefined) return a === b;
  if (typeof a === "string" && typeof b === "string") return sameFolded(a, b);
  if (a instanceof Node || b instanceof Node)
    return a instanceof Node && b instanceof Node && equivalentJson(a.value, b.value);
  if (a instanceof Temporal || b instanceof Temporal) {
    const pair = temporalPair(a, b);
    return pair !== undefined && compareTemporal(pair[0], pair[1]) === 0;
  }
  if (a instanceof Quantity || b instanceof Quantity) {
    const pair = quantityPair(a, b);
    return pair !== undefined && equivalentQuantities(pair[0], pair[1]);
  }
  const pair = decimalPair(a, b);
  if (pair) return sameRounded(pair[0], pair[1]);
  return equal(a, b) === true;
}

/** -1, 0, 1; undefined: unknown. Items of types that have no order are an error. */
export function compare(left: Item, right: Item): number | undefined {
  const a = system(left);
  const b = system(right);
  if (a === undefined || b === undefined) return undefined;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  const decimals = decimalPair(a, b);
  if (decimals) return compareDecimal(decimals[0], decimals[1]);
  const temporals = temporalPair(a, b);
  if (temporals) return compareTemporal(temporals[0], temporals[1]);
  const quantities = a instanceof Quantity || b instanceof Quantity ? quantityPair(a, b) : undefined;
  if (quantities) return compareQuantity(quantities[0], quantities[1]);
  throw new EvaluationFault(`${describe(a)} and ${describe(b)} have no order`);
}

export function includes(items: Items, wanted: Item): boolean {
  for (let i = 0; i < items.length; i++) if (equal(items[i]!, wanted) === true) return true;
  return false;
}

function decimalPair(a: unknown, b: unknown): [Decimal, Decimal] | undefined {
  const x = typeof a === "number" ? decimalOf(a) : a;
  const y = typeof b === "number" ? decimalOf(b) : b;
  return x instanceof Decimal && y instanceof Decimal ? [x, y] : undefined;
}

function temporalPair(a: unknown, b: unknown): [Temporal, Temporal] | undefined {
  if (!(a instanceof Temporal && b instanceof Temporal)) return undefined;
  return (a.kind === "time") === (b.kind === "time") ? [a, b] : undefined;
}

function quantityPair(a: unknown, b: unknown): [Quantity, Quantity] | undefined {
  const x = asQuantity(a);
  const y = asQuantity(b);
  return x && y && [x, y];
}

function asQuantity(a: unknown): Quantity | undefined {
  if (a instanceof Quantity) return a;
  if (typeof a === "number") return new Quantity(decimalOf(a), "1");
  return a instanceof Decimal ? new Quantity(a, "1") : undefined;
}

function describe(a: unknown): string {
  if (a instanceof Node) return `a ${a.type}`;
  return a instanceof Decimal || a instanceof Temporal || a instanceof Quantity ? `"${a}"` : JSON.stringify(a);
}

/** Case and runs of white space do not count. */
function sameFolded(a: string, b: string): boolean {
  if (a === b) return true;
  if (isPlain(a) && isPlain(b)) return a.length === b.length && a.toLowerCase() === b.toLowerCase();
  return folded(a) === folded(b);
}

/** No white space, and ASCII alone, whose case changes no length. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= 32 || c > 126) return false;
  }
  return true;
}

function folded(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ").trim();
}

/** Deep equality of parsed JSON, whatever the order of members. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (Array.isArray(b)) return false;
  let members = 0;
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
    members += 1;
  }
  for (const _ in b) members -= 1;
  return members === 0;
}

/** As `sameJson`, without `id`, with folded strings, lists in any order. */
function equivalentJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === "string" && typeof b === "string") return sameFolded(a, b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    const rest: unknown[] = [...b];
    return a.every((item) => {
      const at = rest.findIndex((other) => equivalentJson(item, other));
      if (at >= 0) rest.splice(at, 1);
      return at >= 0;
    });
  }
  if (Array.isArray(a) || Array.isArray(b)) return false;
  let members = 0;
  for (const key in a) {
    if (key === "id") continue;
    if (!Object.hasOwn(b, key) || !equivalentJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
    members += 1;
  }
  for (const key in b) if (key !== "id") members -= 1;
  return members === 0;
}
