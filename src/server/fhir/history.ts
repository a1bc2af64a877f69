/** FHIR history of an instance, a type, the system, newest first, in pages. Source: https://hl7.org/fhir/R4/http.html#history */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { fail, ok, type Result } from "#platform/result.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { sendFailure } from "../http/outcome.ts";
import { keyOf, typeOf, type KeyParams } from "./keys.ts";
import { baseOf, historyBundle } from "./responses.ts";

/** R4 instant; a fraction and seconds may be left out. */
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

type HistoryQuery = { count: number; cursor?: string; since?: string };

function parse(raw: string): Result<HistoryQuery> {
  const query: HistoryQuery = { count: 50 };
  for (let [name, value] of new URLSearchParams(raw)) {
    switch (name) {
      case "_count":
        if (!/^\d{1,9}$/.test(value)) return fail("value", `_count must be a whole number, not "${value}".`);
        query.count = Math.min(1000, Number(value));
        break;
      case "_since":
        // A "+" of the zone that was not escaped reads as a space.
        if (!instant.test(value = value.replace(" ", "+")) || Number.isNaN(Date.parse(value))) return fail("value", `_since must be an instant such as 2026-01-31T08:00:00Z, not "${value}".`);
        query.since = new Date(value).toISOString();
        break;
      case "_cursor": query.cursor = value; break;
      case "_format": case "_pretty": break;
      default: return fail("not-supported", `History takes _count and _since; "${name}" is not known.`);
    }
  }
  return ok(query);
}

export function historyRoutes(app: FastifyInstance, { record }: ServerDeps): void {
  async function answer(request: FastifyRequest, reply: FastifyReply, scope: { type?: string; id?: string }, path: string): Promise<FastifyReply> {
    const raw = (request.raw.url ?? "").split("?")[1] ?? "";
    const query = parse(raw);
    if (!query.ok) return sendFailure(reply, query.failure);
    const page = await record.history(principalOf(request).caller, scope, query.value);
    if (!page.ok) return sendFailure(reply, page.failure);
    const base = baseOf(request);
    const url = (cursor: string | undefined): string => {
      const { count, since } = query.value;
      const words = new URLSearchParams({ _count: String(count), ...(since ? { _since: since } : {}), ...(cursor ? { _cursor: cursor } : {}) });
      return `${base}/${path}?${words}`;
    };
    return reply.header("content-type", fhirJson).send(historyBundle(base, url(query.value.cursor), page.value, page.value.next && url(page.value.next)));
  }

  app.get<{ Params: KeyParams }>("/:type/:id/_history", async (request, reply) => {
    const key = keyOf(request.params);
    if (!key.ok) return sendFailure(reply, key.failure);
    const caller = principalOf(request).caller;
    const now = await record.read(caller, key.value);
    if (now.kind === "absent") return sendFailure(reply, { code: "not-found", text: `${key.value.type}/${key.value.id} is not known.` });
    return answer(request, reply, key.value, `${key.value.type}/${key.value.id}/_history`);
  });
  app.get<{ Params: { type: string } }>("/:type/_history", async (request, reply) => {
    const type = typeOf(request.params.type);
    return type.ok ? answer(request, reply, { type: type.value }, `${type.value}/_history`) : sendFailure(reply, type.failure);
  });
  app.get("/_history", (request, reply) => answer(request, reply, {}, "_history"));
}
