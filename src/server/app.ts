/**
 * The HTTP server: FHIR at /fhir/R4, the screens' API at /api, the built web application at /.
 * Everything but /healthz, /metrics, /metadata, sign-in and the web's own files needs a caller.
 */
import cookie from "@fastify/cookie";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { isUnreachable } from "#platform/database/unreachable.ts";
import { traceOf } from "#platform/log.ts";
import type { Failure } from "#platform/result.ts";
import { exportJob, exportKind } from "#exchange/bulk/export-job.ts";
import { importJob, importKind } from "#exchange/bulk/import-job.ts";
import { viewExportJob, viewExportKind } from "#research/views/view-export-job.ts";
import { apiRoutes } from "./api/routes.ts";
import type { ServerDeps } from "./deps.ts";
import { asyncRoutes } from "./fhir/async.ts";
import { binaryBodies } from "./fhir/binary.ts";
import { acceptFhirBodies, bodyBytesMax } from "./fhir/body.ts";
import { bundleRoute } from "./fhir/bundle.ts";
import { capabilityRoute } from "./fhir/capability.ts";
import { versionsRoute } from "./fhir/versions.ts";
import { createRoute } from "./fhir/create.ts";
import { deleteRoute } from "./fhir/delete.ts";
import { historyRoutes } from "./fhir/history.ts";
import { operationRoutes } from "./fhir/operations/routes.ts";
import { patchRoute } from "./fhir/patch.ts";
import { readRoute } from "./fhir/read.ts";
import { readVersionRoute } from "./fhir/read-version.ts";
import { unknownOperation } from "./fhir/keys.ts";
import { basePath } from "./fhir/responses.ts";
import { searchRoutes } from "./fhir/search.ts";
import { updateRoute } from "./fhir/update.ts";
import { requireCaller } from "./http/caller.ts";
import { shareWith } from "./http/cross-origin.ts";
import { compressAnswers, unpackBodies } from "./http/coding.ts";
import { refuseOtherMethods } from "./http/methods.ts";
import { negotiate } from "./http/negotiate.ts";
import { sendFailure } from "./http/outcome.ts";
import { headersMax, refuseStrangeHosts, refuseUnparsed } from "./http/unreadable.ts";
import { singleValues } from "./http/single-values.ts";
import { asksForSocket } from "./subscriptions/sockets.ts";
import { metricsRoutes } from "./metrics.ts";
import { webRoutes } from "./web.ts";

export async function buildApp(deps: ServerDeps): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false, bodyLimit: bodyBytesMax, trustProxy: process.env.SALUS_TRUST_PROXY === "1",
    http: { maxHeaderSize: headersMax, requireHostHeader: false, shouldUpgradeCallback: asksForSocket }, clientErrorHandler: refuseUnparsed,
    requestTimeout: 120_000, connectionTimeout: 0, keepAliveTimeout: 72_000, forceCloseConnections: "idle",
    // Before any route is found: a path that is no path.
    frameworkErrors: (error, _request, reply) => sendFailure(reply as FastifyReply, { code: "invalid", text: error.statusCode === 414 ? "The address is too long." : "The address is not percent-encoded text." }, error.statusCode ?? 400),
    // Clients that escape more than they need ask for %24everything.
    rewriteUrl: ({ url = "/" }) => url.includes("%24") ? withDollars(url) : url,
    // R4 itself writes `DELETE [base]/[type]/?[search parameters]`.
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
  });
  await app.register(cookie);
  app.addHook("onResponse", (request, reply, done) => {
    const failed = reply.statusCode >= 500;
    if (failed || deps.log.isLevelEnabled("debug")) deps.log[failed ? "error" : "debug"]({ method: request.method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, failed ? "request failed" : "request");
    done();
  });
  app.setErrorHandler((error: unknown, request, reply) => {
    const failure = failureOf(error);
    if (failure.code === "exception" || failure.code === "no-store") deps.log.error({ route: request.routeOptions.url, ...traceOf(error) }, failure.code === "exception" ? "unexpected" : "the database cannot be reached");
    return sendFailure(reply, failure, (error as { code?: string }).code === "FST_ERR_CTP_INVALID_MEDIA_TYPE" ? 415 : undefined);
  });
  deps.record.jobs.register(exportKind, exportJob(deps.record));
  deps.record.jobs.register(importKind, importJob(deps.record, deps.importFrom ?? []));
  deps.record.jobs.register(viewExportKind, viewExportJob(deps.record));
  metricsRoutes(app, deps);
  await app.register(async (fhir) => {
    refuseStrangeHosts(fhir);
    shareWith(fhir, deps.sharedWith ?? []);
    binaryBodies(fhir);
    negotiate(fhir);
    requireCaller(fhir, deps.trust);
    unpackBodies(fhir);
    acceptFhirBodies(fhir);
    const refuseOthers = refuseOtherMethods(fhir, unknownOperation);
    compressAnswers(fhir);
    fhir.addHook("onSend", (request, reply, payload, done) => {
      const id = request.headers["x-request-id"];
      if (typeof id === "string" && /^[A-Za-z0-9.-]{1,64}$/.test(id)) reply.header("x-request-id", id);
      reply.header("cache-control", "no-store").header("x-content-type-options", "nosniff");
      done(null, payload);
    });
    asyncRoutes(fhir, deps);
    capabilityRoute(fhir, deps);
    versionsRoute(fhir);
    bundleRoute(fhir, deps);
    historyRoutes(fhir, deps);
    operationRoutes(fhir, deps);
    readVersionRoute(fhir, deps);
    readRoute(fhir, deps);
    createRoute(fhir, deps);
    updateRoute(fhir, deps);
    patchRoute(fhir, deps);
    deleteRoute(fhir, deps);
    searchRoutes(fhir, deps);
    refuseOthers();
    fhir.setNotFoundHandler((request, reply) => sendFailure(reply, { code: "not-found", text: `${request.method} is not offered at this address. GET ${basePath}/metadata lists what is.` }));
  }, { prefix: basePath });
  await app.register(async (api) => {
    api.addHook("preHandler", singleValues);
    apiRoutes(api, deps);
  }, { prefix: "/api" });
  await app.register((pages) => webRoutes(pages, deps));
  return app;
}

/** "$" as itself in the path; the query is read elsewhere. */
function withDollars(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? url.replaceAll("%24", "$") : url.slice(0, mark).replaceAll("%24", "$") + url.slice(mark);
}

/** Seconds after which a client may ask again. */
const unreachableSeconds = 5;

function failureOf(error: unknown): Failure & { retryAfterSeconds?: number } {
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return { code: "too-long", text: `The body is larger than ${bodyBytesMax >> 20} MiB. Split it, or use npx salus import, which streams.` };
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return { code: "not-supported", text: "Send JSON or XML: Content-Type application/fhir+json or application/fhir+xml." };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return { code: "invalid", text: error instanceof Error ? error.message : "The request could not be read." };
  if (isUnreachable(error)) return { code: "no-store", text: "The database, or one of its servers, cannot be reached now. If something was to be written, it may be written or not: look before you send it again.", retryAfterSeconds: unreachableSeconds };
  return { code: "exception", text: "Salus failed to answer this request. Nothing was written. The log of the server says more." };
}
