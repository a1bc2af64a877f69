/**
 * Resources that come with a request have passed no validation: are the members that this room reads of the kind it
 * takes them for? Only that: R5 members and unknown ones stand.
 */
import type { Resource } from "../resource.ts";

const lists: ReadonlySet<string> = new Set(["concept", "designation", "property", "extension", "include", "exclude", "filter", "contains", "group", "element", "dependsOn", "product", "contained"]);
const objects: ReadonlySet<string> = new Set(["compose", "expansion", "use", "unmapped"]);
const texts: ReadonlySet<string> = new Set([
  "code", "system", "url", "version", "display", "definition", "language", "op", "supplements", "content", "status", "name", "title", "source", "sourceVersion", "targetVersion", "equivalence", "relationship", "comment", "mode", "otherMap",
  "valueString", "valueCode", "valueUri", "valueCanonical",
]);
const depthMax = 100;

/** Path of the first member of another kind, and what it should be. */
export function shapeFault(resource: Resource): string | undefined {
  return objectFault(resource, resource.resourceType, "", 0);
}

function objectFault(value: unknown, path: string, within: string, depth: number): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `${path} is no object`;
  if (depth > depthMax) return `${path} is nested deeper than ${depthMax} levels`;
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const fault = memberFault(name, member, `${path}.${name}`, within, depth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function memberFault(name: string, member: unknown, path: string, within: string, depth: number): string | undefined {
  // A group's target is a system, an element's its targets; an include's valueSet is a list, a code system's one url.
  const isText = texts.has(name) || (name === "property" && ["filter", "dependsOn", "product"].includes(within)) || (name === "value" && ["filter", "designation"].includes(within));
  const isList = (lists.has(name) && !isText) || (name === "target" && within === "element");
  if (name === "valueSet" && (within === "include" || within === "exclude")) return Array.isArray(member) && member.every((one) => typeof one === "string") ? undefined : `${path} is no list of canonical urls`;
  if (isList) {
    if (!Array.isArray(member)) return `${path} is no list`;
    for (const [i, item] of member.entries()) {
      const fault = objectFault(item, `${path}[${i}]`, name, depth + 1);
      if (fault !== undefined) return fault;
      if (name === "concept" && typeof (item as { code?: unknown }).code !== "string") return `${path}[${i}] has no code`;
    }
    return undefined;
  }
  if (objects.has(name)) return objectFault(member, path, name, depth + 1);
  return (isText || name === "target" || name === "valueSet") && typeof member !== "string" ? `${path} is no text` : undefined;
}
