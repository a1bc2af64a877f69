/** Runs a transaction again when another writer was first; expected failures roll back and are answered. */
import type postgres from "postgres";
import { fail, type Result } from "#platform/result.ts";
import type { Queryable } from "../sql.ts";

/** Another transaction wrote one of the resources meanwhile; the whole transaction starts again. */
export class Raced extends Error {}

const attemptsMax = 40;
/** unique_violation, deadlock_detected, serialization_failure: a race, decided by the database. */
const races = new Set(["23505", "40P01", "40001"]);

class Refused extends Error {
  readonly result: Result<never>;
  constructor(result: Result<never>) { super("refused"); this.result = result; }
}

export function transact<T>(db: postgres.Sql, work: (tx: Queryable) => Promise<Result<T>>): Promise<Result<T>> {
  return untilFirst(async () => {
    try {
      return await db.begin(async (tx) => {
        const result = await work(tx);
        if (!result.ok) throw new Refused(result);
        return result;
      }) as Result<T>;
    } catch (error) {
      if (error instanceof Refused) return error.result;
      throw error;
    }
  });
}

/** Again while another writer was first: all of `work`, which leaves nothing behind when it throws. */
export async function untilFirst<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Raced) && !races.has((error as { code?: string }).code ?? "")) throw error;
      if (attempt === attemptsMax) return fail("conflict", "Other writers kept changing the same resources; try again");
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 100)));
    }
  }
}
