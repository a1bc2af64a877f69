/** Which servers the load runs against: "bare-single" keeps single connections (platform/database/pool.ts) instead of the driver's pool. */
import { join } from "node:path";

export type Bare = "bare" | "bare-single";
export type ServerKind = "salus" | Bare;

/** A page's statement as Salus sends it. */
export type Statement = { sql: string; values: readonly (string | number | boolean | null)[] };

/** Where the bare server finds the statements it is asked to send, by number. */
export function statementsFile(folder: string): string {
  return join(folder, "statements.json");
}
