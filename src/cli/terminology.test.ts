/** The terminology commands as a user runs them. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { testDatabase, type TestDatabase } from "#platform/database/testing.ts";
import { rf2, rf2Files, zipOf } from "#exchange/terminology/testing.ts";
import { command } from "./terminology.ts";

let database: TestDatabase, folder: string;
const environment = { ...process.env };

before(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), "salus-cli-"));
  process.env.DATABASE_URL = database.url;
  process.env.SALUS_DATA = folder;
});
after(async () => {
  process.env = environment;
  await rm(folder, { recursive: true });
  await database.close();
});

async function salus(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough(), stderr = new PassThrough();
  const texts = Promise.all([text(stdout), text(stderr)]);
  const code = await command.run(args, { stdout, stderr, stdin: Readable.from([]) });
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { code, out, err };
}

test("load, list, expand, look up, remove", async () => {
  const zip = join(folder, "release.zip"), version = `http://snomed.info/sct/${rf2.core}/version/20240101`;
  await writeFile(zip, zipOf(rf2Files()));
  assert.equal((await salus("list")).out, "Nothing is loaded.\n");

  const loaded = await salus("load", zip, "--json");
  assert.equal(loaded.code, 0, loaded.err);
  const { concepts, version: given, dangling } = JSON.parse(loaded.out) as { concepts: number; version: string; dangling: number };
  assert.deepEqual([concepts, given, dangling], [12, version, 0]);
  assert.match((await salus("list")).out, /^SNOMED CT RF2 {2}http:\/\/snomed\.info\/sct\|\S+20240101 {2}12 concepts/);

  assert.equal((await salus("expand", `<< ${rf2.animal}`)).out, `${rf2.animal}  Animal\n${rf2.duck}  Duck\n2 of 2 concepts\n`);
  assert.equal((await salus("expand", `<< ${rf2.animal}`, "--offset", "1", "--count", "1")).out, `${rf2.duck}  Duck\n1 of 2 concepts\n`);
  assert.equal((await salus("expand", "*", "--count", "1")).out.split("\n")[1], "1 of 12 concepts");
  assert.equal((await salus("expand", "http://snomed.info/sct?fhir_vs", "--filter", "quac")).out, `${rf2.duck}  Duck\n1 of 1 concepts\n`);
  assert.equal((await salus("expand", `http://snomed.info/sct?fhir_vs=refset/${rf2.pets}`)).out, `${rf2.duck}  Duck\n1 of 1 concepts\n`);
  assert.match((await salus("expand", "http://hl7.org/fhir/ValueSet/administrative-gender", "--json")).out, /"code":"female"/);

  assert.match((await salus("expand", "http://snomed.info/sct?fhir_vs=ecl/%3C%3C")).err, /character 3 \(the end\): a concept/);

  const found = await salus("lookup", rf2.duck);
  assert.match(found.out, /display {7}Duck\n/);
  assert.match(found.out, new RegExp(`property {6}parent  ${rf2.animal}  Animal`));

  assert.match((await salus("lookup", `${rf2.duck}:${rf2.eats}=${rf2.grass}`)).err, /post-coordinated expression/);

  const removed = await salus("remove", "--system", "http://snomed.info/sct", "--version", version);
  assert.equal(removed.code, 0, removed.err);
  assert.equal((await salus("list", "--json")).out, "[]\n");
});

test("what is wrong is said, with the exit code", async () => {
  const zip = join(folder, "cut.zip");
  await writeFile(zip, zipOf(rf2Files()).subarray(0, 4000));
  const cases: readonly [string[], number, RegExp][] = [
    [["load", zip], 1, /cut\.zip: .*cut off/], [["load", join(folder, "none")], 1, /no such file/], [["load"], 2, /name the folder/], [["expand", "<< 12"], 2, /character 4 .*SNOMED CT identifier/], [["expand", "http://snomed.info/sct?fhir_vs=isa/1"], 2, /no SNOMED CT identifier/],
    [["expand", "<< 138875005"], 1, /snomed/], [["lookup", "138875005"], 1, /could not be found/], [["expand", "*", "--count", "x"], 2, /whole numbers/], [["list", "x"], 2, /takes no "x"/], [["remove", "--system", "a"], 2, /say which/], [["dance"], 2, /no "dance"/], [["remove", "--system", "a", "--version", "b"], 1, /is not loaded/],
  ];
  for (const [args, code, said] of cases) {
    const found = await salus(...args);
    assert.equal(found.code, code, `${args.join(" ")}: ${found.out}${found.err}`);
    assert.match(found.err, said);
  }
});
