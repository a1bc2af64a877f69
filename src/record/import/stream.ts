/** A stream of resources on its way into the record: written by a thread as soon as one is ready, until then by the process's own. */
import type { Caller, ImportOutcome, ImportSource, ImportStream } from "../record.ts";
import { threadWorth, type ThreadOf, type WritingThreads } from "../threads/threads.ts";
import type { Committer } from "../write/commit.ts";
import { BatchWriter } from "./batch-writer.ts";

let streams = 0;
const noNames: ReadonlyMap<string, string> = new Map();

export function importStream(committer: Committer, threads: WritingThreads, caller: Caller): ImportStream {
  const number = streams++;
  const own = new BatchWriter(committer);
  let thread: ThreadOf | undefined;
  let last: Promise<unknown> = Promise.resolve();
  /** Calls begin one after the other; what is begun is not waited for, unless the writer changes: one alone knows what is on its way. */
  let begun: Promise<unknown> = Promise.resolve();
  const all = (written: Promise<unknown>): Promise<unknown> => last = Promise.all([last.catch(() => {}), written.catch(() => {})]);

  async function begin(sources: readonly ImportSource[], names: ReadonlyMap<string, string>): Promise<{ written: Promise<ImportOutcome[]> }> {
    if (!thread?.open) {
      const next = sources.reduce((sum, { text }) => sum + text.length, 0) < threadWorth ? undefined : threads.take();
      if (next || thread) await last;
      thread = next;
    }
    const written = thread?.run({ kind: "batch", stream: number, caller, sources, names }) ?? own.write(caller, sources, names);
    void all(written);
    return { written };
  }

  return async (sources, names = noNames) => {
    const turn = begun.then(() => begin(sources, names));
    begun = turn.catch(() => {});
    return await (await turn).written;
  };
}
