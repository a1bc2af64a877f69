import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { command as exportCommand } from "#cli/export.ts";
import { command as importCommand } from "#cli/import.ts";
import { command as reindexCommand } from "#cli/reindex.ts";
import { testDatabase, type TestDatabase } from "#platform/database/testing.ts";
import { testServer, type TestServer } from "./server.ts";

let server: TestServer, other: TestDatabase, folder: string;
before(async () => {
  server = await testServer();
  other = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "salus-export-"));
});
after(async () => {
  await server.close();
  await other.close();
  delete process.env.DATABASE_URL;
  rmSync(folder, { recursive: true, force: true });
});

async function run(url: string, command: typeof exportCommand, ...args: string[]): Promise<{ code: number; said: string; out: string }> {
  process.env.DATABASE_URL = url;
  const stdout = new PassThrough(), stderr = new PassThrough();
  const code = await command.run([...args, "--data", join(folder, "node")], { stdout, stderr, stdin: process.stdin });
  return { code, out: String(stdout.read() ?? ""), said: String(stderr.read() ?? "") };
}

const texts = (path: string): string[] => readdirSync(path).filter((name) => name.endsWith(".ndjson")).flatMap((name) => readFileSync(join(path, name), "utf8").trim().split("\n")).sort();
const plain = (lines: string[]): unknown[] => lines.map((line) => { const { meta: _, ...rest } = JSON.parse(line) as { meta: unknown }; return rest; });

test("an export imported into another record gives the same export", async () => {
  const first = join(folder, "first"), second = join(folder, "second");
  const done = await run(server.node.databaseUrl, exportCommand, "--out", first, "--json");
  assert.equal(done.code, 0, done.said);
  const { resources, files } = JSON.parse(done.out) as { resources: number; files: string[] };
  assert.deepEqual([resources, files], [10, ["Condition.ndjson", "Observation.ndjson", "Organization.ndjson", "Patient.ndjson", "Practitioner.ndjson", "Provenance.ndjson"]]);
  assert.equal((await run(other.url, importCommand, first)).code, 0);
  assert.equal((await run(other.url, exportCommand, "--out", second)).code, 0);
  assert.deepEqual(plain(texts(second)), plain(texts(first)));
});

test("types, searches, elements, deletions since; wrong words end with 2 and write nothing", async () => {
  const at = join(folder, "part");
  const done = await run(server.node.databaseUrl, exportCommand, "--out", at, "--type", "Patient", "--type", "Observation", "--type-filter", "Observation?patient=ann", "--elements", "Patient.gender", "--since", "2020-01-01T00:00:00Z", "--json");
  assert.equal(done.code, 0, done.said);
  const { files, deleted } = JSON.parse(done.out) as { files: string[]; deleted: number };
  assert.deepEqual([files, deleted, texts(at).length], [["Observation.ndjson", "Patient.ndjson", "deleted.ndjson"], 2, 4]);
  writeFileSync(join(folder, "full"), "");
  for (const [args, words] of [[[], /--out/], [["--out", at], /not empty/], [["--out", join(folder, "x"), "--type", "Wizard"], /Wizard/], [["--out", join(folder, "x"), "--group", "none"], /Group\/none/], [["--nonsense"], /nonsense/]] as const) {
    const { code, said } = await run(server.node.databaseUrl, exportCommand, ...args);
    assert.equal(code, 2);
    assert.match(said, words);
  }
  assert.deepEqual(readdirSync(join(folder, "x")), []);
});

test("reindex mends and says how much", async () => {
  await server.node.sql`delete from string`;
  const { code, out } = await run(server.node.databaseUrl, reindexCommand, "--json");
  assert.equal(code, 0);
  assert.ok((JSON.parse(out) as { changed: number }).changed >= 4);
  assert.ok((await server.node.record.verify()).ok);
});
