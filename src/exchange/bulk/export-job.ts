/**
 * The job of a bulk export: NDJSON files by type, as the record stood when it was asked for. Begun again after a
 * restart, it writes the same files; nothing of it is served before it is done.
 */
import { subsetText, type Subset } from "#fhir/subset/subset.ts";
import type { SearchQuery } from "#fhir/search/query-model.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { JobKind, JobRun } from "#record/jobs/jobs.ts";
import type { Exporting, ExportedVersion } from "#record/export/export.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import type { Manifest } from "#record/jobs/manifest.ts";
import { BulkFiles } from "./files.ts";
import type { ExportRequest } from "./export-request.ts";

export const exportKind = "export";
/** `Job.request`. `url`: what was asked, for the manifest. */
export type ExportJob = { caller: Caller; url: string; request: ExportRequest };

type Source = Pick<OpenRecord, "export" | "readQuery">;

/** Deletions in one Bundle, a line of a file. */
const deletionsMax = 100;

export function exportJob(record: Source): JobKind {
  return {
    repeatable: () => true,
    async run({ job, signal, progress, write }: JobRun): Promise<Result<string>> {
      const { caller, url, request } = JSON.parse(job.request) as ExportJob;
      const files = new BulkFiles({ write });
      const done = await writeExport(record, caller, request, Date.parse(job.created), files, (count, type) => progress(`${count} resources, ${type}`), signal);
      return done.ok ? ok(JSON.stringify({ transactionTime: job.created, request: url, ...await files.finish() } satisfies Manifest)) : done;
    },
  };
}

export type ExportFiles = Pick<BulkFiles, "add">;

/** Hands the versions of `at` to files; the count of lines. */
export async function writeExport(record: Source, caller: Caller, { scope, types, since, filters, elements }: ExportRequest, at: number, files: ExportFiles, progress: (count: number, type: string) => void, signal?: AbortSignal): Promise<Result<{ count: number }>> {
  const queries = new Map<string, SearchQuery[]>();
  for (const [type, texts] of Object.entries(filters)) {
    const read: SearchQuery[] = [];
    for (const text of texts) {
      const query = await record.readQuery(type, text);
      if (!query.ok) return fail("processing", `_typeFilter: ${query.failure.text}`);
      read.push(query.value);
    }
    queries.set(type, read);
  }
  const exporting: Exporting = { scope, types, at, filters: queries, ...(since === undefined ? {} : { since, deletions: true }) };
  let count = 0, deletions: string[] = [];
  const sendDeletions = async (): Promise<void> => {
    if (deletions.length) await files.add("deleted", "Bundle", `{"resourceType":"Bundle","type":"transaction","entry":[${deletions.splice(0).join(",")}]}`);
  };
  const take = async (versions: readonly ExportedVersion[]): Promise<void> => {
    // A batch is of one type.
    const names = elements.flatMap((element) => element.startsWith(`${versions[0]!.type}.`) ? [element.slice(element.indexOf(".") + 1)] : element.includes(".") ? [] : [element]);
    const part: Subset | undefined = names.length ? { kind: "elements", names } : undefined;
    for (const { type, id, deleted, text } of versions) {
      if (deleted) {
        deletions.push(`{"request":{"method":"DELETE","url":"${type}/${id}"}}`);
        if (deletions.length >= deletionsMax) await sendDeletions();
      } else await files.add("output", type, part ? subsetText(text, part) : text);
    }
    count += versions.length;
    progress(count, versions[0]!.type);
  };
  const done = await record.export(caller, exporting, take, signal);
  if (done.ok) await sendDeletions();
  return done;
}
