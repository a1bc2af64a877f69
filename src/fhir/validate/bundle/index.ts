/**
 * Entries of a Bundle by fullUrl, and how references inside it find them: an absolute reference by fullUrl; a relative
 * one by the base of its own entry's fullUrl; a version narrows by meta.versionId.
 * Source: https://hl7.org/fhir/R4/bundle.html#references
 */
import type { Container } from "../context.ts";
import { shown } from "../primitives.ts";
import { isObject } from "../profile/run.ts";

export type Entry = { fullUrl: string | undefined; resource: Container; position: number };

const restUrl = /^(https?:\/\/.*\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;
const versioned = /^(.*)\/_history\/([A-Za-z0-9\-.]{1,64})$/;
const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

export class BundleIndex {
  readonly entries: readonly Entry[];
  readonly #byUrl = new Map<string, Entry[]>();
  readonly #byKey = new Map<string, Entry[]>();
  readonly #byResource = new Map<Container, Entry>();
  readonly #outer: BundleIndex | undefined;
  readonly #history: boolean;

  constructor(bundle: Container, outer: BundleIndex | undefined) {
    this.#outer = outer;
    this.#history = bundle.type === "history";
    const list = Array.isArray(bundle.entry) ? bundle.entry : [];
    this.entries = list.flatMap((one, position): Entry[] => isObject(one) && isObject(one.resource) ? [{ fullUrl: typeof one.fullUrl === "string" ? one.fullUrl : undefined, resource: one.resource, position }] : []);
    for (const entry of this.entries) {
      this.#byResource.set(entry.resource, entry);
      if (entry.fullUrl !== undefined) add(this.#byUrl, entry.fullUrl, entry);
      const { resourceType, id } = entry.resource;
      if (typeof id === "string") add(this.#byKey, `${String(resourceType)}/${id}`, entry);
    }
  }

  entryOf(resource: Container): Entry | undefined {
    return this.#byResource.get(resource);
  }

  /** Every entry the reference may mean, by the rules of fullUrl, as seen from a resource of this Bundle. */
  matches(reference: string, from: Container | undefined): readonly Entry[] {
    const fragment = reference.indexOf("#");
    const whole = fragment > 0 ? reference.slice(0, fragment) : reference;
    const version = versioned.exec(whole);
    const text = version ? version[1]! : whole;
    const own = from && this.#byResource.get(from)?.fullUrl;
    const found = this.#found(text, own);
    // A history holds versions of one resource, the newest first: that is the one meant.
    if (!version) return this.#history ? found.slice(0, 1) : found;
    return found.filter(({ resource }) => isObject(resource.meta) && resource.meta.versionId === version[2]);
  }

  #found(text: string, own: string | undefined): readonly Entry[] {
    const direct = this.#byUrl.get(text);
    if (direct) return direct;
    if (!relative.test(text)) return [];
    const base = own === undefined ? undefined : restUrl.exec(own)?.[1];
    // Without a RESTful base of its own, R4 lets type and id decide.
    return (base === undefined ? undefined : this.#byUrl.get(base + text)) ?? (base === undefined ? this.#byKey.get(text) ?? [] : []);
  }

  /** Entries with this type and id, whatever their fullUrl. */
  sameKey(reference: string): readonly Entry[] {
    const text = versioned.exec(reference)?.[1] ?? reference;
    const key = relative.test(text) ? text : restUrl.exec(text)?.slice(2).join("/");
    return key === undefined ? [] : this.#byKey.get(key) ?? [];
  }

  find(reference: string, from: Container | undefined): Container | undefined {
    return this.matches(reference, from)[0]?.resource ?? this.#outer?.find(reference, undefined);
  }
}

function add(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const list = map.get(key);
  if (list) list.push(entry); else map.set(key, [entry]);
}

/** Whether entries with different resources answer to one reference. */
export function ambiguous(found: readonly Entry[]): boolean {
  return found.length > 1 && new Set(found.map(({ resource }) => resource)).size > 1;
}

export function severalAnswer(found: readonly Entry[], reference: string): string {
  return `${found.length} entries of the Bundle answer to ${shown(reference)}; say which version is meant`;
}

/** "http://host/base/Patient/1" → its type and id. */
export function restKey(url: string): string | undefined {
  return restUrl.exec(url)?.slice(2).join("/");
}
