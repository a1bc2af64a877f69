/**
 * Brings a stream of resources into the record in batches. Each is stored under its own identity, so running it again
 * adds nothing; a bad one is rejected with its reason and the others are kept. Bounded memory: a few batches at a time.
 */
import { parseDocument } from "#fhir/json/document.ts";
import { restamp } from "#fhir/json/restamp.ts";
import { rewriteReferences } from "#fhir/json/references.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import type { Caller, Change, Committed, HealthRecord } from "#record/record.ts";
import { identityOf } from "../fhir/identity.ts";
import type { SourceResource } from "../fhir/split.ts";

export type Rejected = { file: string; place: string; reason: string; resource?: string };
export type ImportSummary = { read: number; created: number; updated: number; unchanged: number; rejected: number };
export type ImportSink = { rejected(entry: Rejected): void; progress(summary: ImportSummary): void };

const batchResources = 500;
const batchCharacters = 4 << 20;
/** While PostgreSQL writes one, the next are read, checked and indexed. */
const batchesAtOnce = 3;

type Waiting = { place: string; change: Change; text: string };

export class Importer {
  readonly summary: ImportSummary = { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 };
  readonly #record: HealthRecord;
  readonly #caller: Caller;
  readonly #sink: ImportSink;
  #waiting: Waiting[] = [];
  #waitingKeys = new Set<string>();
  #characters = 0;
  /** Batches being written while the next one is read. */
  readonly #writing = new Map<ReadonlySet<string>, Promise<void>>();

  constructor(record: HealthRecord, caller: Caller, sink: ImportSink) {
    this.#record = record;
    this.#caller = caller;
    this.#sink = sink;
  }

  reject(file: string, place: string, reason: string, resource?: string): void {
    this.summary.rejected += 1;
    this.#sink.rejected({ file, place, reason, ...(resource ? { resource } : {}) });
  }

  /** `names`: what references inside the same file call each resource (fullUrl → "Type/id"). */
  async add(file: string, source: SourceResource, names: ReadonlyMap<string, string>): Promise<void> {
    this.summary.read += 1;
    const prepared = prepare(source, names);
    if (!prepared.ok) return this.reject(file, source.place, prepared.failure.text);
    const change = prepared.value;
    const key = `${change.type}/${change.id}`;
    // Two of one identity in a batch (a practitioner repeated in a file): the later one meets the earlier one stored.
    if (this.#waitingKeys.has(key)) await this.#send(file);
    for (const [keys, written] of this.#writing) if (keys.has(key)) await written;
    this.#waiting.push({ place: source.place, change, text: change.text });
    this.#waitingKeys.add(key);
    this.#characters += change.text.length;
    if (this.#waiting.length >= batchResources || this.#characters >= batchCharacters) await this.#send(file);
  }

  /** Commits what waits; answers when all of it is stored. */
  async flush(file: string): Promise<void> {
    await this.#send(file);
    await Promise.all(this.#writing.values());
    this.#sink.progress(this.summary);
  }

  async #send(file: string): Promise<void> {
    const batch = this.#waiting, keys = this.#waitingKeys;
    this.#waiting = [];
    this.#waitingKeys = new Set();
    this.#characters = 0;
    if (batch.length === 0) return;
    while (this.#writing.size >= batchesAtOnce) await Promise.race(this.#writing.values());
    const written = this.#commit(file, batch).then(() => {
      this.#writing.delete(keys);
      this.#sink.progress(this.summary);
    });
    // Told to whoever waits for it; kept in the map until then.
    written.catch(() => {});
    this.#writing.set(keys, written);
  }

  /** A batch that fails is halved until the bad entries stand alone: the good ones are kept. */
  async #commit(file: string, batch: readonly Waiting[]): Promise<void> {
    const done = await this.#record.commit(this.#caller, batch.map(({ change }) => change), { skipEarlier: true });
    if (done.ok) {
      for (const { kind } of done.value) this.#count(kind);
      return;
    }
    if (batch.length === 1) {
      const { place, change } = batch[0]!;
      this.reject(file, place, reasonOf(done.failure), `${change.type}/${change.kind === "create" ? "" : change.id}`);
      return;
    }
    const half = batch.length >> 1;
    await this.#commit(file, batch.slice(0, half));
    await this.#commit(file, batch.slice(half));
  }

  #count(kind: Committed["kind"]): void {
    if (kind === "created" || kind === "updated" || kind === "unchanged") this.summary[kind] += 1;
  }
}

function prepare({ text, place }: SourceResource, names: ReadonlyMap<string, string>): Result<Extract<Change, { kind: "update" }>> {
  const parsed = parseDocument(text);
  if (!parsed.ok) return parsed;
  const value = parsed.value.value;
  if (!isResourceType(value.resourceType)) return fail("structure", `${place} says resourceType "${String(value.resourceType)}", which is no resource type of FHIR R4.`);
  const { type, id } = identityOf(value, text);
  const named = value.id === id ? text : restamp(parsed.value, { id, meta: { versionId: "1" } });
  if (named === text && names.size === 0) return ok({ kind: "update", type, id, text, document: parsed.value });
  return ok({ kind: "update", type, id, text: names.size > 0 ? rewriteReferences(named, (link) => names.get(link)) : named });
}

export function reasonOf(failure: Failure): string {
  const issues = failure.issues ?? [];
  if (issues.length === 0) return failure.text;
  return issues.filter(({ severity }) => severity === "error" || severity === "fatal").slice(0, 5).map(({ expression, text }) => (expression && !text.startsWith(expression) ? `${expression}: ${text}` : text)).join("; ");
}
