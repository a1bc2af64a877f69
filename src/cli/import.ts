/** `salus import PATH…`: any known format, told by content, into the record. Running it again adds nothing. */
import { createWriteStream, type WriteStream } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { filesUnder, namesInBundle, type ImportFile } from "#exchange/import/files.ts";
import { Importer, type ImportSummary } from "#exchange/import/import.ts";
import { splitFhir } from "#exchange/fhir/split.ts";
import { readWfdb } from "#exchange/wfdb/read.ts";
import { progressBar } from "#platform/progress.ts";
import type { ImportStream } from "#record/record.ts";
import { operator, openNode } from "#server/node.ts";
import type { Command } from "./command.ts";

const usage = `npx salus import PATH… [--subject Patient/ID] [--rejected FILE] [--data DIR] [--json]

  PATH            files or folders: FHIR R4 JSON (a resource, a Bundle), NDJSON, WFDB records (.hea with .dat, .atr)
  --subject       whose recording a WFDB record is (without it a Patient is made from the header)
  --rejected      where rejected entries go with their reasons (default: import-rejected.ndjson, written only if there are any)
  --data          folder of the node's files (default .salus; DATABASE_URL is honoured)
  --json          the summary as JSON

A resource keeps its own type and id; one without an id is known by the hash of its content. Importing twice adds nothing,
so an import that was broken off is simply run again.`;

/** Of bytes: nobody else is to be answered meanwhile, so that writing threads are worth their start only where they are busy for some seconds. */
const threadsWorth = 64 << 20;

export const command: Command = {
  name: "import",
  summary: "Bring FHIR JSON, NDJSON and WFDB recordings into the record",
  usage,
  async run(args, io) {
    let parsed;
    try {
      parsed = parseArgs({ args: [...args], allowPositionals: true, options: { subject: { type: "string" }, rejected: { type: "string", default: "import-rejected.ndjson" }, data: { type: "string" }, json: { type: "boolean", default: false } } });
    } catch (error) {
      io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
      return 2;
    }
    const { values, positionals } = parsed;
    if (positionals.length === 0) {
      io.stderr.write(`Name at least one file or folder.\n\n${usage}\n`);
      return 2;
    }
    if (values.subject !== undefined && !/^Patient\/[A-Za-z0-9\-.]{1,64}$/.test(values.subject)) {
      io.stderr.write(`--subject must look like Patient/123, not "${values.subject}".\n`);
      return 2;
    }
    const files = await filesUnder(positionals);
    for (const file of files) if (file.form === "unknown" && positionals.includes(file.path)) io.stderr.write(`${file.path}: ${file.reason}\n`);
    const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const node = await openNode({ ...(bytesTotal < threadsWorth ? { threads: 0 } : {}), ...(values.data ? { folder: values.data } : {}) });
    const rejects = new Rejects(values.rejected);
    const bar = progressBar(process.stderr, "import");
    let bytesBefore = 0;
    let bytesNow = 0;
    const started = Date.now();
    const importAll = async (stream: ImportStream): Promise<ImportSummary> => {
      const importer = new Importer(stream, {
        rejected: (entry) => rejects.write(entry),
        progress: ({ read }) => bar.update(bytesBefore + bytesNow, bytesTotal, `${read.toLocaleString("en")} resources`),
      });
      for (const file of files) {
        bytesNow = 0;
        await importFile(importer, file, values.subject, (done) => { bytesNow = done; });
        bytesBefore += file.bytes;
      }
      return importer.summary;
    };
    let summary: ImportSummary;
    try {
      summary = await node.record.importing(operator, importAll, { making: () => bar.update(bytesTotal, bytesTotal, "making indexes") });
    } finally {
      bar.end();
      await rejects.close();
      await node.close();
    }
    const seconds = (Date.now() - started) / 1000;
    if (values.json) io.stdout.write(`${JSON.stringify({ files: files.length, ...summary, seconds, ...(summary.rejected > 0 ? { rejectedFile: values.rejected } : {}) })}\n`);
    else io.stdout.write(describe(summary, files.length, seconds, values.rejected));
    return summary.rejected > 0 ? 1 : 0;
  },
};

async function importFile(importer: Importer, file: ImportFile, subject: string | undefined, onBytes: (done: number) => void): Promise<void> {
  const name = basename(file.path);
  switch (file.form) {
    case "unknown": return importer.reject(file.path, "the file", file.reason);
    case "wfdb":
      for await (const resource of readWfdb(file.path, subject === undefined ? {} : { subject })) {
        if (!resource.ok) importer.reject(name, "the recording", resource.failure.text);
        else await importer.add(name, { place: `${resource.value.resourceType}/${resource.value.id ?? ""}`, text: JSON.stringify(resource.value) });
      }
      break;
    default: {
      const names = file.form === "bundle" ? await namesInBundle(file.path) : new Map<string, string>();
      for await (const entry of splitFhir(file.path, file.form, onBytes)) {
        if (entry.ok) await importer.add(name, entry.value, names);
        else importer.reject(name, "the file", entry.failure.text);
      }
    }
  }
  await importer.flush(name);
}

class Rejects {
  readonly #path: string;
  #stream: WriteStream | undefined;
  constructor(path: string) {
    this.#path = path;
  }
  write(entry: object): void {
    this.#stream ??= createWriteStream(this.#path, { mode: 0o600 });
    this.#stream.write(`${JSON.stringify(entry)}\n`);
  }
  async close(): Promise<void> {
    await new Promise<void>((done) => (this.#stream ? this.#stream.end(() => done()) : done()));
  }
}

function describe({ read, created, updated, unchanged, rejected }: ImportSummary, files: number, seconds: number, rejectedFile: string): string {
  const n = (value: number): string => value.toLocaleString("en");
  return `${n(read)} resources of ${n(files)} files in ${seconds.toFixed(1)} s (${n(Math.round(read / Math.max(seconds, 0.001)))}/s): ` +
    `${n(created)} new, ${n(updated)} changed, ${n(unchanged)} already there, ${n(rejected)} rejected${rejected > 0 ? ` (reasons in ${rejectedFile})` : ""}.\n`;
}
