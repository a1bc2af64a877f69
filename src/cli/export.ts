/** `salus export --out DIR`: the record as NDJSON, one file a type, as it stood at one moment. */
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, rename } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeExport, type ExportFiles } from "#exchange/bulk/export-job.ts";
import { readExportRequest } from "#exchange/bulk/export-request.ts";
import type { FileList } from "#exchange/bulk/files.ts";
import { progressBar } from "#platform/progress.ts";
import { membersOf, type ExportScope } from "#record/export/export.ts";
import { openNode, operator, type OpenedNode } from "#server/node.ts";
import type { Command } from "./command.ts";

const usage = `npx salus export --out DIR [--type TYPE]… [--type-filter TYPE?SEARCH]… [--since INSTANT] [--patients] [--group ID] [--elements NAMES] [--data DIR] [--json]

  --out           an empty or new folder; it gets <Type>.ndjson, and with --since deleted.ndjson
  --type          only these resource types
  --type-filter   of a type only what a search finds: 'Observation?code=2339-0'
  --since         only what was written, and deleted, after it
  --patients      only what is filed under people; --group only under the members of a Group
  --elements      only these elements, and what is mandatory
  --data          folder of the node's files (default .salus; DATABASE_URL is honoured)
  --json          the summary as JSON

Files are written as FILE.part and renamed when everything is there.`;

export const command: Command = {
  name: "export",
  summary: "Write the record, or part of it, as NDJSON files",
  usage,
  async run(args, io) {
    const wrong = (text: string): number => { io.stderr.write(`${text}\n\n${usage}\n`); return 2; };
    let values;
    try {
      values = parseArgs({ args: [...args], options: { out: { type: "string" }, type: { type: "string", multiple: true, default: [] }, "type-filter": { type: "string", multiple: true, default: [] }, since: { type: "string" }, patients: { type: "boolean", default: false }, group: { type: "string" }, elements: { type: "string" }, data: { type: "string" }, json: { type: "boolean", default: false } } }).values;
    } catch (error) {
      return wrong(error instanceof Error ? error.message : String(error));
    }
    const { out, since } = values;
    if (out === undefined) return wrong("--out says where the files go.");
    await mkdir(out, { recursive: true });
    if ((await readdir(out)).length) return wrong(`${out} is not empty; name a new folder, so that files of two exports never lie side by side.`);
    const node = await openNode({ ...(values.data ? { folder: values.data } : {}) });
    const bar = progressBar(process.stderr, "export");
    const files = new Folder(out);
    try {
      const scope = await scopeOf(node, values.patients, values.group);
      if (typeof scope === "string") return wrong(scope);
      const request = await readExportRequest({ scope, types: values.type, filters: values["type-filter"], elements: values.elements === undefined ? [] : [values.elements], ...(since === undefined ? {} : { since }) }, (type, query) => node.record.readQuery(type, query));
      if (!request.ok) return wrong(request.failure.text);
      const at = node.clock.now();
      const done = await writeExport(node.record, operator, request.value, at.getTime(), files, (count, type) => bar.update(0, 0, `${count.toLocaleString("en")} resources, ${type}`));
      if (!done.ok) { io.stderr.write(`${done.failure.text}\n`); return 1; }
      await files.finish();
      const summary = { transactionTime: at.toISOString(), resources: files.count, deleted: files.deletions, files: files.names };
      io.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `${summary.resources.toLocaleString("en")} resources in ${summary.files.length} files, as of ${summary.transactionTime}\n`);
      return 0;
    } finally {
      bar.end();
      await node.close();
    }
  },
};

async function scopeOf({ record }: OpenedNode, patients: boolean, group: string | undefined): Promise<ExportScope | string> {
  if (group === undefined) return { level: patients ? "patient" : "system" };
  const read = await record.read(operator, { type: "Group", id: group });
  return read.kind === "current" ? { level: "group", patients: membersOf(JSON.parse(read.stored.text) as { resourceType: string }) } : `Group/${group} is not known.`;
}

class Folder implements ExportFiles {
  readonly #folder: string;
  readonly #streams = new Map<string, WriteStream>();
  count = 0;
  deletions = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get names(): string[] {
    return [...this.#streams.keys()].sort();
  }

  async add(list: FileList, type: string, line: string): Promise<void> {
    const name = list === "output" ? `${type}.ndjson` : `${list}.ndjson`;
    let stream = this.#streams.get(name);
    if (!stream) this.#streams.set(name, stream = createWriteStream(join(this.#folder, `${name}.part`), { mode: 0o600 }));
    if (list === "output") this.count++; else this.deletions += (JSON.parse(line) as { entry: unknown[] }).entry.length;
    if (!stream.write(`${line}\n`)) await once(stream, "drain");
  }

  async finish(): Promise<void> {
    for (const stream of this.#streams.values()) {
      stream.end();
      await once(stream, "close");
    }
    for (const name of this.#streams.keys()) await rename(join(this.#folder, `${name}.part`), join(this.#folder, name));
  }
}
