/** Two server processes on one database, as they are started by hand: whatever one acknowledges, the other serves. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { after, before, test } from "node:test";
import { repositoryRoot } from "#platform/database/binaries.ts";
import { testDatabase, type TestDatabase } from "#platform/database/testing.ts";
import { until } from "#platform/testing.ts";
import { openNode, type OpenedNode } from "#server/node.ts";
import { password } from "./server.ts";

let database: TestDatabase, node: OpenedNode, folder: string, token: string;
const servers: { url: string; process: ChildProcess }[] = [];

/** `npx salus start`; answers when it says where it listens. */
async function start(name: string): Promise<{ url: string; process: ChildProcess }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(repositoryRoot, "src/cli/main.ts"), "start", "--port", "0", "--empty", "--data", join(folder, name)], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, DATABASE_URL: database.url, SALUS_LOG_LEVEL: "error" } });
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const ready = /Salus is ready: (\S+)/.exec(said += chunk.toString());
      if (ready) resolve(ready[1]!);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  return { url, process: child };
}

before(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "salus-two-"));
  node = await openNode({ databaseUrl: database.url, folder: join(folder, "own") });
  const issued = await node.trust.issueToken(undefined, 8);
  assert.ok(issued.ok);
  token = issued.value.token;
  servers.push(...await Promise.all(["a", "b"].map(start)));
});
after(async () => {
  await Promise.all(servers.map(async ({ process: child }) => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }));
  await node.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

type Sent = { body?: object; headers?: Record<string, string>; as?: string };
async function send(server: 0 | 1, method: string, path: string, { body, headers = {}, as = token }: Sent = {}): Promise<Response> {
  const address = path.startsWith("http") ? servers[server]!.url + new URL(path).pathname + new URL(path).search : `${servers[server]!.url}/fhir/R4/${path}`;
  return await fetch(address, { method, headers: { authorization: `Bearer ${as}`, "content-type": "application/fhir+json", ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
}

type Hot = { meta: { versionId: string }; birthDate?: string };
const person = (id: string, birthDate: string): object => ({ resourceType: "Patient", id, birthDate });
const dayOf = (i: number): string => new Date(Date.UTC(1950, 0, 1 + i)).toISOString().slice(0, 10);

test("what one server acknowledged is what the other reads and finds, however hot it is there", async () => {
  let acknowledged = 0, stop = false, reads = 0;
  assert.equal((await send(0, "PUT", "Patient/hot", { body: person("hot", dayOf(0)) })).status, 201);
  acknowledged = 1;
  const readers = ([0, 1] as const).map(async (server) => {
    while (!stop) {
      const known = acknowledged;
      const read = await (await send(server, "GET", "Patient/hot")).json() as Hot;
      assert.ok(Number(read.meta.versionId) >= known, `server ${server} read version ${read.meta.versionId} after ${known} was acknowledged`);
      assert.equal(read.birthDate, dayOf(Number(read.meta.versionId) - 1), "the content is that of the version");
      reads++;
    }
  });
  for (let i = 1; i < 30; i++) {
    const writer = (i % 2) as 0 | 1, other = (1 - writer) as 0 | 1;
    const put = await send(writer, "PUT", "Patient/hot", { body: person("hot", dayOf(i)) });
    assert.equal(put.headers.get("etag"), `W/"${i + 1}"`);
    acknowledged = i + 1;
    const found = await (await send(other, "GET", `Patient?birthdate=${dayOf(i)}`)).json() as { total: number; entry?: { resource: Hot }[] };
    assert.deepEqual(found.entry?.map(({ resource }) => resource.meta.versionId), [String(i + 1)]);
    const before = await (await send(other, "GET", `Patient?birthdate=${dayOf(i - 1)}`)).json() as { entry?: unknown[] };
    assert.equal(before.entry, undefined);
  }
  stop = true;
  await Promise.all(readers);
  assert.ok(reads > 20);
  assert.equal((await send(0, "DELETE", "Patient/hot")).ok, true);
  assert.equal((await send(1, "GET", "Patient/hot")).status, 410);
});

test("writers of both on one resource: no update lost, versions without gaps; sixteen conditional creates make one", async () => {
  assert.equal((await send(0, "PUT", "Patient/both", { body: person("both", dayOf(0)) })).status, 201);
  const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => send((i % 2) as 0 | 1, "PUT", "Patient/both", { body: person("both", dayOf(i + 1)) })));
  const versions = answers.map((answer) => Number(/\d+/.exec(answer.headers.get("etag")!)![0])).sort((a, b) => a - b);
  assert.deepEqual(versions, Array.from({ length: 24 }, (_, i) => i + 2));
  const created = await Promise.all(Array.from({ length: 16 }, (_, i) => send((i % 2) as 0 | 1, "POST", "Patient", { body: { resourceType: "Patient", identifier: [{ system: "urn:mrn", value: "once" }] }, headers: { "if-none-exist": "identifier=urn:mrn|once" } })));
  assert.deepEqual(created.map(({ status }) => status).sort((a, b) => b - a), [201, ...Array.from({ length: 15 }, () => 200)]);
});

test("a search parameter stored at one is indexed and searched by the other", async () => {
  const body = { resourceType: "SearchParameter", id: "nick", url: "urn:nick", name: "Nick", status: "active", description: "nickname", code: "nick", base: ["Patient"], type: "string", expression: "Patient.name.where(use = 'nickname').given" };
  assert.equal((await send(0, "PUT", "SearchParameter/nick", { body })).status, 201);
  assert.equal((await send(1, "PUT", "Patient/nicked", { body: { resourceType: "Patient", id: "nicked", name: [{ use: "nickname", given: ["Bee"] }] } })).status, 201);
  for (const server of [0, 1] as const) {
    const answer = await until(async () => { const one = await send(server, "GET", "Patient?nick=bee"); return one.ok && one; }, "the index of the parameter");
    assert.equal(((await answer.json()) as { entry?: unknown[] }).entry?.length, 1);
  }
});

test("work asked of one is followed and fetched at the other", async () => {
  const asked = await send(0, "GET", "$export?_type=Patient", { headers: { accept: "application/fhir+json", prefer: "respond-async" } });
  assert.equal(asked.status, 202);
  const status = asked.headers.get("content-location")!;
  const answer = await until(async () => { const one = await send(1, "GET", status); return one.status !== 202 && one; }, "the end of the export");
  assert.equal(answer.status, 200);
  const { output } = await answer.json() as { output: { url: string }[] };
  const lines = (await (await send(1, "GET", output[0]!.url)).text()).trim().split("\n");
  assert.ok(lines.some((line) => line.includes('"both"')));
});

test("an account that is disabled is refused by both within two seconds", async () => {
  const made = await node.trust.createAccount({ username: "wang", password, role: "administrator", agent: "Device/salus", display: { en: "W", zh: "W" } });
  assert.ok(made.ok);
  const issued = await node.trust.issueToken(made.value.id, 8);
  assert.ok(issued.ok);
  for (const server of [0, 1] as const) assert.equal((await send(server, "GET", "Patient/both", { as: issued.value.token })).status, 200);
  assert.ok((await node.trust.setDisabled(made.value.id, true)).ok);
  await wait(2100);
  for (const server of [0, 1] as const) assert.equal((await send(server, "GET", "Patient/both", { as: issued.value.token })).status, 401);
});

test("the ledger both wrote is clean", async () => {
  await node.record.settleLedger();
  const report = await node.record.verify();
  assert.deepEqual(report.faults, []);
  assert.ok(report.leavesChecked > 100);
});
