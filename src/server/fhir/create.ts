/**
 * FHIR create: POST /{type}, also conditional (If-None-Exist). Source: https://hl7.org/fhir/R4/http.html#create
 * 201 with Location and ETag; 200 when the condition names a resource; 400 with the FHIRPath of each fault; 412 when
 * it names several. An id in the body is ignored, as the specification asks.
 */
import type { FastifyInstance } from "fastify";
import { conditionText } from "#record/bundle/request.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { resourceText } from "./body.ts";
import { typeOf } from "./keys.ts";
import { provenanceOf } from "./provenance.ts";
import { conditionOf, sendCommitted } from "./responses.ts";

export function createRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.post<{ Params: { type: string } }>("/:type", async (request, reply) => {
    const type = typeOf(request.params.type);
    if (!type.ok) return sendFailure(reply, type.failure);
    // Servers that take it so would not create twice what this one would.
    if (conditionOf(request) !== "") return sendFailure(reply, { code: "value", text: `POST ${type.value} takes no search: the condition of a create goes into the header If-None-Exist; POST ${type.value}/_search searches.` });
    const sent = resourceText(request, type.value);
    if (!sent.ok) return sendFailure(reply, sent.failure);
    const { text, searches } = sent.value;
    const { caller } = principalOf(request);
    const condition = request.headers["if-none-exist"], origin = provenanceOf(request);
    const done = condition === undefined && !searches && origin.provenance === undefined
      ? await record.commit(caller, [{ kind: "create", type: type.value, text }])
      : await record.conditional(caller, { kind: "create", type: type.value, text, ...(condition === undefined ? {} : { ifNoneExist: conditionText(type.value, String(condition)) }), ...origin });
    return done.ok ? sendCommitted(request, reply, done.value[0]!) : sendFailure(reply, done.failure);
  });
}
