/** JSON Pointer (RFC 6901) on parsed JSON, and what the operations of JSON Patch share. */
import { fail, ok, type Result } from "#platform/result.ts";
import { isJsonObject, isLiteral } from "../../json/literals.ts";
import type { Json, JsonObject } from "../../resource.ts";

/** The document under the patch. `budget`: JSON values that operations may still bring in. */
export type Edit = { root: Json; budget: number };

/** Where a pointer leads: the holder and the member or index in it; `token` "-" is the place after an array's end. */
export type Spot = { holder: JsonObject; name: string } | { holder: Json[]; index: number };

/** Reference tokens; [] is the whole document. Failure `value`: not a pointer. */
export function tokensOf(pointer: string): Result<string[]> {
  if (pointer === "") return ok([]);
  if (!pointer.startsWith("/")) return fail("value", 'a JSON Pointer is empty or begins with "/"');
  if (/~(?![01])/.test(pointer)) return fail("value", '"~" stands only as "~0" (for ~) or "~1" (for /)');
  return ok(pointer.slice(1).split("/").map(token => token.replaceAll("~1", "/").replaceAll("~0", "~")));
}

/** The value at a pointer. Failure `not-found` names the first token that leads nowhere. */
export function valueAt(root: Json, tokens: readonly string[]): Result<Json> {
  let at: Json = root;
  for (const [i, token] of tokens.entries()) {
    const next: Json | undefined = Array.isArray(at) ? (isIndex(token) ? at[Number(token)] : undefined)
      : isJsonObject(at) && Object.hasOwn(at, token) ? at[token] : undefined;
    if (next === undefined) return fail("not-found", `there is nothing at "${written(tokens.slice(0, i + 1))}"`);
    at = next;
  }
  return ok(at);
}

/** The spot of an existing value, or with `toAdd` of one that may be added. Tokens must not be empty. */
export function spotOf(root: Json, tokens: readonly string[], toAdd: boolean): Result<Spot> {
  const parent = valueAt(root, tokens.slice(0, -1));
  if (!parent.ok) return parent;
  const holder = parent.value, token = tokens.at(-1)!;
  if (Array.isArray(holder)) {
    if (token === "-" && toAdd) return ok({ holder, index: holder.length });
    if (!isIndex(token)) return fail("value", `"${token}" is no index of an array; an index is 0, 1, 2 …${toAdd ? " or - for the end" : ""}`);
    const index = Number(token), max = toAdd ? holder.length : holder.length - 1;
    if (index > max) return fail("not-found", `the array has ${holder.length} ${holder.length === 1 ? "item" : "items"}; ${max < 0 ? "no index" : `the highest index here is ${max}`}`);
    return ok({ holder, index });
  }
  if (!isJsonObject(holder)) return fail("not-found", `"${written(tokens.slice(0, -1))}" is no object or array`);
  if (token === "__proto__") return fail("value", 'the member name "__proto__" is not allowed');
  if (!toAdd && !Object.hasOwn(holder, token)) return fail("not-found", `there is nothing at "${written(tokens)}"`);
  return ok({ holder, name: token });
}

function isIndex(token: string): boolean {
  return /^(?:0|[1-9]\d{0,8})$/.test(token);
}

function written(tokens: readonly string[]): string {
  return tokens.map(token => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("").slice(0, 200);
}

/** Levels that a patched document may have: those of the JSON door, once more. */
const depthMax = 128;

/**
 * A copy that shares nothing with its source, to stand `level` levels deep. Charged to the budget: copies of copies
 * would grow without bound, in size and in depth.
 */
export function taken(edit: Edit, value: Json, level: number): Result<Json> {
  let deep = level > depthMax;
  const copy = (inner: Json, at: number): Json => {
    edit.budget -= typeof inner === "string" ? 1 + (inner.length >> 6) : 1;
    if (edit.budget < 0 || typeof inner !== "object" || inner === null || isLiteral(inner)) return inner;
    if (at >= depthMax) { deep = true; return null; }
    if (Array.isArray(inner)) return inner.map(item => copy(item, at + 1));
    const object: JsonObject = {};
    for (const [name, member] of Object.entries(inner)) if (member !== undefined) object[name] = copy(member, at + 1);
    return object;
  };
  const result = copy(value, level);
  if (edit.budget < 0) return fail("too-costly", "the patch makes the document grow beyond what is taken here");
  return deep ? fail("too-costly", `the patch makes the document deeper than ${depthMax} levels`) : ok(result);
}
