/**
 * Packs: leaves that are written by one statement wait for the sequencer in one row of `leaf_pack`, together with who
 * looked at whom (schema/0016-packs.ts). A pack on disk is what a reply waits for. Those of requests stay together for good,
 * in `leaf_group`: a row and an index entry for each leaf and each person seen cost more than the reading. What is rare and
 * found by what it speaks of (changed meta, merges, purges) stands apart, laid out in `leaf`, beside the leaves of writes
 * that earlier code laid out. Writes have packs of their own, see writes.ts.
 */
import { numbers, send, separator, type Queryable } from "../sql.ts";
import type { Entry, Leaf } from "./leaf.ts";

/** Who looked at whom; `persons` are rids. */
export type Trace = { persons: readonly string[]; agent: string; display: string };
export type TracedEntry = { entry: Entry; trace?: Trace };

/** Leaves in one row at most: a batch of the sequencer holds a pack whole. */
export const packMax = 1000;

/** Of `insertRequests`; those of requests have no marks and versions. */
export const requestColumns = "marks, versions, count, kinds, ats, salts, payloads, persons, places, agents, displays";
export const insertRequests = `insert into leaf_pack (${requestColumns}) values ('', '', $1, $2, $3, $4, $5, $6, $7, $8, $9)`;
export const insertApart = `insert into leaf_pack (${requestColumns}) values ($6, $7, $1, $2, $3, $4, $5, '', '', '', '')`;

/** Values of `insertRequests`, in its order. */
export function packOf(entries: readonly TracedEntry[]): (string | number)[] {
  let persons = "", places = "", agents = "", displays = "";
  for (const [i, { trace }] of entries.entries()) if (trace) for (const person of trace.persons) {
    const between = persons === "" ? "" : separator;
    persons += between + person;
    places += between + String(i + 1);
    agents += between + trace.agent;
    displays += separator + trace.display.replaceAll(separator, " ");
  }
  const { count, kinds, ats, salts, payloads } = leavesOf(entries.map(({ entry }) => entry));
  return [count, kinds, ats, salts, payloads, persons, places, agents, displays];
}

/** Values of `insertApart`. */
export function packApart(leaves: readonly Leaf[]): (string | number)[] {
  const { count, kinds, ats, salts, payloads } = leavesOf(leaves);
  return [count, kinds, ats, salts, payloads, leaves.map(({ mark }) => mark).join(separator), leaves.map(({ version }) => version).join(separator)];
}

export function leavesOf(entries: readonly Entry[]): { count: number; kinds: string; ats: string; salts: string; payloads: string } {
  let kinds = "", ats = "", salts = "", payloads = "";
  for (const [i, { kind, at, salt, payload }] of entries.entries()) {
    const between = i === 0 ? "" : separator;
    kinds += between + kind;
    ats += between + String(at);
    salts += between + salt;
    payloads += between + payload;
  }
  return { count: entries.length, kinds, ats, salts, payloads };
}

/** `followed`: others wait behind it. */
export type WaitingPack = { lid: string; count: number; isRequests: boolean; followed: boolean };

/** Packs that wait, oldest first, `leavesMax` leaves of them, at least one pack. */
export function waitingPacks(db: Queryable, leavesMax: number): Promise<WaitingPack[]> {
  return send<WaitingPack>(db, `select w.lid, w.count, w."isRequests", w.followed from (select p.*, sum(p.count) over (order by p.lid) as upto, lead(p.lid) over (order by p.lid) is not null as followed
      from (select lid, count, marks = '' as "isRequests" from leaf_pack order by lid limit ${leavesMax} + 1) p) w where w.upto <= $1::int or w.upto = w.count order by w.lid`, [leavesMax]);
}

const taken = `with u as (select * from unnest($1::bigint[], $2::bigint[]) u(lid, start)),
  p as (delete from leaf_pack p using u where p.lid = u.lid returning u.start, p.*)`;
const hashOf = (salt: string, payload: string): string => `sha256('\\x00'::bytea || sha256(${salt} || convert_to(${payload}, 'UTF8')))`;
const split = (column: string): string => `string_to_array(p.${column}, chr(30))`;
const layOutApart = `${taken},
  laid as (insert into leaf (idx, mark, version, kind, at, salt, payload)
    select p.start + u.n - 1, u.mark::bigint, u.version::int, u.kind, u.at::bigint, u.salt::uuid, u.payload
    from p cross join lateral unnest(${["marks", "versions", "kinds", "ats", "salts", "payloads"].map(split).join(", ")}) with ordinality u(mark, version, kind, at, salt, payload, n) order by 1
    returning idx, ${hashOf("uuid_send(salt)", "payload")} as hash)
  select p.start, string_agg(l.hash, ''::bytea order by l.idx) as hashes from p join laid l on l.idx >= p.start and l.idx < p.start + p.count group by p.start`;
const moveRequests = `${taken},
  moved as (insert into leaf_group (start, count, kinds, ats, salts, payloads, persons, places, agents, displays)
    select p.start, p.count, p.kinds, p.ats, p.salts, p.payloads, ${split("persons")}::bigint[], p.places, p.agents, p.displays from p)
  select p.start, h.hashes from p cross join lateral (select string_agg(${hashOf("decode(u.salt, 'hex')", "u.payload")}, ''::bytea order by u.n) as hashes
    from unnest(${split("salts")}, ${split("payloads")}) with ordinality u(salt, payload, n)) h`;

/** Puts packs where they stay; answers by first index the hashes of all their leaves in order, SHA-256(0x00 ‖ SHA-256(salt ‖ payload)). */
export async function placePacks(db: Queryable, packs: readonly (WaitingPack & { start: number })[]): Promise<ReadonlyMap<number, Uint8Array>> {
  const place = async (text: string, some: typeof packs) => some.length === 0 ? []
    : await db.unsafe<{ start: string; hashes: Uint8Array }[]>(text, [numbers(some.map(({ lid }) => lid)), numbers(some.map(({ start }) => start))], { prepare: true });
  const placed = (await Promise.all([place(layOutApart, packs.filter((pack) => !pack.isRequests)), place(moveRequests, packs.filter((pack) => pack.isRequests))])).flat();
  return new Map(placed.map(({ start, hashes }) => [Number(start), hashes]));
}

const within = (from: string, before: string): string => `p.start > ${from} - ${packMax} and p.start < ${before} and p.start + u.n - 1 >= ${from} and p.start + u.n - 1 < ${before}`;

/** SQL: leaves as rows (idx, kind, at, salt, payload) with `from` <= idx < `before`; both are SQL of this code. */
export function leavesBetween(from: string, before: string): string {
  return `select idx, kind, at, salt::text as salt, payload from leaf where idx >= ${from} and idx < ${before}
    union all select p.start + u.n - 1 as idx, u.kind, u.at::bigint, u.salt::uuid::text, u.payload
    from leaf_group p cross join lateral unnest(${["kinds", "ats", "salts", "payloads"].map(split).join(", ")}) with ordinality u(kind, at, salt, payload, n)
    where ${within(from, before)}
    union all select p.start + u.n - 1 as idx, u.kind, p.at, u.salt::uuid::text, coalesce(u.payload, '')
    from leaf_write p cross join lateral unnest(${["kinds", "salts", "payloads"].map(split).join(", ")}) with ordinality u(kind, salt, payload, n)
    where p.start >= 0 and ${within(from, before)}`;
}

/** SQL: who looked at person `$1`, as rows (at, agent, display, kind, place of the leaf in the pack). */
export function accessesOf(table: "leaf_pack" | "leaf_group"): string {
  return `select (${split("ats")})[v.place::int]::bigint as at, v.agent, v.display, (${split("kinds")})[v.place::int] as kind, ${table === "leaf_group" ? "p.start + v.place::int - 1" : "null"} as idx
    from ${table} p cross join lateral unnest(${table === "leaf_group" ? "p.persons::text[]" : split("persons")}, ${["places", "agents"].map(split).join(", ")}, (${split("displays")})[2:]) v(person, place, agent, display)
    where v.person = $1::bigint::text${table === "leaf_group" ? " and p.persons @> array[$1::bigint]" : ""}`;
}
