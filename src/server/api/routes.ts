/** The screens' API, one file per group. */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { requireCaller } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { accountRoutes } from "./accounts.ts";
import { Charts } from "./charts.ts";
import { draftRoutes } from "./drafts.ts";
import { ledgerRoutes } from "./ledger.ts";
import { methodRoutes } from "./methods.ts";
import { nodeRoutes } from "./node.ts";
import { peopleRoutes } from "./people.ts";
import { resourceRoutes } from "./resource.ts";
import { sessionRoutes } from "./session.ts";
import { queryRoute } from "./query.ts";
import { recordingRoutes } from "./recordings.ts";
import { signalRoutes } from "./signals.ts";
import { verificationRoutes } from "./verification.ts";
import { worklistRoutes } from "./worklist.ts";

export function apiRoutes(app: FastifyInstance, deps: ServerDeps): void {
  requireCaller(app, deps.trust);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer", bodyLimit: 1 << 20 }, (_request, body, done) => done(null, body));
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store").header("x-content-type-options", "nosniff");
  });
  const charts = new Charts(deps);
  sessionRoutes(app, deps);
  peopleRoutes(app, deps, charts);
  signalRoutes(app, deps, charts);
  methodRoutes(app, deps, charts);
  worklistRoutes(app, deps);
  draftRoutes(app, deps, charts);
  resourceRoutes(app, deps);
  recordingRoutes(app, deps);
  ledgerRoutes(app, deps);
  verificationRoutes(app, deps);
  accountRoutes(app, deps);
  nodeRoutes(app, deps);
  queryRoute(app, deps);
  app.setNotFoundHandler((_request, reply) => sendFailure(reply, { code: "not-found", text: "There is nothing at this address of the API." }));
}
