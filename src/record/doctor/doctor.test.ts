import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Remark } from "#platform/remark.ts";
import { testDatabase } from "#platform/database/testing.ts";
import { recordMigrations } from "../schema/migrate.ts";
import { indexesOf } from "../schema/tables.ts";
import { administrator, put, testRecord, type TestRecord } from "../testing.ts";
import { requestColumns } from "../ledger/pack.ts";
import { sequencerLock } from "../ledger/sequencer.ts";
import { examine } from "./doctor.ts";

let fresh: TestRecord, usual: Remark[];
const look = (now?: () => number): Promise<Remark[]> => examine({ url: fresh.url, migrations: [], ...(now ? { now } : {}) });
/** What is said beyond what the server's own settings give. */
const news = async (now?: () => number): Promise<string[]> => (await look(now)).filter(({ text }) => !usual.some((known) => known.text === text)).map(({ severity, check, text }) => `${severity} ${check}: ${text}`);
const run = (text: string): Promise<unknown> => fresh.record.pools.writers.unsafe(text);

before(async () => {
  fresh = await testRecord();
  await put(fresh.record, { resourceType: "Patient", id: "a" }, { resourceType: "Observation", id: "o", status: "final", code: { text: "x" }, subject: { reference: "Patient/a" } } as never);
  await fresh.record.search(administrator, "Observation", "subject=Patient/a");
});
beforeEach(async () => {
  await fresh.record.settleLedger();
  usual = (await look()).filter(({ check }) => ["settings", "connections", "state", "disk"].includes(check));
});
after(() => fresh.close());

/** `broken` said while `change` stands, nothing after `back`. */
function says(name: string, change: string, broken: RegExp, back: string): void {
  test(name, async () => {
    await run(change);
    try {
      const said = await news();
      assert.equal(said.filter((text) => broken.test(text)).length, 1, said.join("\n"));
    } finally {
      await run(back);
    }
    assert.deepEqual(await news(), []);
  });
}

test("a sound record: nothing to say but of the server's settings, and nothing is changed by looking", async () => {
  const count = async (): Promise<unknown> => (await fresh.record.pools.readers.unsafe("select (select count(*) from leaf_write) as leaves, (select count(*) from access) as accesses, (select count(*) from job) as jobs, (select max(at) from migration) as migrated"))[0];
  const before = await count();
  assert.deepEqual(await news(), []);
  assert.deepEqual(await count(), before);
});

test("settings that lose data are errors; the tests' own server has fsync off", async () => {
  const [row] = await fresh.record.pools.readers.unsafe<{ fsync: string }[]>("select current_setting('fsync') as fsync");
  assert.equal(usual.some(({ severity, text }) => severity === "error" && text.startsWith("fsync is off")), row!.fsync === "off");
});

says("a tree that states more than is there", "update frontier set size = size + 7", /^error ledger: The tree states \d+ entries, \d+ are there/, "update frontier set size = size - 7");
says("an index that is gone", "drop index token_code", /^error indexes: Index token_code is gone/, "create index token_code on token (code, at, rid, system, ck)");
says("an index whose making broke off", "update pg_index set indisvalid = false where indexrelid = 'uri_row'::regclass", /^error indexes: Index uri_row is not valid/, "update pg_index set indisvalid = true where indexrelid = 'uri_row'::regclass");
says("a migration of a newer Salus", "insert into migration values ('9999-later', 'x', now())", /^error migrations: Migration 9999-later is of another/, "delete from migration where name = '9999-later'");
says("a migration that ran in another form", "update migration set checksum = 'x' || checksum where name = '0003-vacuum'", /^error migrations: Migration 0003-vacuum ran in another form/, "update migration set checksum = substr(checksum, 2) where name = '0003-vacuum'");
says("a migration still to come", "delete from migration where name = '0003-vacuum'", /^information migrations: .*0003-vacuum/, `insert into migration select '0003-vacuum', '${(await import("../schema/migrate.ts")).checksumOf(recordMigrations.find(({ name }) => name === "0003-vacuum")!)}', now()`);
says("a job nobody takes", "insert into job (id, kind, owner, request, state, created) values ('j', 'nobody', 'x', '{}', 'waiting', 1)", /^warning jobs: 1 job "nobody" wait/, "delete from job where id = 'j'");
says("a job that failed lately", "insert into job (id, kind, owner, request, state, created, ended) values ('j', 'nobody', 'x', '{}', 'failed', 1, (extract(epoch from now()) * 1000)::bigint)", /^information jobs: 1 jobs of the last day/, "delete from job where id = 'j'");
says("a walk that stopped", "insert into reindex_place values ('all', 'Observation', 1, 1, 20)", /^information reindex: .*20 resources, now at Observation/, "delete from reindex_place");

test("entries that wait longer than a sequencer takes", async () => {
  const said = await fresh.record.pools.writers.begin(async (tx) => {
    // None works while we look.
    await tx.unsafe("select pg_advisory_xact_lock($1)", [sequencerLock]);
    await run(`insert into leaf_pack (${requestColumns}) values ('', '', 1, 'read', '1', repeat('0', 32), '{}', '', '', '', '')`);
    return await news();
  });
  assert.ok(said.some((text) => /^error sequencer: 1 entries and 0 changes wait for the sequencer/.test(text)), said.join("\n"));
  await fresh.record.settleLedger();
  assert.deepEqual(await news(), []);
});

test("a clock that is off", async () => {
  assert.match((await news(() => Date.now() - 3_600_000)).join("\n"), /warning clock: The clocks of this machine and of the database differ by 3\d\d\d\.\d s/);
});

test("an empty database, and one that does not answer", async () => {
  const empty = await testDatabase({ empty: true });
  assert.ok((await examine({ url: empty.url, migrations: [] })).some(({ check, severity }) => check === "migrations" && severity === "information"));
  await empty.close();
  const [remark] = await examine({ url: "postgres://nobody@127.0.0.1:1/none", migrations: [] });
  assert.deepEqual([remark!.check, remark!.severity], ["database", "error"]);
});

test("every index that migrations make is looked for", async () => {
  const rows = await fresh.record.pools.readers.unsafe<{ name: string }[]>("select indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace and not i.indisprimary and i.indexrelid not in (select conindid from pg_constraint)");
  assert.deepEqual(rows.map(({ name }) => name).sort(), indexesOf(recordMigrations).sort());
});
