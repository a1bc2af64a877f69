/**
 * An online backup: every table of the record and of the rooms above it, as of one moment (citus/one-moment.ts), streamed
 * by COPY in its text form (which every PostgreSQL reads) and compressed in parts, so that memory is bounded by one part
 * and one row. Writers go on meanwhile. Restoring: restore.ts.
 */
import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";
import type postgres from "postgres";
import { openClient } from "#platform/database/client.ts";
import { rootOf } from "#ledger/tree.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { distributedConnection } from "../citus/connection.ts";
import { isDistributed } from "../citus/distribute.ts";
import { readOneMoment } from "../citus/one-moment.ts";
import { readStoredFrontier } from "../ledger/sequencer.ts";
import { checksumOf, compareMigrations, migrationFault, readMigrations, recordMigrations, type Migration } from "../schema/migrate.ts";
import { tablesOf } from "../schema/tables.ts";
import type { Queryable } from "../sql.ts";
import type { ArchiveWriter } from "./archive.ts";
import { manifestName, sha256Of, sumsName, type BackupPart, type BackupSequence, type BackupTable, type Manifest } from "./manifest.ts";

export type BackupOptions = {
  url: string;
  /** Of rooms above the record. */
  migrations: readonly Migration[];
  salus: string;
  at: Date;
  /** The node's key file, where it shall be in the backup. */
  keys?: Uint8Array;
  /** Rows so far. */
  onProgress?: (rows: number, table: string) => void;
};

const compress = promisify(zstdCompress);
/** Bytes of a part before compression, about. */
const partBytes = 8 << 20;
const newline = 10;

/** One connection, and every value in a form that does not depend on the server's settings. */
export function copyingConnection(url: string, application: string): postgres.Sql {
  return openClient(url, { max: 1, fetch_types: false, onnotice: () => {}, max_lifetime: null, connection: { application_name: application, DateStyle: "ISO", IntervalStyle: "postgres", TimeZone: "UTC", extra_float_digits: "3", statement_timeout: 0, idle_in_transaction_session_timeout: 0 } });
}

/** Writes the parts; naming the archive is the caller's. Failures: not-found (no record there), conflict (another code's schema). */
export async function backUp(archive: ArchiveWriter, { url, migrations: rooms, salus, at, keys, onProgress = () => {} }: BackupOptions): Promise<Result<Manifest>> {
  const [plain, beside] = [copyingConnection(url, "salus backup"), copyingConnection(url, "salus backup")];
  try {
    const db = await isDistributed(plain) ? distributedConnection(plain) : plain;
    return await readOneMoment(db, beside, async (tx): Promise<Result<Manifest>> => {
      const migrations = [...recordMigrations, ...rooms];
      const done = await readMigrations(tx);
      if (!done?.size) return fail("not-found", "This database holds no record: nothing was ever stored there");
      const state = compareMigrations(done, migrations);
      const fault = migrationFault(state);
      if (!fault.ok) return fault;
      const applied = migrations.filter(({ name }) => done.has(name));
      const sums: string[] = [];
      const put = async (name: string, bytes: Uint8Array): Promise<void> => {
        await archive.put(name, bytes);
        sums.push(`${sha256Of(bytes)}  ${name}\n`);
      };
      const [server] = await tx.unsafe<{ version: string }[]>("select current_setting('server_version') as version");
      const frontier = await readStoredFrontier(tx);
      const tables: BackupTable[] = [], sequences: BackupSequence[] = [];
      let rows = 0;
      for (const name of tablesOf(applied)) {
        const table = await copyOut(tx, name, put, (more) => onProgress(rows += more, name));
        tables.push(table);
        sequences.push(...await sequencesOf(tx, name));
      }
      if (keys) await put("node.key", keys);
      const manifest: Manifest = {
        format: "salus-backup", form: 1, salus, postgres: server!.version, at: at.toISOString(),
        migrations: applied.map((migration) => ({ name: migration.name, checksum: checksumOf(migration) })),
        tables, sequences, ledger: { size: frontier.size, root: Buffer.from(rootOf(frontier)).toString("hex") }, ...(keys ? { keys: "node.key" } : {}),
      };
      await put(manifestName, Buffer.from(`${JSON.stringify(manifest, undefined, 1)}\n`));
      await archive.put(sumsName, Buffer.from(sums.join("")));
      return ok(manifest);
    });
  } finally {
    await Promise.all([plain, beside].map((db) => db.end({ timeout: 5 })));
  }
}

async function copyOut(tx: postgres.TransactionSql, name: string, put: (name: string, bytes: Uint8Array) => Promise<void>, onRows: (rows: number) => void): Promise<BackupTable> {
  const columns = await columnsOf(tx, name);
  const parts: BackupPart[] = [];
  let chunks: Buffer[] = [], bytes = 0, rows = 0;
  const flush = async (): Promise<void> => {
    const part = `${name}.${String(parts.length + 1).padStart(5, "0")}.zst`;
    await put(part, await compress(Buffer.concat(chunks)));
    parts.push({ name: part, bytes });
    chunks = [];
    bytes = 0;
  };
  const stream = await tx.unsafe(`copy ${name} (${columns.join(", ")}) to stdout`).readable();
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // A row ends with the only line break in it: others are written as \n.
    let more = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) more++;
    rows += more;
    onRows(more);
    if (bytes >= partBytes) await flush();
  }
  // The driver stops its socket at a row larger than the stream's buffer until more is read: after the last row nobody does.
  stream._read(0);
  if (bytes > 0) await flush();
  return { name, columns, rows, parts };
}

/** Quoted where they must be; those that are computed are left out, and ids of transactions, which say nothing in another database. */
async function columnsOf(tx: Queryable, table: string): Promise<string[]> {
  const rows = await tx.unsafe<{ name: string }[]>("select quote_ident(attname) as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and atttypid <> 'xid8'::regtype order by attnum", [table]);
  return rows.map(({ name }) => name);
}

/** Counters of identity columns. They are of the moment they are read, so never behind the snapshot. */
async function sequencesOf(tx: Queryable, table: string): Promise<BackupSequence[]> {
  const found = await tx.unsafe<{ column: string; sequence: string }[]>(`select attname as column, pg_get_serial_sequence($1, attname) as sequence from pg_attribute
    where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity <> ''`, [table]);
  return await Promise.all(found.map(async ({ column, sequence }) => {
    const [state] = await tx.unsafe<{ last_value: string; is_called: boolean }[]>(`select last_value, is_called from ${sequence}`);
    return { table, column, last: state!.last_value, called: state!.is_called };
  }));
}
