/**
 * FHIR update: PUT /{type}/{id}, also creating with the client's id, and PUT /{type}?condition.
 * Source: https://hl7.org/fhir/R4/http.html#update
 * 200 or 201; 400; 412 when If-Match names another version; 409 when another writer came first.
 * `If-None-Match: *` creates only: 412 when there is, or was, a resource of this id.
 */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { resourceText } from "./body.ts";
import { ifMatchOf, oneVersionOf } from "./if-match.ts";
import { keyOf, typeOf, type KeyParams } from "./keys.ts";
import { provenanceOf } from "./provenance.ts";
import { conditionOf, sendCommitted } from "./responses.ts";

export function updateRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.put<{ Params: KeyParams }>("/:type/:id", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    const creates = request.headers["if-none-match"];
    if (creates !== undefined && creates.trim() !== "*") return sendFailure(reply, { code: "not-supported", text: "If-None-Match on PUT takes * alone: create, never update." });
    const ifMatch = await ifMatchOf(request, record, key.value);
    if (!ifMatch.ok) return sendFailure(reply, ifMatch.failure);
    const sent = resourceText(request, key.value.type, key.value.id);
    if (!sent.ok) return sendFailure(reply, sent.failure);
    const { text, searches } = sent.value;
    // Version 0 is the one before the first: a resource that exists cannot be at it.
    const expected = creates === undefined ? ifMatch.value : 0;
    const change = { kind: "update" as const, ...key.value, text, ...(expected === undefined ? {} : { ifMatch: expected }) };
    const { caller } = principalOf(request), origin = provenanceOf(request);
    const done = searches || origin.provenance !== undefined ? await record.conditional(caller, { ...change, ...origin }) : await record.commit(caller, [change]);
    return done.ok ? sendCommitted(request, reply, done.value[0]!) : sendFailure(reply, done.failure);
  });

  app.put<{ Params: { type: string } }>("/:type", async (request, reply) => {
    const type = typeOf(request.params.type);
    if (!type.ok) return sendFailure(reply, type.failure);
    const condition = conditionOf(request);
    if (condition === "") return sendFailure(reply, { code: "required", text: `PUT takes ${type.value}/<id>, or ${type.value}?<search> that names one resource.` });
    const sent = resourceText(request, type.value);
    if (!sent.ok) return sendFailure(reply, sent.failure);
    const ifMatch = oneVersionOf(request);
    if (!ifMatch.ok) return sendFailure(reply, ifMatch.failure);
    const done = await record.conditional(principalOf(request).caller, { kind: "update", type: type.value, query: condition, text: sent.value.text, ...ifMatch.value, ...provenanceOf(request) });
    return done.ok ? sendCommitted(request, reply, done.value[0]!) : sendFailure(reply, done.failure);
  });
}
