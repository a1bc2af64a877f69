/** FHIR transaction and batch: POST of a Bundle to the base. Source: https://hl7.org/fhir/R4/http.html#transaction */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { bodyText } from "./body.ts";
import { returnsWhole } from "./responses.ts";

export function bundleRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.post("/", async (request, reply) => {
    const text = bodyText(request);
    if (!text.ok) return sendFailure(reply, text.failure);
    const done = await record.bundle(principalOf(request).caller, text.value, returnsWhole(request) ? { returns: "representation" } : {});
    return done.ok ? reply.header("content-type", fhirJson).send(done.value) : sendFailure(reply, done.failure);
  });
}
