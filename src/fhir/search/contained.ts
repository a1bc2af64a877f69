/**
 * Contained resources in a search: chains lead into them, `_contained` finds them by themselves.
 * Source: https://hl7.org/fhir/R4/search.html#contained
 */
import { searchParametersOf } from "../definitions/load.ts";
import type { Filter } from "./query-model.ts";

const known = new Map<string, ReadonlySet<string>>();

/** Rows of a modifier have the parameter's name before it ("identifier:of-type"). */
function isOfR4(type: string, param: string): boolean {
  let names = known.get(type);
  if (!names) known.set(type, names = new Set(searchParametersOf(type).map(({ code }) => code)));
  return names.has(param.split(":")[0]!);
}

/**
 * Whether a contained resource of the type can be asked this. It has no words of its own and no
 * compartment, it changes with what holds it, nothing elsewhere refers to it, and of parameters only R4's have rows.
 */
export function holdsOfContained(type: string, filter: Filter): boolean {
  switch (filter.kind) {
    case "id": case "lastUpdated": return true;
    case "and": case "or": return filter.filters.every((one) => holdsOfContained(type, one));
    case "not": return holdsOfContained(type, filter.filter);
    case "other": return isOfR4(type, filter.leaf.param);
    case "missing": return filter.searchType === "position" || isOfR4(type, filter.param);
    // Composites beside R4's own have elements of their own, see elements.ts.
    case "element": return !filter.path.startsWith("#");
    case "near": return true;
    case "chain": return isOfR4(type, filter.param);
    case "has": case "words": case "compartment": case "contained": return false;
    default: return isOfR4(type, filter.param);
  }
}
