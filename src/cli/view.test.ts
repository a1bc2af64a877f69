import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { command } from "./view.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const definition = { resource: "Patient", select: [{ column: [{ name: "id", path: "id" }, { name: "family", path: "name.family.first()" }] }] };
const patients = [1, 2, 3].map((i) => ({ resourceType: "Patient", id: `p${i}`, name: [{ family: `F${i}` }] }));
const ndjson = `${patients.map((patient) => JSON.stringify(patient)).join("\n")}\n`;
const expected = patients.map(({ id, name }) => ({ id, family: name[0]!.family }));

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "salus-view-"));
  await writeFile(at("view.json"), JSON.stringify(definition));
  await writeFile(at("p.ndjson"), ndjson);
});
after(() => rm(folder, { recursive: true }));

async function run(args: string[], input = ""): Promise<{ code: number; out: string; err: string }> {
  let out = "", err = "";
  const into = (add: (text: string) => void): Writable => new Writable({ write(chunk, _, done) { add(String(chunk)); done(); } });
  const code = await command.run(args, { stdin: Readable.from([input]), stdout: into((text) => { out += text; }), stderr: into((text) => { err += text; }) });
  return { code, out, err };
}

test("NDJSON, gzip, a printed Bundle, a list and standard input give the same rows", async () => {
  await writeFile(at("p.ndjson.gz"), gzipSync(ndjson));
  await writeFile(at("bundle.json"), JSON.stringify({ resourceType: "Bundle", entry: patients.map((resource) => ({ resource })) }, null, 2));
  await writeFile(at("list.json"), JSON.stringify(patients));
  for (const [args, input] of [[["p.ndjson"], ""], [["p.ndjson.gz"], ""], [["bundle.json"], ""], [["list.json"], ""], [["-"], ndjson], [[], ndjson]] as const) {
    const { code, out, err } = await run([at("view.json"), ...args.map((name) => name === "-" ? name : at(name)), "--json"], input);
    assert.equal(code, 0, err);
    assert.deepEqual(JSON.parse(out), expected, args[0] ?? "standard input");
  }
});

test("--out takes its format from the name and leaves nothing half-written", async () => {
  assert.equal((await run([at("view.json"), at("p.ndjson"), "--out", at("o.csv")])).code, 0);
  assert.equal(await readFile(at("o.csv"), "utf8"), "id,family\r\np1,F1\r\np2,F2\r\np3,F3\r\n");
  await writeFile(at("strict.json"), JSON.stringify({ ...definition, select: [{ column: [{ name: "given", path: "name.given" }] }] }));
  const failed = await run([at("strict.json"), "-", "--out", at("bad.parquet")], '{"resourceType":"Patient","id":"x","name":[{"given":["a","b"]}]}\n');
  assert.equal(failed.code, 1);
  assert.match(failed.err, /standard input:1: Patient\/x: column given: name\.given gave more than one value/);
  assert.deepEqual((await readdir(folder)).filter((name) => name.startsWith("bad")), []);
});

test("bad lines are named and left out; the good rows stand and the exit code is 1", async () => {
  const { code, out, err } = await run([at("view.json"), "-"], `${ndjson}{"resourceType":"Patient"\n`.replace("\n", "\nnonsense\n"));
  assert.equal(code, 1);
  assert.deepEqual(out.trimEnd().split("\n").map((line) => JSON.parse(line) as object), expected);
  assert.match(err, /standard input:2 is not JSON.*left out\nstandard input:5 is not JSON/s);
  const many = await run([at("view.json"), "-"], "x\n".repeat(1000));
  assert.equal(many.err.trimEnd().split("\n").length, 21);
  assert.match(many.err, /1000 bad lines in all/);
});

const refused: [string, () => string[], number, RegExp][] = [
  ["no view", () => [], 2, /Name the file/],
  ["an unknown option", () => ["v", "--colour"], 2, /colour/],
  ["an unknown format", () => [at("view.json"), "--format", "xls"], 2, /no format "xls"/],
  ["a view that is not there", () => [at("none.json")], 1, /not a file/],
  ["a view that is no JSON", () => [at("p.ndjson")], 1, /not JSON/],
  ["input that is not there", () => [at("view.json"), at("none.ndjson")], 1, /cannot be read/],
  ["a folder without FHIR files", () => [at("view.json"), at("empty")], 1, /cannot be read|holds no/],
  ["an output that cannot be written", () => [at("view.json"), at("p.ndjson"), "--out", at("no/where.csv")], 1, /cannot be written/],
  ["a gzip that is none", () => [at("view.json"), at("fake.gz")], 1, /cannot be read/],
];

for (const [what, args, code, words] of refused)
  test(`refused: ${what}`, async () => {
    await writeFile(at("fake.gz"), "no gzip");
    const done = await run(args());
    assert.equal(done.code, code);
    assert.match(done.err, words);
    assert.equal(done.out, "");
  });
