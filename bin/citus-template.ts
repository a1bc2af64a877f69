/**
 * A database with the record's tables distributed, for tests to begin from: made once on the server a URL names, and on
 * its workers where the database it names has some (pg_dist_node). Undefined where that server is no Citus coordinator.
 */
import postgres from "postgres";
import { citusVersion, distribute } from "#record/citus/distribute.ts";
import { migrate } from "#record/schema/migrate.ts";
import { migrations } from "#trust/migrations.ts";

const template = "salus_citus_template";
const shards = 4;

/** For TEST_DATABASE_TEMPLATE and TEST_DATABASE_WORKERS, see platform/database/testing.ts. */
export type CitusTemplate = { template: string; workers: string };

function connect(url: string, database?: string): postgres.Sql {
  const to = new URL(url);
  if (database !== undefined) to.pathname = `/${database}`;
  return postgres(to.href, { max: 1, onnotice: () => {} });
}

export async function citusTemplate(server: string): Promise<CitusTemplate | undefined> {
  const given = connect(server);
  let nodes: { host: string; port: number }[] = [];
  try {
    const [row] = await given.unsafe<{ libraries: string }[]>("select current_setting('shared_preload_libraries') as libraries");
    if (!/(?:^|[ ,])citus\b/.test(row!.libraries)) return undefined;
    if ((await citusVersion(given)).ok) nodes = await given.unsafe("select nodename as host, nodeport as port from pg_dist_node where groupid <> 0 and noderole = 'primary' and isactive order by nodeid");
  } finally {
    await given.end();
  }
  const workers = nodes.map(({ host, port }) => { const url = new URL(server); url.hostname = host; url.port = String(port); return url.href; });
  for (const url of [server, ...workers]) {
    const admin = connect(url);
    try {
      await admin.unsafe(`drop database if exists ${template} with (force)`);
      await admin.unsafe(`create database ${template} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`);
    } finally {
      await admin.end();
    }
    const inside = connect(url, template);
    await inside.unsafe("create extension citus").finally(() => inside.end());
  }
  const db = connect(server, template);
  try {
    if (nodes.length) await db.unsafe("select citus_set_coordinator_host($1, $2::int)", [new URL(server).hostname, Number(new URL(server).port || 5432)]);
    for (const { host, port } of nodes) await db.unsafe("select citus_add_node($1, $2::int)", [host, port]);
    const migrated = await migrate(db, migrations);
    const distributed = migrated.ok ? await distribute(db, { shards }) : migrated;
    if (!distributed.ok) throw new Error(distributed.failure.text);
  } finally {
    await db.end();
  }
  // Citus's own daemon stays connected, and a database in use cannot be copied.
  for (const url of [server, ...workers]) {
    const admin = connect(url);
    try {
      await admin.unsafe(`alter database ${template} allow_connections false`);
      await admin.unsafe("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [template]);
    } finally {
      await admin.end();
    }
  }
  return { template, workers: workers.join(" ") };
}
