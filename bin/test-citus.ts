/**
 * The record's tests with its tables distributed, on a Citus coordinator: `TEST_CITUS_URL` is a superuser's URL of a server
 * with shared_preload_libraries = citus and max_worker_processes of 64 or more. Skipped where it is not given.
 *   TEST_CITUS_URL=postgres://… node bin/run.js bin/test-citus.ts [FILE…]
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { distribute } from "#record/citus/distribute.ts";
import { migrate } from "#record/schema/migrate.ts";
import { migrations } from "#trust/migrations.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const given = process.env.TEST_CITUS_URL;
const template = "salus_citus_template";

async function makeTemplate(server: string): Promise<void> {
  const url = new URL(server);
  url.pathname = `/${template}`;
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(`drop database if exists ${template} with (force)`);
    await admin.unsafe(`create database ${template} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`);
    const db = postgres(url.href, { max: 1, onnotice: () => {} });
    try {
      await db.unsafe("create extension citus");
      const migrated = await migrate(db, migrations);
      const distributed = migrated.ok ? await distribute(db, { shards: 4 }) : migrated;
      if (!distributed.ok) throw new Error(distributed.failure.text);
    } finally {
      await db.end();
    }
    // Citus's own daemon stays connected, and a database in use cannot be copied.
    await admin.unsafe(`alter database ${template} allow_connections false`);
    await admin.unsafe("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [template]);
  } finally {
    await admin.end();
  }
}

if (given === undefined) {
  process.stdout.write("Citus: skipped, TEST_CITUS_URL names no coordinator\n0 passed, 0 failed, 1 skipped\n");
} else {
  await makeTemplate(given);
  const files = process.argv.length > 2 ? process.argv.slice(2) : globSync("src/record/{,access,bundle,ledger,read,search,write}/*.test.ts", { cwd: root }).sort();
  const done = spawnSync(process.execPath, [join(root, "bin/test.ts"), "--only", "unit", ...files], { cwd: root, stdio: "inherit", env: { ...process.env, TEST_DATABASE_URL: given, TEST_DATABASE_TEMPLATE: template } });
  process.exitCode = done.status ?? 1;
}
