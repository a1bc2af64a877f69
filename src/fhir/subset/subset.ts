/**
 * Parts of a resource that a client asked for with `_summary` or `_elements`, marked SUBSETTED so that nobody takes
 * them for the whole. Number literals and the order of members stay.
 * Source: https://hl7.org/fhir/R4/search.html#summary, #elements
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { typeDefinition } from "../definitions/load.ts";
import type { ElementDefinition } from "../definitions/load.ts";
import { isJsonObject, parseLiterals } from "../json/literals.ts";
import type { Json, JsonObject } from "../resource.ts";

/** true: elements of the summary; text: the narrative and what is mandatory; data: all but the narrative. */
export type Subset = { kind: "true" | "text" | "data" } | { kind: "elements"; names: readonly string[] };

const subsetted = { system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", code: "SUBSETTED", display: "subsetted" };

/** Names of elements as `_elements` lists them, or undefined where they are none. */
export function elementNames(value: string): string[] | undefined {
  const names = value.split(",").map((name) => name.trim());
  return names.length <= 100 && names.every((name) => /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name)) ? names : undefined;
}

/** From the two words of a query; undefined where the whole is asked for. `count` belongs to searches alone. */
export function subsetAsked(summary: string | undefined, elements: string | undefined): Result<Subset | undefined> {
  if (elements !== undefined) {
    const names = elementNames(elements);
    if (!names) return fail("value", `_elements must list element names separated by commas, not "${elements.slice(0, 60)}".`);
    if (summary !== undefined && summary !== "false") return fail("value", "_summary and _elements exclude each other; say one of them.");
    return ok({ kind: "elements", names });
  }
  switch (summary) {
    case undefined: case "false": return ok(undefined);
    case "true": case "text": case "data": return ok({ kind: summary });
    case "count": return fail("value", "_summary=count is for searches; a resource takes true, text, data or false.");
    default: return fail("value", `_summary must be true, text, data or false, not "${summary.slice(0, 60)}".`);
  }
}

/** JSON text of a stored resource to that of its part. */
export function subsetText(text: string, subset: Subset): string {
  const parsed = parseLiterals(text);
  // What is stored was read before.
  if (!parsed.ok) throw new Error(parsed.failure.text);
  const { resourceType, id, meta, ...members } = parsed.value as JsonObject;
  return JSON.stringify({
    resourceType, ...(id === undefined ? {} : { id }), meta: marked(meta),
    ...kept(members, String(resourceType), keeps(subset), subset.kind === "true"),
  });
}

function marked(meta: Json | undefined): JsonObject {
  const before = isJsonObject(meta) ? meta : {};
  const tags = Array.isArray(before.tag) ? before.tag : [];
  const has = tags.some((tag) => isJsonObject(tag) && tag.system === subsetted.system && tag.code === subsetted.code);
  return { ...before, tag: has ? tags : [...tags, subsetted] };
}

/** Whether an element of the resource itself stays. */
function keeps(subset: Subset): (element: ElementDefinition) => boolean {
  switch (subset.kind) {
    case "true": return inSummary;
    case "text": return ({ name, min }) => name === "text" || min > 0;
    case "data": return ({ name }) => name !== "text";
    case "elements": {
      const names = new Set(subset.names);
      return ({ name, min, modifier }) => min > 0 || modifier || names.has(name);
    }
  }
}

function inSummary({ summary, min }: ElementDefinition): boolean {
  return summary || min > 0;
}

/** `deep`: the same choice among what backbone elements hold; datatypes stay whole. */
function kept(object: JsonObject, type: string, keep: (element: ElementDefinition) => boolean, deep: boolean): JsonObject {
  const members = typeDefinition(type)?.members;
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(object)) {
    const member = members?.get(name.startsWith("_") ? name.slice(1) : name);
    if (!member || value === undefined || !keep(member.element)) continue;
    result[name] = deep && member.type.includes(".") ? inside(value, member.type, keep) : value;
  }
  return result;
}

function inside(value: Json, type: string, keep: (element: ElementDefinition) => boolean): Json {
  if (Array.isArray(value)) return value.map((item) => inside(item, type, keep));
  return isJsonObject(value) ? kept(value, type, keep, true) : value;
}
