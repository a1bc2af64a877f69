/**
 * Connections for the short statements of reads and searches. Those of one turn of the event loop go to one
 * connection together, as one message: sending each to a connection of its own costs more than they do. The
 * connection with the fewest unanswered statements is taken, so none waits behind a slow one while another is free.
 */
import type postgres from "postgres";
import type { Queryable } from "./sql.ts";

type Lane = { readonly db: postgres.Sql; waiting: number };

export class Lanes {
  readonly #lanes: readonly Lane[];
  #chosen: Lane | undefined;

  readonly distributed?: true;

  /** Each a pool of one connection. */
  constructor(connections: readonly (postgres.Sql & Queryable)[]) {
    if (connections[0]?.distributed) this.distributed = true;
    this.#lanes = connections.map((db) => ({ db, waiting: 0 }));
  }

  readonly unsafe: Queryable["unsafe"] = (text, values, options) => {
    const lane = this.#choose();
    lane.waiting++;
    const query = lane.db.unsafe(text, values, options);
    const done = () => { lane.waiting--; };
    query.then(done, done);
    return query as never;
  };

  #choose(): Lane {
    if (!this.#chosen) {
      this.#chosen = this.#lanes.reduce((best, lane) => lane.waiting < best.waiting ? lane : best);
      setImmediate(() => { this.#chosen = undefined; });
    }
    return this.#chosen;
  }

  async end(): Promise<void> {
    await Promise.all(this.#lanes.map(({ db }) => db.end({ timeout: 5 })));
  }
}
