/** The ledger's and token's commands as a user runs them, on a database that somebody then changes directly. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { testDatabase, type TestDatabase } from "#platform/database/testing.ts";
import { openNode, operator } from "#server/node.ts";
import type { Command } from "./command.ts";
import { command as ledger } from "./ledger.ts";
import { command as token } from "./token.ts";

let database: TestDatabase, folder: string;
const environment = { ...process.env };

before(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), "salus-cli-"));
  process.env.DATABASE_URL = database.url;
  delete process.env.SALUS_KEY_FILE;
  delete process.env.SALUS_LEDGER_ORIGIN;
  const node = await openNode({ folder });
  for (const [id, family] of [["p1", "Lin"], ["p2", "Wei"]] as const) {
    const done = await node.record.commit(operator, [{ kind: "update", type: "Patient", id, text: JSON.stringify({ resourceType: "Patient", id, name: [{ family }] }) }]);
    assert(done.ok, done.ok ? "" : done.failure.text);
  }
  await node.trust.createAccount({ username: "lin", password: "four plums by the river", display: { en: "Lin", zh: "林" }, role: "patient", agent: "Patient/p1" });
  await node.close();
});
after(async () => {
  process.env = environment;
  await rm(folder, { recursive: true });
  await database.close();
});

async function salus(command: Command, args: string, stdin = ""): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough(), stderr = new PassThrough();
  const said = Promise.all([text(stdout), text(stderr)]);
  const code = await command.run(args.replaceAll("@", `${folder}/`).split(" ").filter(Boolean), { stdout, stderr, stdin: Readable.from([stdin]) });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { code, out, err };
}

async function directly<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

test("a checkpoint, a proof, and its check by a stranger", async () => {
  const published = await salus(ledger, "checkpoint --out @kept.txt --json --data @");
  assert.equal(published.code, 0, published.err);
  const { vkey, size, checkpoint } = JSON.parse(published.out) as { vkey: string; size: number; checkpoint: string };
  assert(size >= 2);
  assert.equal(await readFile(join(folder, "kept.txt"), "utf8"), checkpoint);

  const proved = await salus(ledger, "prove Patient/p1 --data @ --out @proof.json");
  assert.equal(proved.code, 0, proved.err);
  const node = await openNode({ folder });
  const stored = await node.record.read(operator, { type: "Patient", id: "p1" });
  await node.close();
  assert(stored.kind === "current");
  await writeFile(join(folder, "p1.json"), stored.stored.text);

  const checked = await salus(ledger, `verify-proof @proof.json --vkey ${vkey} --content @p1.json --json`);
  assert.equal(checked.code, 0, checked.out);
  const answer = JSON.parse(checked.out) as Record<string, unknown>;
  assert.deepEqual([answer.ok, answer.reference, answer.version, answer.keyFrom, answer.contentChecked], [true, "Patient/p1", "1", "given", true]);
  assert.match((await salus(ledger, "verify-proof @proof.json")).out, /key came with the proof/);
  const forged = (await readFile(join(folder, "proof.json"), "utf8")).replace(/"index": \d+/, '"index": 0').replace("Patient/p1", "Patient/p2");
  const refused = await salus(ledger, "verify-proof - --json", forged);
  assert.deepEqual([refused.code, (JSON.parse(refused.out) as { reason: string }).reason], [1, "payload-differs"]);
});

test("wrong words and unknown things have exit codes of their own", async () => {
  const cases: [number, Command, string, RegExp][] = [
    [2, ledger, "", /say what to do/], [2, ledger, "burn", /no "burn"/], [2, ledger, "prove", /name one resource/], [2, ledger, "prove p1 --data @", /not a reference/], [2, ledger, "prove Patient/p1 --version x", /not a version/],
    [1, ledger, "prove Patient/nobody --data @", /not known/], [1, ledger, "prove Patient/p1 --version 9 --data @", /version 9/], [2, ledger, "verify-proof @absent.json", /ENOENT/], [2, ledger, "verify --checkpoint @absent.txt --data @", /ENOENT/],
    [2, ledger, "verify-proof @proof.json --vkey nonsense", /name\+8 hex/], [2, ledger, "checkpoint --frobnicate", /frobnicate/], [1, token, "--as nobody --data @", /no account/], [2, token, "--hours 1e9 --data @", /not a number/], [2, token, "--hours 721 --data @", /720/],
  ];
  for (const [code, command, args, said] of cases) {
    const done = await salus(command, args);
    assert.equal(done.code, code, `${args}: ${done.err}`);
    assert.match(done.err, said);
  }
});

test("a token opens what its account may reach", async () => {
  const mine = await salus(token, "--as lin --hours 1 --data @"), operators = await salus(token, "--json --data @");
  const node = await openNode({ folder });
  const principal = await node.trust.principal(mine.out.trim());
  const local = await node.trust.principal((JSON.parse(operators.out) as { token: string }).token);
  await node.close();
  assert(principal.ok && local.ok);
  assert.deepEqual([principal.value.caller.filter, local.value.caller.filter], [{ kind: "patient", patient: "p1" }, { kind: "all" }]);
});

test("verify holds, names a changed row, and finds a rewritten ledger by the checkpoint kept elsewhere", async () => {
  const holds = await salus(ledger, "verify --checkpoint @kept.txt --data @");
  assert.equal(holds.code, 0, holds.out);
  assert.match(holds.out, /^VERIFIED/m);

  await directly((sql) => sql`update resource set content = replace(content, 'Wei', 'Woo') where id = 'p2'`);
  const touched = await salus(ledger, "verify --checkpoint @kept.txt --data @ --json");
  assert.equal(touched.code, 1);
  const { faults } = JSON.parse(touched.out) as { faults: { reference?: string; what: string }[] };
  assert(faults.some((fault) => fault.reference === "Patient/p2" && fault.what === "version"), touched.out);
  assert(!faults.some((fault) => fault.reference === "Patient/p1"), touched.out);
  await directly((sql) => sql`update resource set content = replace(content, 'Woo', 'Wei') where id = 'p2'`);
  assert.equal((await salus(ledger, "verify --checkpoint @kept.txt --data @")).code, 0);

  const stranger = (await readFile(join(folder, "kept.txt"), "utf8")).replace(/^(\d+)$/m, (size) => String(Number(size) + 1));
  await writeFile(join(folder, "forged.txt"), stranger);
  const forged = await salus(ledger, "verify --checkpoint @forged.txt --data @");
  assert.equal(forged.code, 1);
  assert.match(forged.out, /NOT VERIFIED: .*signature/);

  // Somebody empties the tree and lets the leaves be numbered again in another order.
  await directly(async (sql) => {
    await sql`update leaf_write set start = start - 1000000, hashes = (
      select string_agg(sha256('\\x00'::bytea || sha256(decode(u.salt, 'hex') || convert_to(u.payload, 'UTF8'))), ''::bytea order by u.n)
      from unnest(string_to_array(salts, chr(30)), string_to_array(payloads, chr(30))) with ordinality u(salt, payload, n))`;
    await sql`delete from leaf`;
    await sql`insert into leaf_pack (count, marks, versions, kinds, ats, salts, payloads, persons, places, agents, displays)
      select count, '', '', kinds, ats, salts, payloads, array_to_string(persons, chr(30)), places, agents, displays from leaf_group order by start desc`;
    await sql`delete from leaf_group`;
    await sql`delete from tile`;
    await sql`update frontier set size = 0, edge = ''`;
  });
  const rewritten = await salus(ledger, "checkpoint --data @");
  assert.equal(rewritten.code, 1);
  assert.match(rewritten.err, /contradicts its own checkpoint/);
  const found = await salus(ledger, "verify --checkpoint @kept.txt --data @");
  assert.equal(found.code, 1);
  assert.match(found.out, /checkpoint: .*rewritten/);
});
