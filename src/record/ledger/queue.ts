/**
 * Leaves that belong to no write: requests, decisions, signatures, sign-ins. Concurrent ones share one statement that
 * takes their indexes too, and `append` answers when the leaf is on disk, so that a reply implies the leaf.
 */
import type postgres from "postgres";
import { makeEntry, type Entry, type LeafContent } from "./leaf.ts";
import { numbers, separator } from "../sql.ts";

/** Who looked at whom; `persons` are rids. */
export type Trace = { persons: readonly string[]; agent: string; display: string };
type Waiting = { entry: Entry; trace?: Trace; resolve: () => void; reject: (error: unknown) => void };

const groupMax = 1000;
/** One at a time: what arrives meanwhile makes a larger group, and a flush to disk costs more than the wait (docs/performance.md). */
const groupsMax = 1;
/**
 * The row of `leaf_next` stays locked until the group is on disk: of several processes one after the other takes
 * indexes, a group that fails gives its own back. Their mark is the place below zero: unique, and near the last one
 * in its index. `$9` says which leaf of the group each access belongs to, from 1.
 */
const insertGroup = `with turn as (update leaf_next set next = next + $1::int where one = 1 returning next - $1::int as start),
  leaves as (insert into leaf (idx, mark, version, kind, at, salt, payload)
    select turn.start + u.n - 1, -(turn.start + u.n), 0, u.kind, u.at, u.salt, u.payload
    from turn, unnest(string_to_array($2, chr(30)), $3::bigint[], $4::uuid[], string_to_array($5, chr(30))) with ordinality u(kind, at, salt, payload, n)),
  seen as (insert into access (person, at, mark, agent, display, kind)
    select s.person, s.at, -(turn.start + s.n), s.agent, s.display, s.kind
    from turn, unnest($6::bigint[], $7::bigint[], string_to_array($8, chr(30)), $9::int[], (string_to_array($10, chr(30)))[2:], string_to_array($11, chr(30))) s(person, at, agent, n, display, kind))
  select start from turn`;

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
      this.#waiting.push({ entry: makeEntry(content), ...(trace ? { trace } : {}), resolve, reject });
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
    const persons: string[] = [], at: number[] = [], agents: string[] = [], places: number[] = [], kinds: string[] = [];
    let displays = "";
    for (const [i, { entry, trace }] of group.entries()) {
      if (!trace) continue;
      for (const person of trace.persons) {
        persons.push(person); at.push(entry.at); agents.push(trace.agent); places.push(i + 1); kinds.push(entry.kind);
        displays += separator + trace.display;
      }
    }
    const entries = group.map((one) => one.entry);
    const done = await this.#db.unsafe(insertGroup, [
      group.length, entries.map((one) => one.kind).join(separator), numbers(entries.map((one) => one.at)), numbers(entries.map((one) => one.salt)), entries.map((one) => one.payload).join(separator),
      numbers(persons), numbers(at), agents.join(separator), numbers(places), displays, kinds.join(separator),
    ], { prepare: true });
    if (done.length !== 1) throw new Error("table leaf_next has lost its row");
  }
}
