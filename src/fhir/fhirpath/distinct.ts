/** Telling items apart by their equality, in time that grows with their number: distinct(), unions, repeat(). */
import type { JsonObject } from "../resource.ts";
import { Decimal, trimZeros } from "./decimal.ts";
import { equal, sameJson } from "./equality.ts";
import { Temporal } from "./temporal.ts";
import { canonicalText } from "./units.ts";
import { Node, Quantity, system, type Item, type Items } from "./values.ts";

/** Up to so many items are compared pair by pair. */
const pairwiseMax = 6;

/** First occurrences only. */
export function distinct(items: Items): Items {
  if (items.length < 2) return items;
  if (items.length <= pairwiseMax) return distinctPairwise(items);
  const seen = new Seen();
  const kept = items.filter((item) => seen.add(item));
  return kept.length === items.length ? items : kept;
}

function distinctPairwise(items: Items): Items {
  let kept: Item[] | undefined;
  for (let i = 1; i < items.length; i++) {
    const item = items[i]!;
    const before = kept ?? items;
    const end = kept ? kept.length : i;
    let repeated = false;
    for (let k = 0; k < end && !repeated; k++) repeated = equal(before[k]!, item) === true;
    if (repeated) kept ??= items.slice(0, i);
    else kept?.push(item);
  }
  return kept ?? items;
}

/** Items met so far. */
export class Seen {
  #plain: Set<unknown> | undefined;
  #numbers: Set<string> | undefined;
  /** By telling text, one object or several. */
  #objects: Map<unknown, unknown> | undefined;
  #others: Map<string, Item[]> | undefined;

  /** Whether no equal item was met before; from now on it is. */
  add(item: Item): boolean {
    if (item instanceof Node && item.kind === "element") return this.#addObject(item.value);
    const value = system(item);
    if (typeof value === "string" || typeof value === "boolean") return added(this.#plain ??= new Set(), value);
    if (typeof value === "number" || value instanceof Decimal) return added(this.#numbers ??= new Set(), String(typeof value === "number" ? value : trimZeros(value)));
    if (value instanceof Node) return this.#addObject(value.value);
    this.#others ??= new Map();
    const bucket = bucketOf(value);
    const alike = this.#others.get(bucket);
    if (alike === undefined) this.#others.set(bucket, [item]);
    else if (alike.some((other) => equal(other, item) === true)) return false;
    else alike.push(item);
    return true;
  }

  #addObject(value: unknown): boolean {
    this.#objects ??= new Map();
    const name = tellingText(value);
    const alike = this.#objects.get(name);
    if (alike instanceof Alike) return alike.add(value);
    if (alike === undefined) this.#objects.set(name, value);
    else if (sameJson(alike, value)) return false;
    else this.#objects.set(name, new Alike([alike, value]));
    return true;
  }
}

function added<T>(set: Set<T>, value: T): boolean {
  const before = set.size;
  return set.add(value).size > before;
}

/** Up to so many objects of one telling text are compared as they are. */
const comparedMax = 6;

/** Objects of one telling text; hashed only once they are many. */
class Alike {
  readonly #few: unknown[];
  #byHash: Map<number, unknown[]> | undefined;
  constructor(few: unknown[]) {
    this.#few = few;
  }

  add(value: unknown): boolean {
    if (this.#byHash === undefined) {
      if (isAmong(this.#few, value)) return false;
      this.#few.push(value);
      if (this.#few.length > comparedMax) {
        this.#byHash = new Map();
        for (const one of this.#few) this.#hashed(this.#byHash, one).push(one);
      }
      return true;
    }
    const same = this.#hashed(this.#byHash, value);
    if (isAmong(same, value)) return false;
    same.push(value);
    return true;
  }

  #hashed(byHash: Map<number, unknown[]>, value: unknown): unknown[] {
    const hash = hashJson(value);
    let same = byHash.get(hash);
    if (same === undefined) byHash.set(hash, same = []);
    return same;
  }
}

function isAmong(values: readonly unknown[], value: unknown): boolean {
  for (let i = 0; i < values.length; i++) if (sameJson(values[i], value)) return true;
  return false;
}

/** Members by which elements of one list mostly differ. */
const tellingMembers = ["linkId", "code", "url", "id", "value", "reference", "display", "text"];

/** Equal objects have the same; undefined where they state none. */
function tellingText(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null) for (let i = 0; i < tellingMembers.length; i++) {
    const text = (value as JsonObject)[tellingMembers[i]!];
    if (typeof text === "string") return text;
  }
  return undefined;
}

/** Equal items share a bucket, so only few are compared with each other. */
function bucketOf(value: unknown): string {
  if (value instanceof Temporal) return `t${value.utc.join()}`;
  if (value instanceof Quantity) return `q${canonicalText(value)}`;
  return "";
}

/** The same for `sameJson` values, whatever the order of members; of texts only the length and both ends count. */
function hashJson(value: unknown): number {
  if (typeof value === "string") return textHash(value);
  if (typeof value === "number") return value | 0;
  if (typeof value !== "object" || value === null) return value === true ? 3 : 5;
  let hash = 7;
  if (Array.isArray(value)) for (const item of value) hash = (Math.imul(hash, 31) + hashJson(item)) | 0;
  else for (const key in value) hash = (hash + Math.imul(textHash(key), 2 * hashJson((value as Record<string, unknown>)[key]) + 1)) | 0;
  return hash;
}

function textHash(text: string): number {
  let hash = text.length;
  const end = text.length;
  for (let i = 0; i < 8 && i < end; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  for (let i = Math.max(8, end - 8); i < end; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
