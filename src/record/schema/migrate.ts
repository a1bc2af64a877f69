/**
 * Brings a database to the schema of this code. Each migration runs once, in one transaction, under an advisory
 * lock, and leaves its checksum; a migration that was changed after it ran stops the start.
 */
import { hash } from "node:crypto";
import type postgres from "postgres";
import { fail, ok, type Result } from "#platform/result.ts";
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

/** `name` of another room's migration begins with the room: "trust/0001-identity". */
export type Migration = { name: string; statements: readonly string[]; optional?: readonly string[] };
const own: readonly Migration[] = [record, inline, vacuum, numbering, terminology, marks, searchLanguage, snapshotPages, jobs, subscriptions, parameters, mergePurge];

/** "salus" as a number: the lock that migrating processes share. */
const lock = 0x73616c7573;

/** `rooms`: migrations of rooms above the record, run after its own. */
export async function migrate(db: postgres.Sql, rooms: readonly Migration[] = []): Promise<Result<{ applied: string[] }>> {
  const migrations = [...own, ...rooms];
  const [server] = await db.unsafe<{ version: string }[]>("select current_setting('server_version_num') as version");
  if (Number(server!.version) < 150_000) return fail("not-supported", `PostgreSQL 15 or newer is needed; this server is ${server!.version}. Upgrade it or give another DATABASE_URL`);
  return await db.begin(async (tx): Promise<Result<{ applied: string[] }>> => {
    await tx.unsafe(`select pg_advisory_xact_lock(${lock})`);
    await tx.unsafe("create table if not exists migration (name text primary key, checksum text not null, at timestamptz not null)");
    const done = new Map((await tx.unsafe<{ name: string; checksum: string }[]>("select name, checksum from migration")).map((row) => [row.name, row.checksum]));
    const applied: string[] = [];
    for (const { name, statements, optional = [] } of migrations) {
      const checksum = hash("sha256", statements.join(";\n"));
      const before = done.get(name);
      if (before !== undefined && before !== checksum) return fail("conflict", `Migration ${name} ran in another form (checksum ${before.slice(0, 12)}, now ${checksum.slice(0, 12)}); restore the code it ran with, or export and import into a new database`);
      if (before !== undefined) continue;
      for (const statement of statements) await tx.unsafe(statement);
      for (const statement of optional) await tx.savepoint((point) => point.unsafe(statement)).catch(() => undefined);
      await tx.unsafe("insert into migration values ($1, $2, now())", [name, checksum]);
      applied.push(name);
    }
    const known = new Set(migrations.map(({ name }) => name)), given = new Set(migrations.map(roomOf));
    const unknown = [...done.keys()].filter((name) => !known.has(name) && given.has(roomOf({ name })));
    if (unknown.length) return fail("conflict", `The database has migrations this code does not know (${unknown.join(", ")}); start it with the newer Salus it belongs to`);
    return ok({ applied });
  });
}

function roomOf({ name }: { name: string }): string {
  return name.includes("/") ? name.slice(0, name.indexOf("/")) : "record";
}
