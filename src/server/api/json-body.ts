/** A small JSON body, checked member by member before use. */
import type { FastifyRequest } from "fastify";
import { parseJson } from "#fhir/json/document.ts";
import type { JsonObject } from "#fhir/resource.ts";
import { fail, ok, type Result } from "#platform/result.ts";

type Kinds = { string: string; number: number; boolean: boolean; object: JsonObject; array: unknown[] };

/** `members` names each member and its JSON type; a missing or mistyped one is named. Others are ignored. */
export function jsonBody<M extends Record<string, keyof Kinds>>(request: FastifyRequest, members: M): Result<{ [K in keyof M]: Kinds[M[K]] }> {
  if (!Buffer.isBuffer(request.body)) return fail("invalid", "The request has no JSON body (Content-Type application/json).");
  const parsed = parseJson(request.body, { sizeMax: 1 << 20 });
  if (!parsed.ok) return parsed;
  const body = parsed.value;
  if (typeof body !== "object" || body === null || Array.isArray(body)) return fail("invalid", "The body must be a JSON object.");
  for (const [name, kind] of Object.entries(members)) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    const found = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
    if (found !== kind) return fail("value", `"${name}" must be a ${kind}${value === undefined ? " and is missing" : `, not ${found}`}.`);
  }
  return ok(body as { [K in keyof M]: Kinds[M[K]] });
}
