/**
 * FHIRPath Patch: a Parameters resource of operations, all or none. Elements that it does not touch stay as they
 * were written. The result is still to be validated by the caller. Source: https://hl7.org/fhir/R4/fhirpatch.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isResourceType } from "../../definitions/load.ts";
import { isJsonObject, parseLiterals } from "../../json/literals.ts";
import type { Json, JsonObject } from "../../resource.ts";
import { add } from "./add.ts";
import { remove } from "./delete.ts";
import { insert } from "./insert.ts";
import { move } from "./move.ts";
import type { Edit } from "./place.ts";
import { replace } from "./replace.ts";
import { given, type Given } from "./value.ts";

export const operationsMax = 1_000;
const budget = 5_000_000;
const names = ["add", "insert", "delete", "replace", "move"];

/** JSON text of a resource patched by the JSON text of a Parameters. Failures: those of the JSON door, and those of applyFhirPathPatch. */
export function fhirPathPatchText(resource: string, parameters: string | Uint8Array): Result<string> {
  const target = parseLiterals(resource);
  if (!target.ok) return target;
  const patch = parseLiterals(parameters);
  if (!patch.ok) return fail(patch.failure.code, `FHIRPath Patch: ${patch.failure.text}`);
  const result = applyFhirPathPatch(target.value, patch.value);
  return result.ok ? ok(JSON.stringify(result.value)) : result;
}

/** A patched copy. Failures name the operation by its index, its path and the reason. */
export function applyFhirPathPatch(resource: Json, parameters: Json): Result<Json> {
  if (!isJsonObject(resource) || typeof resource.resourceType !== "string" || !isResourceType(resource.resourceType)) return fail("structure", "FHIRPath Patch changes an R4 resource; this is none");
  if (!isJsonObject(parameters) || parameters.resourceType !== "Parameters") return fail("structure", "A FHIRPath Patch is a Parameters resource");
  const operations = parameters.parameter ?? [];
  if (!Array.isArray(operations)) return fail("structure", "Parameters.parameter is an array");
  if (operations.length > operationsMax) return fail("too-costly", `The patch has ${operations.length} operations; at most ${operationsMax} are taken here`);
  const edit: Edit = { root: copied(resource) as JsonObject, budget };
  for (const [index, operation] of operations.entries()) {
    const done = apply(edit, copied(operation));
    if (!done.ok) return fail(done.failure.code, `FHIRPath Patch operation [${index}]${described(operation)}: ${done.failure.text}`);
  }
  return ok(edit.root);
}

function copied(value: Json): Json {
  if (Array.isArray(value)) return value.map(copied);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const [name, member] of Object.entries(value)) if (member !== undefined) copy[name] = copied(member);
  return copy;
}

type Parts = ReadonlyMap<string, JsonObject>;

function partsOf(operation: Json): Parts {
  const list = isJsonObject(operation) && Array.isArray(operation.part) ? operation.part : [];
  return new Map(list.filter(isJsonObject).map(part => [String(part.name), part]));
}

/** The text of a part, whatever string type it was given as. */
function text(parts: Parts, name: string): string | undefined {
  const { valueString, valueCode, valueUri, valueMarkdown } = parts.get(name) ?? {};
  return [valueString, valueCode, valueUri, valueMarkdown].find(value => typeof value === "string");
}

function described(operation: Json): string {
  const parts = partsOf(operation);
  const type = text(parts, "type"), path = text(parts, "path");
  return type === undefined ? "" : ` (${type.slice(0, 40)}${path === undefined ? "" : ` ${path.slice(0, 200)}`})`;
}

function apply(edit: Edit, operation: Json): Result<void> {
  if (!isJsonObject(operation) || operation.name !== "operation") return fail("structure", 'each parameter is named "operation"');
  const parts = partsOf(operation);
  const type = text(parts, "type"), path = text(parts, "path");
  if (type === undefined || !names.includes(type)) return fail("value", `"type" is one of ${names.join(", ")}`);
  if (path === undefined) return fail("required", '"path" is missing: a FHIRPath in valueString');
  if (type === "delete") return remove(edit, path);
  if (type === "move") {
    const source = integer(parts, "source"), destination = integer(parts, "destination");
    return !source.ok ? source : !destination.ok ? destination : move(edit, path, source.value, destination.value);
  }
  const value = valueOf(parts);
  if (!value.ok) return value;
  if (type === "replace") return replace(edit, path, value.value);
  if (type === "insert") {
    const index = integer(parts, "index");
    return index.ok ? insert(edit, path, index.value, value.value) : index;
  }
  const name = text(parts, "name");
  return name === undefined ? fail("required", '"name" is missing: the element to add') : add(edit, path, name, value.value);
}

function valueOf(parts: Parts): Result<Given> {
  const part = parts.get("value");
  return part ? given(part) : fail("required", '"value" is missing');
}

function integer(parts: Parts, name: string): Result<number> {
  const { valueInteger, valueUnsignedInt, valuePositiveInt } = parts.get(name) ?? {};
  const value = valueInteger ?? valueUnsignedInt ?? valuePositiveInt;
  return typeof value === "number" && Number.isInteger(value) ? ok(value) : fail("required", `"${name}" is missing: a whole number from 0 in valueInteger`);
}
