/** The stored state of the resources a transaction touches, in one statement. */
import { numbers, type Queryable } from "../sql.ts";
import type { ResourceKey } from "#fhir/resource.ts";
import { placesOf } from "../citus/directory.ts";
import { placeOf, ridOf } from "../keys.ts";

export type Current = { ck: number; version: number; deleted: boolean; updated: number; persons: string[]; content: string };
/** `ck` alone: the id is in the directory, its resource not written yet by a transaction that we can see. */
export type Found = { ck?: number; current?: Current };

type Row = { rid: string; ck: string | null; version: number | null; deleted: boolean; updated: string; persons: string; content: string };

const select = `select u.rid, coalesce(u.ck, d.ck) as ck, r.version, r.deleted, r.updated, r.persons::text as persons, r.content
  from unnest($1::bigint[], $2::bigint[]) u(rid, ck)
  left join directory d on u.ck is null and d.rid = u.rid
  left join resource r on r.ck = coalesce(u.ck, d.ck) and r.rid = u.rid`;

/** By rid. */
export async function readCurrent(db: Queryable, keys: readonly { type: string; id: string }[]): Promise<Map<string, Found>> {
  if (!keys.length) return new Map();
  if (db.distributed) return await readSpread(db, keys);
  const rids = keys.map(({ type, id }) => ridOf(type, id));
  const rows = await db.unsafe<Row[]>(select, [numbers(rids), numbers(keys.map(({ type, id }) => placeOf(type, id) ?? "null"))], { prepare: true });
  return new Map(rows.map((row) => [row.rid, foundOf(row)]));
}

const selectSpread = `select r.rid, r.ck, r.version, r.deleted, r.updated, r.persons::text as persons, r.content
  from unnest($1::bigint[], $2::bigint[]) u(rid, ck) join resource r on r.ck = u.ck and r.rid = u.rid where r.ck = any($2::bigint[])`;

/** For Citus: buckets first, for it would gather the whole table to join it with what the directory says. */
async function readSpread(db: Queryable, keys: readonly ResourceKey[]): Promise<Map<string, Found>> {
  const places = await placesOf(db, keys);
  const rids = keys.map(({ type, id }) => ridOf(type, id));
  const rows = await db.unsafe<Row[]>(selectSpread, [numbers(rids), numbers(places.map((place) => place ?? "null"))], { prepare: true });
  return new Map([...rids.map((rid, i): [string, Found] => [rid, places[i] === undefined ? {} : { ck: places[i] }]), ...rows.map((row): [string, Found] => [row.rid, foundOf(row)])]);
}

function foundOf({ ck, version, deleted, updated, persons, content }: Row): Found {
  if (ck === null) return {};
  if (version === null) return { ck: Number(ck) };
  return { ck: Number(ck), current: { ck: Number(ck), version, deleted, updated: Number(updated), persons: bigints(persons), content } };
}

/** PostgreSQL's "{1,2}" as its members. */
export function bigints(literal: string): string[] {
  return literal === "{}" ? [] : literal.slice(1, -1).split(",");
}
