/** The worklist of the person signed in. */
import type { FastifyInstance } from "fastify";
import { worklist } from "#care/worklist.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import type { DraftStatus, WorklistPage } from "./contract.ts";
import { summaries } from "./person/summaries.ts";

export function worklistRoutes(app: FastifyInstance, { record, clock }: ServerDeps): void {
  app.get<{ Querystring: { cursor?: string } }>("/worklist", async (request, reply) => {
    const { cursor } = request.query;
    const { caller } = principalOf(request);
    const page = await worklist(record, caller, { count: 100, ...(cursor === undefined ? {} : { cursor }) });
    if (!page.ok) return sendFailure(reply, page.failure);
    const people = await summaries(record, caller, page.value.rows.map(({ patient }) => patient), clock.now().toISOString());
    return {
      rows: page.value.rows.map(({ patient: _patient, draft, ...row }, i) => ({ ...row, person: people[i]!, ...(draft ? { draft: { reference: draft.reference, status: draft.status as DraftStatus } } : {}) })),
      counts: page.value.counts, ...(page.value.next === undefined ? {} : { next: page.value.next }),
    } satisfies WorklistPage;
  });
}
