/**
 * Group `record`: import of Synthea's transaction Bundles ten times over with fresh ids, authorisation, validation,
 * index and ledger on, beside a raw batched insert of the same resources (id, type and text, one `unnest` statement a
 * Bundle, prepared, same connections, same database in the same run). Afterwards every entry is counted, and a sample
 * of each Bundle compared with what was sent.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { startEmbedded } from "#platform/database/embedded.ts";
import { openRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import type { Row } from "./row.ts";

const rounds = 10;
/** Bundles in flight. */
const atOnce = 4;
const node: Caller = { agent: "Device/salus", display: "Salus", role: "system", filter: { kind: "all" }, canWrite: true };

type Bundle = { entry: { fullUrl?: string; resource: { resourceType: string; id?: string; meta?: unknown } }[] };

async function inFlight<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<number> {
  const start = performance.now();
  const queue = items.values();
  await Promise.all(Array.from({ length: atOnce }, async () => { for (const item of queue) await work(item); }));
  return (performance.now() - start) / 1000;
}

export async function run(): Promise<Row[]> {
  const data = process.env.SALUS_EXTERNAL_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));
  const folder = join(data, "synthea", "bundles");
  if (!existsSync(folder)) return [];
  const texts = readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => readFileSync(join(folder, name), "utf8"));
  const entries = texts.reduce((sum, text) => sum + (JSON.parse(text) as Bundle).entry.length, 0) * rounds;
  const files = mkdtempSync(join(tmpdir(), "salus-bench-"));
  const database = await startEmbedded({ folder: files });
  try {
    const opened = await openRecord({ url: database.url });
    if (!opened.ok) throw new Error(opened.failure.text);
    const record = opened.value;
    const all = Array.from({ length: rounds }, () => texts).flat();
    const samples: [string, number, string][] = [];
    const seconds = await inFlight(all, async (text) => {
      const answer = await record.bundle(node, text);
      if (!answer.ok) throw new Error(answer.failure.text);
      const { entry } = JSON.parse(answer.value) as { entry: { response: { location: string } }[] };
      const place = samples.length % entry.length;
      samples.push([text, place, entry[place]!.response.location]);
    });
    const [stored] = await record.pools.readers.unsafe<{ count: string }[]>("select count(*) as count from resource where not deleted");
    assert.equal(Number(stored!.count), entries, "every entry is there");
    for (const [text, place, location] of samples) await compare(record, text, place, location);
    const { size } = await record.ledgerState();
    assert.equal(size, entries, "one leaf for each");
    const floor = await rawInsert(database.url, texts, all.length / texts.length);
    await record.close();
    return [{ group: "record", name: `import of ${texts.length} Synthea Bundles × ${rounds}`, ours: entries / seconds, floor: entries / floor, unit: "resources/s", note: `${entries} entries, ${atOnce} Bundles in flight` }];
  } finally {
    await database.stop();
    rmSync(files, { recursive: true, force: true });
  }
}

async function compare(record: { read: (caller: Caller, key: { type: string; id: string }) => Promise<{ kind: string; stored?: { text: string } }> }, text: string, place: number, location: string): Promise<void> {
  const [type, id] = location.split("/") as [string, string];
  const read = await record.read(node, { type, id });
  const plain = (resource: object) => JSON.stringify({ ...resource, id: "", meta: "" }, (name, value: unknown) => name === "reference" ? "" : value).replaceAll(/"(id|meta)":"",?/g, "");
  assert.equal(plain(JSON.parse(read.stored!.text) as object), plain((JSON.parse(text) as Bundle).entry[place]!.resource));
}

/** Parsed and split beforehand: the floor pays for the database alone. */
async function rawInsert(url: string, texts: readonly string[], times: number): Promise<number> {
  const sql = postgres(url, { max: atOnce, fetch_types: false, onnotice: () => {} });
  await sql.unsafe("create table bench_raw (id text primary key, type text not null, content text not null)");
  const batches = texts.map((text) => (JSON.parse(text) as Bundle).entry.map(({ resource }) => ({ type: resource.resourceType, content: JSON.stringify(resource) })));
  let n = 0;
  const work = Array.from({ length: times }, () => batches).flat();
  const seconds = await inFlight(work, async (batch) => {
    await sql.unsafe("insert into bench_raw select * from unnest($1::text[], string_to_array($2, chr(30)), string_to_array($3, chr(30)))",
      [`{${batch.map(() => `id${n++}`).join(",")}}`, batch.map((row) => row.type).join("\u001e"), batch.map((row) => row.content).join("\u001e")], { prepare: true });
  });
  await sql.end();
  return seconds;
}
