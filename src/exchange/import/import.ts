/**
 * Brings a stream of resources into the record in batches. Each is stored under its own identity, so running it again
 * adds nothing; a bad one is rejected with its reason and the others are kept. Bounded memory: a few batches at a time.
 */
import type { ImportSource, ImportStream } from "#record/record.ts";

export type Rejected = { file: string; place: string; reason: string; resource?: string };
export type ImportSummary = { read: number; created: number; updated: number; unchanged: number; rejected: number };
export type ImportSink = { rejected(entry: Rejected): void; progress(summary: ImportSummary): void };

const batchResources = 500;
const batchCharacters = 4 << 20;
/** While PostgreSQL writes one, the next are read, checked and indexed. */
const batchesAtOnce = 4;

const noNames: ReadonlyMap<string, string> = new Map();

export class Importer {
  readonly summary: ImportSummary = { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  readonly #stream: ImportStream;
  readonly #sink: ImportSink;
  #waiting: ImportSource[] = [];
  #names = noNames;
  #characters = 0;
  /** Batches being written while the next one is read. */
  readonly #writing = new Set<Promise<void>>();

  constructor(stream: ImportStream, sink: ImportSink) {
    this.#stream = stream;
    this.#sink = sink;
  }

  reject(file: string, place: string, reason: string, resource?: string): void {
    this.summary.rejected += 1;
    this.#sink.rejected({ file, place, reason, ...(resource ? { resource } : {}) });
  }

  /** `names`: what references inside the same file call each resource (fullUrl → "Type/id"). A promise where a batch is full: only then there is something to wait for. */
  add(file: string, { place, text }: ImportSource, names: ReadonlyMap<string, string> = noNames): Promise<void> | undefined {
    if (names !== this.#names) return this.#rename(file, names).then(() => this.add(file, { place, text }, names));
    this.summary.read += 1;
    this.#waiting.push({ place, text });
    this.#characters += text.length;
    return this.#waiting.length >= batchResources || this.#characters >= batchCharacters ? this.#send(file) : undefined;
  }

  async #rename(file: string, names: ReadonlyMap<string, string>): Promise<void> {
    await this.#send(file);
    this.#names = names;
  }

  /** Commits what waits; answers when all of it is stored. */
  async flush(file: string): Promise<void> {
    await this.#send(file);
    await Promise.all(this.#writing);
    this.#sink.progress(this.summary);
  }

  async #send(file: string): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#characters = 0;
    if (batch.length === 0) return;
    while (this.#writing.size >= batchesAtOnce) await Promise.race(this.#writing);
    const written = this.#write(file, batch, this.#names).then(() => { this.#writing.delete(written); });
    // Told to whoever waits for it; kept until then.
    written.catch(() => {});
    this.#writing.add(written);
  }

  async #write(file: string, batch: readonly ImportSource[], names: ReadonlyMap<string, string>): Promise<void> {
    for (const [i, outcome] of (await this.#stream(batch, names)).entries()) {
      if (outcome.kind === "rejected") this.reject(file, batch[i]!.place, outcome.reason, outcome.resource);
      else this.summary[outcome.kind] += 1;
    }
    this.#sink.progress(this.summary);
  }
}
