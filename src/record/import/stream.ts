/**
 * A stream of resources on its way into the record: its batches are written by threads as soon as they are ready, until then
 * by the process's own; each of them has several batches in hand, in one order.
 */
import type { Caller, ImportOutcome, ImportSource, ImportStream } from "../record.ts";
import { threadWorth, type WritingThreads } from "../threads/threads.ts";
import type { Committer } from "../write/commit.ts";
import { writeBatch, type Names } from "./batch-writer.ts";
import { Order } from "./order.ts";

const noNames: Names = new Map();
/** Threads beside those that transactions have: an import keeps all cores busy, and waits for PostgreSQL a third of the time. */
const moreThreads = 1;

export function importStream(committer: Committer, threads: WritingThreads, caller: Caller): ImportStream {
  const order = new Order();
  return async (sources, names = noNames): Promise<ImportOutcome[]> => {
    const place = order.next();
    const enter = (keys: readonly string[]): Promise<void> => place.enter(keys);
    try {
      const thread = lengthOf(sources) < threadWorth ? undefined : threads.take(moreThreads);
      return await (thread ? thread.run({ kind: "batch", caller, ...joined(sources), names }, enter) : writeBatch(committer, caller, sources, names, enter));
    } finally {
      place.leave();
    }
  };
}

function lengthOf(sources: readonly ImportSource[]): number {
  return sources.reduce((sum, { text }) => sum + text.length, 0);
}

/** One long text goes to another thread in a fraction of the time that many take. */
function joined(sources: readonly ImportSource[]): { text: string; lengths: number[]; places: string[] } {
  return { text: sources.map(({ text }) => text).join(""), lengths: sources.map(({ text }) => text.length), places: sources.map(({ place }) => place) };
}
