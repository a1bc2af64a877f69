/**
 * Requests that are answered later (`Prefer: respond-async`): any request of this base becomes a job that asks it again
 * on behalf of its sender, with the rights they have when it is carried out. Kinds of jobs that answer a Manifest
 * (exports) share the addresses for status and files. Source: https://hl7.org/fhir/R4/async.html
 */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest, InjectOptions } from "fastify";
import { ndjsonNames } from "#exchange/bulk/export-request.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import type { Job, JobRun, Jobs } from "#record/jobs/jobs.ts";
import type { Manifest, ManifestFile } from "#record/jobs/manifest.ts";
import { viewExportKind } from "#research/views/view-export-job.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { fhirJson } from "../http/forms.ts";
import { outcomeOf, sendFailure } from "../http/outcome.ts";
import { baseOf } from "./responses.ts";
import { viewExportStatus } from "./view-export-status.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answers at once whatever Prefer says, or sees to it itself. */
    now?: boolean;
    /** What is refused before an answer is promised. */
    fault?: (request: FastifyRequest) => Promise<Failure | undefined>;
  }
}

const kind = "request";

/** `asked`: the address as it came, where that is another. `body`: base64. `account`: absent for the local operator. */
type Later = { method: string; url: string; asked?: string; base: string; headers: Record<string, string>; body?: string; account?: string };

/** Of the request, what its meaning depends on; who asks is settled anew. */
const kept = ["accept-language", "content-type", "host", "if-match", "if-none-match", "if-none-exist", "if-modified-since"];

export function prefersLater(request: FastifyRequest): boolean {
  const { prefer } = request.headers;
  return prefer !== undefined && /(?:^|[,;\s])respond-async(?=$|[,;\s])/i.test(String(prefer));
}

/** The answer 202: at which address the job is asked about. */
export function acceptance(base: string, id: string): { text: string; headers: Record<string, string> } {
  const at = `${base}/_jobs/${id}`;
  return {
    headers: { "content-location": at, "preference-applied": "respond-async" },
    text: outcomeOf({ code: "incomplete", text: "", issues: [{ severity: "information", code: "incomplete", text: `The request was taken and is answered at ${at}` }] }),
  };
}

function sendAccepted(request: FastifyRequest, reply: FastifyReply, id: string): FastifyReply {
  const { text, headers } = acceptance(baseOf(request), id);
  return reply.code(202).headers({ ...headers, "content-type": fhirJson }).send(text);
}

export function asyncRoutes(app: FastifyInstance, deps: ServerDeps): void {
  const { record } = deps;
  const { jobs } = record;

  // Every request passes here: no promise for those that want their answer at once.
  app.addHook("preHandler", (request, reply, done) => {
    if (!prefersLater(request) || request.is404 || request.routeOptions.config.now || request.routeOptions.config.open) { done(); return; }
    submit(jobs, request)
      .then((submitted) => { if (submitted.ok) sendAccepted(request, reply, submitted.value); else sendFailure(reply, submitted.failure); })
      .catch(done);
  });

  jobs.register(kind, {
    // What only reads may be asked again; what writes might be done twice.
    repeatable: (job) => { const { method, url } = JSON.parse(job.request) as Later; return method === "GET" || method === "HEAD" || /\/_search(?:\?|$)/.test(url); },
    run: (run) => askAgain(app, deps, run),
  });

  // While requests can still be answered; what waits is for the next process.
  app.addHook("preClose", () => jobs.close());

  const config = { now: true };
  const find = async (request: FastifyRequest<{ Params: { id: string } }>): Promise<Job | undefined> => {
    const job = await jobs.find(principalOf(request).caller, request.params.id);
    return job?.state === "cancelled" ? undefined : job;
  };
  const unknown = (reply: FastifyReply): FastifyReply => sendFailure(reply, { code: "not-found", text: "There is no such job: it was cancelled, or ended long ago, or is somebody else's." });

  app.get<{ Params: { id: string } }>("/_jobs/:id", { config }, async (request, reply) => {
    const job = await find(request);
    return job ? sendStatus(request, reply, job) : unknown(reply);
  });
  app.delete<{ Params: { id: string } }>("/_jobs/:id", { config }, async (request, reply) => {
    const job = await find(request);
    if (!job) return unknown(reply);
    await jobs.cancel(job.id);
    return reply.code(202).send();
  });
  app.get<{ Params: { id: string; file: string } }>("/_jobs/:id/:file", { config: { ...config, anyForm: true } }, async (request, reply) => {
    const job = await find(request);
    const file = /^\d{1,6}$/.test(request.params.file) ? Number(request.params.file) : -1;
    const first = job?.state === "done" && file >= 0 ? await jobs.output(job.id, file, 0) : undefined;
    if (!job || first === undefined) return unknown(reply);
    const { contentType = "application/fhir+ndjson", encoding } = fileOf(JSON.parse(job.result!) as Manifest, file) ?? {};
    // A page of ours in a browser must not take what a patient wrote for a page.
    return reply.headers({ "content-type": contentType, "content-disposition": "attachment" }).send(Readable.from((async function* parts() {
      let text: string | undefined = first;
      for (let part = 1; text !== undefined; part++) {
        yield encoding === undefined ? text : Buffer.from(text, encoding);
        text = await jobs.output(job.id, file, part);
      }
    })(), { objectMode: false }));
  });
}

function fileOf({ output, error, deleted = [] }: Manifest, file: number): ManifestFile | undefined {
  return [output, error, deleted].flat().find((one) => one.file === file);
}

async function submit(jobs: Jobs, request: FastifyRequest): Promise<Result<string>> {
  const asked = request.raw.url ?? "";
  const format = /[?&]_outputFormat=([^&]*)/.exec(asked)?.[1];
  if (format !== undefined) {
    if (!ndjsonNames.has(decoded(format))) return fail("not-supported", `_outputFormat: "${format.slice(0, 64)}" is not written; application/fhir+ndjson is`);
    // It is a word about the files, not one of the request.
    request.raw.url = asked.replace(/([?&])_outputFormat=[^&]*(?:&|$)/, "$1").replace(/[?&]$/, "");
  }
  const fault = await request.routeOptions.config.fault?.(request);
  return fault ? { ok: false, failure: fault } : jobs.submit(principalOf(request).caller, kind, JSON.stringify(laterOf(request, asked)));
}

/** A "+" that was not escaped reads as itself. */
function decoded(text: string): string {
  try { return decodeURIComponent(text); } catch { return text; }
}

function laterOf(request: FastifyRequest, asked: string): Later {
  const { body, raw: { url = "" } } = request;
  const headers = Object.fromEntries(kept.flatMap((name) => typeof request.headers[name] === "string" ? [[name, request.headers[name]]] : []));
  // The body is unpacked by now, and its words about the answer are heeded but for the one.
  const prefer = String(request.headers.prefer).replace(/respond-async\s*[,;]?\s*/i, "");
  const bytes = Buffer.isBuffer(body) ? body : typeof body === "string" ? Buffer.from(body) : undefined;
  const { account } = principalOf(request);
  return {
    method: request.method, url, ...(asked === url ? {} : { asked }), base: baseOf(request), headers: { ...headers, ...(request.bytesType === undefined ? {} : { "content-type": request.bytesType }), accept: "application/fhir+json", ...(prefer === "" ? {} : { prefer }) },
    ...(bytes && bytes.length > 0 ? { body: bytes.toString("base64") } : {}), ...(account ? { account: account.id } : {}),
  };
}

/** Characters of one part of an output. */
const partSize = 4 * 1024 * 1024;

async function askAgain(app: FastifyInstance, { trust, clock }: ServerDeps, { job, write }: JobRun): Promise<Result<string>> {
  const later = JSON.parse(job.request) as Later;
  const issued = await trust.issueToken(later.account, 1);
  if (!issued.ok) return fail("forbidden", "The account that asked may no longer sign in");
  const transactionTime = clock.now().toISOString();
  try {
    const { method, url, headers, body } = later;
    const answer = await app.inject({ method: method as NonNullable<InjectOptions["method"]>, url, headers: { ...headers, authorization: `Bearer ${issued.value.token}` }, ...(body === undefined ? {} : { payload: Buffer.from(body, "base64") }) });
    const text = answer.body;
    const files: ManifestFile[] = text === "" ? [] : [{ type: typeOf(text), file: 0, count: 1 }];
    // One resource on one line is what NDJSON holds.
    for (let at = 0; at < text.length; at += partSize) await write(0, at / partSize, text.slice(at, at + partSize) + (at + partSize >= text.length ? "\n" : ""));
    const said = Object.fromEntries(["location", "etag", "last-modified"].flatMap((name) => typeof answer.headers[name] === "string" ? [[name, answer.headers[name]]] : []));
    const failed = answer.statusCode >= 400;
    return ok(JSON.stringify({
      transactionTime, request: new URL(later.asked ?? later.url, later.base).href, output: failed ? [] : files, error: failed ? files : [],
      extension: { response: { status: String(answer.statusCode), ...said } },
    } satisfies Manifest));
  } finally {
    await trust.signOut(issued.value.token);
  }
}

function typeOf(text: string): string {
  return /^\{"resourceType":"(\w+)"/.exec(text)?.[1] ?? (JSON.parse(text) as { resourceType: string }).resourceType;
}

function sendStatus(request: FastifyRequest, reply: FastifyReply, job: Job): FastifyReply {
  const base = baseOf(request);
  // Exports of views answer with Parameters where the others have a manifest.
  const parameters = job.kind === viewExportKind ? viewExportStatus(job, base) : undefined;
  switch (job.state) {
    case "waiting": case "running": case "cancelled": {
      const age = Math.max(0, Date.now() - Date.parse(job.created)) / 1000;
      return reply.code(202).headers({ "x-progress": job.progress || (job.state === "waiting" ? "waiting" : "in progress"), "retry-after": String(Math.min(60, 1 + Math.floor(age / 10))), ...(parameters ? { "content-type": fhirJson } : {}) }).send(parameters);
    }
    case "failed": return sendFailure(reply, JSON.parse(job.result!) as Failure, 500);
    case "done": {
      const expires = job.expires === undefined ? {} : { expires: new Date(job.expires).toUTCString() };
      if (parameters) return reply.headers({ ...expires, "content-type": fhirJson }).send(parameters);
      const { transactionTime, request: asked, output, error, deleted, extension } = JSON.parse(job.result!) as Manifest;
      const here = `${base}/_jobs/${job.id}`;
      const listed = (files: readonly ManifestFile[]): object[] => files.map(({ file, ...rest }) => ({ ...rest, url: `${here}/${file}` }));
      return reply.headers({ "content-type": "application/json; charset=utf-8", ...expires })
        .send(JSON.stringify({ transactionTime, request: asked, requiresAccessToken: true, output: listed(output), error: listed(error), ...(deleted ? { deleted: listed(deleted) } : {}), ...(extension ? { extension } : {}) }));
    }
  }
}
