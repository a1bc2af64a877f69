/** The worklist of the person signed in. */
import type { FastifyInstance } from "fastify";
import { worklist } from "#care/worklist.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import type { DraftStatus, WorklistPage } from "./contract.ts";
import { personSummary } from "./person/chart.ts";

export function worklistRoutes(app: FastifyInstance, { record, clock }: ServerDeps): void {
  app.get<{ Querystring: { cursor?: string } }>("/worklist", async (request, reply) => {
    const { cursor } = request.query;
    const page = await worklist(record, principalOf(request).caller, { count: 100, ...(cursor === undefined ? {} : { cursor }) });
    if (!page.ok) return sendFailure(reply, page.failure);
    const asOf = clock.now().toISOString();
    return {
      rows: page.value.rows.map(({ patient, draft, ...row }) => ({ ...row, person: personSummary(patient, asOf), ...(draft ? { draft: { reference: draft.reference, status: draft.status as DraftStatus } } : {}) })),
      counts: page.value.counts, ...(page.value.next === undefined ? {} : { next: page.value.next }),
    } satisfies WorklistPage;
  });
}
