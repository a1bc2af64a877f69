/**
 * A fresh, empty database for one test file: in the PostgreSQL of `TEST_DATABASE_URL` (a superuser's URL) when set,
 * else in a throw-away embedded cluster shared by the test processes. `TEST_DATABASE_TEMPLATE` names a database of that
 * server to begin from, such as one whose tables are distributed (bin/citus-template.ts); `TEST_DATABASE_WORKERS` are the
 * URLs of servers that need one of the same name, Citus's workers.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import postgres from "postgres";
import { repositoryRoot } from "./binaries.ts";
import { startEmbedded } from "./embedded.ts";

/** Why a test is left out where tables are distributed; undefined where they are not, and it runs. */
export function unlessDistributed(why: string): string | undefined {
  return (process.env.TEST_DATABASE_TEMPLATE ?? "") === "" ? undefined : `Citus: ${why}`;
}

export type TestDatabase = { url: string; close(): Promise<void> };

export async function testDatabase(): Promise<TestDatabase> {
  const given = process.env.TEST_DATABASE_URL;
  const cluster = given ? undefined : await startEmbedded({ folder: join(repositoryRoot, ".salus", "test"), durable: false });
  const adminUrl = given ?? cluster!.url;
  const name = `test_${process.pid}_${randomBytes(4).toString("hex")}`;
  const servers = [adminUrl, ...(process.env.TEST_DATABASE_WORKERS ?? "").split(" ").filter((worker) => worker !== "")];
  for (const server of servers) await onServer(server, (sql) => sql.unsafe(`create database ${name} template ${process.env.TEST_DATABASE_TEMPLATE ?? "template0"} encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async close() {
      for (const server of servers) await onServer(server, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`));
      await cluster?.stop();
    },
  };
}

async function onServer(url: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
