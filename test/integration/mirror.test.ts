/** The columnar mirror: what SQL over it answers is what the record holds, whatever happened in between. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { command } from "#cli/query.ts";
import { Mirror } from "#research/mirror/mirror.ts";
import type { QueryAnswer } from "#research/mirror/ask.ts";
import { operator } from "#server/node.ts";
import { issuesOf, observation, testServer, type TestServer } from "./server.ts";

let server: TestServer, other: TestServer, folder: string;
before(async () => {
  server = await testServer();
  other = await testServer({ people: false });
  folder = mkdtempSync(join(tmpdir(), "salus-mirror-"));
});
after(async () => {
  await other.close();
  await server.close();
  delete process.env.DATABASE_URL;
  rmSync(folder, { recursive: true, force: true });
});

async function rows(mirror: Mirror, sql: string): Promise<unknown[][]> {
  const answer = await mirror.query(operator, sql);
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.value.rows;
}

async function put(resource: { resourceType: string; id: string; [member: string]: unknown }): Promise<void> {
  const answer = await server.send("PUT", `${resource.resourceType}/${resource.id}`, { body: resource });
  assert.ok(answer.statusCode < 300, answer.body);
}

const values = "select salus_id, patient, code, value, unit from observation order by salus_id";

test("it follows the record: created, updated, deleted, and again after a restart", async () => {
  const mirror = new Mirror(server.node.record, folder);
  assert.deepEqual(await rows(mirror, values), [["ann-glucose", "ann", "2339-0", 99, "mg/dL"], ["bob-glucose", "bob", "2339-0", 99, "mg/dL"]]);
  await put({ ...observation("ann", 101), id: "ann-glucose" });
  await put({ ...observation("bob", 7), id: "third" });
  assert.deepEqual((await rows(mirror, values)).map((row) => [row[0], row[3]]), [["ann-glucose", 101], ["bob-glucose", 99], ["third", 7]]);
  await server.send("DELETE", "Observation/third");
  for (const again of [mirror, new Mirror(server.node.record, folder)]) assert.deepEqual(await rows(again, "select count(*), sum(value) from observation"), [[2, 200]]);
  assert.deepEqual(await rows(mirror, "select birth_date, deceased, count(*) from patient group by all"), [["1961-04-03", null, 2]]);
});

test("after any changes it equals a mirror built anew", async () => {
  const mirror = new Mirror(server.node.record, folder);
  let random = 7;
  const next = (below: number): number => { random = random * 48_271 % 2_147_483_647; return random % below; };
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 15; i++) {
      const id = `r${next(12)}`;
      if (next(4) === 0) await server.send("DELETE", `Observation/${id}`);
      else await put({ ...observation("bob", next(1000)), id });
    }
    await rows(mirror, "select 1");
  }
  const followed = await rows(mirror, values);
  assert.ok(followed.length > 4);
  const anew = await mirror.query(operator, values, { rebuild: true });
  assert.ok(anew.ok);
  assert.deepEqual(followed, anew.value.rows);
});

test("a mirror of another database, or of other views, is built anew", async () => {
  const shared = mkdtempSync(join(tmpdir(), "salus-mirror-"));
  try {
    assert.equal((await rows(new Mirror(server.node.record, shared), "select * from patient")).length, 2);
    assert.deepEqual(await rows(new Mirror(other.node.record, shared), "select * from patient"), []);
    mkdirSync(join(shared, "mirror", "views"));
    const own = { resourceType: "ViewDefinition", name: "family_name", resource: "Patient", select: [{ column: [{ name: "family", path: "name.family" }, { name: "given", path: "name.given", collection: true }] }] };
    writeFileSync(join(shared, "mirror", "views", "own.json"), JSON.stringify(own));
    const mirror = new Mirror(server.node.record, shared);
    await put({ resourceType: "Patient", id: "two", name: [{ family: "A", given: ["x", "y"] }, { family: "B" }] });
    await put({ resourceType: "Patient", id: "one", name: [{ family: "C", given: ["x", "y"] }] });
    assert.deepEqual(await rows(mirror, "select family, given from family_name order by 1"), [["Andersen", []], ["Bobrowski", []], ["C", ["x", "y"]]]);
    const [fault] = await rows(mirror, "select view, salus_id, fault from salus_fault");
    assert.deepEqual([fault![0], fault![1]], ["family_name", "two"]);
    await put({ resourceType: "Patient", id: "two", name: [{ family: "B" }] });
    assert.deepEqual(await rows(mirror, "select family from family_name where salus_id = 'two'"), [["B"]]);
    assert.deepEqual(await rows(mirror, "select * from salus_fault"), []);
    writeFileSync(join(shared, "mirror", "views", "own.json"), JSON.stringify({ ...own, select: [{ column: [{ name: "x", path: "nmae" }] }] }));
    const wrong = await mirror.query(operator, "select 1");
    assert.match(wrong.ok ? "" : wrong.failure.text, /own\.json: ViewDefinition\.select\[0\]\.column\[0\]\.path/);
    for (const id of ["one", "two"]) await server.send("DELETE", `Patient/${id}`);
  } finally {
    rmSync(shared, { recursive: true, force: true });
  }
});

test("SQL reaches no files, network or settings, writes nothing, and is one statement", async () => {
  const mirror = new Mirror(server.node.record, folder);
  const secret = join(folder, "secret.csv");
  writeFileSync(secret, "a\n1\n");
  for (const sql of [
    `select * from read_csv('${secret}')`, `select * from '${secret}'`, `select * from read_text('${secret}')`, `select * from glob('${folder}/*')`, `copy patient to '${secret}'`,
    `attach '${join(folder, "x.db")}'`, `export database '${join(folder, "out")}'`, "select * from read_csv('http://127.0.0.1:1/x')", "install httpfs", "load httpfs",
    "set enable_external_access = true", "set memory_limit = '100GB'", "reset lock_configuration", "delete from patient", "update patient set gender = 'x'", "drop table patient", "create table t (a int)",
    "select 1; select 2", "", "selct 1", "select nothing from patient",
  ]) {
    const answer = await mirror.query(operator, sql);
    assert.ok(!answer.ok && answer.failure.code === "invalid", `${sql} ${JSON.stringify(answer)}`);
  }
  assert.deepEqual(await rows(mirror, "select count(*) from patient"), [[2]]);
});

test("a query is bounded in time, memory, rows and length", async () => {
  const mirror = new Mirror(server.node.record, folder, { timeMs: 300, rows: 10, memory: "50MB" });
  for (const sql of ["select count(*) from range(1000000000) a, range(1000) b where a.range % 7 = b.range % 5", "select list(a.range) from range(100000000) a"]) {
    const answer = await mirror.query(operator, sql);
    assert.ok(!answer.ok && answer.failure.code === "too-costly", JSON.stringify(answer).slice(0, 300));
  }
  const many = await mirror.query(operator, "select * from range(1000000)");
  assert.ok(many.ok && many.value.truncated && many.value.rows.length === 10);
  const long = await mirror.query(operator, `select '${"x".repeat(200_000)}'`);
  assert.ok(!long.ok && long.failure.code === "too-long");
});

test("over HTTP for administrators alone; each query leaves a leaf", async () => {
  const ask = (as: "ann" | "wang" | "nobody" | "admin" | undefined, body: object = { sql: "select count(*) as n from patient" }) => server.send("POST", "/api/query", { as, body });
  for (const [as, status] of [["ann", 403], ["wang", 403], ["nobody", 403], [undefined, 401]] as const) assert.equal((await ask(as)).statusCode, status);
  await server.node.record.settleLedger();
  const from = (await server.node.record.ledgerState()).size;
  const answer = await ask("admin");
  assert.equal(answer.statusCode, 200, answer.body);
  const { columns, rows: found, truncated } = answer.json<QueryAnswer>();
  assert.deepEqual([columns, found, truncated], [[{ name: "n", type: "BIGINT" }], [[2]], false]);
  await server.node.record.settleLedger();
  // The mirror of this folder was built for it: that is a leaf too.
  assert.equal((await server.node.record.leaves(from, 100)).filter(({ kind }) => kind === "export").length, 2);
  const wrong = await ask("admin", { sql: "select x from patient" });
  assert.equal(wrong.statusCode, 400);
  assert.match(issuesOf(wrong)[0]!.diagnostics, /"x"/);
  assert.equal((await ask("admin", {})).statusCode, 400);
  const care = await new Mirror(server.node.record, folder).query({ ...operator, filter: { kind: "practitioner", practitioner: "wang" } }, "select 1");
  assert.ok(!care.ok && care.failure.code === "forbidden");
});

test("salus query prints a table, or JSON", async () => {
  process.env.DATABASE_URL = server.node.databaseUrl;
  const run = async (...args: string[]): Promise<{ code: number; out: string; said: string }> => {
    const stdout = new PassThrough(), stderr = new PassThrough();
    const code = await command.run([...args, "--data", join(folder, "node")], { stdout, stderr, stdin: process.stdin });
    return { code, out: String(stdout.read() ?? ""), said: String(stderr.read() ?? "") };
  };
  const plain = await run("select id, birth_date, 5 as five from patient order by id");
  assert.equal(plain.code, 0, plain.said);
  assert.equal(plain.out, "id   birth_date  five\nann  1961-04-03     5\nbob  1961-04-03     5\n");
  const json = await run("select count(*) as n from patient", "--json", "--rebuild");
  assert.deepEqual((JSON.parse(json.out) as QueryAnswer).rows, [[2]]);
  const wrong = await run("select");
  assert.deepEqual([wrong.code, wrong.out], [1, ""]);
  assert.equal((await run()).code, 2);
});
