/**
 * `salus view VIEW.json FILES…`: the rows of a SQL-on-FHIR v2 ViewDefinition over NDJSON, resources and Bundles. Files
 * stream through; only a pretty-printed document is held whole. A bad line is named and left out (exit 1 at the end);
 * a view that fails on a resource stops, as the standard asks. `--out` is written beside its name and then renamed.
 * With `--record` the rows are those of the record, as it stands.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { finished, pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createGunzip } from "node:zlib";
import { compileView, type View } from "#fhir/views/compile.ts";
import { EncodingFault, encoder, formats, type Encoder, type Format } from "#fhir/views/output/encoder.ts";
import { NdjsonReader, parseDigits, resourcesIn } from "#fhir/views/read.ts";
import type { Command, CommandIo } from "./command.ts";
import type { RecordWords } from "./view-record.ts";

const documentBytesMax = 512 << 20;
const viewBytesMax = 16 << 20;
const namedFaultsMax = 20;
const pieceBytes = 1 << 20;

export const command: Command = {
  name: "view",
  summary: "rows of a SQL-on-FHIR ViewDefinition over FHIR files",
  usage: `salus view VIEW.json [FILE|FOLDER|-]… [--format ${formats.join("|")}] [--out FILE] [--json]
       salus view VIEW.json --record [--patient ID]… [--group ID]… [--since INSTANT] [--limit N] [--data DIR] [--format …] [--out FILE] [--json]`,
  async run(args, io) {
    let options;
    try {
      options = parseArgs({ args: [...args], allowPositionals: true, options: { format: { type: "string" }, out: { type: "string" }, json: { type: "boolean" }, ...recordOptions } });
    } catch (error) {
      return refuse(io, (error as Error).message);
    }
    const [viewPath, ...paths] = options.positionals;
    const { out } = options.values;
    if (viewPath === undefined) return refuse(io, "Name the file of a ViewDefinition, then the files to run it on.");
    const asked = recordWords(options.values, paths);
    if (typeof asked === "string") return refuse(io, asked);
    const format = options.values.format ?? (options.values.json ? "json" : formats.find((name) => out !== undefined && extname(out) === `.${name}`) ?? "ndjson");
    if (!isFormat(format)) return refuse(io, `There is no format "${format}".`);
    if (out === undefined && (format === "parquet" || format === "arrow") && (io.stdout as { isTTY?: boolean }).isTTY) return refuse(io, `${format} is binary; name a file with --out.`);
    try {
      const view = await readView(viewPath);
      const rows = await encoder(format, view.columns);
      const target = openTarget(io, out);
      const work = new Work(view, rows, target, io);
      try {
        if (asked) {
          const { rowsOfRecord } = await import("./view-record.ts");
          const done = await rowsOfRecord(view, rows, (pieces) => target.write(pieces), asked);
          if (!done.ok) throw new Trouble(done.failure.text);
        } else {
          for (const path of await inputs(paths)) await work.file(path);
          await work.finish();
        }
      } catch (error) {
        await target.abandon();
        if (error instanceof ReaderGone) return 0;
        throw error;
      }
      await target.keep();
      return work.report();
    } catch (error) {
      if (!(error instanceof Trouble || error instanceof EncodingFault)) throw error;
      io.stderr.write(`${error.message}\n`);
      return 1;
    }
  },
};

const recordOptions = {
  record: { type: "boolean" }, patient: { type: "string", multiple: true }, group: { type: "string", multiple: true },
  since: { type: "string" }, limit: { type: "string" }, data: { type: "string" },
} as const;

type RecordValues = { record?: boolean; patient?: string[]; group?: string[]; since?: string; limit?: string; data?: string };

/** What is wanted of the record, nothing without --record, or what is wrong with the words. */
function recordWords({ record, patient: patients = [], group: groups = [], since, limit, data }: RecordValues, paths: readonly string[]): RecordWords | undefined | string {
  if (!record) {
    const stray = Object.entries({ patient: patients[0], group: groups[0], since, limit, data }).find(([, value]) => value !== undefined);
    return stray && `--${stray[0]} chooses from the record: add --record.`;
  }
  if (paths.length) return "With --record the rows come from the record: name no files.";
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) return "--limit takes a number of rows, 1 or more.";
  const from = since === undefined ? undefined : Date.parse(since);
  if (Number.isNaN(from)) return "--since takes an instant: 2026-01-31T12:00:00Z.";
  return { patients, groups, ...(from === undefined ? {} : { since: from }), ...(limit === undefined ? {} : { limit: Number(limit) }), ...(data === undefined ? {} : { folder: data }) };
}

/** The work cannot be done: told without a stack. */
class Trouble extends Error {}
/** Whoever read our output has enough (`| head`). */
class ReaderGone extends Error {}

function refuse(io: CommandIo, text: string): number {
  io.stderr.write(`${text}\nUsage: ${command.usage}\n`);
  return 2;
}

function isFormat(name: string): name is Format {
  return (formats as readonly string[]).includes(name);
}

async function readView(path: string): Promise<View> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new Trouble(`${path} is not a file that can be read.`);
  if (found.size > viewBytesMax) throw new Trouble(`${path} has ${found.size} bytes; a ViewDefinition has at most ${viewBytesMax}.`);
  let json: unknown;
  try {
    json = JSON.parse((await readFile(path, "utf8")).replace(/^\ufeff/, ""));
  } catch (error) {
    throw new Trouble(`${path} is not JSON: ${(error as Error).message}`);
  }
  const compiled = compileView(json);
  if (compiled.ok) return compiled.value;
  const issues = compiled.failure.issues ?? [];
  throw new Trouble(`${path}:\n${issues.length ? issues.map(({ expression, text }) => `  ${expression}: ${text}`).join("\n") : `  ${compiled.failure.text}`}`);
}

/** Files in the order given; a folder stands for its FHIR files by name; nothing for standard input. */
async function inputs(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const found = path === "-" ? undefined : await stat(path).catch(() => undefined);
    if (path !== "-" && !found) throw new Trouble(`${path} cannot be read; is the name right?`);
    if (!found?.isDirectory()) { files.push(path); continue; }
    const inside = (await readdir(path)).filter((name) => /\.(nd)?json(\.gz)?$/.test(name)).sort();
    if (inside.length === 0) throw new Trouble(`${path} holds no .ndjson or .json file.`);
    for (const name of inside) files.push(join(path, name));
  }
  return files;
}

type Target = { write(pieces: readonly Uint8Array[]): Promise<void>; keep(): Promise<void>; abandon(): Promise<void> };

function openTarget(io: CommandIo, out: string | undefined): Target {
  const part = out === undefined ? undefined : `${out}.part`;
  const stream: NodeJS.WritableStream = part === undefined ? io.stdout : createWriteStream(part);
  let failed: NodeJS.ErrnoException | undefined;
  stream.on("error", (error: NodeJS.ErrnoException) => { failed = error; });
  const trouble = (error: NodeJS.ErrnoException): Error => error.code === "EPIPE" ? new ReaderGone() : new Trouble(`${out ?? "standard output"} cannot be written: ${error.message}`);
  return {
    async write(pieces) {
      for (const piece of pieces) {
        if (failed) throw trouble(failed);
        if (!stream.write(piece)) await new Promise<void>((resolve) => {
          const go = (): void => { stream.off("drain", go); stream.off("error", go); stream.off("close", go); resolve(); };
          stream.on("drain", go).on("error", go).on("close", go);
        });
      }
      if (failed) throw trouble(failed);
    },
    async keep() {
      if (part === undefined) return;
      stream.end();
      await finished(stream).catch((error: NodeJS.ErrnoException) => { throw trouble(error); });
      await rename(part, out!);
    },
    async abandon() {
      if (part === undefined) return;
      stream.end();
      await finished(stream).catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}

class Work {
  readonly #view: View;
  readonly #rows: Encoder;
  readonly #target: Target;
  readonly #io: CommandIo;
  #faults = 0;

  constructor(view: View, rows: Encoder, target: Target, io: CommandIo) {
    this.#view = view;
    this.#rows = rows;
    this.#target = target;
    this.#io = io;
  }

  async file(path: string): Promise<void> {
    const name = path === "-" ? "standard input" : path;
    const source: NodeJS.ReadableStream = path === "-" ? this.#io.stdin : createReadStream(path, { highWaterMark: pieceBytes });
    const stream = path.endsWith(".gz") ? createGunzip({ chunkSize: pieceBytes }) : source;
    // A fault of the source reaches whoever reads the end of the pipe.
    if (stream !== source) pipeline(source, stream as NodeJS.WritableStream & typeof stream).catch(() => undefined);
    const each = (resource: Parameters<View["each"]>[0], line?: number): void => {
      const failure = this.#view.each(resource, (cells) => { this.#rows.row(cells); });
      if (failure) throw new Trouble(`${name}${line === undefined ? "" : `:${line}`}: ${failure.text}`);
    };
    const reader = new NdjsonReader({ resource: this.#view.resource, digits: this.#view.digits, each, fault: ({ line, text }) => { this.#fault(`${name}:${line}`, text); } });
    let whole: Buffer[] | undefined;
    let first = true;
    let bytes = 0;
    try {
      for await (const piece of stream as AsyncIterable<Buffer | string>) {
        const buffer = typeof piece === "string" ? Buffer.from(piece) : piece;
        if (first && isDocument(buffer)) whole = [];
        first = false;
        if (whole === undefined) { reader.push(buffer); await this.#pass(); continue; }
        bytes += buffer.length;
        if (bytes > documentBytesMax) throw new Trouble(`${name} is one document of more than ${documentBytesMax} bytes; write it as NDJSON, one resource a line.`);
        whole.push(buffer);
      }
    } catch (error) {
      if (error instanceof Error && "code" in error && typeof error.code === "string" && (error.code.startsWith("E") || error.code.startsWith("Z"))) throw new Trouble(`${name} cannot be read: ${error.message}`);
      throw error;
    }
    if (whole === undefined) reader.end();
    else this.#document(name, Buffer.concat(whole), each);
    await this.#pass();
  }

  #document(name: string, bytes: Buffer, each: (resource: Parameters<View["each"]>[0]) => void): void {
    let value: unknown;
    try {
      const text = bytes.toString("utf8").replace(/^\ufeff/, "");
      value = this.#view.digits ? parseDigits(text) : JSON.parse(text);
    } catch (error) {
      return this.#fault(name, `is not JSON: ${(error as Error).message}`);
    }
    for (const resource of resourcesIn(value, this.#view.resource)) each(resource);
  }

  #fault(place: string, text: string): void {
    if (++this.#faults <= namedFaultsMax) this.#io.stderr.write(`${place} ${text}; left out\n`);
  }

  async #pass(): Promise<void> {
    if (this.#rows.ready > 0) await this.#target.write(this.#rows.take());
  }

  async finish(): Promise<void> {
    await this.#target.write(this.#rows.finish());
  }

  report(): number {
    if (this.#faults > namedFaultsMax) this.#io.stderr.write(`${this.#faults} bad lines in all were left out\n`);
    return this.#faults > 0 ? 1 : 0;
  }
}

/** Printed over several lines, or a list: the first line is not JSON by itself. */
function isDocument(first: Buffer): boolean {
  const end = first.indexOf(10);
  const line = first.subarray(0, end < 0 ? first.length : end).toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "").trim();
  return line.startsWith("[") || (end >= 0 && /[{,[]$/.test(line));
}
