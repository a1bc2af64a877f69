/**
 * Brings a database to the schema of this code. Each migration runs once, in one transaction, under an advisory
 * lock, and leaves its checksum; a migration that was changed after it ran stops the start.
 */
import { hash } from "node:crypto";
import type postgres from "postgres";
import { fail, ok, type Result } from "#platform/result.ts";
import { isDistributed } from "../citus/distribute.ts";
import { readAbsent } from "../load/absent-indexes.ts";
import type { Queryable } from "../sql.ts";
import * as record from "./0001-record.ts";
import * as inline from "./0002-inline.ts";
import * as vacuum from "./0003-vacuum.ts";
import * as numbering from "./0004-numbering.ts";
import * as terminology from "./0005-terminology.ts";
import * as marks from "./0006-marks.ts";
import * as searchLanguage from "./0007-search-language.ts";
import * as snapshotPages from "./0008-snapshot-pages.ts";
import * as jobs from "./0009-jobs.ts";
import * as subscriptions from "./0010-subscriptions.ts";
import * as parameters from "./0011-parameters.ts";
import * as mergePurge from "./0012-merge-purge.ts";
import * as settle from "./0013-settle.ts";
import * as parts from "./0014-parts.ts";
import * as moment from "./0015-moment.ts";
import * as packs from "./0016-packs.ts";
import * as narrow from "./0017-narrow.ts";
import * as narratives from "./0018-narratives.ts";
import * as leaves from "./0019-leaves.ts";
import * as about from "./0020-about.ts";
import * as initialLoad from "./0022-initial-load.ts";

/** `name` of another room's migration begins with the room: "trust/0001-identity". */
export type Migration = { name: string; statements: readonly string[]; optional?: readonly string[] };
const own: readonly Migration[] = [record, inline, vacuum, numbering, terminology, marks, searchLanguage, snapshotPages, jobs, subscriptions, parameters, mergePurge, settle, parts, moment, packs, narrow, narratives, leaves, about, initialLoad];

/** The record's own, in the order they run. Each was released as it stands: what changes comes as another one. */
export const recordMigrations: readonly Migration[] = own;

/** "salus" as a number: the lock that migrating processes share. */
const lock = 0x73616c7573;

/** Migrations of a database beside those of this code. `checksum`: SHA-256 of the statements, hex. */
export type MigrationState = { applied: string[]; pending: string[]; changed: { name: string; ran: string; now: string }[]; unknown: string[] };

export function checksumOf({ statements }: Migration): string {
  return hash("sha256", statements.join(";\n"));
}

/** Name and checksum of what has run; undefined where no Salus ever opened the database. */
export async function readMigrations(db: Queryable): Promise<Map<string, string> | undefined> {
  const [there] = await db.unsafe<{ there: boolean }[]>("select to_regclass('migration') is not null as there");
  if (!there!.there) return undefined;
  return new Map((await db.unsafe<{ name: string; checksum: string }[]>("select name, checksum from migration")).map((row) => [row.name, row.checksum]));
}

export function compareMigrations(done: ReadonlyMap<string, string>, migrations: readonly Migration[]): MigrationState {
  const known = new Set(migrations.map(({ name }) => name)), given = new Set(migrations.map(roomOf));
  return {
    applied: migrations.filter(({ name }) => done.has(name)).map(({ name }) => name),
    pending: migrations.filter(({ name }) => !done.has(name)).map(({ name }) => name),
    changed: migrations.map((migration) => ({ name: migration.name, ran: done.get(migration.name), now: checksumOf(migration) })).filter((one): one is { name: string; ran: string; now: string } => one.ran !== undefined && one.ran !== one.now),
    unknown: [...done.keys()].filter((name) => !known.has(name) && given.has(roomOf({ name }))),
  };
}

/** Why this code may not work on a database in that state. */
export function migrationFault({ changed: [changed], unknown }: MigrationState): Result<void> {
  if (changed) return fail("conflict", `Migration ${changed.name} ran in another form (checksum ${changed.ran.slice(0, 12)}, now ${changed.now.slice(0, 12)}); restore the code it ran with, or export and import into a new database`);
  if (unknown.length) return fail("conflict", `The database has migrations this code does not know (${unknown.join(", ")}); start it with the newer Salus it belongs to`);
  return ok(undefined);
}

/** `rooms`: migrations of rooms above the record, run after its own. `whole`: makes what an initial load left out, false where one is under way. */
export async function migrate(db: postgres.Sql, rooms: readonly Migration[] = [], whole: () => Promise<boolean> = async () => true): Promise<Result<{ applied: string[] }>> {
  const [server] = await db.unsafe<{ version: string }[]>("select current_setting('server_version_num') as version");
  if (Number(server!.version) < oldestServer) return fail("not-supported", `PostgreSQL 15 or newer is needed; this server is ${server!.version}. Upgrade it or give another DATABASE_URL`);
  const all = [...own, ...rooms];
  const done = await readMigrations(db);
  // Migrations know all indexes.
  if (done && compareMigrations(done, all).pending.length && (await readAbsent(db)).length && !await whole())
    return fail("conflict", "The database is to be brought up to this Salus while another process imports into it, without some of its indexes; let that import end first");
  return await db.begin((tx) => applyMigrations(tx, all));
}

/** As PostgreSQL states it (server_version_num). */
export const oldestServer = 150_000;

/** In the caller's transaction: those that have not run yet, in order; none where one would be refused. */
export async function applyMigrations(tx: postgres.TransactionSql, migrations: readonly Migration[]): Promise<Result<{ applied: string[] }>> {
  await tx.unsafe(`select pg_advisory_xact_lock(${lock})`);
  await tx.unsafe("create table if not exists migration (name text primary key, checksum text not null, at timestamptz not null)");
  const state = compareMigrations((await readMigrations(tx))!, migrations);
  const fault = migrationFault(state);
  if (!fault.ok) return fault;
  const pending = new Set(state.pending), asPut = await asCitusTakesThem(tx);
  for (const migration of migrations) {
    const { name, statements, optional = [] } = migration;
    if (!pending.has(name)) continue;
    for (const statement of statements) await tx.unsafe(asPut(statement));
    for (const statement of optional) await tx.savepoint((point) => point.unsafe(statement)).catch(() => undefined);
    await tx.unsafe("insert into migration values ($1, $2, now())", [name, checksumOf(migration)]);
  }
  return ok({ applied: state.pending });
}

/** Where the tables are spread: how a statement is put that was released before anybody tried it there. */
async function asCitusTakesThem(tx: Queryable): Promise<(statement: string) => string> {
  if (!await isDistributed(tx)) return (statement) => statement;
  // What follows a change over several connections to a worker may need one.
  await tx.unsafe("set local citus.multi_shard_modify_mode = 'sequential'");
  // A subquery that it asks beforehand must have a column.
  return (statement) => statement.replaceAll("(select from ", "(select true from ");
}

function roomOf({ name }: { name: string }): string {
  return name.includes("/") ? name.slice(0, name.indexOf("/")) : "record";
}
