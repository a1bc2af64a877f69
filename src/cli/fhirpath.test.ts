import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import { command } from "./fhirpath.ts";

const folder = mkdtempSync(join(tmpdir(), "salus-fhirpath-"));
after(() => rmSync(folder, { recursive: true }));

async function call(args: string[], input?: string): Promise<{ code: number; out: string[]; err: string }> {
  const stdout = new PassThrough(), stderr = new PassThrough(), stdin = new PassThrough();
  const read = (stream: PassThrough) => { let text = ""; stream.on("data", (chunk) => { text += chunk; }); return () => text; };
  const [out, err] = [read(stdout), read(stderr)];
  stdin.end(input ?? "");
  const code = await command.run(args, { stdout, stderr, stdin });
  await new Promise((resume) => setImmediate(resume));
  return { code, out: out().split("\n").filter(Boolean), err: err() };
}
const file = (name: string, text: string): string => { const path = join(folder, name); writeFileSync(path, text); return path; };
const patient = { resourceType: "Patient", id: "p", birthDate: "1980-05-06", name: [{ family: "Li\u2028x", given: ["Wei", "Hua"] }, { given: ["Mei"] }], deceasedBoolean: false, extension: [{ url: "u", valueQuantity: { value: 1.5 } }], contact: [{ gender: "male" }] };

test("one resource: type, value and place of every item; decimals keep their digits", async () => {
  for (const text of [JSON.stringify(patient), JSON.stringify(patient, null, 2)]) {
    const { code, out, err } = await call(["name.given | deceased | name[1] | contact.gender | extension.value | 7.50 | name.count() | 2 'mg' | @2020 | name.type()", file("p.json", text), "--json"]);
    assert.equal(code, 0, err);
    assert.deepEqual(out.map((line) => JSON.parse(line) as unknown), [
      { type: "string", value: "Wei", path: "Patient.name[0].given[0]" }, { type: "string", value: "Hua", path: "Patient.name[0].given[1]" }, { type: "string", value: "Mei", path: "Patient.name[1].given[0]" },
      { type: "boolean", value: false, path: "Patient.deceased" }, { type: "HumanName", value: { given: ["Mei"] }, path: "Patient.name[1]" }, { type: "code", value: "male", path: "Patient.contact[0].gender" },
      { type: "Quantity", value: { value: 1.5 }, path: "Patient.extension[0].value" }, { type: "System.Decimal", value: 7.5 }, { type: "System.Integer", value: 2 }, { type: "System.Quantity", value: { value: 2, unit: "mg" } },
      { type: "System.Date", value: "2020" }, { type: "TypeInfo", value: { namespace: "FHIR", name: "HumanName" } },
    ]);
    assert.match(out[7]!, /"value":7\.50/);
  }
  assert.deepEqual((await call(["name.given", "-"], JSON.stringify(patient))).out, ["Wei", "Hua", "Mei"]);
});

test("NDJSON: each line for itself, bad lines said with their number and the rest done", async () => {
  const other = { resourceType: "Organization", id: "o", name: "H" };
  const lines = file("x.ndjson", [JSON.stringify(patient), "", "{bad", JSON.stringify(other), JSON.stringify({ resourceType: "Nope" })].join("\r\n"));
  const { code, out, err } = await call(["name", lines, "--json"]);
  assert.equal(code, 1);
  assert.deepEqual(out.map((line) => (JSON.parse(line) as { path: string; resource: string })).map(({ path, resource }) => [path, resource]),
    [["Patient.name[0]", "Patient/p"], ["Patient.name[1]", "Patient/p"], ["Organization.name", "Organization/o"]]);
  assert.match(err, /^line 3: .*\nline 5: there is no resource type "Nope"/);
});

test("profiles and definitions: R4's own, and those of --package", async () => {
  const good = file("d.json", JSON.stringify(patient));
  assert.deepEqual((await call(["birthDate.elementDefinition().select(path & ' ' & max)", good])).out, ["Patient.birthDate 1"]);
  const profile = file("profile.json", JSON.stringify({
    resourceType: "StructureDefinition", url: "urn:p", name: "P", status: "draft", kind: "resource", abstract: false, type: "Patient", derivation: "constraint", baseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient",
    differential: { element: [{ path: "Patient.name", slicing: { discriminator: [{ type: "exists", path: "family" }], rules: "open" } }, { path: "Patient.name", sliceName: "full" }, { path: "Patient.name.family", min: 1 }] },
  }));
  assert.deepEqual((await call(["name.slice('urn:p', 'full').given", good, "--package", profile])).out, ["Wei", "Hua"]);
  assert.match((await call(["name.slice('urn:p', 'full')", good])).err, /profile urn:p is not known/);
  assert.equal((await call(["name", good, "--package", join(folder, "absent")])).code, 1);
});

test("wrong words end with 2, bad input with 1; both say what", async () => {
  const good = file("g.json", JSON.stringify(patient));
  for (const [args, code, words] of [
    [[], 2, /one expression/], [["name"], 2, /one file/], [["name", good, good], 2, /one file/], [["name", good, "--what"], 2, /Unknown option/], [["name.", good], 2, /1:6: expected a member or function name, found end/],
    [["nam", good], 1, /did you mean "name"/], [["Person.name", good, "--strict"], 1, /expected Patient/], [["name.single()", good], 1, /takes one item/], [["name", join(folder, "absent")], 1, /cannot be read/],
    [["name", file("e.json", "")], 1, /./], [["name", file("a.json", "[1]")], 1, /./],
  ] as [string[], number, RegExp][]) {
    const done = await call(args);
    assert.equal(done.code, code, `${args.join(" ")}: ${done.err}`);
    assert.match(done.err, words);
  }
  assert.match((await call(["name.trace('n', given)", good])).err, /^n: Wei, Hua, Mei/);
});

test("memberOf() and subsumes() know R4's terminology", async () => {
  const person = file("m.json", JSON.stringify({ ...patient, maritalStatus: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", code: "M" }] } }));
  const reason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
  assert.deepEqual((await call(["maritalStatus.memberOf('http://hl7.org/fhir/ValueSet/marital-status')", person])).out, ["true"]);
  assert.deepEqual((await call(["maritalStatus.memberOf('http://hl7.org/fhir/ValueSet/observation-status')", person])).out, ["false"]);
  assert.match((await call(["maritalStatus.memberOf('urn:none')", person])).err, /urn:none is not known/);
  const meta = file("r.json", JSON.stringify({ ...patient, meta: { security: [{ system: reason, code: "PurposeOfUse" }, { system: reason, code: "ETREAT" }] } }));
  assert.deepEqual((await call(["meta.security[0].subsumes(%resource.meta.security[1]) | meta.security[0].subsumedBy(%resource.meta.security[1]).not()", meta])).out, ["true"]);
});
