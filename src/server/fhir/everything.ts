/** Patient/$everything: every resource of one person's compartment, in pages. Source: https://hl7.org/fhir/R4/patient-operation-everything.html */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { parseDocument } from "#fhir/json/document.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { baseOf, searchBundle } from "./responses.ts";
import { singleValues } from "../http/single-values.ts";
import { bodyText } from "./body.ts";
import { keyOf } from "./keys.ts";

type Words = Record<string, string | undefined>;

/** What was asked, from the query of a GET or the Parameters of a POST. */
function wordsOf(request: FastifyRequest<{ Querystring: Words }>): Result<Words> {
  const { body } = request;
  if (!Buffer.isBuffer(body) || body.length === 0) return ok(request.query);
  const text = bodyText(request);
  const document = text.ok ? parseDocument(text.value) : text;
  if (!document.ok) return document;
  const { resourceType, parameter = [] } = document.value.value as { resourceType: string; parameter?: unknown };
  if (resourceType !== "Parameters" || !Array.isArray(parameter)) return fail("structure", "An operation takes a Parameters resource.");
  const words: Words = { ...request.query };
  for (const one of parameter as ({ name?: unknown; [value: string]: unknown } | null)[]) {
    const value = Object.entries(one ?? {}).find(([name]) => name.startsWith("value"))?.[1];
    words[String(one?.name).slice(0, 64)] = String(value).slice(0, 1000);
  }
  return ok(words);
}

export function everythingRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.route<{ Params: { id: string }; Querystring: Words }>({ method: ["GET", "POST"], url: "/Patient/:id/$everything", preHandler: singleValues, handler: async (request, reply) => {
    const key = keyOf({ type: "Patient", id: request.params.id });
    if (!key.ok) return sendFailure(reply, key.failure);
    const words = wordsOf(request);
    if (!words.ok) return sendFailure(reply, words.failure);
    const { _count, _cursor, _format, _pretty, ...unknown } = words.value;
    const strange = Object.keys(unknown)[0];
    if (strange !== undefined) return sendFailure(reply, { code: "not-supported", text: `$everything takes _count; "${strange.slice(0, 64)}" is not supported yet.` });
    if (_count !== undefined && !/^[1-9]\d{0,8}$/.test(_count)) return sendFailure(reply, { code: "value", text: `_count must be a whole number above 0, not "${String(_count).slice(0, 40)}".` });
    const count = Math.min(1000, Number(_count ?? 1000));
    const page = await record.everything(principalOf(request).caller, key.value.id, { count, ...(_cursor ? { cursor: _cursor } : {}) });
    if (!page.ok) return sendFailure(reply, page.failure);
    // The person is in the own compartment, so an empty one is unknown or beyond the caller's reach.
    if (page.value.entries.length === 0 && !_cursor) return sendFailure(reply, { code: "not-found", text: `Patient/${key.value.id} is not known.` });
    const base = baseOf(request);
    const here = `${base}/Patient/${key.value.id}/$everything?_count=${count}`;
    const at = (cursor: string | undefined): string => (cursor ? `${here}&_cursor=${encodeURIComponent(cursor)}` : here);
    return reply.header("content-type", fhirJson).send(searchBundle(base, at(_cursor), page.value, page.value.next && at(page.value.next)));
  } });
}
