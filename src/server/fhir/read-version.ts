/** FHIR vread: GET /{type}/{id}/_history/{version}. Source: https://hl7.org/fhir/R4/http.html#vread */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { keyOf, type KeyParams } from "./keys.ts";
import { sendRead } from "./read.ts";

export function readVersionRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.get<{ Params: KeyParams & { version: string } }>("/:type/:id/_history/:version", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    const { version } = request.params;
    const reference = `${key.value.type}/${key.value.id}/_history/${version}`;
    if (!/^[1-9]\d{0,8}$/.test(version)) return sendFailure(reply, { code: "not-found", text: `${reference} is not known.` });
    return sendRead(request, reply, reference, await record.readVersion(principalOf(request).caller, key.value, Number(version)));
  });
}
