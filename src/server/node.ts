/**
 * Opens a node: its database (embedded, or DATABASE_URL), the record, trust and the ledger's key. Used by the server
 * and by every command that works on the record; several may be open on one database at once.
 */
import type { Sql } from "postgres";
import { systemClock, type Clock } from "#platform/clock.ts";
import { databaseAddress } from "#platform/database/address.ts";
import { defaultFolder, startEmbedded } from "#platform/database/embedded.ts";
import { openPool } from "#platform/database/pool.ts";
import { openRecord, type OpenRecord } from "#record/open.ts";
import { openCustody } from "#trust/signing/custody.ts";
import { migrations as trustMigrations } from "#trust/migrations.ts";
import { localOperator } from "#trust/caller.ts";
import { openTrust } from "#trust/open.ts";
import type { Trust } from "#trust/trust.ts";
import type { Caller } from "#record/record.ts";

export type NodeOptions = {
  /** Folder of the node's files; `.salus` of the checkout unless told otherwise. */
  folder?: string;
  /** Overrides DATABASE_URL. */
  databaseUrl?: string;
  clock?: Clock;
  /** For large writes, see the record's option; SALUS_WRITING_THREADS unless told here. */
  threads?: number;
  /** Told of what goes wrong where nobody waits: numbering of leaves, jobs, the making of indexes, threads. */
  onError?: (error: unknown) => void;
};

export type OpenedNode = {
  record: OpenRecord;
  trust: Trust;
  sql: Sql;
  clock: Clock;
  folder: string;
  /** Whether the database is the embedded one. */
  embedded: boolean;
  databaseUrl: string;
  close(): Promise<void>;
};

/** The node's own jobs and the commands of whoever runs it. */
export const operator: Caller = localOperator;

/** `embedded`: the node's own, which stops with its last user. */
export type OpenedDatabase = { url: string; folder: string; embedded: boolean; stop(): Promise<void> };

/** The database of a node, as it is: nothing is migrated. */
export async function openDatabase(options: Pick<NodeOptions, "folder" | "databaseUrl"> = {}): Promise<OpenedDatabase> {
  const folder = options.folder ?? process.env.SALUS_DATA ?? defaultFolder;
  const given = options.databaseUrl ?? (process.env.DATABASE_URL || undefined);
  const address = given === undefined ? undefined : databaseAddress(given);
  if (address && !address.ok) throw new Error(`DATABASE_URL: ${address.failure.text}`);
  const { url, stop } = given === undefined ? await startEmbedded({ folder }) : { url: given, stop: async () => {} };
  return { url, folder, embedded: given === undefined, stop };
}

/** SALUS_WRITING_THREADS: how many threads take large transactions off the server's own; 0 for none. */
function threadsAsked(): { threads?: number } {
  const asked = process.env.SALUS_WRITING_THREADS;
  if (asked === undefined || asked === "") return {};
  if (!/^\d{1,2}$/.test(asked)) throw new Error(`SALUS_WRITING_THREADS is a number from 0 to 99, not "${asked.slice(0, 20)}"`);
  return { threads: Number(asked) };
}

/** SALUS_INITIAL_LOAD: from how many resources on an import into an empty record leaves the indexes for its end; 0 for never. */
function initialLoadAsked(): { initialLoadFrom?: number } {
  const asked = process.env.SALUS_INITIAL_LOAD;
  if (asked === undefined || asked === "") return {};
  if (!/^\d{1,9}$/.test(asked)) throw new Error(`SALUS_INITIAL_LOAD is a number of resources, or 0 for never, not "${asked.slice(0, 20)}"`);
  return { initialLoadFrom: Number(asked) };
}

/** Throws with a message for people when the database cannot be reached or is too old. */
export async function openNode(options: NodeOptions = {}): Promise<OpenedNode> {
  const clock = options.clock ?? systemClock;
  const database = await openDatabase(options);
  const { folder, embedded } = database;
  const sql = openPool(database.url, { onnotice: () => {}, connection: { application_name: "salus" } }, 4);
  try {
    await sql`select 1`.catch((error: unknown) => {
      throw new Error(`The database does not answer${embedded ? "" : " (DATABASE_URL)"}: ${error instanceof Error ? error.message : String(error)}`);
    });
    const opened = await openRecord({ url: database.url, clock, migrations: trustMigrations, ...(options.onError ? { onError: options.onError } : {}), ...initialLoadAsked(), ...(options.threads === undefined ? threadsAsked() : { threads: options.threads }) });
    if (!opened.ok) throw new Error(opened.failure.text);
    const record = opened.value;
    const custody = await openCustody(folder);
    if (!custody.ok) throw new Error(custody.failure.text);
    const trust = openTrust(sql, custody.value, { clock });
    return {
      record, trust, sql, clock, folder, embedded, databaseUrl: database.url,
      async close() {
        await record.close();
        await sql.end({ timeout: 5 });
        await database.stop();
      },
    };
  } catch (error) {
    await sql.end({ timeout: 1 });
    await database.stop();
    throw error;
  }
}
