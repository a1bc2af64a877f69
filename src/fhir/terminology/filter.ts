/**
 * Filters of ValueSet.compose over a code system in memory: each becomes a test of one entry.
 * https://hl7.org/fhir/R4/valueset.html#compositions; `child-of` and `descendent-leaf` come from R5.
 */
import { RegexFault, regexOf } from "../fhirpath/regex/regex.ts";
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

export function isHierarchical(op: FilterOperator): boolean {
  return hierarchical.has(op);
}

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
  const own = (code: string): boolean => code === property || (role !== undefined && roles.get(code) === role);
  /** Whether any value of the property passes; undefined values, of what a concept does not say, never do. */
  const some = (passes: (text: string) => boolean): EntryTest => {
    const one = (text: string | undefined): boolean => text !== undefined && passes(text);
    if (onCode) return ({ code }) => passes(code);
    if (property === "display") return ({ display }) => one(display);
    if (property === "definition") return ({ definition }) => one(definition);
    if (role === "parent") return ({ parents }) => parents.some(passes);
    // A status may be implied by a flag, and being inactive by a status.
    if (role === "inactive") return ({ inactive }) => passes(String(inactive));
    if (role === "status") return ({ status }) => one(status);
    return ({ property: all }) => {
      if (all) for (const held of all) if (own(held.code) && one(propertyText(held))) return true;
      return false;
    };
  };
  switch (op) {
    case "=": return some((text) => text === value);
    case "in":
    case "not-in": {
      const listed = new Set(value.split(",").map((text) => text.trim()));
      const inside = some((text) => listed.has(text));
      return op === "in" ? inside : (concept, index) => !inside(concept, index);
    }
    case "exists": {
      const any = some(() => true);
      return (concept, index) => any(concept, index) === (value === "true");
    }
    case "regex": {
      const regex = regexOf(value);
      return some((text) => regex.test(text, true));
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
