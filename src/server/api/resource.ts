/** One resource as stored, for the evidence panel, with where it stands in the ledger. */
import type { FastifyInstance } from "fastify";
import { isId, type Resource } from "#fhir/resource.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import type { ResourceView } from "./contract.ts";
import { leafOf } from "./ledger.ts";
import { resourceLabel } from "./person/labels.ts";

export function resourceRoutes(app: FastifyInstance, { record }: ServerDeps): void {
  app.get<{ Params: { type: string; id: string }; Querystring: { version?: string } }>("/resource/:type/:id", async (request, reply) => {
    const { type, id } = request.params;
    const { version } = request.query;
    const caller = principalOf(request).caller;
    const unknown = { code: "not-found" as const, text: `${type}/${id}${version ? ` version ${version}` : ""} is not known.`, why: { code: "unknown", what: `${type}/${id}` } as const };
    if (!isId(id) || (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))) return sendFailure(reply, unknown);
    const now = await record.read(caller, { type, id });
    const found = version === undefined || (now.kind === "current" && now.stored.version === Number(version)) ? now : await record.readVersion(caller, { type, id }, Number(version));
    if (found.kind === "deleted") return sendFailure(reply, { code: "deleted", text: `${type}/${id} was deleted on ${found.lastUpdated}.`, why: { code: "resource-deleted", reference: `${type}/${id}`, when: found.lastUpdated } });
    if (found.kind === "absent") return sendFailure(reply, unknown);
    const { stored } = found;
    const resource = JSON.parse(stored.text) as Resource;
    const leaf = await leafOf(record, caller, `${type}/${id}`, stored.version);
    return {
      reference: `${type}/${id}`, version: String(stored.version), lastUpdated: stored.lastUpdated, current: now.kind === "current" && now.stored.version === stored.version,
      text: stored.text, label: resourceLabel(resource), ...(resource.meta?.source ? { source: resource.meta.source } : {}), ...(leaf ? { ledger: leaf } : {}),
    } satisfies ResourceView;
  });
}
