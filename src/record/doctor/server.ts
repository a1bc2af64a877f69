/** PostgreSQL itself: what of its settings and state endangers what was acknowledged, or will stop the node. */
import type { Remark, Severity } from "#platform/remark.ts";
import { oldestServer } from "../schema/migrate.ts";
import type { Queryable } from "../sql.ts";

const day = 86_400;
/** Connections of one server process: pools of openRecord, and its own. */
const perProcess = 26;
/** PostgreSQL refuses writes at 2^31 transactions less a reserve; its own autovacuum acts from 2·10⁸ on. */
const agedTransactions = 1_000_000_000;
/** A clock may differ so much from the database's before times of writes look wrong, ms. */
const clockMs = 2000;

const guards: readonly (readonly [name: string, good: readonly string[], severity: Severity, text: string])[] = [
  ["fsync", ["on"], "error", "a crash of the machine may destroy the database"],
  ["full_page_writes", ["on"], "error", "a crash of the machine may leave half-written pages"],
  ["synchronous_commit", ["on", "remote_apply", "remote_write", "local"], "error", "a crash may lose writes that were acknowledged"],
  ["autovacuum", ["on"], "warning", "tables grow and slow down, until writes stop at the end of transaction ids"],
  ["server_encoding", ["UTF8"], "error", "texts outside this encoding cannot be stored"],
  ["default_transaction_read_only", ["off"], "error", "nothing can be written"],
];

export async function lookAtServer(tx: Queryable, now: () => number): Promise<Remark[]> {
  const remarks: Remark[] = [];
  // `boot`: with which value doctor's own connection began does not count, so settings are those of others.
  const rows = await tx.unsafe<{ name: string; setting: string }[]>(`select name, reset_val as setting from pg_settings where name = any(string_to_array($1, ' '))`,
    [[...guards.map(([name]) => name), "server_version_num", "server_version", "wal_level", "archive_mode", "data_checksums", "max_connections"].join(" ")]);
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  if (Number(settings.get("server_version_num")) < oldestServer) remarks.push({ check: "version", severity: "error", text: `PostgreSQL ${settings.get("server_version")} is older than 15`, mend: "Upgrade it, or give another DATABASE_URL" });
  for (const [name, good, severity, text] of guards) {
    const value = settings.get(name);
    if (value !== undefined && !good.includes(value)) remarks.push({ check: "settings", severity, text: `${name} is ${value}: ${text}`, mend: name === "server_encoding" ? "Make a database with encoding 'UTF8' and restore a backup into it" : `alter system set ${name} = '${good[0]}', then select pg_reload_conf()` });
  }
  if (settings.get("wal_level") === "minimal" || settings.get("archive_mode") === "off") remarks.push({ check: "settings", severity: "information", text: `wal_level is ${settings.get("wal_level")}, archive_mode ${settings.get("archive_mode")}: one can go back to a backup, not to any moment`, mend: "See docs/backup.md, Point in time" });
  if (settings.get("data_checksums") === "off") remarks.push({ check: "settings", severity: "information", text: "Pages have no checksums: damage by the disk is noticed by salus ledger verify only", mend: "pg_checksums --enable while PostgreSQL is stopped" });
  remarks.push(...await lookAtState(tx, Number(settings.get("max_connections"))), ...await lookAtClock(tx, now));
  return remarks;
}

async function lookAtState(tx: Queryable, connectionsMax: number): Promise<Remark[]> {
  const remarks: Remark[] = [];
  const [state] = await tx.unsafe<{ standby: boolean; age: string; used: number; idle: number | null; old: number | null }[]>(`select pg_is_in_recovery() as standby,
    (select age(datfrozenxid) from pg_database where datname = current_database()) as age,
    (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
    (select extract(epoch from max(now() - state_change))::int from pg_stat_activity where datname = current_database() and state like 'idle in transaction%') as idle,
    (select extract(epoch from max(now() - xact_start))::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name not in ('salus backup', 'salus restore')) as old`);
  const { standby, age, used, idle, old } = state!;
  if (standby) remarks.push({ check: "state", severity: "error", text: "This PostgreSQL is a standby: it cannot be written to", mend: "Give the primary's DATABASE_URL, or promote it" });
  if (Number(age) > agedTransactions) remarks.push({ check: "state", severity: Number(age) > 1.8 * agedTransactions ? "error" : "warning", text: `The oldest transaction id is ${Number(age).toLocaleString("en")} transactions old: PostgreSQL stops writing at two thousand million`, mend: "vacuum freeze; find out what holds autovacuum up" });
  if (connectionsMax - used < perProcess) remarks.push({ check: "connections", severity: "warning", text: `${used} of ${connectionsMax} connections are taken; a server process takes up to ${perProcess}`, mend: "Raise max_connections, or end what is not needed" });
  if (idle !== null && idle > 600) remarks.push({ check: "state", severity: "warning", text: `A session has been idle in a transaction for ${Math.round(idle / 60)} minutes: it keeps old rows, and exports wait for it`, mend: "End it: pg_stat_activity says whose it is" });
  else if (old !== null && old > day) remarks.push({ check: "state", severity: "warning", text: `A transaction has been open for ${Math.round(old / 3600)} hours: it keeps old rows`, mend: "End it: pg_stat_activity says whose it is" });
  return remarks;
}

async function lookAtClock(tx: Queryable, now: () => number): Promise<Remark[]> {
  const before = now();
  const [row] = await tx.unsafe<{ at: string }[]>("select (extract(epoch from clock_timestamp()) * 1000)::bigint as at");
  const after = now(), there = Number(row!.at);
  const off = there < before ? before - there : there > after ? there - after : 0;
  return off <= clockMs ? [] : [{ check: "clock", severity: "warning", text: `The clocks of this machine and of the database differ by ${(off / 1000).toFixed(1)} s (${new Date(there).toISOString()} there)`, mend: "Let both follow a time server" }];
}
