/** Patient/$everything: every resource of one person's compartment, in pages. Source: https://hl7.org/fhir/R4/patient-operation-everything.html */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson, sendFailure } from "../http/outcome.ts";
import { baseOf, searchBundle } from "./responses.ts";
import { keyOf } from "./keys.ts";

export function everythingRoute(app: FastifyInstance, { record }: ServerDeps): void {
  app.get<{ Params: { id: string }; Querystring: Record<string, string | undefined> }>("/Patient/:id/$everything", async (request, reply) => {
    const key = keyOf({ type: "Patient", id: request.params.id });
    if (!key.ok) return sendFailure(reply, key.failure);
    const { _count, _cursor, _format, _pretty, ...unknown } = request.query;
    const strange = Object.keys(unknown)[0];
    if (strange !== undefined) return sendFailure(reply, { code: "not-supported", text: `$everything takes _count; "${strange}" is not supported yet.` });
    if (_count !== undefined && !/^[1-9]\d{0,8}$/.test(_count)) return sendFailure(reply, { code: "value", text: `_count must be a whole number above 0, not "${_count}".` });
    const count = Math.min(1000, Number(_count ?? 1000));
    const page = await record.everything(principalOf(request).caller, key.value.id, { count, ...(_cursor ? { cursor: _cursor } : {}) });
    if (!page.ok) return sendFailure(reply, page.failure);
    const base = baseOf(request);
    const here = `${base}/Patient/${key.value.id}/$everything?_count=${count}`;
    const at = (cursor: string | undefined): string => (cursor ? `${here}&_cursor=${encodeURIComponent(cursor)}` : here);
    return reply.header("content-type", fhirJson).send(searchBundle(base, at(_cursor), page.value, page.value.next && at(page.value.next)));
  });
}
