/**
 * FHIR read: GET /{type}/{id}. Source: https://hl7.org/fhir/R4/http.html#read
 * 200 with ETag; 304 when unchanged; 400 malformed id; 404 unknown or beyond the caller's reach; 410 deleted.
 */
import type { FastifyInstance } from "fastify";
import { unreachable } from "#platform/result.ts";
import { subsetText } from "#fhir/subset/subset.ts";
import type { ReadResult } from "#record/record.ts";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { isUnchanged } from "#record/preconditions.ts";
import { sendBytes, takesBytes } from "./binary.ts";
import { keyOf, type KeyParams } from "./keys.ts";
import { partAsked } from "./part.ts";
import { etag, sendStored } from "./responses.ts";

export function sendRead(request: FastifyRequest, reply: FastifyReply, reference: string, found: ReadResult): FastifyReply {
  switch (found.kind) {
    case "current": {
      const { version, lastUpdated } = found.stored;
      if (isUnchanged(request.headers, version, lastUpdated))
        return reply.code(304).headers({ etag: etag(version), "last-modified": new Date(lastUpdated).toUTCString() }).send();
      if (takesBytes(request, found.stored)) return sendBytes(reply, found.stored);
      const part = partAsked(request);
      if (!part.ok) return sendFailure(reply, part.failure);
      return sendStored(reply, 200, part.value ? { ...found.stored, text: subsetText(found.stored.text, part.value) } : found.stored);
    }
    case "deleted":
      reply.header("etag", etag(found.version));
      return sendFailure(reply, { code: "deleted", text: `${reference} was deleted on ${found.lastUpdated}. Its history is at ${reference.split("/_history/")[0]}/_history.` });
    case "absent": return sendFailure(reply, { code: "not-found", text: `${reference} is not known.` });
    default: return unreachable(found);
  }
}

export function readRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.get<{ Params: KeyParams }>("/:type/:id", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    const found = await record.read(principalOf(request).caller, key.value);
    return sendRead(request, reply, `${key.value.type}/${key.value.id}`, found);
  });
}
