/** A database with trust's tables, and a clock that tests move by hand. */
import postgres, { type Sql } from "postgres";
import { testDatabase } from "#platform/database/testing.ts";
import { migrations } from "./migrations.ts";
import type { PasswordCost } from "./identity/password.ts";

/** The least scrypt allows that is still real work; production cost stands in identity/password.ts. */
export const testCost: PasswordCost = { N: 1024, r: 8, p: 1 };

export async function trustDatabase(): Promise<{ sql: Sql; close(): Promise<void> }> {
  const database = await testDatabase();
  const sql = postgres(database.url, { max: 4, onnotice: () => {} });
  for (const { statements } of migrations) for (const statement of statements) await sql.unsafe(statement);
  return { sql, close: async () => { await sql.end(); await database.close(); } };
}

export class HandClock {
  at = new Date("2026-03-01T08:00:00Z");
  now(): Date {
    return new Date(this.at);
  }
  pass(seconds: number): void {
    this.at = new Date(this.at.getTime() + seconds * 1000);
  }
}
