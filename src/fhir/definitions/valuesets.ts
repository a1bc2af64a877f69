/**
 * Enumerates the value sets of R4's required bindings from the code systems that are here. A value set that
 * draws on a system without local content (ISO 4217, BCP 13, UCUM) answers undefined: unknown, never "no codes".
 */
import { withoutVersion } from "../canonical.ts";
import { readBundle } from "./source.ts";

type Concept = { code: string; concept?: Concept[] };
type Include = { system?: string; concept?: Concept[]; filter?: unknown[]; valueSet?: string[] };
type Terminology =
  | { resourceType: "CodeSystem"; url: string; content?: string; concept?: Concept[] }
  | { resourceType: "ValueSet"; url: string; compose?: { include: Include[]; exclude?: Include[] } };

export function valueSetReader(folder: string): (url: string) => Record<string, string[]> | undefined {
  const systems = new Map<string, Concept[]>();
  const sets = new Map<string, { include: Include[]; exclude?: Include[] }>();
  for (const file of ["v3-codesystems.json", "valuesets.json"])
    for (const item of readBundle<Terminology>(folder, file)) {
      if (item.resourceType === "CodeSystem") { if (item.content === "complete" && item.concept) systems.set(item.url, item.concept); }
      else if (item.resourceType === "ValueSet" && item.compose) sets.set(item.url, item.compose);
    }

  const read = (url: string, depth: number): Map<string, Set<string>> | undefined => {
    const set = sets.get(url);
    if (!set || depth > 8) return undefined;
    const all = new Map<string, Set<string>>();
    for (const include of set.include) {
      const part = included(include, depth);
      if (!part) return undefined;
      for (const [system, codes] of part) all.set(system, new Set([...(all.get(system) ?? []), ...codes]));
    }
    for (const exclude of set.exclude ?? []) {
      const part = included(exclude, depth);
      if (!part) return undefined;
      for (const [system, codes] of part) for (const code of codes) all.get(system)?.delete(code);
    }
    return all;
  };
  const included = (include: Include, depth: number): Map<string, Set<string>> | undefined => {
    if (include.filter?.length) return undefined;
    if (include.valueSet?.length) {
      if (include.system || include.valueSet.length > 1) return undefined; // intersections are not needed by R4's own
      return read(withoutVersion(include.valueSet[0]!), depth + 1);
    }
    if (!include.system) return undefined;
    const concepts = include.concept ?? systems.get(include.system);
    return concepts && new Map([[include.system, new Set(flatten(concepts))]]);
  };
  return url => {
    const found = read(url, 0);
    return found && Object.fromEntries([...found].map(([system, codes]) => [system, [...codes]]));
  };
}

function flatten(concepts: readonly Concept[]): string[] {
  return concepts.flatMap(c => [c.code, ...flatten(c.concept ?? [])]);
}
