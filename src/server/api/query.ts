/** SQL over the columnar mirror, for administrators: POST {sql}, answers {columns, rows, truncated, position}. */
import type { FastifyInstance } from "fastify";
import { Mirror } from "#research/mirror/mirror.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { administratorOnly } from "./administrator.ts";
import { jsonBody } from "./json-body.ts";

export function queryRoute(app: FastifyInstance, { record, dataFolder }: ServerDeps): void {
  if (dataFolder === undefined) return;
  const mirror = new Mirror(record, dataFolder);
  app.post("/query", { preHandler: administratorOnly }, async (request, reply) => {
    const body = jsonBody(request, { sql: "string" });
    if (!body.ok) return sendFailure(reply, body.failure);
    const answer = await mirror.query(principalOf(request).caller, body.value.sql);
    return answer.ok ? answer.value : sendFailure(reply, answer.failure);
  });
}
