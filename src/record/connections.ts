/** Connections of the record to its database. */
import type postgres from "postgres";
import { openPool } from "#platform/database/pool.ts";

/** A pool of `max`; `application`: what they are for, as pg_stat_activity shows it. */
export function connect(url: string, max: number, application: string, settings: Readonly<Record<string, string>> = {}): postgres.Sql {
  return openPool(url, {
    gathering: true, fetch_types: false, onnotice: () => {}, max_lifetime: null,
    // Statements here are short; compiling them would take longer than running them.
    connection: { application_name: `salus ${application}`, jit: "off", ...settings },
  }, max);
}
