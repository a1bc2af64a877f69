/**
 * Leaves of writes: those of one commit are one row of `leaf_write` (schema/0019-leaves.ts), which the sequencer gives its
 * place where it lies. A leaf and the row of its version state the same time, so no index entry is paid for a leaf, one
 * for a pack alone: the leaf is looked up by the time, then in the pack. Leaves whose version has another time by now
 * (its meta was changed) are found by `relabelled`; those of the change itself stand apart, in `leaf`.
 */
import { entryLeafHashHex } from "#ledger/hash.ts";
import { numbers, send, separator, type Queryable } from "../sql.ts";
import type { Leaf } from "./leaf.ts";
import { leavesOf } from "./pack.ts";

export const insertWrites = "insert into leaf_write (at, count, kinds, salts, payloads, hashes) values ($1::bigint, $2::int, $3, $4, $5, decode($6, 'hex'))";

/** Values of `insertWrites`; all leaves have the time of the first. Hashed here, so that the sequencer need not read what it numbers. */
export function packOfWrites(leaves: readonly Leaf[]): (string | number)[] {
  const { count, kinds, salts, payloads } = leavesOf(leaves);
  let hashes = "";
  for (const { salt, payload } of leaves) hashes += entryLeafHashHex(salt, payload);
  return [leaves[0]!.at, count, kinds, salts, payloads, hashes];
}

/** `key`: where it stands until it is numbered. `followed`: others wait behind it. */
export type WaitingWrites = { key: string; count: number; hashes: Uint8Array; followed: boolean };

/** Packs that wait, oldest first, `leavesMax` leaves of them, at least one pack. */
export function waitingWrites(db: Queryable, leavesMax: number): Promise<WaitingWrites[]> {
  return send<WaitingWrites>(db, `select w.start as key, w.count, w.hashes, w.followed from (select p.*, sum(p.count) over (order by p.start desc) as upto, lead(p.start) over (order by p.start desc) is not null as followed
      from (select start, count, hashes from leaf_write where start < 0 order by start desc limit ${leavesMax} + 1) p) w where w.upto <= $1::int or w.upto = w.count order by w.start desc`, [leavesMax]);
}

/** Their hashes are in the tree from here on. */
export async function placeWrites(db: Queryable, packs: readonly { key: string; start: number }[]): Promise<void> {
  if (!packs.length) return;
  const done = await db.unsafe("update leaf_write w set start = u.start, hashes = '' from unnest($1::bigint[], $2::bigint[]) u(key, start) where w.start = u.key",
    [numbers(packs.map(({ key }) => key)), numbers(packs.map(({ start }) => start))], { prepare: true });
  if (done.count !== packs.length) throw new Error(`${packs.length} packs of leaves were to be numbered, ${done.count} were there`);
}

/** `at`: as the version's row states it, epoch ms. */
export type LoggedVersion = { reference: string; version: number; at: string };
/** `start`: index of the pack's first leaf, below 0 while it waits; `place` in the pack, from 0. `salt`: hex. */
export type WrittenLeaf = { start: number; place: number; kind: string; at: string; salt: string; payload: string; reference: string; version: number };

type PackRow = { start: string; at: string; kinds: string; salts: string; payloads: string };
/** Times asked about at once: mostly a pack each, of at most some 350 KB. */
const timesMax = 16;

/** Leaves of versions, in the order of their packs; those that a purge emptied are none's any more. */
export async function leavesOfVersions(db: Queryable, versions: readonly LoggedVersion[]): Promise<WrittenLeaf[]> {
  const wanted = new Set(versions.map(({ reference, version }) => `${reference} ${version}`)), times = [...new Set(versions.map(({ at }) => at))];
  const found: WrittenLeaf[] = [];
  for (let from = 0; from < times.length; from += timesMax) {
    const rows = await db.unsafe<PackRow[]>("select start, at, kinds, salts, payloads from leaf_write where at = any($1::bigint[]) order by start", [numbers(times.slice(from, from + timesMax))], { prepare: true });
    for (const { start, at, kinds, salts, payloads } of rows) {
      const kindOf = kinds.split(separator), saltOf = salts.split(separator);
      for (const [place, payload] of payloads.split(separator).entries()) {
        if (payload === "") continue;
        const { reference, version } = JSON.parse(payload) as { reference: string; version: number };
        if (wanted.has(`${reference} ${version}`)) found.push({ start: Number(start), place, kind: kindOf[place]!, at, salt: saltOf[place]!, payload, reference, version });
      }
    }
  }
  return found;
}

/** Takes salt and payload from numbered leaves. One transaction at a time: each writes whole packs anew. */
export async function emptyWrites(tx: Queryable, leaves: readonly Pick<WrittenLeaf, "start" | "place">[]): Promise<void> {
  if (!leaves.length) return;
  await tx.unsafe("select pg_advisory_xact_lock($1::bigint)", [emptying]);
  await tx.unsafe(`update leaf_write w set salts = e.salts, payloads = e.payloads from (
      select p.start, string_agg(case when x.place is null then l.salt else repeat('0', 32) end, chr(30) order by l.n) as salts, string_agg(case when x.place is null then coalesce(l.payload, '') else '' end, chr(30) order by l.n) as payloads
      from leaf_write p cross join lateral unnest(string_to_array(p.salts, chr(30)), string_to_array(p.payloads, chr(30))) with ordinality l(salt, payload, n)
      left join unnest($1::bigint[], $2::int[]) x(start, place) on x.start = p.start and x.place = l.n - 1
      where p.start = any($3::bigint[]) group by p.start) e where w.start = e.start`,
    [numbers(leaves.map(({ start }) => start)), numbers(leaves.map(({ place }) => place)), numbers([...new Set(leaves.map(({ start }) => start))])]);
}

/** "emptying", cut short, as a number. */
const emptying = 0x656d707479;
