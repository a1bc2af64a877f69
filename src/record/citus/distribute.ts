/**
 * Spreads the record's tables over the workers of a Citus coordinator, by bucket (`ck`): what belongs to one person lies
 * on one shard. Small tables that every shard joins are copied to each worker; ledger, outbox, jobs and whatever else
 * belongs to the node stay on the coordinator. Source: https://docs.citusdata.com/en/stable/develop/api_udf.html
 */
import type postgres from "postgres";
import { fail, ok, type Result } from "#platform/result.ts";
import { readAbsent } from "../load/absent-indexes.ts";
import type { Queryable } from "../sql.ts";

/** All in one colocation group. */
export const distributedTables: readonly string[] = ["resource", "version", "token", "reference", "date", "string", "number", "quantity", "uri", "element", "position", "words", "compartment"];
/** On every worker. */
export const referenceTables: readonly string[] = ["directory", "stray", "care"];

export type Distributed = { citus: string; workers: number; shards: number; /** Tables this run moved. */ moved: string[]; already: string[] };
export type DistributeOptions = { /** Of each table. Default 32. */ shards?: number; onTable?: (table: string) => void };

const shardsDefault = 32;
/** Whoever distributes names the connection so. */
export const distributeApplication = "salus distribute";

/** May be run again: what is distributed already stays. Failures: not-supported (no Citus), not-found (no tables yet), conflict. */
export async function distribute(db: postgres.Sql, { shards = shardsDefault, onTable = () => {} }: DistributeOptions = {}): Promise<Result<Distributed>> {
  const citus = await citusVersion(db);
  if (!citus.ok) return citus;
  const all = [...referenceTables, ...distributedTables];
  const [there] = await db.unsafe<{ missing: string | null }[]>("select string_agg(t, ', ') as missing from unnest(string_to_array($1, ' ')) t where to_regclass(t) is null", [all.join(" ")]);
  if (there!.missing !== null) return fail("not-found", `This database has no tables of a record yet (${there!.missing}); start the node on it once, then distribute`);
  const [others] = await db.unsafe<{ names: string | null }[]>(`select string_agg(distinct application_name, ', ') as names from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name like 'salus%' and application_name <> $1`, [distributeApplication]);
  if (others!.names !== null) return fail("conflict", `A server or command works on this database (${others!.names}); stop it: it would go on as if the tables were not distributed`);
  if ((await readAbsent(db)).length) return fail("conflict", "An import left out indexes of this record, which every shard is to have; let it end, or start the node once, then distribute");
  await addCoordinator(db);
  // Names as they are: `regclass` as text puts "position" in quotes.
  const known = new Set((await db.unsafe<{ name: string }[]>("select c.relname as name from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid")).map(({ name }) => name));
  const moved: string[] = [];
  for (const name of all) {
    if (known.has(name)) continue;
    onTable(name);
    // Each in a transaction of its own, as Citus wants it; run again, it goes on with the next.
    if (referenceTables.includes(name)) await db.unsafe("select create_reference_table($1::regclass)", [name]);
    else if (name === distributedTables[0]) await db.unsafe("select create_distributed_table($1::regclass, 'ck', shard_count => $2::int)", [name, shards]);
    else await db.unsafe("select create_distributed_table($1::regclass, 'ck', colocate_with => $2)", [name, distributedTables[0]!]);
    moved.push(name);
  }
  const [state] = await db.unsafe<{ workers: number; shards: number }[]>(`select (select count(*)::int from pg_dist_node where shouldhaveshards and noderole = 'primary') as workers,
    (select count(*)::int from pg_dist_shard where logicalrelid = $1::regclass) as shards`, [distributedTables[0]!]);
  await db.unsafe("analyze");
  return ok({ citus: citus.value, ...state!, moved, already: all.filter((name) => known.has(name)) });
}

/** Whether the record's tables are spread already. */
export async function isDistributed(db: Queryable): Promise<boolean> {
  const [there] = await db.unsafe<{ there: boolean }[]>("select to_regclass('pg_dist_partition') is not null as there");
  if (!there!.there) return false;
  return (await db.unsafe("select 1 from pg_dist_partition where logicalrelid = to_regclass($1)", [distributedTables[0]!])).length > 0;
}

/** Its version, where the extension is installed in this database. */
export async function citusVersion(db: Queryable): Promise<Result<string>> {
  const [row] = await db.unsafe<{ installed: string | null; available: string | null }[]>(`select (select extversion from pg_extension where extname = 'citus') as installed,
    (select default_version from pg_available_extensions where name = 'citus') as available`);
  if (row!.installed !== null) return ok(row!.installed);
  return row!.available === null ? fail("not-supported", "This PostgreSQL has no Citus: the extension is not installed on the server. docs/scale.md says how to start a coordinator")
    : fail("not-supported", "Citus is on this server but not in this database: run create extension citus as a superuser (shared_preload_libraries must begin with citus), then again");
}

/** A coordinator without workers holds the shards itself. */
async function addCoordinator(db: Queryable): Promise<void> {
  const [row] = await db.unsafe<{ workers: number }[]>("select count(*)::int as workers from pg_dist_node where groupid <> 0");
  if (row!.workers > 0) return;
  const [address] = await db.unsafe<{ host: string; port: number }[]>("select coalesce(host(inet_server_addr()), 'localhost') as host, current_setting('port')::int as port");
  await db.unsafe("select citus_set_coordinator_host($1, $2::int)", [address!.host, address!.port]);
  await db.unsafe("select citus_set_node_property($1, $2::int, 'shouldhaveshards', true)", [address!.host, address!.port]);
}
