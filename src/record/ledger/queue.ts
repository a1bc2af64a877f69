/**
 * Leaves that belong to no write: requests, decisions, signatures, sign-ins. Concurrent ones share one insert, and
 * `append` answers when the leaf is on disk, so that a reply implies the leaf.
 */
import type postgres from "postgres";
import { insertLeaves, makeLeaf, type Leaf, type LeafContent } from "./leaf.ts";
import { numbers, separator } from "../sql.ts";

/** Who looked at whom; `persons` are rids. */
export type Trace = { persons: readonly string[]; agent: string; display: string };
type Waiting = { leaf: Leaf; trace?: Trace; resolve: () => void; reject: (error: unknown) => void };

const groupMax = 1000;
/** One at a time: what arrives meanwhile makes a larger group, and a flush to disk costs more than the wait (docs/performance.md). */
const groupsMax = 1;
const insertBoth = `with l as (insert into leaf_pending (mark, version, kind, at, salt, payload)
    select * from unnest($1::bigint[], $2::int[], string_to_array($3, chr(30)), $4::bigint[], $5::uuid[], string_to_array($6, chr(30))))
  insert into access (person, at, mark, agent, display, kind)
    select * from unnest($7::bigint[], $8::bigint[], $9::bigint[], string_to_array($10, chr(30)), (string_to_array($11, chr(30)))[2:], string_to_array($12, chr(30)))`;

export class LeafQueue {
  readonly #db: postgres.Sql;
  readonly #written: () => void;
  #waiting: Waiting[] = [];
  #groups = 0;

  constructor(db: postgres.Sql, written: () => void) {
    this.#db = db;
    this.#written = written;
  }

  append(content: LeafContent, trace?: Trace): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ leaf: makeLeaf(content), ...(trace ? { trace } : {}), resolve, reject });
      if (this.#groups < groupsMax) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#groups++;
    // Requests that arrived in the same turn of the loop share the first group too.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length) {
      const group = this.#waiting.splice(0, groupMax);
      try {
        await this.#write(group);
        group.forEach((one) => one.resolve());
      } catch (error) {
        group.forEach((one) => one.reject(error));
      }
    }
    this.#groups--;
    this.#written();
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const seen = group.flatMap(({ leaf, trace }) => (trace?.persons ?? []).map((person) => ({ person, leaf, trace: trace! })));
    const leaves = group.map((one) => one.leaf);
    if (!seen.length) return await insertLeaves(this.#db, leaves);
    await this.#db.unsafe(insertBoth, [
      numbers(leaves.map((leaf) => leaf.mark)), numbers(leaves.map((leaf) => leaf.version)), leaves.map((leaf) => leaf.kind).join(separator),
      numbers(leaves.map((leaf) => leaf.at)), numbers(leaves.map((leaf) => leaf.salt)), leaves.map((leaf) => leaf.payload).join(separator),
      numbers(seen.map((one) => one.person)), numbers(seen.map((one) => one.leaf.at)), numbers(seen.map((one) => one.leaf.mark)),
      seen.map((one) => one.trace.agent).join(separator), separator + seen.map((one) => one.trace.display).join(separator), seen.map((one) => one.leaf.kind).join(separator),
    ], { prepare: true });
  }
}
