/**
 * Reads of contents this process has sent lately, by callers who leave a trace: one statement for all that wait (turns.ts)
 * says whether each is still the current version, about the same persons, and within reach of who asks, and only then puts
 * their leaves on disk. So a read costs a part of one message, and is in the ledger when it is answered.
 */
import type { Clock } from "#platform/clock.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import { rowVisibleTo, whoOf } from "../access.ts";
import { ridOf } from "../keys.ts";
import { makeEntry } from "../ledger/leaf.ts";
import { packOf, requestColumns, type TracedEntry } from "../ledger/pack.ts";
import type { LeafTurns } from "../ledger/turns.ts";
import type { AccessFilter, Caller, ReadResult } from "../record.ts";
import { numbers, raw, separator, statement, sql, type Queryable } from "../sql.ts";
import { bigints } from "../write/current.ts";
import type { Contents, Known } from "./contents.ts";

const groupMax = 200;

type Kind = AccessFilter["kind"];
type Waiting = { caller: Caller; key: ResourceKey; rid: string; known: Known; resolve: (result: ReadResult | undefined) => void; reject: (error: unknown) => void };
type Texts = { plain: string; packing: string };

/**
 * One row where all are as known; else none.
 * Parameters: 1 buckets, 2 rids, 3 versions, 4 their times, 5 their persons, 6 who asks, 7 how many; a pack's from 8 on.
 */
function textsOf(kind: Kind): Texts {
  const plain = statement(sql`select 1 from unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], string_to_array($5, chr(30)), $6::bigint[]) u(ck, rid, version, updated, persons, who)
      cross join lateral (select x.* from resource x where x.ck = u.ck and x.rid = u.rid limit 1) r
    where r.version = u.version and r.updated = u.updated and not r.deleted and r.persons = u.persons::bigint[] and ${rowVisibleTo(kind, raw("u.who"), "r")}
    having count(*) = $7::bigint`);
  return { plain, packing: `insert into leaf_pack (${requestColumns}) select '', '', $8, $9, $10, $11, $12, $13, $14, $15, $16 from (${plain}) s` };
}

export class KnownReads {
  readonly #turns: LeafTurns;
  readonly #contents: Contents;
  readonly #clock: Clock;
  readonly #waiting = new Map<Kind, Waiting[]>();
  readonly #texts = new Map<Kind, Texts>();

  constructor(turns: LeafTurns, contents: Contents, clock: Clock) {
    this.#turns = turns;
    this.#contents = contents;
    this.#clock = clock;
    turns.add({
      waiting: () => { let count = 0; for (const waiting of this.#waiting.values()) count += waiting.length; return count; },
      send: (db) => [...this.#waiting].filter(([, waiting]) => waiting.length).map(([kind, waiting]) => this.#send(db, kind, waiting.splice(0, groupMax))),
    });
  }

  /** Undefined where the content is not known, or what is known may not be current: then it has to be read. */
  read(caller: Caller, key: ResourceKey): Promise<ReadResult | undefined> | undefined {
    const rid = ridOf(key.type, key.id), known = this.#contents.newest(rid, key.id);
    if (!known) return undefined;
    return new Promise((resolve, reject) => {
      const one: Waiting = { caller, key, rid, known, resolve, reject };
      const waiting = this.#waiting.get(caller.filter.kind);
      if (waiting) waiting.push(one);
      else this.#waiting.set(caller.filter.kind, [one]);
      this.#turns.wake();
    });
  }

  async #send(db: Queryable, kind: Kind, group: readonly Waiting[]): Promise<void> {
    try {
      const asKnown = await this.#isAsKnown(db, kind, group);
      for (const { key, known, resolve } of group) resolve(asKnown ? currentOf(key, known) : undefined);
    } catch (error) {
      for (const one of group) one.reject(error);
    }
  }

  async #isAsKnown(db: Queryable, kind: Kind, group: readonly Waiting[]): Promise<boolean> {
    const at = this.#clock.now().getTime();
    const due: TracedEntry[] = [];
    const whos: string[] = [];
    for (const { caller: { agent, display, filter }, known: { version, persons }, key: { type, id } } of group) {
      const who = whoOf(filter), others = bigints(persons).filter((person) => person !== "0" && person !== who);
      whos.push(who);
      if (others.length) due.push({ entry: makeEntry({ kind: "read", at, agent, reference: `${type}/${id}`, version }), trace: { persons: others, agent, display } });
    }
    const values = [
      numbers(group.map(({ known }) => known.ck)), numbers(group.map(({ rid }) => rid)), numbers(group.map(({ known }) => known.version)), numbers(group.map(({ known }) => known.updated)),
      group.map(({ known }) => known.persons).join(separator), numbers(whos), group.length,
    ];
    let texts = this.#texts.get(kind);
    if (!texts) this.#texts.set(kind, texts = textsOf(kind));
    const rows = await (due.length ? db.unsafe(texts.packing, [...values, ...packOf(due)], { prepare: true }) : db.unsafe(texts.plain, values, { prepare: true }));
    return rows.count === 1;
  }
}

function currentOf({ type, id }: ResourceKey, { version, updated, content }: Known): ReadResult {
  return { kind: "current", stored: { type, id, version, lastUpdated: new Date(Number(updated)).toISOString(), text: content } };
}
