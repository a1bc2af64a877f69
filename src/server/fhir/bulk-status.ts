/**
 * Where bulk jobs are asked for: status, manifest, files, cancelling. Whoever asked for a job sees it, and
 * administrators; to others it does not exist. Source: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-status-request
 */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { BulkResult, FileList } from "#exchange/bulk/files.ts";
import { exportKind } from "#exchange/bulk/export-job.ts";
import type { Failure } from "#platform/result.ts";
import type { Job } from "#record/jobs/jobs.ts";
import type { ServerDeps } from "../deps.ts";
import { principalOf } from "../http/caller.ts";
import { sendFailure } from "../http/outcome.ts";
import { baseOf } from "./responses.ts";

export const bulkPath = "/_bulk";

const kinds: ReadonlySet<string> = new Set([exportKind]);
const retryAfterSeconds = 2;
type Params = { id: string; name: string };

export function bulkRoutes(app: FastifyInstance, { record: { jobs } }: ServerDeps): void {
  async function find(request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): Promise<Job | undefined> {
    const job = await jobs.find(principalOf(request).caller, request.params.id);
    if (job && kinds.has(job.kind) && job.state !== "cancelled") return job;
    sendFailure(reply, { code: "not-found", text: "There is no such job: it was cancelled, its time is over, or it is somebody else's." });
    return undefined;
  }

  app.get<{ Params: Params }>(`${bulkPath}/:id`, { config: { anyForm: true } }, async (request, reply) => {
    const job = await find(request, reply);
    if (!job) return reply;
    switch (job.state) {
      case "waiting": case "running": return reply.code(202).headers({ "x-progress": headerText(job.progress || job.state), "retry-after": String(retryAfterSeconds) }).send();
      case "failed": return sendFailure(reply, JSON.parse(job.result!) as Failure, 500);
      case "done": return reply.headers({ "content-type": "application/json; charset=utf-8", expires: new Date(job.expires!).toUTCString() }).send(JSON.stringify(manifest(JSON.parse(job.result!) as BulkResult, `${baseOf(request)}${bulkPath}/${job.id}`)));
      case "cancelled": return reply;
    }
  });

  app.delete<{ Params: Params }>(`${bulkPath}/:id`, { config: { anyForm: true } }, async (request, reply) => {
    const job = await find(request, reply);
    if (!job) return reply;
    await jobs.cancel(job.id);
    return reply.code(202).send();
  });

  app.get<{ Params: Params }>(`${bulkPath}/:id/:name`, { config: { anyForm: true } }, async (request, reply) => {
    const job = await find(request, reply);
    if (!job) return reply;
    const file = job.state === "done" ? (JSON.parse(job.result!) as BulkResult).files.find(({ name }) => name === request.params.name) : undefined;
    if (!file) return sendFailure(reply, { code: "not-found", text: "The job has no such file; its manifest lists those it has." });
    async function* parts(): AsyncGenerator<string> {
      for (let part = 0; part < file!.parts; part++) {
        const text = await jobs.output(job!.id, file!.file, part);
        // Cancelled or forgotten meanwhile: the connection breaks off, so that nobody takes a part for the whole.
        if (text === undefined) throw new Error("a file of a job ended before its last part");
        yield text;
      }
    }
    return reply.headers({ "content-type": "application/fhir+ndjson" }).send(Readable.from(parts()));
  });
}

function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 99);
}

function manifest({ transactionTime, request, files, counts }: BulkResult, at: string): object {
  const list = (wanted: FileList) => files.filter((file) => file.list === wanted).map(({ type, name, count, inputUrl }) => ({ type, url: `${at}/${name}`, count, ...(inputUrl === undefined ? {} : { inputUrl }) }));
  return { transactionTime, request, requiresAccessToken: true, output: list("output"), deleted: list("deleted"), error: list("error"), ...(counts ? { extension: { counts } } : {}) };
}
