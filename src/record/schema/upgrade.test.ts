import assert from "node:assert/strict";
import { pipeline } from "node:stream/promises";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { distributed, testDatabase } from "#platform/database/testing.ts";
import { until } from "#platform/testing.ts";
import { distribute } from "../citus/distribute.ts";
import { paramKey } from "../keys.ts";
import { openRecord, type OpenRecord } from "../open.ts";
import { leavesBetween } from "../ledger/pack.ts";
import { currentForm } from "../reindex/form.ts";
import { administrator, node, patientCaller, put, testRecord, value, type TestRecord } from "../testing.ts";
import { applyMigrations, checksumOf, recordMigrations } from "./migrate.ts";
import { tablesOf } from "./tables.ts";

/** As released. What stands here has run somewhere and stays as it is; a new migration is added at the end. */
const released: readonly (readonly [name: string, checksum: string])[] = [
  ["0001-record", "a0cdb4b0defa2c76"],
  ["0002-inline", "360a2caffbd066c9"],
  ["0003-vacuum", "cdff19d664847242"],
  ["0004-numbering", "7e2871248d1c6d71"],
  ["0005-terminology", "32040c72e3cec45e"],
  ["0006-marks", "0e6c2d22d96c5e17"],
  ["0007-search-language", "3eca84a3cabc3cb9"],
  ["0008-snapshot-pages", "6b8d73eb39fac057"],
  ["0009-jobs", "480f961f35a3f77b"],
  ["0010-subscriptions", "f89efd6e6d439660"],
  ["0011-parameters", "d35cbe1cbf7f38db"],
  ["0012-merge-purge", "e0686b8afcc63f29"],
  ["0013-settle", "3d934584cb45f3bb"],
  ["0014-parts", "d88bc2e56a2ac9ea"],
  ["0015-moment", "30ca4440a82cfbbe"],
  ["0016-packs", "5b420caa1cb41407"],
  ["0017-narrow", "020b32674313a13c"],
  ["0018-narratives", "c3911d45430a5a92"],
  ["0019-leaves", "982b955b767f316d"],
  ["0020-about", "46537e1dc216a9a3"],
  ["0022-initial-load", "d8cf34b463fcaaa9"],
];
/** The first schema that was given away had these. */
const first = "0004-numbering";
/** And the first whose tables could be distributed, these. */
const firstDistributed = "0012-merge-purge";
const forms = released.map(([name]) => name).filter((name) => name >= (distributed ? firstDistributed : first));

let source: TestRecord;
before(async () => {
  source = await testRecord();
  const { record } = source;
  const subject = { reference: "Patient/ann" };
  await put(record,
    { resourceType: "Patient", id: "ann", name: [{ family: "Andersen", given: ["Ann"] }], birthDate: "1961-04-03", identifier: [{ type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: "MR" }] }, system: "urn:mrn", value: "7" }] },
    { resourceType: "Location", id: "ward", name: "Ward", text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">Third floor</div>` }, position: { latitude: 48.2, longitude: 16.4 } },
    { resourceType: "Observation", id: "bp", status: "final", code: { text: "Pressure" }, subject, effectiveDateTime: "2026-01-05", component: [{ code: { coding: [{ system: "http://loinc.org", code: "8480-6" }] }, valueQuantity: { value: 120, unit: "mm[Hg]", system: "http://unitsofmeasure.org", code: "mm[Hg]" } }] },
    { resourceType: "Observation", id: "gone", status: "final", code: { text: "x" }, subject });
  for (let i = 1; i <= 3; i++) await put(record, { resourceType: "Condition", id: "c", code: { text: `state ${i}` }, subject, onsetDateTime: `2026-0${i}-01` });
  value(await record.commit(node, [{ kind: "delete", type: "Observation", id: "gone" }]));
  await record.read(administrator, { type: "Observation", id: "bp" });
  await record.search(administrator, "Observation", "subject=Patient/ann");
  await record.settleLedger();
});
after(() => source.close());

/** Leaves of writes as they stood before 0019, by resource and version. */
const writesLaidOut = `select idx, mark, version, kind, at, salt, payload from leaf union all
  select p.start + u.n - 1, ('x' || encode(substring(sha256(convert_to(u.payload::json->>'reference', 'UTF8')) from 1 for 8), 'hex'))::bit(64)::bigint, (u.payload::json->>'version')::int, u.kind, p.at, u.salt::uuid, u.payload
  from leaf_write p cross join lateral unnest(string_to_array(p.kinds, chr(30)), string_to_array(p.salts, chr(30)), string_to_array(p.payloads, chr(30))) with ordinality u(kind, salt, payload, n)`;
const beforeWrites: Readonly<Record<string, string>> = {
  leaf: writesLaidOut,
  change_pending: "select 0::bigint as cid, at, entries from change where false",
};
/** What the tables that 0016 emptied, or dropped, held before. */
const beforePacks: Readonly<Record<string, string>> = {
  ...beforeWrites,
  leaf: `${writesLaidOut} union all select idx, -1 - idx, 0, kind, at, salt::uuid, payload from (${leavesBetween("0", "1000000")}) l where idx not in (select idx from (${writesLaidOut}) w)`,
  access: `select g.person, (string_to_array(p.ats, chr(30)))[g.place::int]::bigint as at, -(p.start + g.place::int) as mark, g.agent, g.display, (string_to_array(p.kinds, chr(30)))[g.place::int] as kind
    from leaf_group p cross join lateral unnest(p.persons, string_to_array(p.places, chr(30)), string_to_array(p.agents, chr(30)), (string_to_array(p.displays, chr(30)))[2:]) g(person, place, agent, display)`,
  leaf_next: "select 1 as one, size as next from frontier",
  leaf_pending: "select 0::bigint as lid, mark, version, kind, at, salt, payload from leaf_pending where false",
};

/** Rows of the tables there were, by the columns they had. */
async function copyRows(to: postgres.Sql, tables: readonly string[], form: string): Promise<void> {
  const from = postgres(source.url, { max: 1, onnotice: () => {} });
  try {
    for (const table of tables) {
      const columns = (await to.unsafe<{ name: string }[]>("select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped", [table])).map(({ name }) => `"${name}"`).join(", ");
      await to.unsafe(`truncate ${table}`);
      const then = form < "0016-packs" ? beforePacks[table] : form < "0019-leaves" ? beforeWrites[table] : undefined;
      await pipeline(await from.unsafe(then === undefined ? `copy ${table} (${columns}) to stdout` : `copy (select ${columns} from (${then}) q) to stdout`).readable(), await to.unsafe(`copy ${table} (${columns}) from stdin`).writable());
    }
  } finally {
    await from.end();
  }
}

/** What the code of then wrote otherwise, newest difference last. */
const olderRows: readonly (readonly [before: string, ...statements: string[]])[] = [
  // A request's leaf had a mark of its own, which its access rows named.
  ["0006-marks", "update access set mark = 7000000000 - mark where mark < 0", "update leaf set mark = 7000000001 + idx where version = 0"],
  // Requests' leaves could wait for their index.
  ["0006-marks", `insert into leaf_pending (mark, version, kind, at, salt, payload) values (1, 0, 'login', 1, gen_random_uuid(), '{"kind":"login"}')`],
  // What was written last may wait: a leaf, a change.
  ["0019-leaves", `insert into change_pending (at, entries) values (1, '[]'), (2, '[]')`],
  // Identifiers were not searchable with their type.
  ["0007-search-language", "delete from token where plain like 'MR|%'"],
  // What leads to a Patient stood under the wider parameter too.
  ["0017-narrow", `insert into reference select r.ck, r.rid, r.at, r.target, w.wide, r.place, r.tag from reference r join (values (${paramKey("Observation", "patient")}, ${paramKey("Observation", "subject")}), (${paramKey("Condition", "patient")}, ${paramKey("Condition", "subject")})) w(narrow, wide) on w.narrow = r.param`,
    "do $$ begin if to_regclass('row_form') is not null then update row_form set form = 3; end if; end $$"],
  // Persons that references tell stood in the compartment table as well.
  ["0020-about", `insert into compartment select distinct ck, rid, target from reference where param in (${paramKey("Observation", "patient")}, ${paramKey("Condition", "patient")})`],
];

async function databaseOf(form: string): Promise<{ url: string; close(): Promise<void> }> {
  const database = await testDatabase({ empty: true });
  const db = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    const then = recordMigrations.filter(({ name }) => name <= form);
    value(await db.begin((tx) => applyMigrations(tx, then)));
    await copyRows(db, tablesOf(then).filter((table) => table !== "migration"), form);
    for (const [before, ...statements] of olderRows) if (form < before) for (const statement of statements) await db.unsafe(statement);
    // As a cluster of then has them.
    if (distributed) value(await distribute(db, { shards: 4 }));
    return database;
  } finally {
    await db.end();
  }
}

const questions: readonly (readonly [type: string, query: string])[] = [
  ["Patient", "family=andersen"], ["Patient", "identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|7"], ["Observation", "subject=Patient/ann&_sort=-date"], ["Condition", "subject:missing=false"],
  ["Observation", "component-code-value-quantity=http://loinc.org|8480-6$gt100"], ["Location", "near=48.2|16.4|10|km"], ["Location", "_text=floor"], ["Condition", "_content=state&onset-date=ge2026-03-01"], ["Condition", "patient.birthdate=1961-04-03"],
];

async function answers(record: OpenRecord): Promise<unknown> {
  const found = [];
  for (const [type, query] of questions) found.push([query, value(await record.search(node, type, query)).entries.map(({ stored }) => stored)]);
  return [found, value(await record.history(node, { type: "Condition", id: "c" }, { count: 10 })).entries, await record.readVersion(node, { type: "Condition", id: "c" }, 2),
    await record.read(node, { type: "Observation", id: "gone" }), await record.accesses(patientCaller("ann"), "ann", 10), (await record.leaves(0, 100)).filter(({ kind }) => kind !== "login")];
}

test("released migrations stand as they ran", () => {
  assert.deepEqual(recordMigrations.slice(0, released.length).map((migration) => [migration.name, checksumOf(migration).slice(0, 16)]), released);
});

for (const form of forms) {
  test(`a database as ${form} left it opens with this code: reads, searches, history, accesses and ledger as ever`, async () => {
    const old = await databaseOf(form);
    const record = value(await openRecord({ url: old.url }));
    try {
      await until(async () => (await record.pools.readers.unsafe<{ form: number }[]>("select form from row_form"))[0]!.form >= currentForm, "today's form");
      const expected = await answers(source.record) as unknown[], found = await answers(record) as unknown[];
      await record.settleLedger();
      assert.deepEqual(found, expected);
      const { size } = await source.record.ledgerState();
      assert.equal((await record.ledgerState()).size, size + (form < "0006-marks" ? 1 : 0), "what waited is numbered");
      assert.deepEqual((await record.verify()).faults, []);
      await put(record, { resourceType: "Condition", id: "c", code: { text: "later" }, subject: { reference: "Patient/ann" } });
      await record.read(administrator, { type: "Condition", id: "c" });
      await record.settleLedger();
      const [last] = await record.accesses(administrator, "ann", 1);
      assert.deepEqual([last!.kind, last!.index !== undefined && last!.index >= size], ["read", true]);
      assert.deepEqual((await record.verify()).faults, []);
    } finally {
      await record.close();
      await old.close();
    }
  });
}

test("the answers compared are not empty", async () => {
  const [found] = await answers(source.record) as [[string, unknown[]][]];
  for (const [query, rows] of found) assert.ok(rows.length > 0, query);
});
