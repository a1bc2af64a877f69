/**
 * The job of a bulk import: the inputs one after another. What broke off is simply done again, for what is stored
 * already is not written twice. Shape of the request: the Parameters of the bulk import proposals
 * (https://github.com/smart-on-fhir/bulk-import, and FHIR servers that offer $import).
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { JobKind, JobRun } from "#record/jobs/jobs.ts";
import type { Manifest } from "#record/jobs/manifest.ts";
import type { Caller, HealthRecord, ImportStream } from "#record/record.ts";
import type { ImportSummary } from "../import/import.ts";
import { BulkFiles } from "./files.ts";
import { importLines, rejectionIssue } from "./import-lines.ts";
import { bytesOf, SourceFault, sourceOf } from "./sources.ts";

export const importKind = "import";
/** `Job.request`. */
export type ImportJob = { caller: Caller; url: string; inputs: readonly ImportInput[] };
export type ImportInput = { url: string; type?: string };

export function importJob(record: HealthRecord, allowed: readonly URL[]): JobKind {
  return {
    repeatable: () => true,
    run(run: JobRun): Promise<Result<string>> {
      const asked = JSON.parse(run.job.request) as ImportJob;
      return record.importing(asked.caller, (stream) => importInputs(stream, asked, allowed, run), { making: () => run.progress("All is written; indexes are being made") });
    },
  };
}

async function importInputs(stream: ImportStream, { url: request, inputs }: ImportJob, allowed: readonly URL[], { job, signal, progress, write }: JobRun): Promise<Result<string>> {
  const files = new BulkFiles({ write });
  const total: ImportSummary = { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  for (const [i, input] of inputs.entries()) {
    // Rejections are told while batches are written; the files take them in their turn.
    let queue: Promise<void> = Promise.resolve();
    const error = (line: string): void => { queue = queue.then(() => files.add("error", "OperationOutcome", line, input.url)); };
    const source = sourceOf(input.url, allowed);
    let broken = source.ok ? undefined : source.failure.text;
    const summary: ImportSummary = { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
    if (source.ok) try {
      await importLines(stream, { name: input.url, bytes: bytesOf(source.value, signal), ...(input.type === undefined ? {} : { type: input.type }) }, {
        rejected: (entry) => error(JSON.stringify({ resourceType: "OperationOutcome", issue: [rejectionIssue(entry)] })), signal,
        progress: (now) => {
          Object.assign(summary, now);
          progress(`${total.read + now.read} resources, input ${i + 1} of ${inputs.length}`);
        },
      });
    } catch (fault) {
      if (!(fault instanceof SourceFault) && !signal.aborted) throw fault;
      broken = fault instanceof SourceFault ? fault.failure.text : undefined;
    }
    if (signal.aborted) return fail("incomplete", "The import was stopped; what it had written stays. Send it again to go on");
    if (broken !== undefined) error(JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity: "error", code: "processing", diagnostics: `${broken}; what had come before is stored` }] }));
    await queue;
    for (const name of Object.keys(total) as (keyof ImportSummary)[]) total[name] += summary[name];
    const words = `${summary.read} resources: ${summary.created} new, ${summary.updated} changed, ${summary.unchanged} already there, ${summary.rejected} rejected`;
    await files.add("output", "OperationOutcome", JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity: "information", code: "informational", diagnostics: words }] }), input.url);
  }
  const { output, error } = await files.finish();
  return ok(JSON.stringify({ transactionTime: job.created, request, output, error, extension: { counts: total } } satisfies Manifest));
}
