/** Everything that can be seen of a record's database without changing it, in one read-only snapshot. */
import { openClient } from "#platform/database/client.ts";
import type { Remark } from "#platform/remark.ts";
import { recordMigrations, type Migration } from "../schema/migrate.ts";
import type { Queryable } from "../sql.ts";
import { lookAtLedger } from "./ledger.ts";
import { lookAtSchema } from "./schema.ts";
import { lookAtServer } from "./server.ts";
import { lookAtWork } from "./work.ts";

export const checks: readonly string[] = ["version", "settings", "state", "connections", "clock", "migrations", "tables", "indexes", "ledger", "sequencer", "jobs", "reindex", "subscriptions"];

export type DoctorOptions = {
  url: string;
  /** Of rooms above the record. */
  migrations: readonly Migration[];
  now?: () => number;
  /** Looks of rooms above, where the schema is whole. */
  more?: (tx: Queryable) => Promise<Remark[]>;
};

export async function examine({ url, migrations, now = Date.now, more = async () => [] }: DoctorOptions): Promise<Remark[]> {
  const db = openClient(url, { max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 10, connection: { application_name: "salus doctor" } });
  try {
    return await db.begin("isolation level repeatable read read only", async (tx) => {
      const server = await lookAtServer(tx, now);
      const { usable, remarks } = await lookAtSchema(tx, [...recordMigrations, ...migrations]);
      return [...server, ...remarks, ...usable ? [...await lookAtLedger(tx, now()), ...await lookAtWork(tx, now()), ...await more(tx)] : []];
    });
  } catch (error) {
    return [{ check: "database", severity: "error", text: `The database could not be looked at: ${error instanceof Error ? error.message : String(error)}`, mend: "See that it runs, that the address and password are right, and what its own log says" }];
  } finally {
    await db.end({ timeout: 2 });
  }
}
