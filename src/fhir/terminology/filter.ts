/**
 * Filters of ValueSet.compose over a code system in memory: each becomes a test of one entry.
 * https://hl7.org/fhir/R4/valueset.html#compositions; `child-of` and `descendent-leaf` come from R5.
 */
import { RegexFault, regexOf, type Regex } from "../fhirpath/regex/regex.ts";
import { propertyText, type PropertyRoles } from "./concept-status.ts";
import type { Concept, ConceptFilter, FilterOperator, SystemHeader } from "./provider.ts";

export const filterOperators: readonly FilterOperator[] = ["=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "exists", "child-of", "descendent-leaf"];

const hierarchical: ReadonlySet<FilterOperator> = new Set(["is-a", "descendent-of", "is-not-a", "generalizes", "child-of", "descendent-leaf"]);

/** The hierarchy as filters walk it; sets hold entries' indexes. */
export type Hierarchy = {
  indexOf(code: string): number | undefined;
  /** The entry itself is not among them. */
  descendants(index: number): ReadonlySet<number>;
  ancestors(index: number): ReadonlySet<number>;
  children(index: number): readonly number[];
};

export type EntryTest = (concept: Concept, index: number) => boolean;

export function isOperator(op: string): op is FilterOperator {
  return (filterOperators as readonly string[]).includes(op);
}

/** Undefined when the filter can be applied. */
export function filterFault({ property, op, value }: ConceptFilter, header: SystemHeader, roles: PropertyRoles): string | undefined {
  const onCode = property === "concept" || property === "code";
  if (!onCode && property !== "display" && property !== "definition" && !roles.has(property) && !header.properties.some(({ code }) => code === property))
    return `${header.url} has no property "${property}"; it has ${["concept", "display", ...header.properties.map(({ code }) => code)].join(", ")}`;
  if (hierarchical.has(op) && !onCode) return `"${op}" goes with the property "concept", not with "${property}"`;
  if (op === "exists" && value !== "true" && value !== "false") return `"exists" is compared with true or false, not with "${value}"`;
  if (op === "regex") {
    try {
      regexOf(value);
    } catch (fault) {
      if (!(fault instanceof RegexFault)) throw fault;
      return `the regular expression "${value}" cannot be read: ${fault.message}`;
    }
  }
  return undefined;
}

/** The caller has asked `filterFault`. */
export function entryTest({ property, op, value }: ConceptFilter, roles: PropertyRoles, hierarchy: Hierarchy): EntryTest {
  if (hierarchical.has(op)) return hierarchyTest(op, hierarchy.indexOf(value), hierarchy);
  const onCode = property === "concept" || property === "code";
  const role = roles.get(property);
  if (op === "exists" && (role === "child" || role === "parent")) {
    const wanted = value === "true";
    return role === "child"
      ? (_, index) => hierarchy.children(index).length > 0 === wanted
      : (concept) => concept.parents.length > 0 === wanted;
  }
  const values = (concept: Concept): readonly (string | undefined)[] => {
    if (onCode) return [concept.code];
    if (property === "display") return [concept.display];
    if (property === "definition") return [concept.definition];
    if (role === "parent") return concept.parents;
    // An absent status or flag is not "false": only what the concept says counts, but the flags implied by a status do.
    if (role === "inactive") return [String(concept.inactive)];
    if (role === "status") return [concept.status];
    return concept.property?.filter(({ code }) => code === property || (role !== undefined && roles.get(code) === role)).map(propertyText) ?? [];
  };
  const listed = new Set(op === "in" || op === "not-in" ? value.split(",").map((one) => one.trim()) : [value]);
  switch (op) {
    case "=":
    case "in": return (concept) => values(concept).some((one) => one !== undefined && listed.has(one));
    case "not-in": return (concept) => !values(concept).some((one) => one !== undefined && listed.has(one));
    case "exists": return (concept) => values(concept).some((one) => one !== undefined) === (value === "true");
    case "regex": {
      const regex: Regex = regexOf(value);
      return (concept) => values(concept).some((one) => one !== undefined && regex.test(one, true));
    }
    default: return () => false;
  }
}

function hierarchyTest(op: FilterOperator, at: number | undefined, hierarchy: Hierarchy): EntryTest {
  if (at === undefined) return () => op === "is-not-a";
  const children = op === "child-of" ? new Set(hierarchy.children(at)) : undefined;
  const below = op === "generalizes" ? hierarchy.ancestors(at) : hierarchy.descendants(at);
  switch (op) {
    case "is-a": return (_, index) => index === at || below.has(index);
    case "generalizes": return (_, index) => index === at || below.has(index);
    case "descendent-of": return (_, index) => index !== at && below.has(index);
    case "descendent-leaf": return (_, index) => index !== at && below.has(index) && hierarchy.children(index).length === 0;
    case "is-not-a": return (_, index) => index !== at && !below.has(index);
    case "child-of": return (_, index) => children!.has(index);
    default: return () => false;
  }
}
