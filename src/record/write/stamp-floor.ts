/**
 * The moment up to which everything that was written is known to be there. Writers take their time before their transaction
 * begins; whoever reads all that was written up to a moment raises the floor to it first, and a writer that comes too late
 * with an earlier time is sent back for another (schema/0013-settle.ts).
 */
import { run, sql, type Queryable } from "../sql.ts";

/** Epoch ms. */
export async function readStampFloor(db: Queryable): Promise<number> {
  const [row] = await run<{ at: string }>(db, sql`select at from stamp_floor where one = 1`);
  return Number(row!.at);
}

export async function raiseStampFloor(db: Queryable, at: number): Promise<void> {
  await run(db, sql`update stamp_floor set at = ${at}::bigint where one = 1 and at < ${at}::bigint`);
}
