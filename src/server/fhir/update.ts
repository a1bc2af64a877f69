/**
 * FHIR update: PUT /{type}/{id}, also creating with the client's id. Source: https://hl7.org/fhir/R4/http.html#update
 * 200 or 201; 400; 412 when If-Match names another version; 409 when another writer came first.
 */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { bodyText } from "./body.ts";
import { keyOf, type KeyParams } from "./keys.ts";
import { sendCommitted, versionOf } from "./responses.ts";

export function updateRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.put<{ Params: KeyParams }>("/:type/:id", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    const ifMatch = versionOf(request.headers["if-match"]);
    if (Number.isNaN(ifMatch)) return sendFailure(reply, { code: "value", text: `If-Match must be a version as in ETag, e.g. W/"3".` });
    const text = bodyText(request);
    if (!text.ok) return sendFailure(reply, text.failure);
    const done = await record.commit(principalOf(request).caller, [{ kind: "update", ...key.value, text: text.value, ...(ifMatch === undefined ? {} : { ifMatch }) }]);
    return done.ok ? sendCommitted(request, reply, done.value[0]!) : sendFailure(reply, done.failure);
  });
}
