/**
 * FHIR delete: DELETE /{type}/{id}, and DELETE /{type}?condition for all that it names, in one transaction.
 * 204, also when there is nothing to delete; 412 when the condition names too many.
 * Source: https://hl7.org/fhir/R4/http.html#delete
 */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { ifMatchOf } from "./if-match.ts";
import { keyOf, typeOf, type KeyParams } from "./keys.ts";
import { conditionOf, etag, sendDeleted } from "./responses.ts";

export function deleteRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.delete<{ Params: KeyParams }>("/:type/:id", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    const ifMatch = await ifMatchOf(request, record, key.value);
    if (!ifMatch.ok) return sendFailure(reply, ifMatch.failure);
    const done = await record.commit(principalOf(request).caller, [{ kind: "delete", ...key.value, ...(ifMatch.value === undefined ? {} : { ifMatch: ifMatch.value }) }]);
    if (!done.ok) return sendFailure(reply, done.failure);
    const { version } = done.value[0]!;
    if (version > 0) reply.header("etag", etag(version));
    return sendDeleted(request, reply, done.value);
  });

  app.delete<{ Params: { type: string } }>("/:type", async (request, reply) => {
    const type = typeOf(request.params.type);
    if (!type.ok) return sendFailure(reply, type.failure);
    const condition = conditionOf(request);
    if (condition === "") return sendFailure(reply, { code: "required", text: `DELETE takes ${type.value}/<id>, or ${type.value}?<search> that says which.` });
    const done = await record.conditional(principalOf(request).caller, { kind: "delete", type: type.value, query: condition });
    return done.ok ? sendDeleted(request, reply, done.value) : sendFailure(reply, done.failure);
  });
}
