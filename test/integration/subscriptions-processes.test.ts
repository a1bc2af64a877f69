import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "#platform/testing.ts";
import { observation, testServer, type TestServer } from "./server.ts";
import { backport, Endpoint, numbersOf, statusIs, subscribe, topicSubscription } from "./subscriptions.ts";

let server: TestServer, endpoint: Endpoint, folder: string;
const children = new Set<ChildProcess>();

before(async () => {
  server = await testServer();
  endpoint = await Endpoint.open();
  folder = mkdtempSync(join(tmpdir(), "salus-subscriptions-"));
});
after(async () => {
  for (const child of children) child.kill("SIGKILL");
  await endpoint.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./subscriptions-process.ts", import.meta.url)), server.node.databaseUrl, folder], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("close", resolve));
  children.delete(child);
}

async function observe(value: number): Promise<void> {
  assert.equal((await server.send("POST", "Observation", { body: observation("ann", value) })).statusCode, 201);
}

function delivered(from = 0): number[] {
  return numbersOf(endpoint.bundles("event-notification").slice(from)).map(Number);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test("two processes on one database deliver each event once, in order", async () => {
  const processes = [await startProcess(), await startProcess()];
  const id = await subscribe(server, topicSubscription({ endpoint: endpoint.url }));
  await statusIs(server, id, "active");
  for (let i = 0; i < 30; i++) await observe(i);
  await until(() => delivered().length >= 30);
  assert.deepEqual(delivered(), upTo(30));
  for (const child of processes) await stop(child);
  await server.send("DELETE", `Subscription/${id}`);
});

test("kill -9 in the middle: another process goes on, nothing is left out, what comes twice has its number", async () => {
  const from = endpoint.bundles("event-notification").length;
  const first = await startProcess();
  const id = await subscribe(server, topicSubscription({ endpoint: endpoint.url, extension: [{ url: `${backport}/backport-timeout`, valueUnsignedInt: 5 }] }));
  await statusIs(server, id, "active");
  let killed: Promise<void> | undefined;
  // Killed between an answer and its being written down, while more is written.
  endpoint.answer = () => {
    if (!killed && delivered(from).length >= 4) killed = stop(first);
    return 200;
  };
  for (let i = 0; i < 15; i++) await observe(i);
  await until(() => killed !== undefined);
  await killed;
  await startProcess();
  const numbers = await until(() => { const now = delivered(from); return now.includes(15) && now; }, "the fifteenth event");
  assert.deepEqual(numbers.filter((number, i) => number !== numbers[i - 1]), upTo(15));
  assert.ok(numbers.length <= 16, "at most the one that was under way comes twice");
});
