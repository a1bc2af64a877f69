/** FHIR search: GET /{type}?… and POST /{type}/_search. Source: https://hl7.org/fhir/R4/search.html */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson, sendFailure } from "../http/outcome.ts";
import { typeOf } from "./keys.ts";
import { baseOf, searchBundle } from "./responses.ts";

/** The query string without presentation words; `_cursor` is ours, from a `next` link. */
function withoutFormat(raw: string): string {
  return raw.split("&").filter((part) => part !== "" && !/^_(?:format|pretty)=/.test(part)).join("&");
}

export function searchRoutes(app: FastifyInstance, { record }: ServerDeps): void {
  async function answer(request: FastifyRequest, reply: FastifyReply, requested: string, raw: string): Promise<FastifyReply> {
    const type = typeOf(requested);
    if (!type.ok) return sendFailure(reply, type.failure);
    const query = withoutFormat(raw);
    const page = await record.search(principalOf(request).caller, type.value, query);
    if (!page.ok) return sendFailure(reply, page.failure);
    const base = baseOf(request);
    const here = `${base}/${type.value}`;
    const kept = query.split("&").filter((part) => part !== "" && !part.startsWith("_cursor="));
    const next = page.value.next === undefined ? undefined : `${here}?${[...kept, `_cursor=${encodeURIComponent(page.value.next)}`].join("&")}`;
    return reply.header("content-type", fhirJson).send(searchBundle(base, query === "" ? here : `${here}?${query}`, page.value, next));
  }

  app.get<{ Params: { type: string } }>("/:type", (request, reply) => {
    const url = request.raw.url ?? "";
    const mark = url.indexOf("?");
    return answer(request, reply, request.params.type, mark < 0 ? "" : url.slice(mark + 1));
  });
  app.post<{ Params: { type: string } }>("/:type/_search", (request, reply) => {
    const url = request.raw.url ?? "";
    const mark = url.indexOf("?");
    const words = [mark < 0 ? "" : url.slice(mark + 1), typeof request.body === "string" ? request.body : ""].filter((part) => part !== "");
    return answer(request, reply, request.params.type, words.join("&"));
  });
}
