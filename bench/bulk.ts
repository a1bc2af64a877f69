/**
 * Group `bulk`: $import's way of NDJSON (Synthea's resources twenty times over under fresh ids; parsing, validation, index,
 * ledger, "is it here already" on) beside a raw batched insert of the same resources with the same index rows, all made
 * beforehand, over as many connections; and export of all of it beside reading the same texts with a bare cursor.
 * One database each, in the same run.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import postgres from "postgres";
import { importLines } from "#exchange/bulk/import-lines.ts";
import { resourceTypes } from "#fhir/definitions/load.ts";
import { startEmbedded } from "#platform/database/embedded.ts";
import { openRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import { benchFolder } from "./folder.ts";
import type { Row } from "./row.ts";
import { linesOf, syntheaBundles } from "./synthea/bundles.ts";
import { rawInsert } from "./synthea/raw-insert.ts";

/** Other by SALUS_BENCH_ROUNDS: of ten, threads that start and code that warms up take a quarter. */
const rounds = Number(process.env.SALUS_BENCH_ROUNDS ?? 20);
const batch = 500;
const operator: Caller = { agent: "Device/salus", display: "Salus", role: "administrator", filter: { kind: "all" }, canWrite: true };

export async function run(): Promise<Row[]> {
  const lines = linesOf(syntheaBundles(), rounds);
  if (!lines.length) return [];
  const files = benchFolder();
  const database = await startEmbedded({ folder: files });
  try {
    const opened = await openRecord({ url: database.url });
    if (!opened.ok) throw new Error(opened.failure.text);
    const record = opened.value;
    const start = performance.now();
    const summary = await record.importing(operator, (stream) => importLines(stream, { name: "bench", bytes: chunks(lines) }, { rejected: ({ reason }) => { throw new Error(reason); } }));
    const seconds = (performance.now() - start) / 1000;
    assert.equal(summary.created, lines.length);
    let exported = 0;
    const exportStart = performance.now();
    const done = await record.export(operator, { scope: { level: "system" }, types: resourceTypes(), at: Date.now() }, async (versions) => { exported += versions.length; });
    const exportSeconds = (performance.now() - exportStart) / 1000;
    assert.ok(done.ok && exported === lines.length);
    const bareSeconds = await bareRead(database.url, lines.length);
    await record.close();
    const floor = await rawInsert(database.url, lines);
    return [
      { group: "bulk", name: `import of ${lines.length} lines of NDJSON`, ours: lines.length / seconds, floor: lines.length / floor, unit: "resources/s", note: "floor: ready rows, resources and index alone" },
      { group: "bulk", name: `export of ${lines.length} resources`, ours: lines.length / exportSeconds, floor: lines.length / bareSeconds, unit: "resources/s", note: "floor: a bare cursor over the same texts" },
    ];
  } finally {
    await database.stop();
    rmSync(files, { recursive: true, force: true });
  }
}

/** Pieces of about 64 KB, as a file or a socket gives them: a piece ends anywhere in a line. */
async function* chunks(lines: readonly string[]): AsyncGenerator<Buffer> {
  for (let from = 0; from < lines.length; from += 1000) {
    const bytes = Buffer.from(`${lines.slice(from, from + 1000).join("\n")}\n`);
    for (let at = 0; at < bytes.length; at += 1 << 16) yield bytes.subarray(at, at + (1 << 16));
  }
}

async function bareRead(url: string, count: number): Promise<number> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  const start = performance.now();
  let read = 0;
  await sql.begin(async (tx) => { for await (const rows of tx.unsafe("select content from resource where not deleted").cursor(batch)) read += rows.length; });
  const seconds = (performance.now() - start) / 1000;
  assert.equal(read, count);
  await sql.end();
  return seconds;
}
