/**
 * Rows of views over the record as it stands at one moment, within the caller's reach. Each type is walked once,
 * whatever the number of its views; memory holds a batch of resources and the encoders' unfinished pieces.
 */
import type { View } from "#fhir/views/compile.ts";
import { EncodingFault, type Encoder } from "#fhir/views/output/encoder.ts";
import { parseDigits } from "#fhir/views/read.ts";
import type { Resource } from "#fhir/resource.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import type { ExportScope } from "#record/export/export.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";

/** `at`, `since`: epoch ms; written after `since`, and standing at `at`. */
export type Selection = { scope: ExportScope; at: number; since?: number };

/** Answers when there is room for more; gives up silently when nobody takes it, the signal then tells. */
export type WritePieces = (pieces: readonly Uint8Array[]) => Promise<void>;

/** Where the rows of one view go: at most `limit` of them. */
export class ViewRows {
  readonly view: View;
  readonly #encoder: Encoder;
  readonly #write: WritePieces;
  readonly #limit: number;
  count = 0;

  constructor(view: View, encoder: Encoder, write: WritePieces, limit = Number.POSITIVE_INFINITY) {
    this.view = view;
    this.#encoder = encoder;
    this.#write = write;
    this.#limit = limit;
  }

  get full(): boolean {
    return this.count >= this.#limit;
  }

  add(resource: Resource): Failure | undefined {
    try {
      return this.view.each(resource, (cells) => {
        if (this.full) return;
        this.#encoder.row(cells);
        this.count++;
      });
    } catch (error) {
      if (error instanceof EncodingFault) return fail("processing", error.message).failure;
      throw error;
    }
  }

  async pass(): Promise<void> {
    if (this.#encoder.ready > 0) await this.#write(this.#encoder.take());
  }

  async finish(): Promise<void> {
    await this.#write(this.#encoder.finish());
  }
}

/** The resource as a view reads it. */
export function readFor({ digits }: View, text: string): Resource {
  return (digits ? parseDigits(text) : JSON.parse(text)) as Resource;
}

/**
 * Runs the views and finishes their outputs, after the leaf is on disk; answers how many resources were read.
 * Failures: processing, too-costly (a view fails on a resource, which is named; rows already given then stand),
 * incomplete (stopped by the signal, or a writer is stuck).
 */
export async function runViews(record: Pick<OpenRecord, "export">, caller: Caller, outputs: readonly ViewRows[], { scope, at, since }: Selection, { signal, progress }: { signal?: AbortSignal; progress?: (resources: number, type: string) => void } = {}): Promise<Result<{ resources: number }>> {
  const types = [...new Set(outputs.map(({ view }) => view.resource))];
  let failure: Failure | undefined;
  let resources = 0;
  const done = await record.export(caller, { scope, types, at, ...(since === undefined ? {} : { since }) }, async (versions) => {
    let used = 0;
    for (const { type, text } of versions) {
      const wanting = outputs.filter(({ view, full }) => view.resource === type && !full);
      if (!wanting.length) break;
      used++;
      for (const output of wanting) failure ??= output.add(readFor(output.view, text));
      if (failure) break;
    }
    resources += used;
    for (const output of outputs) if (!signal?.aborted) await output.pass();
    progress?.(resources, versions[0]!.type);
    if (!failure && outputs.some(({ full }) => !full)) return;
    return used;
  }, signal);
  if (failure) return { ok: false, failure };
  if (!done.ok) return done;
  for (const output of outputs) await output.finish();
  return signal?.aborted ? fail("incomplete", "The view was stopped") : ok({ resources });
}
