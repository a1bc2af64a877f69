/** Doctor, backup and restore as commands, on an embedded database of their own and between two kinds of database. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { command as backup } from "#cli/backup.ts";
import type { Command } from "#cli/command.ts";
import { command as db } from "#cli/db.ts";
import { command as doctor } from "#cli/doctor.ts";
import { command as restore } from "#cli/restore.ts";
import { testDatabase, unlessDistributed, type TestDatabase } from "#platform/database/testing.ts";
import { openNode, operator } from "#server/node.ts";

let folder: string, home: string, tar: string, other: TestDatabase;
const patient = { resourceType: "Patient", id: "ann", name: [{ family: "Andersen" }] };
type Seen = { ok: boolean; checks: string[]; remarks: { check: string; severity: string; text: string }[] };

async function run(command: Command, ...args: string[]): Promise<{ code: number; out: string; said: string }> {
  const stdout = new PassThrough(), stderr = new PassThrough();
  const code = await command.run(args, { stdout, stderr, stdin: process.stdin });
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), said: await text(stderr) };
}

const kept = process.env.DATABASE_URL;
before(async () => {
  delete process.env.DATABASE_URL;
  folder = mkdtempSync(join(tmpdir(), "salus-care-"));
  home = join(folder, "node");
  tar = join(folder, "one.tar");
  other = await testDatabase({ empty: true });
  const node = await openNode({ folder: home });
  const put = await node.record.commit(operator, [{ kind: "update", type: "Patient", id: "ann", text: JSON.stringify(patient) }]);
  assert.ok(put.ok);
  assert.ok((await node.trust.createAccount({ username: "wang", password: "thistle under nine lanterns", role: "practitioner", agent: "Practitioner/wang", display: { en: "W", zh: "W" } })).ok);
  await node.trust.checkpointSigner();
  await node.close();
});
after(async () => {
  if (kept === undefined) delete process.env.DATABASE_URL;
  else process.env.DATABASE_URL = kept;
  await other.close();
  const away = existsSync(join(home, "postgres-location")) ? readFileSync(join(home, "postgres-location"), "utf8").trim() : undefined;
  for (const path of [folder, away]) if (path !== undefined) rmSync(path, { recursive: true, force: true });
});

test("doctor looks at an embedded database that does not run by its files, and starts it only when told", async () => {
  const files = await run(doctor, "--data", home, "--json");
  assert.equal(files.code, 0, files.out);
  const seen = JSON.parse(files.out) as Seen;
  assert.deepEqual([seen.checks, seen.remarks.map(({ check, severity }) => `${severity} ${check}`).filter((text) => !text.endsWith("disk"))], [["folder", "locks", "secrets", "cluster", "disk"], ["information database"]]);
  const { checks, remarks } = JSON.parse((await run(doctor, "--data", home, "--start", "--json")).out) as Seen;
  assert.ok(checks.includes("sequencer"));
  assert.deepEqual(remarks.filter(({ severity }) => severity !== "information").filter(({ check }) => check !== "disk"), []);
});

test("doctor names left-over locks, readable secrets and a key file that does not fit", async () => {
  writeFileSync(join(home, "postgres.lock"), "999999999");
  writeFileSync(join(home, "postgres-users", "999999998"), "");
  chmodSync(join(home, "postgres-password"), 0o644);
  const { code, out } = await run(doctor, "--data", home);
  assert.equal(code, 1);
  for (const words of [/WARNING locks: .*postgres\.lock is left of a process that died/, /INFORMATION locks: 1 process .*999999998/, /ERROR secrets: .*postgres-password/]) assert.match(out, words);
  assert.ok(existsSync(join(home, "postgres.lock")), "nothing is mended unasked");
  chmodSync(join(home, "postgres-password"), 0o600);
  rmSync(join(home, "postgres.lock"));
  const key = join(folder, "wrong.key");
  writeFileSync(key, `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });
  process.env.SALUS_KEY_FILE = key;
  try {
    assert.match((await run(doctor, "--data", home, "--start")).out, /ERROR keys: 1 of 1 signing keys do not open/);
  } finally {
    delete process.env.SALUS_KEY_FILE;
  }
});

test("a backup of the embedded database goes into another PostgreSQL and back into a new folder, keys too", async () => {
  const saved = await run(backup, tar, "--with-keys", "--data", home, "--json");
  assert.equal(saved.code, 0, saved.said);
  assert.equal(statSync(tar).mode & 0o077, 0);
  assert.ok((JSON.parse((await run(backup, "--check", tar, "--json")).out) as { ok: boolean }).ok);
  assert.equal((await run(backup, tar, "--data", home)).code, 1, "an older backup is not overwritten");
  process.env.DATABASE_URL = other.url;
  const moved = await run(restore, tar, "--data", join(folder, "second"), "--json");
  assert.equal(moved.code, 0, moved.said);
  assert.equal(readFileSync(join(folder, "second", "keys", "node.key"), "utf8"), readFileSync(join(home, "keys", "node.key"), "utf8"));
  const again = await run(restore, tar, "--data", join(folder, "second"));
  assert.deepEqual([again.code, /not empty/.test(again.said)], [1, true]);
  const node = await openNode({ folder: join(folder, "second") });
  try {
    const read = await node.record.read(operator, { type: "Patient", id: "ann" });
    assert.equal(read.kind === "current" && (JSON.parse(read.stored.text) as typeof patient).name[0]!.family, "Andersen");
    assert.equal(await node.trust.accountCount(), 1);
    await node.trust.checkpointSigner();
    assert.ok((await node.record.verify()).ok);
  } finally {
    await node.close();
  }
  const seen = JSON.parse((await run(doctor, "--data", join(folder, "second"), "--json")).out) as Seen;
  assert.deepEqual(seen.remarks.filter(({ check, severity }) => severity !== "information" && !["settings", "connections", "state"].includes(check)), []);
});

test("another key in its place refuses the restore before anything is touched", async () => {
  const target = await testDatabase({ empty: true });
  process.env.DATABASE_URL = target.url;
  process.env.SALUS_KEY_FILE = join(folder, "wrong.key");
  try {
    const { code, said } = await run(restore, tar, "--data", join(folder, "third"));
    assert.deepEqual([code, /another key than the backup's.*Nothing was restored/s.test(said)], [1, true]);
  } finally {
    delete process.env.SALUS_KEY_FILE;
    await target.close();
  }
});

test("without Citus, distribute refuses by name; wrong words end with 2", { skip: unlessDistributed("it is there") }, async (t) => {
  process.env.DATABASE_URL = other.url;
  const { code, said } = await run(db, "distribute", "--data", folder);
  if (code === 0) return t.skip("this PostgreSQL has Citus");
  assert.match(said, /Citus/);
  for (const [command, args] of [[db, []], [db, ["undo"]], [db, ["distribute", "--shards", "x"]], [backup, []], [backup, ["a", "b"]], [restore, []], [doctor, ["--nonsense"]]] as const) assert.equal((await run(command, ...args)).code, 2);
});
