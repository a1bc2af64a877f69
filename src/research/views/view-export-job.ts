/**
 * The job of $viewdefinition-export: a file for each view, all as of the moment it was asked for. Begun again after a
 * restart, it writes the same files. Source: https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/OperationDefinition-ViewDefinitionExport.html
 */
import { encoder, type Format } from "#fhir/views/output/encoder.ts";
import { ok, type Result } from "#platform/result.ts";
import type { JobKind, JobRun } from "#record/jobs/jobs.ts";
import type { Manifest, ManifestFile } from "#record/jobs/manifest.ts";
import type { ExportScope } from "#record/export/export.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import { runViews, ViewRows, type WritePieces } from "./run-views.ts";
import { contentTypes } from "./view-format.ts";
import { readView } from "./view-source.ts";

export const viewExportKind = "view-export";

/** `Job.request`. `url`: what was asked. */
export type ViewExportJob = {
  caller: Caller; url: string; clientTrackingId?: string; format: Format; header?: boolean; scope: ExportScope; since?: number;
  views: readonly { name: string; definition: unknown }[];
};

/** CSV may hold U+0000, which a text of the database cannot; JSON escapes it. */
function encodingOf(format: Format): "base64" | "utf8" {
  return format === "ndjson" || format === "json" ? "utf8" : "base64";
}

/** Bytes of one part of a file. */
const partBytes = 1 << 20;

/** `Job.result` is a Manifest: one file for each view, in their order. */
export function viewExportJob(record: Pick<OpenRecord, "export">): JobKind {
  return {
    repeatable: () => true,
    async run({ job, signal, progress, write }: JobRun): Promise<Result<string>> {
      const { caller, url, format, header, scope, since, views } = JSON.parse(job.request) as ViewExportJob;
      const encoding = encodingOf(format);
      const outputs: ViewRows[] = [];
      const files: Parts[] = [];
      for (const [file, { definition }] of views.entries()) {
        const read = readView(definition);
        if (!read.ok) return read;
        const parts = new Parts(write, file, encoding);
        files.push(parts);
        outputs.push(new ViewRows(read.value.view, await encoder(format, read.value.view.columns, { header: header ?? true }), parts.add));
      }
      const done = await runViews(record, caller, outputs, { scope, at: Date.parse(job.created), ...(since === undefined ? {} : { since }) }, { signal, progress: (count, type) => progress(`${count} resources, ${type}`) });
      if (!done.ok) return done;
      for (const file of files) await file.finish();
      const output = outputs.map(({ view, count }, file): ManifestFile => ({ type: view.resource, file, count, contentType: contentTypes[format], ...(encoding === "base64" ? { encoding } : {}) }));
      return ok(JSON.stringify({ transactionTime: job.created, request: url, output, error: [] } satisfies Manifest));
    },
  };
}

/** One file of the job, in parts that can each be read for themselves. */
class Parts {
  readonly #write: JobRun["write"];
  readonly #file: number;
  readonly #encoding: "base64" | "utf8";
  #parts = 0;
  #held: Uint8Array[] = [];
  #bytes = 0;

  constructor(write: JobRun["write"], file: number, encoding: "base64" | "utf8") {
    this.#write = write;
    this.#file = file;
    this.#encoding = encoding;
  }

  readonly add: WritePieces = async (pieces) => {
    for (const piece of pieces) {
      this.#held.push(piece);
      this.#bytes += piece.length;
    }
    if (this.#bytes >= partBytes) await this.#flush();
  };

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    this.#bytes = 0;
    await this.#write(this.#file, this.#parts++, bytes.toString(this.#encoding));
  }

  /** A view without rows is a file too, of no bytes. */
  async finish(): Promise<void> {
    if (this.#bytes > 0 || this.#parts === 0) await this.#flush();
  }
}
