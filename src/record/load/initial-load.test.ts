import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { unlessDistributed } from "#platform/database/testing.ts";
import { until } from "#platform/testing.ts";
import { examine } from "../doctor/doctor.ts";
import { openRecord, type OpenRecord } from "../open.ts";
import type { ImportStream } from "../record.ts";
import { migrate } from "../schema/migrate.ts";
import { administrator, put, testRecord, value, type TestRecord } from "../testing.ts";
import { readAbsent } from "./absent-indexes.ts";

const from = 100;
const patients = (name: string, count: number, family = "Loaded") => Array.from({ length: count }, (_, i) => ({ place: `line ${i}`, text: JSON.stringify({ resourceType: "Patient", id: `${name}-${i}`, name: [{ family }], gender: "female", birthDate: "1970-01-01" }) }));

describe("an initial load", { skip: unlessDistributed("an import leaves no indexes out there") }, () => {
  let db: TestRecord, record: OpenRecord, indexes: unknown;
  beforeEach(async () => {
    db = await testRecord({ initialLoadFrom: from });
    record = db.record;
    indexes = await standing();
  });
  afterEach(() => db.close());

  const standing = async (): Promise<unknown> => (await db.record.pools.readers.unsafe("select indexname, indexdef from pg_indexes where schemaname = current_schema() order by 1")).map((row) => ({ ...row }));
  const absent = async (): Promise<string[]> => (await readAbsent(db.record.pools.readers)).map(({ name }) => name);
  /** So many that indexes are left out. */
  async function beginLoad(stream: ImportStream, name = "p"): Promise<void> {
    for (let i = 0; i < 3; i++) await stream(patients(`${name}${i}`, 50));
  }
  const found = async (query: string): Promise<number> => value(await record.search(administrator, "Patient", `${query}&_count=1000`)).entries.length;

  test("leaves out what only searches need, answers and writes meanwhile, and the same indexes stand at its end", async () => {
    await record.importing(administrator, async (stream) => {
      await beginLoad(stream);
      const names = await absent();
      for (const name of ["token_code", "token_person", "reference_target", "words_content", "resource_updated"]) assert.ok(names.includes(name), name);
      for (const name of ["reference_heir", "resource_replaced", "care_practitioner"]) assert.ok(!names.includes(name), name);
      assert.deepEqual([await found("gender=female"), await found("family=loaded&birthdate=1970"), await found("_content=loaded"), await found("gender=male")], [150, 150, 150, 0]);
      await put(record, { resourceType: "Patient", id: "other", gender: "male" }, { resourceType: "Observation", id: "o", status: "final", code: { text: "x" }, subject: { reference: "Patient/other" } });
      await put(record, { resourceType: "Patient", id: "other", gender: "male", birthDate: "1980-01-01" });
      assert.deepEqual([await found("gender=male"), await found("_has:Observation:patient:status=final")], [1, 1]);
      assert.deepEqual((await stream([...patients("p0", 10), ...patients("p1", 10, "Changed")])).map(({ kind }) => kind), [...Array(10).fill("unchanged"), ...Array(10).fill("updated")]);
    }, { making: () => { indexes = [indexes]; } });
    assert.deepEqual([await standing()], indexes, "told once that they are made; the same definitions");
    assert.deepEqual(await absent(), []);
    assert.deepEqual([await found("gender=female"), await found("family=changed"), await found("_content=loaded")], [150, 10, 140]);
    assert.deepEqual((await record.verify()).faults, []);
  });

  test("whose persons follow from a resource that comes later is found meanwhile", async () => {
    await record.importing(administrator, async (stream) => {
      await beginLoad(stream);
      const lines = [{ resourceType: "Provenance", id: "v", target: [{ reference: "Observation/late" }], recorded: "2026-01-01T00:00:00Z", agent: [{ who: { display: "x" } }] }, { resourceType: "Observation", id: "late", status: "final", code: { text: "x" }, subject: { reference: "Patient/p0-0" } }];
      for (const line of lines) assert.deepEqual(await stream([{ place: "line 1", text: JSON.stringify(line) }]), [{ kind: "created" }]);
    });
    const { entries } = value(await record.everything(administrator, "p0-0"));
    assert.deepEqual(entries.map(({ stored }) => stored.type).sort(), ["Observation", "Patient", "Provenance"]);
    assert.deepEqual((await record.verify()).faults, []);
  });

  test("an import that fails leaves the indexes standing", async () => {
    await assert.rejects(record.importing(administrator, async (stream) => {
      await beginLoad(stream);
      assert.notDeepEqual(await absent(), []);
      throw new Error("the source is gone");
    }), /the source is gone/);
    assert.deepEqual([await absent(), await standing()], [[], indexes]);
  });

  test("a small import, one into a record that holds more, and one that is told not to, leave nothing out", async () => {
    await record.importing(administrator, async (stream) => {
      await stream(patients("small", from - 1));
      assert.deepEqual(await absent(), []);
    });
    for (let i = 0; i < 6; i++) await record.importing(administrator, (stream) => stream(patients(`small${i}`, from - 1)));
    await record.importing(administrator, async (stream) => {
      await beginLoad(stream);
      assert.deepEqual(await absent(), []);
    });
    const never = await testRecord({ initialLoadFrom: 0 });
    try {
      await never.record.importing(administrator, async (stream) => {
        await beginLoad(stream);
        assert.deepEqual(await readAbsent(never.record.pools.readers), []);
      });
    } finally {
      await never.close();
    }
  });

  test("two at once: whoever ends last makes the indexes, both wait for them", async () => {
    let endSecond = () => {}, secondBegun = () => {};
    const mayEnd = new Promise<void>((resolve) => { endSecond = resolve; }), begun = new Promise<void>((resolve) => { secondBegun = resolve; });
    const second = record.importing(administrator, async (stream) => { await beginLoad(stream, "second"); secondBegun(); await mayEnd; });
    let firstEnded = false;
    const first = record.importing(administrator, async (stream) => { await beginLoad(stream, "first"); await begun; }).then(() => { firstEnded = true; });
    await begun;
    await sleep(500);
    assert.equal(firstEnded, false);
    assert.notDeepEqual(await absent(), []);
    endSecond();
    await Promise.all([first, second]);
    assert.deepEqual([await absent(), await standing()], [[], indexes]);
    assert.equal(await found("gender=female"), 300);
  });

  test("a table that somebody reads for long keeps its indexes", async () => {
    const other = postgres(db.url, { max: 1 });
    try {
      await other.begin(async (tx) => {
        await tx`select from token limit 1`;
        await record.importing(administrator, async (stream) => {
          await beginLoad(stream);
          const names = await absent();
          assert.ok(names.includes("date_row") && !names.some((name) => name.startsWith("token")), names.join());
        });
      });
    } finally {
      await other.end();
    }
    assert.deepEqual(await standing(), indexes);
  });

  test("a search that takes long ends it, is stopped and may ask again", async () => {
    const other = postgres(db.url, { max: 1, connection: { application_name: "salus search" } });
    try {
      await record.importing(administrator, async (stream) => {
        await beginLoad(stream);
        await assert.rejects(other`select pg_sleep(60)`, { code: "57014" });
        await until(async () => (await absent()).length === 0, "the indexes");
        assert.deepEqual(await standing(), indexes, "while the import goes on");
        await stream(patients("more", 50));
      });
    } finally {
      await other.end();
    }
    assert.equal(await found("gender=female"), 200);
  });

  test("a search that is stopped for them is asked again", async () => {
    await put(record, { resourceType: "Patient", id: "ann", gender: "female" });
    const other = postgres(db.url, { max: 1 });
    try {
      const answer = await other.begin(async (tx) => {
        await tx`lock table token in access exclusive mode`;
        const asked = found("gender=female");
        await until(async () => (await record.pools.writers.unsafe("select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'salus search' and datname = current_database() and wait_event_type = 'Lock'")).length > 0, "the search that waits");
        return { asked };
      });
      assert.equal(await answer.asked, 1);
    } finally {
      await other.end();
    }
  });

  test("a record that closes in the middle leaves them to the next start, which makes them before it answers", async () => {
    const other = value(await openRecord({ url: db.url, initialLoadFrom: from }));
    await other.importing(administrator, async (stream) => { await beginLoad(stream); void other.close(); await sleep(100); });
    assert.notDeepEqual(await absent(), []);
    assert.match((await examine({ url: db.url, migrations: [] })).filter(({ check }) => check === "indexes").map(({ severity, text }) => `${severity} ${text}`).join("\n"), /^warning An import into the empty record left out \d+ indexes/);
    const next = value(await openRecord({ url: db.url }));
    assert.deepEqual([await absent(), await standing()], [[], indexes]);
    await next.close();
    assert.deepEqual((await examine({ url: db.url, migrations: [] })).filter(({ check }) => check === "indexes"), []);
  });

  test("kill -9 in the middle: while it lives others start without making them, afterwards the next start does; an upgrade too", async () => {
    for (const upgrade of [false, true]) {
      const child = spawn(process.execPath, [fileURLToPath(new URL("./testing-load.ts", import.meta.url)), db.url], { stdio: ["ignore", "pipe", "inherit"] });
      const died = new Promise((resolve) => child.on("close", resolve));
      await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
      const beside = value(await openRecord({ url: db.url }));
      assert.notDeepEqual(await absent(), [], "the import goes on");
      await beside.close();
      const later = [{ name: "later/0001-index", statements: ["drop index token_code", "create index token_code on token (code, at, rid, system, ck)"] }];
      const refused = await migrate(db.record.pools.writers, later, async () => false);
      assert.match(refused.ok ? "" : refused.failure.text, /let that import end first/);
      child.kill("SIGKILL");
      await died;
      await until(async () => (await db.record.pools.readers.unsafe("select from pg_stat_activity where application_name = 'salus load' and datname = current_database()")).length === 0, "the end of its sessions");
      const next = value(await openRecord({ url: db.url, migrations: upgrade ? later : [] }));
      assert.deepEqual([await absent(), await standing()], [[], indexes]);
      await next.settleLedger();
      assert.deepEqual((await next.verify()).faults, []);
      await next.close();
      if (!upgrade) { await db.close(); db = await testRecord({ initialLoadFrom: from }); record = db.record; }
    }
  });
});
