import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import { command } from "./validate.ts";

const folder = mkdtempSync(join(tmpdir(), "salus-validate-"));
after(() => { rmSync(folder, { recursive: true, force: true }); });

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough(), stderr = new PassThrough();
  const text = { out: "", err: "" };
  stdout.on("data", (piece) => { text.out += String(piece); });
  stderr.on("data", (piece) => { text.err += String(piece); });
  const code = await command.run(args, { stdout, stderr, stdin: new PassThrough() });
  await new Promise((resume) => setImmediate(resume));
  return { code, ...text };
}

const profile = { resourceType: "StructureDefinition", url: "http://example.org/named", name: "Named", kind: "resource", type: "Patient", derivation: "constraint", baseDefinition: "http://example.org/base", differential: { element: [{ path: "Patient.name", min: 1, mustSupport: true }] } };
const above = { ...profile, url: "http://example.org/base", name: "Base", baseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient", differential: { element: [{ path: "Patient.gender", min: 1 }] } };

test("JSON, XML and NDJSON; what is wrong, where, and the exit code", async () => {
  const good = await run(file("good.json", { resourceType: "Patient", active: true }), "--quiet");
  assert.deepEqual([good.code, good.out, good.err], [0, "", "1 resource: 1 valid, 0 with errors\n"]);
  const xml = await run(file("p.xml", '<Patient xmlns="http://hl7.org/fhir"><birthDate value="1980-02-30"/></Patient>'), "--quiet");
  assert.equal(xml.code, 1);
  assert.match(xml.out, /p\.xml: error: Patient\.birthDate: /);
  const lines = await run(file("l.ndjson", '{"resourceType":"Patient","active":true}\n{"resourceType":"Patient","aktive":true}\n'), "--json");
  const [first, second] = lines.out.trim().split("\n").map((line) => JSON.parse(line) as { place: string; valid: boolean; issues: { expression: string; severity: string }[] });
  assert.equal(lines.code, 1);
  assert.deepEqual([first!.valid, second!.valid, second!.place.endsWith("l.ndjson:2"), second!.issues[0]!.expression], [true, false, true, "Patient"]);
});

test("a package and what it depends on, from a folder of packages", async () => {
  file("shelf/above#1.0.3/package/package.json", { name: "above", version: "1.0.3" });
  file("shelf/above#1.0.3/package/StructureDefinition-base.json", above);
  file("own/package/package.json", { name: "own", version: "1.0.0", dependencies: { above: "1.0.x", "hl7.fhir.r4.core": "4.0.1" } });
  file("own/package/StructureDefinition-named.json", profile);
  const patient = file("patient.json", { resourceType: "Patient", meta: { profile: [profile.url] }, active: true });
  const alone = await run(patient, "--package", join(folder, "own"));
  assert.match(alone.err, /own depends on above#1\.0\.x, which is not at hand/);
  const both = await run(patient, "--package", join(folder, "own"), "--package", join(folder, "shelf"), "--quiet");
  assert.equal(both.code, 1);
  assert.match(both.err, /Packages: own#1\.0\.0, above#1\.0\.3/);
  assert.match(both.out, /Patient: "name" is missing/);
  assert.match(both.out, /Patient: "gender" is missing/);
  const list = await run("--must-support", "--profile", profile.url, "--package", join(folder, "own"), "--package", join(folder, "shelf"));
  assert.match(list.out, /must support:\n {2}Patient\.name\n/);
});

test("wrong words, missing files and unknown profiles are said", async () => {
  assert.equal((await run()).code, 2);
  assert.equal((await run("--unknown-extensions", "maybe", "x")).code, 2);
  assert.match((await run(join(folder, "nothing.json"))).err, /cannot be read/);
  assert.match((await run("x", "--package", join(folder, "nowhere"))).err, /is not there/);
  assert.match((await run("x", "--profile", "http://example.org/none")).err, /is not known here/);
});

test("places as HL7's validator names them, to compare with its outcomes", async () => {
  const bundle = file("bundle.json", { resourceType: "Bundle", type: "collection", entry: ["http://a.org/Patient/1", "Patient/2"].map((fullUrl, i) => ({ fullUrl, resource: { resourceType: "Patient", id: String(i + 1), active: true } })) });
  assert.match((await run(bundle, "--quiet")).out, /error: Bundle\.entry\[1\]: fullUrl/);
  assert.match((await run(bundle, "--quiet", "--places", "hl7")).out, /error: Bundle\.entry\[0\]: fullUrl is an absolute URL or urn:uuid:, found "Patient\/2"/);
  const wrong = await run(bundle, "--places", "java");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /--places takes exact or hl7, found "java"/);
});
