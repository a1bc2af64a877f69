/** FHIR search: GET /{type}?… and POST /{type}/_search. Source: https://hl7.org/fhir/R4/search.html */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { chooseForm } from "../http/negotiate.ts";
import { typeOf } from "./keys.ts";
import { baseOf, conditionOf, searchBundle, withoutFormat } from "./responses.ts";

export function searchRoutes(app: FastifyInstance, { record }: ServerDeps): void {
  async function answer(request: FastifyRequest, reply: FastifyReply, requested: string, query: string): Promise<FastifyReply> {
    const type = typeOf(requested);
    if (!type.ok) return sendFailure(reply, type.failure);
    const page = await record.search(principalOf(request).caller, type.value, query, /\bhandling\s*=\s*"?lenient\b/.test(String(request.headers.prefer ?? "")) ? { handling: "lenient" } : {});
    if (!page.ok) return sendFailure(reply, page.failure);
    const base = baseOf(request);
    const here = `${base}/${type.value}`;
    const kept = query.split("&").filter((part) => part !== "" && !part.startsWith("_cursor="));
    const next = page.value.next === undefined ? undefined : `${here}?${[...kept, `_cursor=${encodeURIComponent(page.value.next)}`].join("&")}`;
    return reply.header("content-type", fhirJson).send(searchBundle(base, query === "" ? here : `${here}?${query}`, page.value, next));
  }

  app.get<{ Params: { type: string } }>("/:type", (request, reply) => answer(request, reply, request.params.type, conditionOf(request)));
  app.post<{ Params: { type: string } }>("/:type/_search", (request, reply) => {
    const { body } = request;
    if (Buffer.isBuffer(body) && body.length > 0) return sendFailure(reply, { code: "not-supported", text: "A search is posted as application/x-www-form-urlencoded." }, 415);
    const form = typeof body === "string" ? body : "";
    if (/(?:^|&)_(?:format|pretty)=/.test(form) && !chooseForm(request, reply, request.headers.accept, form)) return reply;
    return answer(request, reply, request.params.type, [conditionOf(request), withoutFormat(form)].filter((part) => part !== "").join("&"));
  });
}
