/**
 * FHIR patch: PATCH /{type}/{id}, and PATCH /{type}?condition for the one resource it names; JSON Patch, XML Patch and
 * FHIRPath Patch. 200; 404; 409 when a test fails; 412 for If-Match, or several matches; 422 when what it names is not
 * there, or the result would be no valid resource. Source: https://hl7.org/fhir/R4/http.html#patch
 */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { bodyPatch } from "./body.ts";
import { ifMatchOf, oneVersionOf } from "./if-match.ts";
import { keyOf, typeOf, type KeyParams } from "./keys.ts";
import { provenanceOf } from "./provenance.ts";
import { conditionOf, sendCommitted } from "./responses.ts";

export function patchRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.patch<{ Params: KeyParams }>("/:type/:id", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    const ifMatch = await ifMatchOf(request, record, key.value);
    if (!ifMatch.ok) return sendFailure(reply, ifMatch.failure);
    const patch = bodyPatch(request);
    if (!patch.ok) return sendFailure(reply, patch.failure);
    const { caller } = principalOf(request), origin = provenanceOf(request);
    const change = { kind: "patch" as const, ...key.value, patch: patch.value, ...(ifMatch.value === undefined ? {} : { ifMatch: ifMatch.value }) };
    const done = origin.provenance === undefined ? await record.commit(caller, [change]) : await record.conditional(caller, { ...change, ...origin });
    return done.ok ? sendCommitted(request, reply, done.value[0]!) : sendFailure(reply, done.failure);
  });

  app.patch<{ Params: { type: string } }>("/:type", async (request, reply) => {
    const type = typeOf(request.params.type);
    if (!type.ok) return sendFailure(reply, type.failure);
    const condition = conditionOf(request);
    if (condition === "") return sendFailure(reply, { code: "required", text: `PATCH takes ${type.value}/<id>, or ${type.value}?<search> that names one resource.` });
    const ifMatch = oneVersionOf(request);
    if (!ifMatch.ok) return sendFailure(reply, ifMatch.failure);
    const patch = bodyPatch(request);
    if (!patch.ok) return sendFailure(reply, patch.failure);
    const done = await record.conditional(principalOf(request).caller, { kind: "patch", type: type.value, query: condition, patch: patch.value, ...ifMatch.value, ...provenanceOf(request) });
    return done.ok ? sendCommitted(request, reply, done.value[0]!) : sendFailure(reply, done.failure);
  });
}
