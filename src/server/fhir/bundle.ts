/** FHIR transaction and batch: POST of a Bundle to the base. Source: https://hl7.org/fhir/R4/http.html#transaction */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Ask } from "#record/record.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { bodyText } from "./body.ts";
import { operations } from "./operations/list.ts";
import { basePath, ownBases, preferred } from "./responses.ts";

/** Operations that change something under any type. */
const changing: ReadonlySet<string> = new Set(operations.filter(({ definition }) => definition.affectsState).map(({ definition }) => definition.code));

/** `url`: relative, ends in $name. */
function onlyReads(url: string): boolean {
  return !changing.has(/\$([A-Za-z-]+)(?:\?|$)/.exec(url)?.[1] ?? "");
}

/** What says who asks, and from where. */
const passedOn = ["authorization", "cookie", "host", "origin", "sec-fetch-site", "accept-language"];

export function bundleRoute(app: FastifyInstance, { record }: ServerDeps): void {
  /** Entries that are no matter of the record are asked of this server, in the name of who sent the Bundle. */
  function askerFor(request: FastifyRequest): Ask {
    const headers = Object.fromEntries(passedOn.flatMap((name) => typeof request.headers[name] === "string" ? [[name, request.headers[name]]] : []));
    return async ({ verb, url, body }) => {
      const answer = await app.inject({ method: verb, url: `${basePath}/${url}`, headers: { ...headers, accept: "application/fhir+json", ...(body === undefined ? {} : { "content-type": "application/fhir+json" }) }, ...(body === undefined ? {} : { payload: body }) });
      return { status: answer.statusCode, text: answer.body };
    };
  }

  app.post("/", async (request, reply) => {
    const text = bodyText(request);
    if (!text.ok) return sendFailure(reply, text.failure);
    const done = await record.bundle(principalOf(request).caller, text.value, { ask: askerFor(request), onlyReads, bases: ownBases(request), returns: preferred(request, "minimal") });
    return done.ok ? reply.header("content-type", fhirJson).send(done.value) : sendFailure(reply, done.failure);
  });
}
