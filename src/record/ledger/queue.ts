/**
 * Leaves that belong to no write: searches and other requests, decisions, signatures, sign-ins. Concurrent ones share
 * one statement that takes their indexes too, and `append` answers when the leaf is on disk, so that a reply implies
 * the leaf. Reads bring their leaves along (read/traced.ts).
 */
import { numbers, separator, type Queryable } from "../sql.ts";
import { makeEntry, type Entry, type LeafContent } from "./leaf.ts";
import type { LeafTurns } from "./turns.ts";

/** Who looked at whom; `persons` are rids. */
export type Trace = { persons: readonly string[]; agent: string; display: string };
type Waiting = { entry: Entry; trace?: Trace; resolve: () => void; reject: (error: unknown) => void };

const groupMax = 1000;
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
  readonly #turns: LeafTurns;
  #waiting: Waiting[] = [];

  constructor(turns: LeafTurns) {
    this.#turns = turns;
    turns.add((db) => this.#waiting.length ? [this.#send(db, this.#waiting.splice(0, groupMax))] : []);
  }

  append(content: LeafContent, trace?: Trace): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry: makeEntry(content), ...(trace ? { trace } : {}), resolve, reject });
      this.#turns.wake();
    });
  }

  async #send(db: Queryable, group: readonly Waiting[]): Promise<void> {
    try {
      await write(db, group);
      for (const one of group) one.resolve();
    } catch (error) {
      for (const one of group) one.reject(error);
    }
  }
}

async function write(db: Queryable, group: readonly Waiting[]): Promise<void> {
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
  const done = await db.unsafe(insertGroup, [
    group.length, entries.map((one) => one.kind).join(separator), numbers(entries.map((one) => one.at)), numbers(entries.map((one) => one.salt)), entries.map((one) => one.payload).join(separator),
    numbers(persons), numbers(at), agents.join(separator), numbers(places), displays, kinds.join(separator),
  ], { prepare: true });
  if (done.length !== 1) throw new Error("table leaf_next has lost its row");
}
