import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import { command as assess } from "./assess.ts";
import { command as score } from "./score.ts";
import type { Command } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "salus-score-"));
after(() => rmSync(folder, { recursive: true }));

async function call(command: Command, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough(), stderr = new PassThrough();
  const code = await command.run(args, { stdout, stderr, stdin: new PassThrough() });
  return { code, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}
const file = (name: string, content: unknown): string => { const path = join(folder, name); writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content)); return path; };

test("score list names every score with its inputs", async () => {
  const listed = JSON.parse((await call(score, "list", "--json")).out) as { id: string; inputs: { name: string }[]; sources: unknown[] }[];
  for (const id of ["prevent", "prevent-30y", "score2", "score2-op", "cha2ds2-vasc", "news2", "ckd-epi-2021", "bmi"]) {
    const one = listed.find((method) => method.id === id);
    assert.ok(one && one.inputs.length > 0 && one.sources.length > 0, id);
  }
});

test("inputs by name, by stem, with units, from a file and mixed", async () => {
  const path = file("bmi.json", { weightKg: 70 });
  for (const args of [["weightKg=70", "heightCm=175"], ["weight=70", "height=175 cm"], ["weight=70kg", "height=1.75m"], ["--inputs", "weightKg=70", "--inputs", "heightCm=175"], ["--inputs", path, "heightCm=175"], [file("all.json", { inputs: { weight: { value: 70000, unit: "g" }, heightCm: 175 } })]]) {
    const { code, out, err } = await call(score, "run", "bmi", ...args, "--json");
    assert.equal(code, 0, err);
    assert.equal((JSON.parse(out) as { findings: { value: { value: number } }[] }).findings[0]!.value.value, 22.86, args.join(" "));
  }
});

test("wrong words end with 2, bad input with 1; both say what and how to mend", async () => {
  for (const [args, code, words] of [
    [[], 2, /Usage/], [["run"], 2, /Name the score/], [["run", "nope", "a=1"], 2, /There is no score "nope"\. Scores: prevent/], [["list", "--what"], 2, /Unknown option/],
    [["run", "bmi"], 1, /Give inputs/], [["run", "bmi", "colour=1"], 1, /no input "colour".*weightKg/], [["run", "bmi", "weight=abc", "height=1"], 1, /weightKg must be a number/], [["run", "bmi", "weight=7s", "height=175"], 1, /weightKg/],
    [["run", "bmi", "weight=70", "weightKg=71"], 1, /twice/], [["run", "bmi", "height=9000"], 1, /heightCm 9000 is not possible/], [["run", "bmi", join(folder, "absent.json")], 1, /cannot be read/], [["run", "bmi", file("bad.json", "{")], 1, /not JSON/], [["run", "cha2ds2-vasc", "age=70", "sex=7"], 1, /male or female/],
  ] as [string[], number, RegExp][]) {
    const done = await call(score, ...args);
    assert.equal(done.code, code, args.join(" "));
    assert.match(done.err, words);
    assert.equal(done.out, "");
  }
});

test("out of validity is an answer: abstained, exit 0", async () => {
  const { code, out } = await call(score, "run", "ckd-epi-2021", "creatinine=1", "age=12", "sex=f", "--json");
  assert.equal(code, 0);
  assert.equal((JSON.parse(out) as { findings: { outcome: string }[] }).findings[0]!.outcome, "abstained");
});

test("assess reads a Bundle with urn references for each person in it", async () => {
  const weight = (subject: string, value: number) => ({ resource: { resourceType: "Observation", status: "final", subject: { reference: subject }, effectiveDateTime: "2024-01-01", code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] }, valueQuantity: { value, unit: "kg", code: "kg", system: "http://unitsofmeasure.org" } } });
  const height = (subject: string) => ({ resource: { resourceType: "Observation", status: "final", subject: { reference: subject }, effectiveDateTime: "2024-01-01", code: { coding: [{ system: "http://loinc.org", code: "8302-2" }] }, valueQuantity: { value: 170, unit: "cm", code: "cm", system: "http://unitsofmeasure.org" } } });
  const person = (id: string, fullUrl: string) => ({ fullUrl, resource: { resourceType: "Patient", id, birthDate: "1990-01-01" } });
  const path = file("bundle.json", { resourceType: "Bundle", type: "transaction", entry: [person("a", "urn:uuid:1"), person("b", "urn:uuid:2"), weight("urn:uuid:1", 60), height("urn:uuid:1"), weight("Patient/b", 90), height("urn:uuid:2")] });
  const { code, out, err } = await call(assess, path, "--as-of", "2024-06-01", "--json");
  assert.equal(code, 0, err);
  const { people } = JSON.parse(out) as { people: { subject: string; findings: { method: { id: string }; value?: { value: number } }[] }[] };
  assert.deepEqual(people.map(({ subject, findings }) => [subject, findings.find((one) => one.method.id === "bmi")?.value?.value]), [["Patient/a", 20.76], ["Patient/b", 31.14]]);
  const early = JSON.parse((await call(assess, path, "--as-of", "2023-06-01", "--json")).out) as unknown;
  assert.deepEqual((early as { people: { findings: { method: { id: string }; outcome: string }[] }[] }).people[0]!.findings.filter((one) => one.outcome === "computed"), []);
});

test("assess says what is wrong with a file", async () => {
  for (const [path, words] of [[file("x.json", "{\"resourceType\":"), /not JSON/], [file("y.json", { a: 1 }), /resourceType is missing/], [file("z.json", { resourceType: "Bundle" }), /no Patient/]] as const) {
    const done = await call(assess, path);
    assert.equal(done.code, 1);
    assert.match(done.err, words);
  }
  assert.equal((await call(assess, "x.json", "--as-of", "tomorrow")).code, 2);
  assert.equal((await call(assess)).code, 2);
});
