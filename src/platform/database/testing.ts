/**
 * A fresh, empty database for one test file: in the PostgreSQL of `TEST_DATABASE_URL` (a superuser's URL) when set,
 * else in a throw-away embedded cluster shared by the test processes. `TEST_DATABASE_TEMPLATE` names a database of that
 * server to begin from, such as one whose tables are distributed (bin/citus-template.ts), and the same name with _empty one
 * without tables; `TEST_DATABASE_WORKERS` are the URLs of servers that need one of the same name, Citus's workers.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import postgres from "postgres";
import { repositoryRoot } from "./binaries.ts";
import { startEmbedded } from "./embedded.ts";

/** Whether the tests run on Citus. */
export const distributed = (process.env.TEST_DATABASE_TEMPLATE ?? "") !== "";

/** Why a test is left out where tables are distributed; undefined where they are not, and it runs. */
export function unlessDistributed(why: string): string | undefined {
  return distributed ? `Citus: ${why}` : undefined;
}

export type TestDatabase = { url: string; close(): Promise<void> };

/** `empty`: without tables where others have them already, distributed. */
export async function testDatabase({ empty = false }: { empty?: boolean } = {}): Promise<TestDatabase> {
  const given = process.env.TEST_DATABASE_URL;
  const cluster = given ? undefined : await startEmbedded({ folder: join(repositoryRoot, ".salus", "test"), durable: false });
  const adminUrl = given ?? cluster!.url;
  const name = `test_${process.pid}_${randomBytes(4).toString("hex")}`;
  const servers = [adminUrl, ...(process.env.TEST_DATABASE_WORKERS ?? "").split(" ").filter((worker) => worker !== "")];
  const begin = process.env.TEST_DATABASE_TEMPLATE, template = begin === undefined ? "template0" : empty ? `${begin}_empty` : begin;
  for (const server of servers) await onServer(server, (sql) => sql.unsafe(`create database ${name} template ${template} encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async close() {
      if (distributed) for (const server of servers) await onServer(server, (sql) => closeDatabase(sql, name));
      for (const server of servers) await onServer(server, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`));
      await cluster?.stop();
    },
  };
}

/** Ends all that is connected, for good: Citus's own daemon comes back as long as it may, and one that connects to its own server while it is dropped does not end. */
export async function closeDatabase(sql: postgres.Sql, name: string): Promise<void> {
  await sql.unsafe(`alter database ${name} allow_connections false`);
  await sql.unsafe("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", [name]);
}

export async function onServer<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
