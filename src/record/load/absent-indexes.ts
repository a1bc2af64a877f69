/**
 * Indexes that are left out while a record is loaded, and made again: their definitions stand in the database from the
 * transaction that drops them to the one that makes them, so whoever comes next can mend what broke off.
 */
import { availableParallelism } from "node:os";
import type postgres from "postgres";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../connections.ts";
import { tableNames } from "../rows.ts";
import { run, sql, texts, type Queryable } from "../sql.ts";

/** Reads by id look into `care` too, and it is small. */
export const loadTables: readonly string[] = ["resource", ...tableNames.filter((name) => name !== "care")];
/** What writing itself asks, and what a first version does not stand in. */
const kept: readonly string[] = ["reference_heir", "resource_replaced"];

export type AbsentIndex = { name: string; tab: string; definition: string };

/** None where the table that tells of them is not there yet. */
export async function readAbsent(db: Queryable): Promise<AbsentIndex[]> {
  const [there] = await run<{ there: boolean }>(db, sql`select to_regclass('absent_index') is not null as there`);
  return there!.there ? [...await run<AbsentIndex>(db, sql`select name, tab, definition from absent_index order by name`)] : [];
}

/** lock_not_available, deadlock_detected */
const busy = new Set(["55P03", "40P01"]);
const attempts = 4;
/** Below PostgreSQL's deadlock_timeout, and no longer than others are to be held up behind us. Ms. */
const lockWait = 400;

/**
 * Drops what writing does not need, table by table, each in a transaction of its own that holds nothing else while it
 * waits: no writer can wait for it crosswise. A table that stays busy keeps its indexes.
 */
export async function leaveOut(db: postgres.Sql): Promise<void> {
  for (const table of loadTables) await leaveOutOf(db, table);
}

async function leaveOutOf(db: postgres.Sql, table: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) try {
    await db.begin(async (tx) => {
      await tx.unsafe(`set local lock_timeout = ${lockWait}`);
      await tx.unsafe(`lock table ${table} in access exclusive mode`);
      const names = await tx.unsafe<{ name: string }[]>(`insert into absent_index (name, tab, definition)
        select i.indexrelid::regclass::text, $1::text, pg_get_indexdef(i.indexrelid) from pg_index i
        where i.indrelid = $1::text::regclass and i.indisvalid and not i.indisunique and i.indexrelid::regclass::text <> all($2::text[]) returning name`, [table, texts(kept)]);
      if (names.length) await tx.unsafe(`drop index ${names.map(({ name }) => name).join(", ")}`);
    });
    return;
  } catch (error) {
    if (!busy.has((error as { code?: string }).code ?? "")) throw error;
    await sleep(lockWait / 2);
  }
}

/** One more than two cores, so that they are busy while one waits for the disk. */
const tablesAtOnce = 3;
/** Where there are more cores, PostgreSQL sorts an index by several processes, as it is set to; where not, they cost a tenth. */
const sorting: Readonly<Record<string, string>> = availableParallelism() > tablesAtOnce ? {} : { max_parallel_maintenance_workers: "0" };

/**
 * Makes all of them again, the largest tables first. `stopped` is asked between two indexes. A writer of the table waits
 * while one is made. For whoever holds the lock, see initial-load.ts.
 */
export async function makeAgain(url: string, stopped: () => boolean = () => false): Promise<void> {
  const db = connect(url, tablesAtOnce, "load", sorting);
  try {
    const absent = Map.groupBy(await readAbsent(db), ({ tab }) => tab);
    const sizes = await db.unsafe<{ tab: string }[]>("select tab from unnest($1::text[]) u(tab) order by pg_relation_size(to_regclass(tab)) desc nulls last", [texts([...absent.keys()])]);
    const queue = sizes.values();
    await Promise.all(Array.from({ length: tablesAtOnce }, async () => {
      for (const { tab } of queue) for (const index of absent.get(tab)!) {
        if (stopped()) return;
        await makeOne(db, index);
      }
    }));
  } finally {
    await db.end({ timeout: 5 });
  }
}

async function makeOne(db: postgres.Sql, { name, definition }: AbsentIndex): Promise<void> {
  await db.begin(async (tx) => {
    // Sorting in memory; more where the server is set to more.
    await tx.unsafe("select set_config('maintenance_work_mem', greatest(pg_size_bytes(current_setting('maintenance_work_mem')), 268435456) / 1024 || 'kB', true)");
    // It is there already where a restored backup was made of a record that was being loaded.
    const [there] = await tx.unsafe<{ there: boolean }[]>("select to_regclass($1) is not null as there", [name]);
    if (!there!.there) await tx.unsafe(definition);
    await tx.unsafe("delete from absent_index where name = $1", [name]);
  });
}

/** Tells the planner what stands in the tables; autovacuum would within minutes. */
export async function analyzeTables(url: string, stopped: () => boolean): Promise<void> {
  const db = connect(url, 1, "load");
  try {
    for (const table of loadTables) if (!stopped()) await db.unsafe(`analyze ${table}`);
  } finally {
    await db.end({ timeout: 5 });
  }
}
