import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { command } from "#cli/import.ts";
import { testDatabase, type TestDatabase } from "#platform/database/testing.ts";
import { openNode, operator, type OpenedNode } from "#server/node.ts";

let database: TestDatabase;
let folder: string;
let node: OpenedNode;
before(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "salus-import-"));
  process.env.DATABASE_URL = database.url;
  node = await openNode({ folder });
});
after(async () => {
  await node.close();
  delete process.env.DATABASE_URL;
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; summary: { read: number; created: number; updated: number; unchanged: number; rejected: number } }> {
  const stdout = new PassThrough();
  const code = await command.run([...args, "--json", "--data", folder, "--rejected", join(folder, "rejected.ndjson")], { stdout, stderr: new PassThrough(), stdin: process.stdin });
  return { code, summary: JSON.parse(String(stdout.read())) as never };
}
function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const bundle = JSON.stringify({
  resourceType: "Bundle", type: "transaction", entry: [
    { fullUrl: "urn:uuid:11111111-1111-4111-8111-111111111111", resource: { resourceType: "Patient", id: "imp-1", gender: "female" } },
    { fullUrl: "urn:uuid:22222222-2222-4222-8222-222222222222", resource: { resourceType: "Observation", status: "final", code: { text: "x" }, subject: { reference: "urn:uuid:11111111-1111-4111-8111-111111111111" } } },
    { resource: { resourceType: "Observation", id: "imp-bad", code: { text: "no status" } } },
  ],
});

test("good entries are kept, bad ones rejected with place and reason", async () => {
  const { code, summary } = await run(write("bundle.json", bundle));
  assert.equal(code, 1);
  assert.deepEqual({ ...summary, seconds: 0 }, { files: 1, read: 3, created: 2, updated: 0, unchanged: 0, rejected: 1, seconds: 0, rejectedFile: join(folder, "rejected.ndjson") });
  const rejected = JSON.parse(readFileSync(join(folder, "rejected.ndjson"), "utf8")) as { place: string; reason: string };
  assert.equal(rejected.place, "entry[2]");
  assert.match(rejected.reason, /status/);
});

test("references by urn:uuid lead to the imported patient", async () => {
  const found = await node.record.search(operator, "Observation", "patient=imp-1");
  assert.ok(found.ok);
  assert.equal(found.value.entries.length, 1);
});

test("importing twice adds nothing, also resources without an id", async () => {
  const before = await node.record.history(operator, {}, { count: 100 });
  const { summary } = await run(write("bundle.json", bundle));
  assert.deepEqual([summary.created, summary.updated, summary.unchanged], [0, 0, 2]);
  const now = await node.record.history(operator, {}, { count: 100 });
  assert.ok(before.ok && now.ok);
  assert.equal(now.value.entries.length, before.value.entries.length);
});

test("an older file imported again does not turn back what came later, nor bring back what was deleted", async () => {
  const first = write("p1.json", '{"resourceType":"Patient","id":"imp-2","active":true}');
  const second = write("p2.json", '{"resourceType":"Patient","id":"imp-2","active":false}');
  await run(first);
  assert.equal((await run(second)).summary.updated, 1);
  assert.equal((await run(first)).summary.unchanged, 1);
  const deleted = await node.record.commit(operator, [{ kind: "delete", type: "Patient", id: "imp-2" }]);
  assert.ok(deleted.ok);
  assert.equal((await run(second)).summary.unchanged, 1);
  assert.equal((await node.record.read(operator, { type: "Patient", id: "imp-2" })).kind, "deleted");
});

test("NDJSON with a bad line, an unknown type, and a file that is no FHIR: named, the rest kept", async () => {
  const { summary } = await run(write("a.ndjson", '{"resourceType":"Patient","id":"imp-3"}\n{"resourceType":"Patient","id":\n{"resourceType":"Wizard","id":"w"}\n{"resourceType":"Patient","id":"imp-4"}\n'), write("b.txt", "hello"), join(folder, "missing.json"));
  assert.deepEqual([summary.created, summary.rejected], [2, 4]);
  const reasons = readFileSync(join(folder, "rejected.ndjson"), "utf8");
  assert.match(reasons, /line 2/);
  assert.match(reasons, /Wizard/);
  assert.match(reasons, /neither FHIR JSON/);
  assert.match(reasons, /no such file/);
});

test("number literals survive the import", async () => {
  await run(write("n.json", '{"resourceType":"Observation","id":"imp-n","status":"final","code":{"text":"n"},"subject":{"reference":"Patient/imp-1"},"valueQuantity":{"value":1.50}}'));
  const found = await node.record.read(operator, { type: "Observation", id: "imp-n" });
  assert.ok(found.kind === "current" && found.stored.text.includes('"value":1.50'));
});
