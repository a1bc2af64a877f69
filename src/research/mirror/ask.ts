/**
 * One question in SQL to a mirror, read-only. The database is opened for it with a configuration that SQL cannot
 * change: no files, no network, no extensions, so much memory, two threads; it is interrupted when its time is up.
 * Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
 */
import { DuckDBInstance, type DuckDBConnection, type Json } from "@duckdb/node-api";
import { fail, ok, type Result } from "#platform/result.ts";

export type QueryAnswer = { columns: { name: string; type: string }[]; rows: Json[][]; /** There were more rows than are given. */ truncated: boolean };

export type AskLimits = { timeMs?: number; rows?: number; memory?: string };

const sqlMax = 100_000;
const whole = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?)$/;

/** Failures: invalid (in DuckDB's words, with the place), too-long, too-costly. */
export async function ask(path: string, sql: string, { timeMs = 30_000, rows: rowsMax = 100_000, memory = "512MB" }: AskLimits = {}): Promise<Result<QueryAnswer>> {
  if (sql.length > sqlMax) return fail("too-long", `The SQL has ${sql.length} characters; at most ${sqlMax} are taken`);
  const instance = await DuckDBInstance.create(path, {
    access_mode: "READ_ONLY", enable_external_access: "false", memory_limit: memory, threads: "2", max_temp_directory_size: "0KB", lock_configuration: "true",
  });
  try {
    const db = await instance.connect();
    let late = false;
    const timer = setTimeout(() => { late = true; db.interrupt(); }, timeMs);
    try {
      return await answer(db, sql, rowsMax, () => late);
    } catch (error) {
      const text = (error as Error).message;
      if (late) return fail("too-costly", `The query was stopped after ${timeMs / 1000} s; ask for less, or for groups of it`);
      return fail(text.startsWith("Out of Memory") ? "too-costly" : "invalid", text);
    } finally {
      clearTimeout(timer);
      db.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

async function answer(db: DuckDBConnection, sql: string, rowsMax: number, isLate: () => boolean): Promise<Result<QueryAnswer>> {
  const { count } = await db.extractStatements(sql);
  if (count !== 1) return fail("invalid", `One statement at a time, found ${count}`);
  const reader = await db.streamAndReadUntil(sql, rowsMax + 1);
  if (isLate()) throw new Error("interrupted");
  const types = reader.columnTypes().map(String);
  const rows = reader.getRowsJson().slice(0, rowsMax);
  // Counts come as text, for they may be beyond what a number holds.
  for (const row of rows) types.forEach((type, i) => { if (whole.test(type) && typeof row[i] === "string" && Number.isSafeInteger(Number(row[i]))) row[i] = Number(row[i]); });
  return ok({ columns: reader.columnNames().map((name, i) => ({ name, type: types[i]! })), rows, truncated: reader.currentRowCount > rowsMax });
}
