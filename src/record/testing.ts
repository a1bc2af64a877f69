/** Callers and an empty record for tests. */
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { testDatabase } from "#platform/database/testing.ts";
import type { Clock } from "#platform/clock.ts";
import type { Result } from "#platform/result.ts";
import { openRecord, type OpenRecord } from "./open.ts";
import type { Caller } from "./record.ts";

export const node: Caller = { agent: "Device/salus", display: "Salus", role: "system", filter: { kind: "all" }, canWrite: true };
export const administrator: Caller = { agent: "Device/admin", display: "Administrator", role: "administrator", filter: { kind: "all" }, canWrite: true };
export const stranger: Caller = { agent: "Person/none", display: "Nobody", role: "administrator", filter: { kind: "none" }, canWrite: false };

export function patientCaller(id: string): Caller {
  return { agent: `Patient/${id}`, display: id, role: "patient", filter: { kind: "patient", patient: id }, canWrite: false };
}

export function practitionerCaller(id: string): Caller {
  return { agent: `Practitioner/${id}`, display: id, role: "practitioner", filter: { kind: "practitioner", practitioner: id }, canWrite: true };
}

export type TestRecord = { record: OpenRecord; url: string; close(): Promise<void> };

export async function testRecord(options: { clock?: Clock; initialLoadFrom?: number } = {}): Promise<TestRecord> {
  const database = await testDatabase();
  const record = await openRecord({ url: database.url, ...options });
  if (!record.ok) throw new Error(record.failure.text);
  return {
    record: record.value, url: database.url,
    async close() { await record.value.close(); await database.close(); },
  };
}

export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.text}`);
  return result.value;
}

/**
 * Runs writers that meet: what each writes last waits until all of them wait, for that or for each other, so that all are
 * decided before any is written. They are of different records on one database: those of one take turns.
 */
export async function atOnce(beside: postgres.Sql, writers: readonly (() => Promise<unknown>)[]): Promise<void> {
  let done: Promise<unknown> = Promise.resolve();
  await beside.begin(async (tx) => {
    await tx.unsafe("lock table change in exclusive mode");
    done = Promise.all(writers.map((write) => write()));
    for (let waiting = 0; waiting < writers.length; await sleep(5)) {
      const [row] = await beside.unsafe<{ count: number }[]>("select count(distinct pid)::int as count from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())");
      waiting = row!.count;
    }
  });
  await done;
}

/** Creates or updates resources under the ids they carry. */
export async function put(record: OpenRecord, ...resources: { resourceType: string; id: string; [name: string]: unknown }[]): Promise<void> {
  value(await record.commit(node, resources.map((resource) => ({ kind: "update", type: resource.resourceType, id: resource.id, text: JSON.stringify(resource) }))));
}
