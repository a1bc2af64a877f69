/**
 * Statements that put leaves on disk, in turns: what arrives while one is on its way makes a larger group, for a statement
 * and a flush cost more than the leaves in them (docs/performance.md). A second one goes beside it once enough waits.
 */
import type { Queryable } from "../sql.ts";

/** `send`: sends what waits, all in this call; none when nothing waits. A statement that fails tells those who wait for it, not us. */
export type TurnSource = { waiting: () => number; send: (db: Queryable) => Promise<void>[] };

/** So many make a statement beside another worth its cost. */
const worth = 8;

export class LeafTurns {
  readonly #free: Queryable[];
  readonly #written: () => void;
  readonly #sources: TurnSource[] = [];
  #running = 0;
  #gathering = false;

  /** `connections`: each of one connection. `written`: called when nothing waits any more. */
  constructor(connections: readonly Queryable[], written: () => void) {
    this.#free = [...connections];
    this.#written = written;
  }

  add(source: TurnSource): void {
    this.#sources.push(source);
  }

  /** Something waits. */
  wake(): void {
    if (this.#gathering || this.#free.length === 0 || this.#running > 0 && this.#waiting() < worth) return;
    this.#gathering = true;
    // What arrives in the same turn of the loop shares the group.
    setImmediate(() => {
      this.#gathering = false;
      void this.#turn();
    });
  }

  #waiting(): number {
    let count = 0;
    for (const source of this.#sources) count += source.waiting();
    return count;
  }

  async #turn(): Promise<void> {
    const db = this.#free.pop();
    if (!db) return;
    this.#running++;
    await Promise.all(this.#sources.flatMap((source) => source.send(db)));
    this.#running--;
    this.#free.push(db);
    if (this.#waiting() > 0) this.wake();
    else if (this.#running === 0) this.#written();
  }
}
