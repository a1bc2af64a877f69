/**
 * Definitions by canonical url: those given (profiles, extensions, Questionnaires, Measures …), then R4's own. Snapshots
 * are generated when first asked for and kept.
 */
import { fail, type Failure, type Result } from "#platform/result.ts";
import { splitCanonical } from "../canonical.ts";
import type { Resource } from "../resource.ts";
import { baseStructures } from "./base-file.ts";
import { generate } from "./snapshot.ts";
import { readStructure, type Structure } from "./structure.ts";
import type { Branch } from "./tree.ts";

export type Registry = {
  /** By url, or url|version: exactly that version where the definition has one. */
  structure(canonical: string): Structure | undefined;
  /** The snapshot as a tree. Failure `not-found`, or why it cannot be generated. */
  tree(canonical: string): Result<Branch>;
  /** Any canonical resource that was given, of this type when one is stated. */
  resource(canonical: string, type?: string): Resource | undefined;
  /** Every resource given. */
  readonly resources: readonly Resource[];
  /** Definitions that could not be read. */
  readonly faults: readonly Failure[];
};

/** Definitions of one registry. */
const resourcesMax = 100_000;

export function createRegistry(resources: Iterable<Resource> = []): Registry {
  const structures = new Map<string, Structure>();
  const canonicals = new Map<string, Resource>();
  const kept: Resource[] = [];
  const faults: Failure[] = [];
  for (const resource of resources) {
    if (kept.length >= resourcesMax) { faults.push(fail("too-costly", `more than ${resourcesMax} definitions; name fewer packages`).failure); break; }
    kept.push(resource);
    const { url, version } = resource;
    if (typeof url !== "string") continue;
    // The first of several wins, as on a path.
    for (const name of typeof version === "string" ? [url, `${url}|${version}`] : [url]) {
      const key = `${resource.resourceType} ${name}`;
      if (!canonicals.has(key)) canonicals.set(key, resource);
      if (!canonicals.has(name)) canonicals.set(name, resource);
    }
    if (resource.resourceType !== "StructureDefinition") continue;
    const read = readStructure(resource);
    if (!read.ok) { faults.push(read.failure); continue; }
    for (const name of read.value.version === undefined ? [url] : [url, `${url}|${read.value.version}`]) if (!structures.has(name)) structures.set(name, read.value);
  }

  const structure = (canonical: string): Structure | undefined => {
    const own = structures.get(canonical);
    if (own) return own;
    const { url, version } = splitCanonical(canonical);
    const base = structures.get(url) ?? baseStructures().get(url);
    return base === undefined || version === undefined || base.version === undefined || base.version === version || base.version.startsWith(`${version}.`) ? base : undefined;
  };
  const trees = new Map<Structure, Result<Branch>>();
  const tree = (canonical: string, via: readonly string[]): Result<Branch> => {
    const found = structure(canonical);
    if (!found) return fail("not-found", `the definition ${canonical} is not known here; load the package that brings it`);
    let made = trees.get(found);
    if (!made) {
      made = generate(found, { structure, tree }, via);
      // What failed for a circle fails for each of its members on its own way.
      if (made.ok || via.length === 0) trees.set(found, made);
    }
    return made;
  };
  return {
    structure,
    tree: (canonical) => tree(canonical, []),
    resource: (canonical, type) => {
      const prefix = type === undefined ? "" : `${type} `;
      return canonicals.get(prefix + canonical) ?? unversioned(canonicals, prefix, canonical);
    },
    resources: kept, faults,
  };
}

/** A resource that states no version answers to any. */
function unversioned(canonicals: ReadonlyMap<string, Resource>, prefix: string, canonical: string): Resource | undefined {
  const { url, version } = splitCanonical(canonical);
  const found = version === undefined ? undefined : canonicals.get(prefix + url);
  return found?.version === undefined ? found : undefined;
}
