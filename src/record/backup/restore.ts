/**
 * A backup brought back into an empty database, in one transaction: schema as it was then, rows, counts, the migrations
 * that came since, and the ledger checked leaf by leaf. Whatever does not fit rolls everything back.
 */
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type postgres from "postgres";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { readStoredFrontier } from "../ledger/sequencer.ts";
import { verifyLedger } from "../ledger/verify.ts";
import { applyMigrations, checksumOf, recordMigrations, type Migration } from "../schema/migrate.ts";
import type { Queryable } from "../sql.ts";
import type { ArchiveReader } from "./archive.ts";
import { copyingConnection } from "./backup.ts";
import { sha256Of, type BackupTable, type CheckedBackup, type Manifest } from "./manifest.ts";

export type RestoreOptions = { url: string; migrations: readonly Migration[]; onProgress?: (rows: number, total: number, table: string) => void };
export type Restored = { tables: number; rows: number; leaves: number; /** Migrations that came after the backup. */ migrated: string[] };

const decompress = promisify(zstdDecompress);

/** Thrown inside the transaction, so that it is rolled back. */
class Refused extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.text);
    this.failure = failure;
  }
}

function orRefuse<T>(result: Result<T>): T {
  if (!result.ok) throw new Refused(result.failure);
  return result.value;
}

/** Failures: conflict (the database is not empty, the backup is of a newer Salus), structure (it is damaged). */
export async function restore(archive: ArchiveReader, checked: CheckedBackup, { url, migrations: rooms, onProgress = () => {} }: RestoreOptions): Promise<Result<Restored>> {
  const { manifest, faults } = checked;
  if (faults.length) return fail("structure", `The backup is damaged, nothing was restored:\n  ${faults.join("\n  ")}`);
  const migrations = [...recordMigrations, ...rooms];
  const then = migrationsThen(manifest, migrations);
  if (!then.ok) return then;
  const db = copyingConnection(url, "salus restore");
  try {
    const total = manifest.tables.reduce((sum, { rows }) => sum + rows, 0);
    const restored = await db.begin(async (tx): Promise<Restored> => {
      orRefuse(await checkEmpty(tx));
      orRefuse(await applyMigrations(tx, then.value));
      // What migrations themselves put in is in the backup too.
      await tx.unsafe(`truncate ${manifest.tables.map(({ name }) => name).join(", ")}`);
      let rows = 0;
      for (const table of manifest.tables) {
        await copyIn(tx, archive, checked, table);
        onProgress(rows += table.rows, total, table.name);
      }
      for (const { table, column, last, called } of manifest.sequences) await tx.unsafe("select setval(pg_get_serial_sequence($1, $2), $3::bigint, $4)", [table, column, last, called]);
      const { applied } = orRefuse(await applyMigrations(tx, migrations));
      return { tables: manifest.tables.length, rows, leaves: await checkLedger(tx, manifest), migrated: applied };
    });
    await db.unsafe("analyze");
    return ok(restored);
  } catch (error) {
    if (error instanceof Refused) return { ok: false, failure: { ...error.failure, text: `${error.failure.text}. Nothing was restored` } };
    throw error;
  } finally {
    await db.end({ timeout: 5 });
  }
}

/** The migrations the backup was made under; this code must know each, in that form. */
function migrationsThen({ migrations, salus }: Manifest, known: readonly Migration[]): Result<readonly Migration[]> {
  const byName = new Map(known.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of migrations) {
    const migration = byName.get(name);
    if (!migration) return fail("conflict", `The backup was made by Salus ${salus} with migration ${name}, which this code does not know; restore it with that Salus, or a newer one`);
    if (checksumOf(migration) !== checksum) return fail("conflict", `The backup was made with migration ${name} in another form; restore it with the Salus (${salus}) it was made by`);
  }
  const names = new Set(migrations.map(({ name }) => name));
  return ok(known.filter(({ name }) => names.has(name)));
}

async function checkEmpty(tx: Queryable): Promise<Result<void>> {
  const found = await tx.unsafe<{ name: string }[]>(`select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (current_schema(), 'trust') and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and c.oid not in (select d.objid from pg_depend d where d.classid = 'pg_class'::regclass and d.deptype = 'e') order by 1 limit 4`);
  if (!found.length) return ok(undefined);
  const names = found.slice(0, 3).map(({ name }) => name).join(", ");
  return fail("conflict", `The database is not empty (${names}${found.length > 3 ? ", …" : ""}): a backup is restored into an empty one only. Give a new folder with --data, or the DATABASE_URL of a new database (createdb)`);
}

async function copyIn(tx: postgres.TransactionSql, archive: ArchiveReader, { sums }: CheckedBackup, { name, columns, rows, parts }: BackupTable): Promise<void> {
  let fault: unknown;
  if (parts.length) {
    const stream = await tx.unsafe(`copy ${name} (${columns.join(", ")}) from stdin`).writable();
    stream.on("error", (error) => { fault ??= error; });
    const sent = allSent(stream);
    for (const part of parts) {
      const packed = await archive.read(part.name);
      if (sha256Of(packed) !== sums.get(part.name)) fault = new Refused({ code: "structure", text: `${part.name} was changed while it was read` });
      if (fault !== undefined || stream.destroyed) break;
      // A bound on what a made-up part may unpack to.
      const text = await decompress(packed, { maxOutputLength: Math.max(1, part.bytes) });
      if (!stream.write(text)) await once(stream, "drain").catch((error: unknown) => { fault ??= error; });
    }
    if (fault === undefined && !stream.destroyed) {
      stream.end();
      await sent;
    } else stream.destroy(fault instanceof Error ? fault : new Error(`copying into ${name} broke off`));
  }
  if (fault instanceof Refused) throw fault;
  // Also fails when the copy did: PostgreSQL ends it first.
  const [counted] = await tx.unsafe<{ count: string }[]>(`select count(*) as count from ${name}`).catch((error: unknown) => { throw fault ?? error; });
  if (Number(counted!.count) !== rows) throw new Refused({ code: "structure", text: `Table ${name} has ${counted!.count} rows, the backup speaks of ${rows}` });
}

/**
 * Settles when the end of the copy is sent, or it broke off. The driver takes no statement before, and its "finish"
 * never comes where PostgreSQL refuses the last rows.
 */
function allSent(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const end = stream._final.bind(stream);
    stream._final = (done) => { end(done); resolve(); };
    stream.on("close", resolve);
  });
}

async function checkLedger(tx: Queryable, { ledger }: Manifest): Promise<number> {
  const { size } = await readStoredFrontier(tx);
  if (size !== ledger.size) throw new Refused({ code: "structure", text: `The ledger has ${size} entries, the backup speaks of ${ledger.size}` });
  const { leavesChecked, faults: [fault] } = await verifyLedger(tx, { checkpoint: { size: ledger.size, root: Buffer.from(ledger.root, "hex") } });
  if (fault) throw new Refused({ code: "structure", text: `The ledger does not verify: ${fault.text}` });
  return leavesChecked;
}
