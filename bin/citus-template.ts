/**
 * Databases for tests to begin from, one with the record's tables distributed and one without tables: made once on the
 * server a URL names, and on its workers where the database it names has some (pg_dist_node). Undefined where that server
 * is no Citus coordinator.
 */
import { closeDatabase, onServer } from "#platform/database/testing.ts";
import { citusVersion, distribute } from "#record/citus/distribute.ts";
import { migrate } from "#record/schema/migrate.ts";
import { migrations } from "#trust/migrations.ts";

const template = "salus_citus_template", emptyTemplate = `${template}_empty`;
const shards = 4;

/** For TEST_DATABASE_TEMPLATE and TEST_DATABASE_WORKERS, see platform/database/testing.ts. */
export type CitusTemplate = { template: string; workers: string };

function withDatabase(url: string, name: string): string {
  const to = new URL(url);
  to.pathname = `/${name}`;
  return to.href;
}

export async function citusTemplate(server: string): Promise<CitusTemplate | undefined> {
  const nodes = await onServer(server, async (given): Promise<{ host: string; port: number }[] | undefined> => {
    const [row] = await given.unsafe<{ libraries: string }[]>("select current_setting('shared_preload_libraries') as libraries");
    if (!/(?:^|[ ,])citus\b/.test(row!.libraries)) return undefined;
    if (!(await citusVersion(given)).ok) return [];
    return await given.unsafe<{ host: string; port: number }[]>("select nodename as host, nodeport as port from pg_dist_node where groupid <> 0 and noderole = 'primary' and isactive order by nodeid");
  });
  if (!nodes) return undefined;
  const workers = nodes.map(({ host, port }) => { const url = new URL(server); url.hostname = host; url.port = String(port); return url.href; });
  for (const name of [emptyTemplate, template]) {
    for (const url of [server, ...workers]) {
      await onServer(url, async (admin) => {
        await admin.unsafe(`drop database if exists ${name} with (force)`);
        await admin.unsafe(`create database ${name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`);
      });
      await onServer(withDatabase(url, name), (inside) => inside.unsafe("create extension citus"));
    }
    await onServer(withDatabase(server, name), async (db) => {
      if (nodes.length) await db.unsafe("select citus_set_coordinator_host($1, $2::int)", [new URL(server).hostname, Number(new URL(server).port || 5432)]);
      for (const { host, port } of nodes) await db.unsafe("select citus_add_node($1, $2::int)", [host, port]);
      if (name === emptyTemplate) return;
      const migrated = await migrate(db, migrations);
      const distributed = migrated.ok ? await distribute(db, { shards }) : migrated;
      if (!distributed.ok) throw new Error(distributed.failure.text);
    });
    // A database in use cannot be copied.
    for (const url of [server, ...workers]) await onServer(url, (admin) => closeDatabase(admin, name));
  }
  return { template, workers: workers.join(" ") };
}
