/** FHIR delete: DELETE /{type}/{id}; 204, also when there is nothing to delete. Source: https://hl7.org/fhir/R4/http.html#delete */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { keyOf, type KeyParams } from "./keys.ts";
import { etag, versionOf } from "./responses.ts";

export function deleteRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.delete<{ Params: KeyParams }>("/:type/:id", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    const ifMatch = versionOf(request.headers["if-match"]);
    if (Number.isNaN(ifMatch)) return sendFailure(reply, { code: "value", text: `If-Match must be a version as in ETag, e.g. W/"3".` });
    const done = await record.commit(principalOf(request).caller, [{ kind: "delete", ...key.value, ...(ifMatch === undefined ? {} : { ifMatch }) }]);
    if (done.ok) return reply.code(204).header("etag", etag(done.value[0]!.version)).send();
    return done.failure.code === "not-found" ? reply.code(204).send() : sendFailure(reply, done.failure);
  });
}
