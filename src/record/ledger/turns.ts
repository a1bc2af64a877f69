/**
 * Statements that hand out indexes of leaves, in turns on one connection: the row of `leaf_next` is locked until a
 * statement is on disk, so the next turn waits for this one, and what arrives meanwhile makes a larger group. One
 * group at a time: a flush to disk costs more than the wait (docs/performance.md).
 */
import type { Queryable } from "../sql.ts";

/** Sends what waits, all in this call; none when nothing waits. A statement that fails tells those who wait for it, not us. */
export type TurnSource = (db: Queryable) => Promise<void>[];

export class LeafTurns {
  readonly #db: Queryable;
  readonly #written: () => void;
  readonly #sources: TurnSource[] = [];
  #running = false;

  /** `db`: of one connection. `written`: called when nothing waits any more. */
  constructor(db: Queryable, written: () => void) {
    this.#db = db;
    this.#written = written;
  }

  add(source: TurnSource): void {
    this.#sources.push(source);
  }

  /** Something waits. */
  wake(): void {
    if (this.#running) return;
    this.#running = true;
    // What arrives in the same turn of the loop shares the first group too.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    for (;;) {
      const sent = this.#sources.flatMap((source) => source(this.#db));
      if (!sent.length) break;
      await Promise.all(sent);
    }
    this.#running = false;
    this.#written();
  }
}
