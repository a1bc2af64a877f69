/**
 * A transaction that reads one moment while others write. On one PostgreSQL REPEATABLE READ is that. On Citus each connection
 * to a worker takes a snapshot of its own, at its first statement: so each worker is asked over one connection, and all
 * of them are asked first while no commit can end. Every commit writes its leaves on the coordinator (ledger/writes.ts), and
 * holds the lock on their table until the last worker knows that it is committed.
 */
import type postgres from "postgres";
import { setTimeout as sleep } from "node:timers/promises";
import type { Queryable } from "../sql.ts";

const lockNotAvailable = "55P03";
/** Commits wait behind us so long at most; longer than PostgreSQL's deadlock_timeout, after which an autovacuum gives way. Ms. */
const lockWait = 3000;
const pause = 500, attempts = 20;

/** `beside`: another pool than `db`, which waits for commits under way and holds up new ones for some milliseconds; asked on Citus only. */
export async function readOneMoment<T>(db: postgres.Sql & Queryable, beside: postgres.Sql, work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T> {
  return await db.begin("isolation level repeatable read read only", async (tx) => {
    if (db.distributed) await takeSnapshots(tx, beside);
    return await work(tx);
  }) as T;
}

async function takeSnapshots(tx: postgres.TransactionSql, beside: postgres.Sql): Promise<void> {
  await tx.unsafe("set local citus.max_adaptive_executor_pool_size = 1");
  for (let attempt = 1; ; attempt++) try {
    await beside.begin(async (other) => {
      await other.unsafe(`set local lock_timeout = ${lockWait}`);
      await other.unsafe("lock table leaf_write in share mode");
      await tx.unsafe("select true from resource limit 1");
    });
    return;
  } catch (error) {
    if ((error as { code?: string }).code !== lockNotAvailable) throw error;
    if (attempt === attempts) throw new Error("A write or a vacuum of table leaf_write has gone on for a minute, so the workers could not be read as of one moment; ask again when it has ended", { cause: error });
    await sleep(pause);
  }
}
