/**
 * Read and vread: one statement, the caller's filter in it. What lies beyond the caller's reach is `absent`,
 * in the same time and words as what does not exist. Source: https://hl7.org/fhir/R4/http.html#read
 */
import type { ResourceKey } from "#fhir/resource.ts";
import { rowVisible } from "../access.ts";
import { placesOf } from "../citus/directory.ts";
import { placeOf, ridOf } from "../keys.ts";
import type { Caller, ReadResult, Stored } from "../record.ts";
import { raw, run, sql, type Queryable, type Sql } from "../sql.ts";

export type ResourceRecord = { ck: string; type: string; id: string; version: number; updated: string; deleted: boolean; content: string; persons: string };

/** The version as served, the persons it is about (for access leaves), and its bucket. */
export type Reading = { result: ReadResult; persons: string; ck: string };

export const absent: Reading = { result: { kind: "absent" }, persons: "{}", ck: "" };

/** The bucket of an id: told by the id, else asked of the directory, in the same statement where that can be. */
export async function bucketOf(db: Queryable, key: ResourceKey): Promise<Sql> {
  const { type, id } = key;
  const [place] = db.distributed ? await placesOf(db, [key]) : [placeOf(type, id)];
  if (db.distributed) return sql`${place ?? null}::bigint`;
  return place === undefined ? sql`(select d.ck from directory d where d.rid = ${ridOf(type, id)}::bigint)` : sql`${place}::bigint`;
}

export const columns = raw("r.ck, r.type, r.id, r.version, r.updated, r.deleted, r.content, r.persons::text as persons");

export async function readCurrentVersion(db: Queryable, caller: Caller, key: ResourceKey): Promise<Reading> {
  const [row] = await run<ResourceRecord>(db, sql`select ${columns} from resource r
    where r.ck = ${await bucketOf(db, key)} and r.rid = ${ridOf(key.type, key.id)}::bigint and ${rowVisible(caller.filter, "r")}`);
  return readingOf(row, key);
}

export async function readOneVersion(db: Queryable, caller: Caller, key: ResourceKey, version: number): Promise<Reading> {
  if (!Number.isInteger(version) || version < 1 || version > 0x7fffffff) return absent;
  const same = sql`r.ck = ${await bucketOf(db, key)} and r.rid = ${ridOf(key.type, key.id)}::bigint and r.version = ${version}::int and ${rowVisible(caller.filter, "r")}`;
  const [row] = await run<ResourceRecord>(db, sql`select ${columns} from resource r where ${same} union all select ${columns} from version r where ${same} limit 1`);
  return readingOf(row, key);
}

export function readingOf(row: ResourceRecord | undefined, { type, id }: ResourceKey): Reading {
  // Two names with one 64-bit hash: the row is somebody else's.
  if (!row || row.id !== id || row.type !== type) return absent;
  const { version, persons, ck } = row;
  if (row.deleted) return { result: { kind: "deleted", version, lastUpdated: new Date(Number(row.updated)).toISOString() }, persons, ck };
  return { result: { kind: "current", stored: storedOf(row) }, persons, ck };
}

export function storedOf({ type, id, version, updated, content }: Pick<ResourceRecord, "type" | "id" | "version" | "updated" | "content">): Stored {
  return { type, id, version, lastUpdated: new Date(Number(updated)).toISOString(), text: content };
}
