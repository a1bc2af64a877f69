/** What an administrator asks of a node first: which version runs, on which database, since when. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sql } from "postgres";
import { repositoryRoot } from "#platform/database/binaries.ts";

/** `bytes`: size of the database on disk. `postgres`: its version as it says it, such as "18.1". */
export type NodeFacts = { version: string; node: string; started: string; database: { embedded: boolean; postgres: string; bytes: number } };

/** Of this code. */
export const { version } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as { version: string };

export async function nodeFacts(sql: Sql, { embedded, started }: { embedded: boolean; started: string }): Promise<NodeFacts> {
  const [row] = await sql<{ postgres: string; bytes: string }[]>`select current_setting('server_version') as postgres, pg_database_size(current_database()) as bytes`;
  return { version, node: process.versions.node, started, database: { embedded, postgres: row!.postgres.split(" ")[0]!, bytes: Number(row!.bytes) } };
}
