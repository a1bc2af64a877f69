import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "#platform/testing.ts";
import { testServer, observation, type TestServer } from "./server.ts";

const count = 4000;
const lines = Array.from({ length: count }, (_, i) => `${JSON.stringify({ ...observation("ann", i), id: `crash${i}` })}\n`);
/** Whoever asks first is given half, and waits for the rest until it is killed. */
let isFirst = true;
let source: Server, at: string, server: TestServer;
before(async () => {
  source = createServer((_request, response) => {
    if (isFirst) response.write(lines.slice(0, count / 2).join(""));
    else response.end(lines.join(""));
    isFirst = false;
  });
  await new Promise<void>((done) => source.listen(0, "127.0.0.1", done));
  at = `http://127.0.0.1:${(source.address() as AddressInfo).port}/`;
  // It may submit imports, and carries none out: nothing but the processes below does.
  server = await testServer({ importFrom: [new URL(at)] });
});
after(async () => { await server.close(); source.closeAllConnections(); source.close(); });

test("kill -9 in the middle of an import: another process does it again from the start, nothing is written twice, nothing is missing", async () => {
  const { record } = server.node;
  await record.jobs.close();
  const begun = await server.send("POST", "$import", { as: "admin", headers: { prefer: "respond-async" }, body: { resourceType: "Parameters", parameter: [{ name: "input", part: [{ name: "url", valueUri: at }] }] } });
  assert.equal(begun.statusCode, 202, begun.body);
  const status = new URL(String(begun.headers["content-location"])).pathname, id = status.slice(status.lastIndexOf("/") + 1);
  const stored = async () => Number((await server.node.sql<{ count: string }[]>`select count(*) as count from resource where id like 'crash%'`)[0]!.count);
  const first = spawn(process.execPath, [fileURLToPath(new URL("./bulk-crash-process.ts", import.meta.url)), server.node.databaseUrl, at], { stdio: ["ignore", "inherit", "inherit"] });
  await until(async () => await stored() >= 500, "its beginning");
  first.kill("SIGKILL");
  await new Promise((resolve) => first.on("close", resolve));
  const before = await stored();
  assert.ok(before > 0 && before < count, `${before} are stored`);
  assert.equal((await server.send("GET", status, { as: "admin" })).statusCode, 202, "not claimed complete");
  // The lease of the dead would run out by itself in half a minute.
  await server.node.sql`update job set lease = 0 where id = ${id}`;
  const second = spawn(process.execPath, [fileURLToPath(new URL("./bulk-crash-process.ts", import.meta.url)), server.node.databaseUrl, at], { stdio: ["ignore", "inherit", "inherit"] });
  const answer = await until(async () => { const one = await server.send("GET", status, { as: "admin" }); return one.statusCode !== 202 && one; }, "its end");
  second.kill("SIGKILL");
  await new Promise((resolve) => second.on("close", resolve));
  const { extension: { counts } } = answer.json() as { extension: { counts: Record<string, number> } };
  assert.deepEqual(counts, { read: count, created: count - before, updated: 0, unchanged: before, rejected: 0 });
  assert.equal(await stored(), count);
  assert.deepEqual((await record.verify()).faults, []);
});
