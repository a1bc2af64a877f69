import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { distributed, onServer, testDatabase, type TestDatabase } from "#platform/database/testing.ts";
import { distribute } from "../citus/distribute.ts";
import { openRecord, type OpenRecord } from "../open.ts";
import { recordMigrations } from "../schema/migrate.ts";
import { tablesOf } from "../schema/tables.ts";
import { administrator, node, put, testRecord, value, type TestRecord } from "../testing.ts";
import { createArchive, openArchive } from "./archive.ts";
import { backUp } from "./backup.ts";
import { checkBackup } from "./manifest.ts";
import { restore } from "./restore.ts";

let folder: string, fresh: TestRecord, tar: string, parts: string;
const awkward = "tab\there, line\nbreak, \\N and \\. back\\slash, 北京 \u{1F600}";

async function save(url: string, path: string): Promise<void> {
  const archive = value(await createArchive(path, new Date()));
  value(await backUp(archive, { url, migrations: [], salus: "test", at: new Date() }));
  await archive.finish();
}

/** What restoring `path` into a new database answers, and what that database then holds. */
async function bring(path: string, look: (url: string) => Promise<void> = async () => {}): Promise<string> {
  const target = await testDatabase({ empty: true });
  try {
    const archive = await openArchive(path);
    if (!archive.ok) return archive.failure.text;
    const checked = await checkBackup(archive.value, path);
    const done = checked.ok ? await restore(archive.value, checked.value, { url: target.url, migrations: [] }) : checked;
    await archive.value.close();
    await look(target.url);
    return done.ok ? "restored" : done.failure.text;
  } finally {
    await target.close();
  }
}

async function tablesIn(url: string): Promise<number> {
  const { default: postgres } = await import("postgres");
  const sql = postgres(url, { max: 1 });
  const rows = await sql`select 1 from pg_class where relnamespace = 'public'::regnamespace and oid not in (select objid from pg_depend where classid = 'pg_class'::regclass and deptype = 'e')`;
  await sql.end();
  return rows.length;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "salus-backup-"));
  fresh = await testRecord();
  const { record } = fresh;
  await put(record, { resourceType: "Patient", id: "ann", name: [{ family: awkward }] });
  for (let i = 1; i <= 3; i++) await put(record, { resourceType: "Observation", id: "o", status: "final", code: { text: `n${i}` }, subject: { reference: "Patient/ann" } });
  value(await record.commit(node, Array.from({ length: 300 }, (_, i) => ({ kind: "create" as const, type: "Observation", text: JSON.stringify({ resourceType: "Observation", status: "final", code: { text: `c${i}` }, valueQuantity: { value: i / 7 } }) }))));
  await record.search(administrator, "Observation", "subject=Patient/ann");
  await record.settleLedger();
  tar = join(folder, "a.tar");
  parts = join(folder, "parts");
  await save(fresh.url, tar);
  await save(fresh.url, parts);
});
after(async () => {
  await fresh.close();
  rmSync(folder, { recursive: true, force: true });
});

test("every table that migrations make is one the catalogue has, and the other way round", async () => {
  const rows = await fresh.record.pools.readers.unsafe<{ name: string }[]>("select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')");
  assert.deepEqual(rows.map(({ name }) => name).sort(), tablesOf(recordMigrations).sort());
});

const everything = async (record: OpenRecord): Promise<unknown> => [
  value(await record.search(node, "Observation", "_sort=_id&_count=500")).entries.map(({ stored }) => stored),
  value(await record.history(node, { type: "Observation", id: "o" }, { count: 10 })).entries.map(({ stored }) => stored),
  await record.read(node, { type: "Patient", id: "ann" }), await record.accesses(administrator, "ann", 10), await record.ledgerState(),
];

for (const form of ["one file", "a folder"]) {
  test(`restored from ${form}, everything reads the same, verifies, and is written on`, async () => {
    const said = await bring(form === "one file" ? tar : parts, async (url) => {
      if (distributed) value(await onServer(url, (db) => distribute(db, { shards: 4 })));
      const record = value(await openRecord({ url }));
      try {
        assert.deepEqual(await everything(record), await everything(fresh.record));
        await put(record, { resourceType: "Observation", id: "o", status: "final", code: { text: "later" } });
        await record.settleLedger();
        assert.deepEqual((await record.verify()).faults, []);
      } finally {
        await record.close();
      }
    });
    assert.equal(said, "restored");
  });
}

test("any tar and sha256sum read it", () => {
  assert.match(readFileSync(join(parts, "SHA256SUMS"), "utf8"), /^[0-9a-f]{64} {2}resource\.00001\.zst$/m);
  assert.equal(readFileSync(tar).toString("latin1", 257, 262), "ustar");
});

test("a target that is not empty is refused and stays as it was", async () => {
  const archive = value(await openArchive(tar));
  const before = await fresh.record.ledgerState();
  const done = await restore(archive, value(await checkBackup(archive, tar)), { url: fresh.url, migrations: [] });
  await archive.close();
  assert.ok(!done.ok);
  assert.match(done.failure.text, /not empty \(public\.\w+/);
  assert.deepEqual(await fresh.record.ledgerState(), before);
});

const nothing = async (url: string): Promise<void> => assert.equal(await tablesIn(url), 0);

test("a file cut off anywhere is named, and nothing is half restored", async () => {
  const whole = readFileSync(tar).length;
  for (const share of [0, 0.001, 0.3, 0.7, 0.97, 0.995]) {
    const cut = join(folder, "cut.tar");
    copyFileSync(tar, cut);
    truncateSync(cut, Math.floor(whole * share));
    assert.match(await bring(cut, nothing), /cut\.tar (ends|has no)/, `${share}`);
  }
});

test("one changed byte of any part is named, and nothing is half restored", async () => {
  for (const name of readdirSync(parts)) {
    const changed = join(folder, "changed");
    rmSync(changed, { recursive: true, force: true });
    cpSync(parts, changed, { recursive: true });
    const bytes = readFileSync(join(changed, name));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(changed, name), bytes);
    const archive = value(await openArchive(changed));
    const checked = await checkBackup(archive, changed);
    const said = checked.ok ? checked.value.faults.join() : checked.failure.text;
    if (name === "SHA256SUMS") assert.notEqual(said, "");
    else assert.match(said, new RegExp(name.replaceAll(".", "\\.")));
  }
  rmSync(join(parts, "resource.00001.zst"));
  assert.match(await bring(parts, nothing), /resource\.00001\.zst is missing/);
});

test("rows that contradict what the ledger says are found even where the sums fit", async () => {
  const { writers } = fresh.record.pools;
  await writers.unsafe("update leaf_write set payloads = replace(payloads, 'Patient/ann', 'Patient/eve') where start = 0");
  const forged = join(folder, "forged.tar");
  await save(fresh.url, forged);
  assert.match(await bring(forged, nothing), /Leaf 0 was changed.*Nothing was restored/s);
  await writers.unsafe("update leaf_write set payloads = replace(payloads, 'Patient/eve', 'Patient/ann') where start = 0");
});

test("a backup taken while others write is of one moment", async () => {
  let stop = false;
  const writing = (async () => {
    for (let i = 0; !stop; i++) value(await fresh.record.commit(node, [{ kind: "update", type: "Patient", id: `w${i}`, text: JSON.stringify({ resourceType: "Patient", id: `w${i}` }) },
      { kind: "create", type: "Observation", text: JSON.stringify({ resourceType: "Observation", status: "final", code: { text: "w" }, subject: { reference: `Patient/w${i}` } }) }]));
  })();
  const busy = join(folder, "busy.tar");
  await save(fresh.url, busy);
  stop = true;
  await writing;
  assert.equal(await bring(busy, async (url) => {
    const record = value(await openRecord({ url }));
    await record.settleLedger();
    assert.deepEqual((await record.verify()).faults, []);
    await record.close();
  }), "restored");
});

test("a database without a record, and a name that is taken, are refused", async () => {
  const empty: TestDatabase = await testDatabase({ empty: true });
  const archive = value(await createArchive(join(folder, "none.tar"), new Date()));
  const done = await backUp(archive, { url: empty.url, migrations: [], salus: "test", at: new Date() });
  await archive.abandon();
  await empty.close();
  assert.ok(!done.ok && done.failure.code === "not-found");
  assert.ok(!readdirSync(folder).some((name) => name.startsWith("none")));
  assert.ok(!(await createArchive(tar, new Date())).ok);
});
