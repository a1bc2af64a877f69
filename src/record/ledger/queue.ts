/**
 * Leaves that belong to no write: searches and other requests, decisions, signatures, sign-ins. Concurrent ones share a
 * pack, and `append` answers when it is on disk, so that a reply implies the leaf. Reads bring their leaves along
 * (read/known-reads.ts).
 */
import type { Queryable } from "../sql.ts";
import { makeEntry, type LeafContent } from "./leaf.ts";
import { insertRequests, packOf, type Trace, type TracedEntry } from "./pack.ts";
import type { LeafTurns } from "./turns.ts";

type Waiting = TracedEntry & { resolve: () => void; reject: (error: unknown) => void };

const groupMax = 200;

export class LeafQueue {
  readonly #turns: LeafTurns;
  #waiting: Waiting[] = [];

  constructor(turns: LeafTurns) {
    this.#turns = turns;
    turns.add({ waiting: () => this.#waiting.length, send: (db) => this.#waiting.length ? [this.#send(db, this.#waiting.splice(0, groupMax))] : [] });
  }

  append(content: LeafContent, trace?: Trace): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry: makeEntry(content), ...(trace ? { trace } : {}), resolve, reject });
      this.#turns.wake();
    });
  }

  async #send(db: Queryable, group: readonly Waiting[]): Promise<void> {
    try {
      await db.unsafe(insertRequests, packOf(group), { prepare: true });
      for (const one of group) one.resolve();
    } catch (error) {
      for (const one of group) one.reject(error);
    }
  }
}
