/** What value sets, code hierarchies and the hierarchy of places give in the world of resources.ts, by hand. */
import type { Resource } from "#fhir/resource.ts";
import type { Lookups } from "#fhir/search/resolve.ts";
import { ok } from "#platform/result.ts";
import { loinc, snomed } from "./resources.ts";

const ofLoinc = (...codes: string[]) => codes.map((code) => ({ system: loinc, code }));
const sets: Readonly<Record<string, readonly { system: string; code: string }[]>> = { under: ofLoinc("8480-6", "8462-4", "a b"), mixed: [...ofLoinc("x,y"), { system: snomed, code: "8480-6" }] };

export function lookupsOf(world: readonly Resource[]): Lookups {
  return {
    expand: async (valueSet) => ok(sets[valueSet.slice(valueSet.lastIndexOf("/") + 1)]!),
    subsumes: async ({ system, code }, direction) => ok(system !== loinc ? [{ system, code }] : direction === "below" ? (code === "8480-6" ? sets.under! : [{ system, code }]) : code === "8462-4" || code === "a b" ? ofLoinc("8480-6", code) : ofLoinc(code)),
    hierarchy: hierarchyIn(world),
  };
}

/** By `partOf`, above as far as what it names is in the world. */
export function hierarchyIn(world: readonly Resource[]): Lookups["hierarchy"] {
  return async (type, _, ids, direction) => {
    const own = world.filter((one) => one.resourceType === type), known = new Set(own.map(({ id }) => id!)), found = new Set(ids);
    const links = own.flatMap((one) => { const up = (one.partOf as { reference?: string } | undefined)?.reference; return up ? [{ low: one.id!, high: up.slice(up.indexOf("/") + 1) }] : []; });
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      for (const { low, high } of links) {
        if (direction === "below" && found.has(high)) found.add(low);
        if (direction === "above" && found.has(low) && known.has(high)) found.add(high);
      }
    }
    return ok([...found]);
  };
}
