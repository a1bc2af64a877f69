/**
 * FHIR create: POST /{type}. Source: https://hl7.org/fhir/R4/http.html#create
 * 201 with Location and ETag; 400 with the FHIRPath of each fault; an id in the body is ignored, as the specification asks.
 */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { bodyText } from "./body.ts";
import { typeOf } from "./keys.ts";
import { sendCommitted } from "./responses.ts";

export function createRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.post<{ Params: { type: string } }>("/:type", async (request, reply) => {
    const type = typeOf(request.params.type);
    if (!type.ok) return sendFailure(reply, type.failure);
    if (request.headers["if-none-exist"] !== undefined)
      return sendFailure(reply, { code: "not-supported", text: "Conditional create (If-None-Exist) is served inside transaction Bundles (entry.request.ifNoneExist): send one." });
    const text = bodyText(request);
    if (!text.ok) return sendFailure(reply, text.failure);
    const done = await record.commit(principalOf(request).caller, [{ kind: "create", type: type.value, text: text.value }]);
    return done.ok ? sendCommitted(request, reply, done.value[0]!) : sendFailure(reply, done.failure);
  });
}
