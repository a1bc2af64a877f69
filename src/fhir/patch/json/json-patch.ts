/**
 * JSON Patch: all operations or none. Members and numbers that it does not touch stay as they were written.
 * The result is still to be validated by the caller. Source: RFC 6902, https://hl7.org/fhir/R4/http.html#patch
 */
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { parseLiterals } from "../../json/literals.ts";
import type { Json } from "../../resource.ts";
import { add } from "./add.ts";
import { copy } from "./copy.ts";
import { move } from "./move.ts";
import { isJsonObject } from "../../json/literals.ts";
import { taken, tokensOf, type Edit } from "./pointer.ts";
import { remove } from "./remove.ts";
import { replace } from "./replace.ts";
import { test } from "./test-value.ts";

export const operationsMax = 10_000;
const budget = 2_000_000;
const names = ["add", "remove", "replace", "move", "copy", "test"];

/** JSON text patched by JSON text. Failures: those of the JSON door, and those of applyJsonPatch. */
export function jsonPatchText(document: string, patch: string | Uint8Array): Result<string> {
  const target = parseLiterals(document);
  if (!target.ok) return target;
  const operations = parseLiterals(patch);
  if (!operations.ok) return fail(operations.failure.code, `JSON Patch: ${operations.failure.text}`);
  const result = applyJsonPatch(target.value, operations.value);
  return result.ok ? ok(JSON.stringify(result.value)) : result;
}

/** A patched copy. Failures name the operation by its index, its path and the reason: `conflict` is a failed test. */
export function applyJsonPatch(document: Json, patch: Json): Result<Json> {
  if (!Array.isArray(patch)) return fail("structure", "A JSON Patch is an array of operations");
  if (patch.length > operationsMax) return fail("too-costly", `The patch has ${patch.length} operations; at most ${operationsMax} are taken here`);
  const edit: Edit = { root: null, budget: Infinity };
  const start = taken(edit, document, 0);
  if (!start.ok) return start;
  edit.root = start.value;
  edit.budget = budget;
  for (const [index, operation] of patch.entries()) {
    const done = apply(edit, operation);
    if (!done.ok) return fail(done.failure.code, place(index, operation, done.failure));
  }
  return ok(edit.root);
}

function place(index: number, operation: Json, failure: Failure): string {
  const { op, path } = isJsonObject(operation) ? operation : {};
  const what = typeof op === "string" ? ` (${op.slice(0, 40)}${typeof path === "string" ? ` ${JSON.stringify(path.slice(0, 200))}` : ""})` : "";
  return `JSON Patch operation [${index}]${what}: ${failure.text}`;
}

function apply(edit: Edit, operation: Json): Result<unknown> {
  if (!isJsonObject(operation)) return fail("structure", "an operation is a JSON object");
  const { op, value } = operation;
  if (typeof op !== "string" || !names.includes(op)) return fail("value", `"op" is one of ${names.join(", ")}`);
  const path = pointer(operation.path, "path");
  if (!path.ok) return path;
  if (op === "remove") return remove(edit, path.value);
  if (op === "move" || op === "copy") {
    const from = pointer(operation.from, "from");
    if (!from.ok) return from;
    return op === "move" ? move(edit, from.value, path.value) : copy(edit, from.value, path.value);
  }
  if (value === undefined) return fail("required", `${op} needs "value"`);
  return op === "add" ? add(edit, path.value, value) : op === "replace" ? replace(edit, path.value, value) : test(edit, path.value, value);
}

function pointer(text: Json | undefined, name: string): Result<string[]> {
  return typeof text === "string" ? tokensOf(text) : fail("required", `"${name}" is a JSON Pointer in a string`);
}
