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
import { makeEntry } from "../ledger/leaf.ts";
import { packOf, requestColumns, type TracedEntry } from "../ledger/pack.ts";
import type { LeafTurns } from "../ledger/turns.ts";
import type { AccessFilter, Caller, ReadResult } from "../record.ts";
import { numbers, raw, separator, statement, sql, type Queryable } from "../sql.ts";
import { bigints } from "../write/current.ts";
import type { Contents, Known } from "./contents.ts";

const groupMax = 200;

type Kind = AccessFilter["kind"];
type KnownRead = Waiting & { known: Known };
type Waiting = { caller: Caller; key: ResourceKey; rid: string; known: Known | undefined; resolve: (result: ReadResult) => void; reject: (error: unknown) => void };
/** `content` is null where it is the known one; `n` from 1. */
type Row = { n: string; ck: string; version: number; updated: string; deleted: boolean; persons: string; content: string | null };

/**
 * Parameters: 1 buckets or null, 2 rids, 3 "Type/id", 4 who asks (of the filter), 5 known versions and 6 their times (0: none),
 * 7 time of the leaves, 8 its payload's beginning, 9 salts, 10 hashed agents, 11 agents, 12 displays (after an empty first).
 * A leaf is due where the resource is about anybody but the caller.
 */
function textOf(kind: Kind): string {
  return statement(sql`with u as (select * from unnest($1::bigint[], $2::bigint[], string_to_array($3, chr(30)), $4::bigint[], $5::int[], $6::bigint[], $9::text[], $10::text[],
      string_to_array($11, chr(30)), (string_to_array($12, chr(30)))[2:]) with ordinality u(ck, rid, reference, who, known, known_at, salt, agent_hash, agent, display, n)),
    found as materialized (select u.*, r.ck as r_ck, r.version, r.updated, r.deleted, r.persons, case when r.version = u.known and r.updated = u.known_at then null else r.content end as content
      from u cross join lateral (select x.* from resource x where x.ck = coalesce(u.ck, (select d.ck from directory d where d.rid = u.rid)) and x.rid = u.rid limit 1) r
      where r.type || '/' || r.id = u.reference and ${rowVisibleTo(kind, raw("u.who"), "r")}),
    traced as materialized (select f.*, row_number() over (order by f.n) as k from found f where not f.persons <@ array[0, f.who]),
    packed as (insert into leaf_pack (${raw(requestColumns)})
      select '', '', count(*), string_agg('read', chr(30)), string_agg($7, chr(30)), string_agg(t.salt, chr(30) order by t.k),
        string_agg($8 || t.reference || '","version":' || t.version || ',"agent":"' || t.agent_hash || '"}', chr(30) order by t.k),
        string_agg(s.persons, chr(30) order by t.k), string_agg(s.places, chr(30) order by t.k), string_agg(s.agents, chr(30) order by t.k), string_agg(s.displays, '' order by t.k)
      from traced t cross join lateral (select string_agg(q.p::text, chr(30)) as persons, string_agg(q.k::text, chr(30)) as places, string_agg(q.agent, chr(30)) as agents, string_agg(chr(30) || q.display, '') as displays
        from (select p, t.k, t.agent, t.display from unnest(t.persons) p where p <> 0 and p <> t.who) q) s having count(*) > 0)
    select n, r_ck as ck, version, updated, deleted, persons::text as persons, content from found`);
}

/**
 * One row where all versions are current, of the persons known, and within reach of who asks; else none.
 * Parameters: 1 buckets, 2 rids, 3 versions, 4 their times, 5 their persons, 6 who asks, 7 how many.
 */
function checkOf(kind: Kind): string {
  return statement(sql`select 1 from unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], string_to_array($5, chr(30)), $6::bigint[]) u(ck, rid, version, updated, persons, who)
      cross join lateral (select x.* from resource x where x.ck = u.ck and x.rid = u.rid limit 1) r
    where r.version = u.version and r.updated = u.updated and not r.deleted and r.persons = u.persons::bigint[] and ${rowVisibleTo(kind, raw("u.who"), "r")}
    having count(*) = $7::bigint`);
}

export class TracedReads {
  readonly #turns: LeafTurns;
  readonly #contents: Contents;
  readonly #clock: Clock;
  readonly #waiting = new Map<Kind, Waiting[]>();
  readonly #texts = new Map<Kind, string>();
  readonly #checks = new Map<Kind, readonly [string, string]>();

  constructor(turns: LeafTurns, contents: Contents, clock: Clock) {
    this.#turns = turns;
    this.#contents = contents;
    this.#clock = clock;
    turns.add({
      waiting: () => { let count = 0; for (const waiting of this.#waiting.values()) count += waiting.length; return count; },
      send: (db) => [...this.#waiting].filter(([, waiting]) => waiting.length).map(([kind, waiting]) => this.#send(db, kind, waiting.splice(0, groupMax))),
    });
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
    const known = group.filter(isKnown), unknown = group.filter((one) => !isKnown(one));
    await Promise.all([known.length ? this.#sendKnown(db, kind, known) : undefined, unknown.length ? this.#sendUnknown(db, kind, unknown) : undefined]);
  }

  /** Where one of them is no longer as known, all are asked for like unknown ones. */
  async #sendKnown(db: Queryable, kind: Kind, group: readonly KnownRead[]): Promise<void> {
    try {
      if (await this.#isAsKnown(db, kind, group)) for (const { key, known, resolve } of group) resolve(currentOf(key, known));
      else await this.#sendUnknown(db, kind, group);
    } catch (error) {
      for (const one of group) one.reject(error);
    }
  }

  async #isAsKnown(db: Queryable, kind: Kind, group: readonly KnownRead[]): Promise<boolean> {
    const at = this.#clock.now().getTime();
    const due: TracedEntry[] = [];
    let places = "{", rids = "{", versions = "{", updates = "{", persons = "", whos = "{";
    for (const [i, { caller, rid, known, key: { type, id } }] of group.entries()) {
      const comma = i === 0 ? "" : ",", who = whoOf(caller.filter);
      places += comma + known.ck;
      rids += comma + rid;
      versions += `${comma}${known.version}`;
      updates += comma + known.updated;
      persons += (i === 0 ? "" : separator) + known.persons;
      whos += comma + who;
      const others = bigints(known.persons).filter((person) => person !== "0" && person !== who);
      if (others.length) due.push({ entry: makeEntry({ kind: "read", at, agent: caller.agent, reference: `${type}/${id}`, version: known.version }), trace: { persons: others, agent: caller.agent, display: caller.display } });
    }
    const [plain, packing] = this.#checkOf(kind);
    const values = [`${places}}`, `${rids}}`, `${versions}}`, `${updates}}`, persons, `${whos}}`, group.length];
    const rows = await (due.length ? db.unsafe(packing, [...values, ...packOf(due)], { prepare: true }) : db.unsafe(plain, values, { prepare: true }));
    return rows.count === 1;
  }

  async #sendUnknown(db: Queryable, kind: Kind, group: readonly Waiting[]): Promise<void> {
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

  #checkOf(kind: Kind): readonly [plain: string, packing: string] {
    let texts = this.#checks.get(kind);
    if (!texts) {
      const plain = checkOf(kind);
      this.#checks.set(kind, texts = [plain, `insert into leaf_pack (${requestColumns}) select '', '', $8, $9, $10, $11, $12, $13, $14, $15, $16 from (${plain}) s`]);
    }
    return texts;
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
      displays += separator + display.replaceAll(separator, " ");
      salts += comma + salt;
      hashes += comma + hash("sha256", `${salt} ${agent}`);
    }
    return [
      `${places}}`, numbers(group.map((one) => one.rid)), references, numbers(group.map((one) => whoOf(one.caller.filter))),
      numbers(group.map(({ known }) => known?.version ?? 0)), numbers(group.map(({ known }) => known?.updated ?? 0)),
      String(at.getTime()), `{"kind":"read","at":"${at.toISOString()}","reference":"`, `${salts}}`, `${hashes}}`, agents, displays,
    ];
  }

  #resultOf({ ck, version, updated, deleted, persons, content }: Row, { key: { type, id }, rid, known }: Waiting): ReadResult {
    const lastUpdated = new Date(Number(updated)).toISOString();
    if (deleted) return { kind: "deleted", version, lastUpdated };
    if (content !== null || persons !== known!.persons) this.#contents.keep({ ck, rid, id, version, updated, persons }, content ?? known!.content);
    return { kind: "current", stored: { type, id, version, lastUpdated, text: content ?? known!.content } };
  }
}

function isKnown(one: Waiting): one is KnownRead {
  return one.known !== undefined;
}

function currentOf({ type, id }: ResourceKey, { version, updated, content }: Known): ReadResult {
  return { kind: "current", stored: { type, id, version, lastUpdated: new Date(Number(updated)).toISOString(), text: content } };
}
