/**
 * Erases a person, in one transaction: every version of what is about them alone, with its index rows, and the Patient;
 * of what is also about others, the versions of the past that were about this person alone. The leaves of what is erased
 * lose salt and payload, so that the ledger keeps commitments which nobody can open or guess; a leaf of kind "purge"
 * states the hash over the list of them. Both tables are read through to the end, for a deleted resource has no index
 * rows: about a second a gigabyte.
 * Source: https://build.fhir.org/patient-operation-purge.html
 */
import type postgres from "postgres";
import { entryLeafHash } from "#ledger/hash.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { newId, randomBucket, ridOf } from "../keys.ts";
import { insertLeaves, makeEntry, sha256Hex } from "../ledger/leaf.ts";
import { saltBytes } from "../ledger/sequencer.ts";
import { emptyWrites, leavesOfVersions } from "../ledger/writes.ts";
import type { Caller } from "../record.ts";
import { emptyRows } from "../rows.ts";
import { numbers, run, sql, type Queryable, type Sql } from "../sql.ts";
import { forgetInEvents } from "../subscriptions/store.ts";
import { bigints } from "../write/current.ts";
import { moveHeirs } from "../write/flush.ts";
import { emptyHeritage, isSettled, type Heritage } from "../write/heritage.ts";
import { heirsOf } from "../write/heirs.ts";
import { deleteRows, insertRows } from "../write/insert.ts";
import type { ChangeEntry } from "../write/plan.ts";
import { Raced, transact } from "../write/transact.ts";

/** `kept`: resources that stay, for they are about other people too. `erased`: the list the ledger vouches for, a line "index leafHash" each. */
export type Purge = { purge: string; resources: number; versions: number; kept: string[]; erased: string; sha256: string };

const attemptsMax = 20;

/** A leaf is not numbered yet; nothing is erased. */
class Waiting extends Error {}

/** "purge" of the ledger's references: Purge/<id>. */
export function purgeReference(purge: string): string {
  return `Purge/${purge}`;
}

/** `settle` numbers the leaves that wait: only what stands in the tree can be emptied. */
export async function purgePatient(db: postgres.Sql, caller: Caller, patient: string, at: number, settle: () => Promise<void>): Promise<Result<Purge>> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    await settle();
    try {
      return await transact(db, (tx) => erase(tx, caller, patient, at));
    } catch (error) {
      if (!(error instanceof Waiting)) throw error;
    }
  }
  return fail("conflict", `Others keep writing about Patient/${patient}; try again`);
}

type Version = { ck: string; rid: string; version: number; type: string; id: string; updated: string; current: boolean; persons: string };
/** `pack`: where it is one of `leaf_write`; otherwise it stands in `leaf`. */
type PlacedLeaf = { index: number; mark: string; version: number; salt: string; payload: string; pack?: { start: number; place: number } };

async function erase(tx: Queryable, caller: Caller, patient: string, at: number): Promise<Result<Purge>> {
  const person = ridOf("Patient", patient);
  const versions = await versionsAbout(tx, person);
  if (!versions.some(({ rid, current }) => rid === person && current)) return fail("not-found", `Patient/${patient} is not known.`);
  const gone = new Map<string, Version>();
  const kept: Version[] = [];
  for (const one of versions) if (one.current) { if (one.rid === person || isAboutAlone(one, person)) gone.set(one.rid, one); else kept.push(one); }
  const past = versions.filter((one) => !one.current && !gone.has(one.rid) && isAboutAlone(one, person));
  // First of all: whoever is changing one of them is waited for, and from here on nobody writes a version or a leaf of them.
  await eraseCurrent(tx, [...gone.values()]);
  const erased = [...await allVersions(tx, [...gone.values()]), ...past];
  await eraseRows(tx, [...gone.values()], past);
  const leaves = await leavesOf(tx, erased);
  const lines = leaves.map(({ index, salt, payload }) => `${index} ${entryLeafHash(saltBytes(salt), Buffer.from(payload)).toString("hex")}`).join("\n");
  const purge = newId(randomBucket()), sha256 = sha256Hex(lines);
  const heritage = emptyHeritage();
  await moveHeirsOf(tx, [...gone.keys()], heritage);
  if (kept.length === 0) await run(tx, sql`delete from stray where person = ${person}::bigint`);
  await run(tx, sql`delete from merge where source = ${patient} or target = ${patient}`);
  await run(tx, sql`delete from relabelled r using ${versionKeys(erased)} where r.mark = u.mark and r.version = u.version`);
  await emptyLeaves(tx, purge, leaves);
  await run(tx, sql`insert into purge (purge, at, count, sha256) values (${purge}, ${at}::bigint, ${leaves.length}::int, ${sha256})`);
  await insertLeaves(tx, [{ ...makeEntry({ kind: "purge", at, agent: caller.agent, reference: purgeReference(purge), version: 1, count: leaves.length, sha256 }), mark: "0", version: 0 }]);
  const changes = [...gone.values()].map(({ type, id, version, persons }): ChangeEntry => ({ kind: "delete", type, id, version, persons: bigints(persons) }));
  await run(tx, sql`insert into change (at, entries) values (${at}::bigint, ${JSON.stringify(changes)})`);
  if (!await isSettled(tx, heritage, new Set())) throw new Raced();
  return ok({ purge, resources: gone.size, versions: erased.length, kept: kept.map(({ type, id }) => `${type}/${id}`), erased: lines, sha256 });
}

function isAboutAlone({ persons }: Version, person: string): boolean {
  return persons === `{${person}}`;
}

async function versionsAbout(tx: Queryable, person: string): Promise<Version[]> {
  return await run<Version>(tx, sql`select ck, rid, version, type, id, updated, true as current, persons::text as persons from resource where persons @> array[${person}::bigint]
    union all select ck, rid, version, type, id, updated, false, persons::text from version where persons @> array[${person}::bigint]`);
}

async function allVersions(tx: Queryable, resources: readonly Version[]): Promise<Version[]> {
  const earlier = await run<Version>(tx, sql`select v.ck, v.rid, v.version, v.type, v.id, v.updated, false as current, '{}' as persons
    from unnest(${numbers(resources.map(({ ck }) => ck))}::bigint[], ${numbers(resources.map(({ rid }) => rid))}::bigint[]) u(ck, rid) join version v on v.ck = u.ck and v.rid = u.rid`);
  return [...resources, ...earlier];
}

function versionKeys(versions: readonly Version[]): Sql {
  return sql`unnest(${numbers(versions.map(({ rid }) => rid))}::bigint[], ${numbers(versions.map(({ version }) => version))}::int[]) u(mark, version)`;
}

/** In order of index. */
async function leavesOf(tx: Queryable, versions: readonly Version[]): Promise<PlacedLeaf[]> {
  const keys = versionKeys(versions);
  const [waiting] = await run<{ count: string }>(tx, sql`select count(*) as count from ${keys} join leaf_pending l on l.mark = u.mark and l.version = u.version`);
  const apart = await run<{ idx: string; mark: string; version: number; salt: string; payload: string; inTree: boolean }>(tx, sql`select l.idx, l.mark, l.version, l.salt::text as salt, l.payload, l.idx < (select size from frontier where one = 1) as "inTree"
    from ${keys} join leaf l on l.mark = u.mark and l.version = u.version and l.version > 0 where l.payload <> ''`);
  const relabelled = await run<{ mark: string; version: number; at: string }>(tx, sql`select r.mark, r.version, r.at from ${keys} join relabelled r on r.mark = u.mark and r.version = u.version`);
  const references = new Map(versions.map(({ rid, type, id }) => [rid, `${type}/${id}`])), marks = new Map(versions.map(({ rid, type, id }) => [`${type}/${id}`, rid]));
  const written = await leavesOfVersions(tx, [
    ...versions.map(({ rid, version, updated }) => ({ reference: references.get(rid)!, version, at: updated })), ...relabelled.map(({ mark, version, at }) => ({ reference: references.get(mark)!, version, at })),
  ]);
  if (Number(waiting!.count) > 0 || apart.some(({ inTree }) => !inTree) || written.some(({ start }) => start < 0)) throw new Waiting();
  return [
    ...apart.map(({ idx, mark, version, salt, payload }) => ({ index: Number(idx), mark, version, salt, payload })),
    ...written.map(({ start, place, reference, version, salt, payload }) => ({ index: start + place, mark: marks.get(reference)!, version, salt, payload, pack: { start, place } })),
  ].sort((a, b) => a.index - b.index);
}

/** In the order in which writers change several. */
async function eraseCurrent(tx: Queryable, gone: readonly Version[]): Promise<void> {
  const rows = gone.toSorted((a, b) => Number(a.ck) - Number(b.ck) || (a.rid < b.rid ? -1 : 1));
  const done = await tx.unsafe("delete from resource t using unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[]) u(ck, rid, version, updated) where t.ck = u.ck and t.rid = u.rid and t.version = u.version and t.updated = u.updated",
    [numbers(rows.map(({ ck }) => ck)), numbers(rows.map(({ rid }) => rid)), numbers(rows.map(({ version }) => version)), numbers(rows.map(({ updated }) => updated))]);
  if (done.count !== rows.length) throw new Raced();
}

async function eraseRows(tx: Queryable, gone: readonly Version[], past: readonly Version[]): Promise<void> {
  const keys = gone.map(({ ck, rid }) => ({ ck: Number(ck), rid }));
  const [cks, rids] = [numbers(keys.map(({ ck }) => ck)), numbers(keys.map(({ rid }) => rid))];
  await Promise.all(deleteRows(tx, keys));
  await tx.unsafe("delete from version t using unnest($1::bigint[], $2::bigint[]) u(ck, rid) where t.ck = u.ck and t.rid = u.rid", [cks, rids]);
  await tx.unsafe("delete from directory where rid = any($1::bigint[])", [rids]);
  await tx.unsafe("delete from version t using unnest($1::bigint[], $2::bigint[], $3::int[]) u(ck, rid, version) where t.ck = u.ck and t.rid = u.rid and t.version = u.version",
    [numbers(past.map(({ ck }) => ck)), numbers(past.map(({ rid }) => rid)), numbers(past.map(({ version }) => version))]);
  await forgetInEvents(tx, gone);
}

/** What took its persons from an erased resource, and stays for another's sake, loses this person. */
async function moveHeirsOf(tx: Queryable, gone: readonly string[], heritage: Heritage): Promise<void> {
  const heirs = await heirsOf(tx, gone, new Map(gone.map((rid) => [rid, []])), heritage);
  if (!heirs.length) return;
  await Promise.all(moveHeirs(tx, heirs));
  await Promise.all(insertRows(tx, { ...emptyRows(), compartment: heirs.flatMap(({ ck, rid, persons }) => persons.map((person) => [ck, rid, person])) }));
}

async function emptyLeaves(tx: Queryable, purge: string, leaves: readonly PlacedLeaf[]): Promise<void> {
  await tx.unsafe("insert into erased (idx, purge, mark, version) select u.idx, $1, u.mark, u.version from unnest($2::bigint[], $3::bigint[], $4::int[]) u(idx, mark, version)",
    [purge, numbers(leaves.map(({ index }) => index)), numbers(leaves.map(({ mark }) => mark)), numbers(leaves.map(({ version }) => version))]);
  await tx.unsafe("update leaf set salt = '00000000-0000-0000-0000-000000000000', payload = '' where idx = any($1::bigint[])", [numbers(leaves.filter(({ pack }) => !pack).map(({ index }) => index))]);
  await emptyWrites(tx, leaves.flatMap(({ pack }) => pack ?? []));
}
