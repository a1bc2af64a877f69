/**
 * Reads whose callers leave a trace: the version, the caller's filter and the leaf in one statement, shared by all
 * reads that wait (turns.ts), so that a read costs one message and is in the ledger when it is answered.
 * A content this process has sent lately comes back only if the resource has another version by now.
 */
import { hash } from "node:crypto";
import type { Clock } from "#platform/clock.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import { rowVisibleTo, whoOf } from "../access.ts";
import { newSalt, placeOf, ridOf } from "../keys.ts";
import type { LeafTurns } from "../ledger/turns.ts";
import type { AccessFilter, Caller, ReadResult } from "../record.ts";
import { numbers, raw, separator, statement, sql, type Queryable } from "../sql.ts";
import type { Contents, Known } from "./contents.ts";

const groupMax = 200;

type Kind = AccessFilter["kind"];
type Waiting = { caller: Caller; key: ResourceKey; rid: string; known: Known | undefined; resolve: (result: ReadResult) => void; reject: (error: unknown) => void };
/** `content` is null where it is the known one; `n` from 1. */
type Row = { n: string; version: number; updated: string; deleted: boolean; content: string | null };

/**
 * Parameters: 1 buckets or null, 2 rids, 3 "Type/id", 4 who asks (of the filter), 5 known versions and 6 their times (0: none),
 * 7 time of the leaves, 8 its payload's beginning, 9 salts, 10 hashed agents, 11 agents, 12 displays (after an empty first).
 * A leaf is due where the resource is about anybody but the caller.
 */
function textOf(kind: Kind): string {
  return statement(sql`with u as (select * from unnest($1::bigint[], $2::bigint[], string_to_array($3, chr(30)), $4::bigint[], $5::int[], $6::bigint[], $9::uuid[], $10::text[],
      string_to_array($11, chr(30)), (string_to_array($12, chr(30)))[2:]) with ordinality u(ck, rid, reference, who, known, known_at, salt, agent_hash, agent, display, n)),
    found as materialized (select u.*, r.version, r.updated, r.deleted, r.persons, case when r.version = u.known and r.updated = u.known_at then null else r.content end as content
      from u cross join lateral (select x.* from resource x where x.ck = coalesce(u.ck, (select d.ck from directory d where d.rid = u.rid)) and x.rid = u.rid limit 1) r
      where r.type || '/' || r.id = u.reference and ${rowVisibleTo(kind, raw("u.who"), "r")}),
    traced as materialized (select f.*, row_number() over (order by f.n) as k from found f where not f.persons <@ array[0, f.who]),
    turn as (update leaf_next set next = next + (select count(*) from traced) where one = 1 and (select true from traced limit 1) returning next - (select count(*) from traced) as start),
    leaves as (insert into leaf (idx, mark, version, kind, at, salt, payload)
      select turn.start + t.k - 1, -(turn.start + t.k), 0, 'read', $7::bigint, t.salt, $8 || t.reference || '","version":' || t.version || ',"agent":"' || t.agent_hash || '"}' from turn, traced t),
    seen as (insert into access (person, at, mark, agent, display, kind)
      select p, $7::bigint, -(turn.start + t.k), t.agent, t.display, 'read' from turn, traced t, unnest(t.persons) p where p <> 0 and p <> t.who)
    select n, version, updated, deleted, content from found`);
}

export class TracedReads {
  readonly #turns: LeafTurns;
  readonly #contents: Contents;
  readonly #clock: Clock;
  readonly #waiting = new Map<Kind, Waiting[]>();
  readonly #texts = new Map<Kind, string>();

  constructor(turns: LeafTurns, contents: Contents, clock: Clock) {
    this.#turns = turns;
    this.#contents = contents;
    this.#clock = clock;
    turns.add((db) => [...this.#waiting].filter(([, waiting]) => waiting.length).map(([kind, waiting]) => this.#send(db, kind, waiting.splice(0, groupMax))));
  }

  read(caller: Caller, key: ResourceKey): Promise<ReadResult> {
    const { kind } = caller.filter;
    if (kind === "none") return Promise.resolve({ kind: "absent" });
    return new Promise((resolve, reject) => {
      const rid = ridOf(key.type, key.id);
      const one: Waiting = { caller, key, rid, known: this.#contents.newest(rid, key.id), resolve, reject };
      const waiting = this.#waiting.get(kind);
      if (waiting) waiting.push(one);
      else this.#waiting.set(kind, [one]);
      this.#turns.wake();
    });
  }

  async #send(db: Queryable, kind: Kind, group: readonly Waiting[]): Promise<void> {
    try {
      let text = this.#texts.get(kind);
      if (text === undefined) this.#texts.set(kind, text = textOf(kind));
      const rows = await db.unsafe<Row[]>(text, this.#values(group), { prepare: true });
      const results = new Array<ReadResult>(group.length).fill({ kind: "absent" });
      for (const row of rows) results[Number(row.n) - 1] = this.#resultOf(row, group[Number(row.n) - 1]!);
      for (const [i, one] of group.entries()) one.resolve(results[i]!);
    } catch (error) {
      for (const one of group) one.reject(error);
    }
  }

  #values(group: readonly Waiting[]): (string | number)[] {
    const at = this.#clock.now();
    let places = "{", references = "", agents = "", displays = "", salts = "{", hashes = "{";
    for (const [i, { caller: { agent, display }, key: { type, id } }] of group.entries()) {
      const salt = newSalt();
      const comma = i === 0 ? "" : ",", between = i === 0 ? "" : separator;
      places += `${comma}${placeOf(type, id) ?? "null"}`;
      references += `${between}${type}/${id}`;
      agents += between + agent;
      displays += separator + display;
      salts += comma + salt;
      hashes += comma + hash("sha256", `${salt} ${agent}`);
    }
    return [
      `${places}}`, numbers(group.map((one) => one.rid)), references, numbers(group.map((one) => whoOf(one.caller.filter))),
      numbers(group.map(({ known }) => known?.version ?? 0)), numbers(group.map(({ known }) => known?.updated ?? 0)),
      String(at.getTime()), `{"kind":"read","at":"${at.toISOString()}","reference":"`, `${salts}}`, `${hashes}}`, agents, displays,
    ];
  }

  #resultOf({ version, updated, deleted, content }: Row, { key: { type, id }, rid, known }: Waiting): ReadResult {
    const lastUpdated = new Date(Number(updated)).toISOString();
    if (deleted) return { kind: "deleted", version, lastUpdated };
    if (content !== null) this.#contents.keep({ rid, id, version, updated }, content);
    return { kind: "current", stored: { type, id, version, lastUpdated, text: content ?? known!.content } };
  }
}
