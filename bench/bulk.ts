/**
 * Group `bulk`: $import's way of NDJSON (Synthea's resources ten times over under fresh ids; parsing, validation, index,
 * ledger, "is it here already" on) beside a raw batched insert of the same resources with the same index rows, all made
 * beforehand, over as many connections; and export of all of it beside reading the same texts with a bare cursor.
 * One database each, in the same run.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { importLines } from "#exchange/bulk/import-lines.ts";
import { resourceTypes } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";
import { startEmbedded } from "#platform/database/embedded.ts";
import { placeOf, randomBucket, ridOf } from "#record/keys.ts";
import { openRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import { derive, emptyRows } from "#record/rows.ts";
import { migrate } from "#record/schema/migrate.ts";
import { insertRows } from "#record/write/insert.ts";
import type { Row } from "./row.ts";

const rounds = 10;
const batch = 500;
const connections = 2;
const operator: Caller = { agent: "Device/salus", display: "Salus", role: "administrator", filter: { kind: "all" }, canWrite: true };

/** Ids of a round end in its number; references inside follow. What recurs in several Bundles comes once a round. */
function linesOf(folder: string): string[] {
  const texts = readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => readFileSync(join(folder, name), "utf8"));
  const lines = new Map<string, string>();
  for (let round = 0; round < rounds; round++) for (const text of texts) {
    const { entry } = JSON.parse(text) as { entry: { fullUrl: string; resource: Resource }[] };
    const names = new Map(entry.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}-${round}`]));
    for (const { resource } of entry) {
      resource.id = `${resource.id}-${round}`;
      lines.set(`${resource.resourceType}/${resource.id}`, JSON.stringify(resource, (name, value: unknown) => name === "reference" && typeof value === "string" ? names.get(value) ?? value : value));
    }
  }
  return [...lines.values()];
}

export async function run(): Promise<Row[]> {
  const folder = join(process.env.SALUS_EXTERNAL_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url)), "synthea", "bundles");
  if (!existsSync(folder)) return [];
  const lines = linesOf(folder);
  const files = mkdtempSync(join(tmpdir(), "salus-bench-"));
  const database = await startEmbedded({ folder: files });
  try {
    const opened = await openRecord({ url: database.url });
    if (!opened.ok) throw new Error(opened.failure.text);
    const record = opened.value;
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const start = performance.now();
    const summary = await importLines(record, operator, { name: "bench", bytes: chunks(bytes) }, { rejected: ({ reason }) => { throw new Error(reason); } });
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

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1 << 16) yield bytes.subarray(at, at + (1 << 16));
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

/** In a database of its own of the same cluster, with the same tables and indexes. */
async function rawInsert(url: string, lines: readonly string[]): Promise<number> {
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  await admin.unsafe("create database bench_raw");
  await admin.end();
  const target = new URL(url);
  target.pathname = "/bench_raw";
  const sql = postgres(target.href, { max: connections, fetch_types: false, onnotice: () => {} });
  const migrated = await migrate(sql);
  assert.ok(migrated.ok);
  const batches = Array.from({ length: Math.ceil(lines.length / batch) }, (_, i) => lines.slice(i * batch, (i + 1) * batch)).map((texts) => {
    const rows = emptyRows();
    const keys = texts.map((text) => {
      const value = JSON.parse(text) as Resource;
      const key = { ck: placeOf(value.resourceType, value.id!) ?? randomBucket(), rid: ridOf(value.resourceType, value.id!), type: value.resourceType, id: value.id! };
      derive(rows, value, key.ck, key.rid, ["1"]);
      return key;
    });
    const cells = [`{${keys.map(({ ck }) => ck).join(",")}}`, `{${keys.map(({ rid }) => rid).join(",")}}`, `{${keys.map(({ type }) => type).join(",")}}`, `{${keys.map(({ id }) => id).join(",")}}`, texts.join("\u001e")];
    return { rows, cells };
  });
  const start = performance.now();
  const queue = batches.values();
  await Promise.all(Array.from({ length: connections }, async () => {
    for (const { rows, cells } of queue) await sql.begin(async (tx) => {
      await Promise.all([
        tx.unsafe("insert into resource (ck, rid, type, id, version, updated, deleted, persons, content) select u.ck, u.rid, u.type, u.id, 1, 0, false, array[1]::bigint[], u.content from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], string_to_array($5, chr(30))) u(ck, rid, type, id, content)", cells, { prepare: true }),
        ...insertRows(tx, rows),
      ]);
    });
  }));
  const seconds = (performance.now() - start) / 1000;
  await sql.end();
  return seconds;
}
