import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { node, testRecord, value } from "../testing.ts";

test("kill -9 in the middle of an import leaves whole transactions only", async () => {
  const fresh = await testRecord();
  const child = spawn(process.execPath, [fileURLToPath(new URL("./testing-import.ts", import.meta.url)), fresh.url], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged = new Set<string>();
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop()!;
    for (const line of lines) acknowledged.add(line);
    if (acknowledged.size >= 15) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.on("close", resolve));
  const patients = new Set<string>();
  for (let cursor = ""; ; ) {
    const page = value(await fresh.record.search(node, "Patient", `_count=500${cursor}`));
    for (const { stored } of page.entries) patients.add(stored.id);
    if (page.next === undefined) break;
    cursor = `&_cursor=${page.next}`;
  }
  for (const id of acknowledged) assert.ok(patients.has(id), `${id} was acknowledged`);
  for (const id of patients) assert.equal(value(await fresh.record.search(node, "Observation", `subject=Patient/${id}&_summary=count`)).total, 40, "a transaction is there as a whole");
  assert.deepEqual((await fresh.record.verify()).faults, []);
  await fresh.close();
});
