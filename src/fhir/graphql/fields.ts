/**
 * The types that a query walks: FHIR's own by name, "Query" at system level, "Connection:Patient" and
 * "Edge:Patient", and "Resource" where only the data tell (a reference's resource, contained).
 * Source: https://hl7.org/fhir/R4/graphql.html
 */
import { isResourceType, resourceTypes, typeDefinition } from "../definitions/load.ts";
import { isPrimitive } from "../fhirpath/values.ts";

export type Field =
  | { kind: "typename" }
  | { kind: "resourceType" }
  /** A member of the JSON; `twin`: `_birthDate`, what stands beside a primitive. */
  | { kind: "element"; member: string; type: string; list: boolean; leaf: boolean; twin: boolean }
  /** Reference.resource */
  | { kind: "resource"; type: string }
  | { kind: "read"; type: string }
  | { kind: "search"; form: "List" | "Connection"; type: string; reverse: boolean }
  /** Members of connections and edges. */
  | { kind: "page"; member: string; type: string; list: boolean; leaf: boolean };

const known = new Map<string, Field | undefined>();

/** Undefined: the type has no such field; "Resource" has those of every resource type. */
export function fieldOf(type: string, name: string): Field | undefined {
  const key = `${type} ${name}`;
  if (known.has(key)) return known.get(key);
  const field = look(type, name);
  if (known.size < 20_000) known.set(key, field);
  return field;
}

function look(type: string, name: string): Field | undefined {
  if (name === "__typename") return { kind: "typename" };
  if (type === "Query") {
    if (isResourceType(name)) return { kind: "read", type: name };
    return searchField(name, false);
  }
  if (type.startsWith("Connection:")) {
    if (name === "edges") return { kind: "page", member: name, type: `Edge:${type.slice(11)}`, list: true, leaf: false };
    return ["count", "offset", "pagesize", "first", "previous", "next", "last"].includes(name) ? { kind: "page", member: name, type: "scalar", list: false, leaf: true } : undefined;
  }
  if (type.startsWith("Edge:")) {
    if (name === "resource") return { kind: "page", member: name, type: type.slice(5), list: false, leaf: false };
    return name === "mode" || name === "score" ? { kind: "page", member: name, type: "scalar", list: false, leaf: true } : undefined;
  }
  if (isAny(type)) {
    for (const target of resourceTypes()) { const field = fieldOf(target, name); if (field) return field; }
    return undefined;
  }
  if (isResourceType(type)) {
    if (name === "resourceType") return { kind: "resourceType" };
    const search = searchField(name, true);
    if (search) return search;
  }
  if (type === "Reference" && name === "resource") return { kind: "resource", type: "Resource" };
  const definition = typeDefinition(type);
  const twin = name.startsWith("_");
  const found = definition?.members.get(twin ? name.slice(1) : name);
  if (!found || twin && !isPrimitive(found.type)) return undefined;
  const list = found.element.max > 1;
  if (twin) return { kind: "element", member: name, type: "Element", list, leaf: false, twin };
  return { kind: "element", member: name, type: found.type, list, leaf: isPrimitive(found.type), twin };
}

function searchField(name: string, reverse: boolean): Field | undefined {
  for (const form of ["List", "Connection"] as const)
    if (name.endsWith(form) && isResourceType(name.slice(0, -form.length))) return { kind: "search", form, type: name.slice(0, -form.length), reverse };
  return undefined;
}

/** A resource of which only the data tell the type. */
export function isAny(type: string): boolean {
  return type === "Resource" || type === "DomainResource";
}

/** True when a fragment on `condition` can apply to a value of this type. */
export function applies(condition: string, type: string): boolean {
  if (condition === type || condition === "Resource" && (isAny(type) || isResourceType(type))) return true;
  if (isAny(type)) return isResourceType(condition) || condition === "DomainResource";
  for (let at = typeDefinition(type)?.base; at !== undefined; at = typeDefinition(at)?.base) if (at === condition) return true;
  return false;
}

/** Names for messages. */
export function fieldNames(type: string): readonly string[] {
  if (type === "Query") return [...resourceTypes(), ...resourceTypes().map(name => `${name}List`)];
  return [...typeDefinition(type)?.members.keys() ?? [], ...type === "Reference" ? ["resource"] : []];
}
