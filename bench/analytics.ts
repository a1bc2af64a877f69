/**
 * Group `analytics`: counting over 10⁶ Observations in the columnar mirror, each question with the opening of its
 * read-only database. Floor: the same statement over the same rows in an unlogged, analysed table of PostgreSQL. Filling goes
 * through the mirror's view; its floor is the appender alone, fed with the same cells.
 */
import assert from "node:assert/strict";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import postgres from "postgres";
import { testDatabase } from "#platform/database/testing.ts";
import { ask } from "#research/mirror/ask.ts";
import { createTable, Filling } from "#research/mirror/table.ts";
import { standardViews } from "#research/mirror/views.ts";
import { benchFolder } from "./folder.ts";
import type { Row } from "./row.ts";

const group = "analytics";
const count = Number(process.env.SALUS_BENCH_COUNT ?? 1_000_000);
/** The floor of filling needs no more to tell its rate. */
const plainCount = count / 10;
const batch = 500;
const [patients, codes, days] = [2000, 300, 3650];

const day = (i: number): string => new Date(Date.UTC(2016, 0, 1 + i % days)).toISOString().slice(0, 10);

function text(i: number): string {
  return JSON.stringify({
    resourceType: "Observation", id: `o${i}`, meta: { versionId: "1", lastUpdated: "2026-01-01T00:00:00.000Z" }, status: "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }],
    code: { coding: [{ system: "http://loinc.org", code: `c${i % codes}` }], text: "Made up" },
    subject: { reference: `Patient/p${i % patients}` }, effectiveDateTime: day(i), valueQuantity: { value: i % 997 / 4, unit: "mg/dL" },
  });
}

const questions = [
  ["count by code", "select code, count(*) as n from observation group by code order by n desc, code limit 20"],
  ["count by year and code, patients distinct", "select substring(effective, 1, 4) as year, code, count(*) as n, count(distinct patient) as people from observation group by 1, 2 order by 3 desc, 1, 2 limit 20"],
  ["mean of a code by year", "select substring(effective, 1, 4) as year, count(*) as n, avg(value) as mean from observation where code = 'c7' group by 1 order by 1"],
] as const;

export async function run(): Promise<Row[]> {
  const folder = benchFolder();
  const database = await testDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const rows: Row[] = [];
  try {
    const path = join(folder, "mirror.duckdb");
    const filled = await onFile(path, fillThroughView), plain = await onFile(join(folder, "plain.duckdb"), appendPlainly);
    rows.push({ group, name: "rows into the mirror, through its view", ours: count / filled, floor: plainCount / plain, unit: "/s", note: `${Math.round(statSync(path).size / 1e6)} MB` });
    await fillPostgres(sql);
    for (const [name, statement] of questions) {
      const ours = await best(async () => {
        const answer = await ask(path, statement);
        if (!answer.ok) throw new Error(answer.failure.text);
        return answer.value.rows;
      });
      const floor = await best(async () => (await sql.unsafe(statement)).map((row) => Object.values(row as object)));
      assert.deepEqual(plainly(ours.rows), plainly(floor.rows));
      rows.push({ group, name: `${name}, ${count.toLocaleString("en")} rows`, ours: 1 / ours.seconds, floor: 1 / floor.seconds, unit: "/s", note: `${Math.round(ours.seconds * 1000)} ms, PostgreSQL ${Math.round(floor.seconds * 1000)} ms` });
    }
  } finally {
    await sql.end();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

/** Counts of PostgreSQL come as text; means may differ in their last digits. */
function plainly(rows: readonly (readonly unknown[])[]): unknown[][] {
  return rows.map((row) => row.map((cell) => Number.isFinite(Number(cell)) ? Math.round(Number(cell) * 1e6) / 1e6 : cell));
}

async function best(work: () => Promise<unknown[][]>): Promise<{ seconds: number; rows: unknown[][] }> {
  let seconds = Number.POSITIVE_INFINITY, rows: unknown[][] = [];
  for (let turn = 0; turn < 4; turn++) {
    const start = performance.now();
    rows = await work();
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { seconds, rows };
}

async function onFile(path: string, fill: (db: DuckDBConnection) => Promise<number>): Promise<number> {
  const instance = await DuckDBInstance.create(path, { memory_limit: "1GB", threads: "2" });
  const db = await instance.connect();
  try {
    return await fill(db);
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

/** Seconds; the making of the resources is not among them. */
async function fillThroughView(db: DuckDBConnection): Promise<number> {
  const view = standardViews().find(({ name }) => name === "observation")!;
  await db.run(createTable(view));
  await db.run("create table salus_fault (view varchar, salus_id varchar, fault varchar)");
  await db.run("begin");
  const filling = await Filling.open(db, view);
  let ms = 0;
  for (let at = 0; at < count; at += batch) {
    const made = Array.from({ length: batch }, (_, i) => ({ id: `o${at + i}`, text: text(at + i) }));
    const start = performance.now();
    await filling.add(made);
    ms += performance.now() - start;
  }
  const start = performance.now();
  filling.close();
  await db.run("commit");
  return (ms + performance.now() - start) / 1000;
}

async function appendPlainly(db: DuckDBConnection): Promise<number> {
  const view = standardViews().find(({ name }) => name === "observation")!;
  await db.run(createTable(view));
  await db.run("begin");
  const start = performance.now();
  const appender = await db.createAppender("observation");
  for (let i = 0; i < plainCount; i++) {
    const cells = { id: `o${i}`, patient: `p${i % patients}`, status: "final", category: "laboratory", code: `c${i % codes}`, code_system: "http://loinc.org", code_text: "Made up", effective: "2020-01-01", unit: "mg/dL" } as Readonly<Record<string, string>>;
    appender.appendVarchar(`o${i}`);
    for (const { name } of view.view.columns) {
      if (name === "value") appender.appendDouble(i % 997 / 4);
      else if (cells[name] === undefined) appender.appendNull();
      else appender.appendVarchar(cells[name]);
    }
    appender.endRow();
  }
  appender.closeSync();
  await db.run("commit");
  return (performance.now() - start) / 1000;
}

async function fillPostgres(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`create unlogged table observation as select 'o' || i as id, 'p' || i % ${patients} as patient, 'final'::text as status, 'laboratory'::text as category,
    'c' || i % ${codes} as code, 'http://loinc.org'::text as code_system, 'Made up'::text as code_text, to_char(date '2016-01-01' + i % ${days}, 'YYYY-MM-DD') as effective,
    (i % 997) / 4.0::float8 as value, 'mg/dL'::text as unit from generate_series(0, ${count - 1}) i`);
  await sql.unsafe("vacuum analyze observation");
}
