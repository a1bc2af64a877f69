/** GET /metrics (Prometheus text), /healthz (alive and the database answers). No PHI: labels are route patterns and statuses. */
import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Counter, Histogram, Registry } from "prom-client";
import type { ServerDeps } from "./deps.ts";

export function metricsRoutes(app: FastifyInstance, { isReady }: Pick<ServerDeps, "isReady">): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({ name: "salus_http_request_seconds", help: "Time to answer a request", labelNames: ["method", "route", "status"], buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10], registers: [registry] });
  const refused = new Counter({ name: "salus_http_refused_total", help: "Requests answered 401, 403 or 429", labelNames: ["status"], registers: [registry] });

  // Labelled once for each route, method and status: looking labels up costs more than counting.
  const known = new Map<string, { observe(value: number): void }>();
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    const key = `${request.method} ${reply.statusCode} ${route}`;
    let series = known.get(key);
    if (!series) known.set(key, series = seconds.labels({ method: request.method, route, status: String(reply.statusCode) }));
    series.observe(reply.elapsedTime / 1000);
    if (reply.statusCode === 401 || reply.statusCode === 403 || reply.statusCode === 429) refused.inc({ status: String(reply.statusCode) });
    done();
  });
  app.get("/metrics", { config: { open: true } }, async (_request, reply) => reply.header("content-type", registry.contentType).send(await registry.metrics()));
  app.get("/healthz", { config: { open: true } }, async (_request, reply) => {
    const ready = await isReady();
    return reply.code(ready ? 200 : 503).header("content-type", "application/json").send(JSON.stringify({ status: ready ? "ok" : "the database does not answer" }));
  });
}
