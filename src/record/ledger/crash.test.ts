import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { HistoryEntry, Page, Stored } from "../record.ts";
import { node, testRecord, value, type TestRecord } from "../testing.ts";

/** More by SALUS_CRASH_ROUNDS. */
const rounds = Number(process.env.SALUS_CRASH_ROUNDS ?? 4);

/** Lines a writing process acknowledged before it was killed, at another place of its work each round. */
async function writeAndKill(url: string, round: number): Promise<string[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./testing-import.ts", import.meta.url)), url, String(round)], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged: string[] = [];
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop()!;
    acknowledged.push(...lines);
    if (acknowledged.length >= 5 + round * 4) setTimeout(() => child.kill("SIGKILL"), (round * 7) % 23);
  });
  await new Promise((resolve) => child.on("close", resolve));
  return acknowledged;
}

async function versionsOf({ record }: TestRecord, type: string, id: string): Promise<Stored[]> {
  const versions: Stored[] = [];
  for (let cursor: string | undefined; ; ) {
    const page: Page<HistoryEntry> = value(await record.history(node, { type, id }, { count: 1000, ...(cursor === undefined ? {} : { cursor }) }));
    versions.push(...page.entries.map(({ stored }) => stored));
    if (page.next === undefined) return versions;
    cursor = page.next;
  }
}

async function patientIds({ record }: TestRecord): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let cursor = ""; ; ) {
    const page = value(await record.search(node, "Patient", `_count=500${cursor}`));
    for (const { stored } of page.entries) ids.add(stored.id);
    if (page.next === undefined) return ids;
    cursor = `&_cursor=${page.next}`;
  }
}

test(`kill -9 in the middle of an import, ${rounds} times: acknowledged writes are there, transactions whole, versions without gaps, the ledger clean`, async () => {
  const fresh = await testRecord();
  try {
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const lines = await writeAndKill(fresh.url, round);
      assert.ok(lines.length >= 5, "it was killed while it wrote");
      for (const line of lines) {
        const [id, version] = line.split(" ");
        acknowledged.set(id!, Number(version));
      }
      const patients = await patientIds(fresh);
      for (const id of acknowledged.keys()) assert.ok(patients.has(id), `${id} was acknowledged`);
      for (const id of patients) assert.equal(value(await fresh.record.search(node, "Observation", `subject=Patient/${id}&_summary=count`)).total, 40, "a transaction is there as a whole");
      // Each transaction made one version of what all share, and its Patient.
      const history = await versionsOf(fresh, "Basic", "shared");
      assert.deepEqual(history.map(({ version }) => version), Array.from({ length: patients.size }, (_, i) => patients.size - i), "versions without gaps, as many as transactions");
      for (const { version, text } of history) {
        const { text: id } = (JSON.parse(text) as { code: { text: string } }).code;
        assert.ok(patients.has(id));
        if (acknowledged.has(id)) assert.equal(version, acknowledged.get(id), "an acknowledged version is the one that stands");
      }
      await fresh.record.settleLedger();
      assert.deepEqual((await fresh.record.verify()).faults, []);
    }
  } finally {
    await fresh.close();
  }
});
