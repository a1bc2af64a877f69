/**
 * The outbox as read: one entry per commit, in one order for all readers, at places that never change. What makes
 * findings stale, feeds subscriptions and refreshes screens starts from here.
 */
import type { Queryable } from "./sql.ts";

export type ChangedResource = { kind: "create" | "update" | "delete"; type: string; id: string; version: number; /** rids of the persons it is about; see persons.ts */ persons: readonly string[]; /** meta alone was changed, in place: there is no new version */ inPlace?: true };
export type ChangeSet = { position: number; at: string; changes: readonly ChangedResource[] };

export const changesCountMax = 1000;

/** Entries after `since` (0: from the beginning), oldest first. */
export async function readChanges(db: Queryable, since: number, count = changesCountMax): Promise<ChangeSet[]> {
  const rows = await db.unsafe<{ pos: string; at: string; entries: string }[]>("select pos, at, entries from change where pos > $1::bigint order by pos limit $2::int",
    [String(since), Math.min(count, changesCountMax)], { prepare: true });
  return rows.map(({ pos, at, entries }) => ({ position: Number(pos), at: new Date(Number(at)).toISOString(), changes: JSON.parse(entries) as ChangedResource[] }));
}

/** Place of the newest entry; 0 when there is none. */
export async function lastChange(db: Queryable): Promise<number> {
  const [row] = await db.unsafe<{ pos: string }[]>("select greatest(max(pos), 0) as pos from change", [], { prepare: true });
  return Number(row!.pos);
}
