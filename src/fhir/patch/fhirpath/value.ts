/** The `value` of an operation: value[x], a resource, or parts that spell out an element without a type of its own. */
import { fail, ok, type Result } from "#platform/result.ts";
import { isSubtype, typeDefinition, type ElementDefinition } from "../../definitions/load.ts";
import { nearNames } from "../../fhirpath/near.ts";
import { isJsonObject } from "../../json/literals.ts";
import type { JsonObject } from "../../resource.ts";
import { insertAt, lengthOf, type Item } from "./list.ts";

export type Given =
  | { kind: "typed"; type: string; item: Item }
  | { kind: "parts"; parts: readonly JsonObject[] };

/** Reads one Parameters.parameter(.part). Failure `required` when it holds nothing. */
export function given(part: JsonObject): Result<Given> {
  const { members } = typeDefinition("Parameters.parameter")!;
  for (const key of Object.keys(part)) {
    const name = key.startsWith("_") ? key.slice(1) : key;
    const found = members.get(name);
    if (found?.element.name === "value") return ok({ kind: "typed", type: found.type, item: { value: part[name], twin: part[`_${name}`] as JsonObject | undefined } });
    if (key === "resource") return ok({ kind: "typed", type: "Resource", item: { value: part.resource, twin: undefined } });
  }
  const parts = part.part;
  if (Array.isArray(parts) && parts.length > 0) return ok({ kind: "parts", parts: parts as JsonObject[] });
  return fail("required", "the value is missing: give value[x], or parts for an element without a type");
}

/** The element of a type by its name ("deceased") or its member's name ("deceasedBoolean"). */
export function elementOf(type: string, name: string): Result<ElementDefinition> {
  const definition = typeDefinition(type);
  const element = definition?.byName.get(name) ?? definition?.members.get(name)?.element;
  if (element) return ok(element);
  const near = nearNames(name, [...definition?.byName.keys() ?? []]);
  return fail("value", `${type} has no element "${name.slice(0, 80)}"${near.length > 0 ? `; did you mean ${near.map(other => `"${other}"`).join(" or ")}?` : ""}`);
}

/** Which JSON member takes the value, and the item to put there. `name` decides when it is a choice's full member name. */
export function fitted(element: ElementDefinition, name: string, value: Given, depth = 0): Result<{ member: string; item: Item }> {
  const named = element.choice ? element.members.find(member => member.name === name) : element.members[0];
  const member = named ?? (value.kind === "typed" ? element.members.find(({ type }) => type === value.type) : undefined);
  if (!member) return fail("value", `${element.path}[x] does not take ${value.kind === "typed" ? `a ${value.type}` : "parts"}; it takes ${element.types.slice(0, 12).join(", ")}`);
  if (value.kind === "parts") {
    if (typeDefinition(member.type)?.kind === "primitive" || member.type === "Resource") return fail("value", `${element.path} is a ${member.type}; give it as value[x], not as parts`);
    const built = build(member.type, value.parts, depth);
    return built.ok ? ok({ member: member.name, item: { value: built.value, twin: undefined } }) : built;
  }
  if (!compatible(value, member.type)) return fail("value", `${element.path} is a ${member.type}, the value is a ${value.type}`);
  return ok({ member: member.name, item: value.item });
}

const families: Readonly<Record<string, string>> = { boolean: "boolean", integer: "number", positiveInt: "number", unsignedInt: "number", decimal: "number" };

/** Primitives of one JSON form may stand for each other (a string for markdown): the form itself is validated later. */
function compatible({ type, item }: Extract<Given, { kind: "typed" }>, wanted: string): boolean {
  if (wanted === "Resource") return type === "Resource" && isJsonObject(item.value);
  if (typeDefinition(wanted)?.kind === "primitive") {
    return typeDefinition(type)?.kind === "primitive" && (families[type] ?? "string") === (families[wanted] ?? "string") && (type !== "decimal" || wanted === "decimal");
  }
  return (isSubtype(type, wanted) || isSubtype(wanted, type) && type !== "Element") && isJsonObject(item.value);
}

function build(type: string, parts: readonly JsonObject[], depth: number): Result<JsonObject> {
  if (depth > 20) return fail("too-costly", "the parts are nested too deep");
  const object: JsonObject = {};
  for (const part of parts) {
    if (!isJsonObject(part) || typeof part.name !== "string") return fail("required", "each part needs a name");
    const value = given(part);
    if (!value.ok) return fail(value.failure.code, `part "${part.name.slice(0, 80)}": ${value.failure.text}`);
    const put = attach(object, type, part.name, value.value, depth + 1);
    if (!put.ok) return put;
  }
  return ok(object);
}

/** Appends to a list, or sets an element that is not there yet. */
export function attach(holder: JsonObject, type: string, name: string, value: Given, depth = 0): Result<void> {
  const element = elementOf(type, name);
  if (!element.ok) return element;
  const fit = fitted(element.value, name, value, depth);
  if (!fit.ok) return fit;
  const { member, item } = fit.value;
  if (element.value.max > 1) {
    insertAt(holder, member, lengthOf(holder, member), item);
    return ok(undefined);
  }
  const there = element.value.members.find(other => holder[other.name] !== undefined || holder[`_${other.name}`] !== undefined);
  if (there) return fail("conflict", `${element.value.path} is there already and does not repeat; use replace`);
  if (item.value !== undefined) holder[member] = item.value;
  if (item.twin !== undefined) holder[`_${member}`] = item.twin;
  return ok(undefined);
}
