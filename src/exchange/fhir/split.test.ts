import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { formOf, splitFhir, splitLines, type FhirForm } from "./split.ts";

const folder = mkdtempSync(join(tmpdir(), "salus-split-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function split(text: string | Buffer, form: FhirForm): Promise<{ texts: string[]; faults: string[]; fullUrls: (string | undefined)[] }> {
  const path = join(folder, "file.json");
  writeFileSync(path, text);
  const out = { texts: [] as string[], faults: [] as string[], fullUrls: [] as (string | undefined)[] };
  for await (const one of splitFhir(path, form)) {
    if (one.ok) {
      out.texts.push(one.value.text);
      out.fullUrls.push(one.value.fullUrl);
    } else out.faults.push(one.failure.text);
  }
  return out;
}

test("forms are told by content", () => {
  assert.equal(formOf(Buffer.from('{"resourceType":"Patient"}')), "resource");
  assert.equal(formOf(Buffer.from('{"resourceType":"Bundle","entry":[]}')), "bundle");
  assert.equal(formOf(Buffer.from('{"type":"collection","resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}]}')), "bundle");
  assert.equal(formOf(Buffer.from('{"entry":[{"resource":{"resourceType":"Patient"}}],"resourceType":"Bundle"}')), "bundle", "also when it names itself after its entries");
  assert.equal(formOf(Buffer.from('{"resourceType":"List","entry":[{"item":{"display":"x"}}]}')), "resource");
  assert.equal(formOf(Buffer.from('\ufeff {"resourceType":"Patient"}\n{"resourceType":"Patient"}\n')), "ndjson");
  assert.equal(formOf(Buffer.from("%PDF-1.7")), undefined);
  assert.equal(formOf(Buffer.from("")), undefined);
});

test("a Bundle is cut into exact source texts: number literals, braces in strings, escapes", async () => {
  const patient = '{"resourceType":"Patient","id":"a","name":[{"family":"{\\"[\\\\"}],"multipleBirthInteger":2}';
  const observation = '{ "resourceType" : "Observation", "valueQuantity" : { "value" : 1.50 } }';
  const { texts, faults, fullUrls } = await split(`{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":${patient}},\n{"resource":${observation},"search":{"mode":"match"}}],"link":[{"relation":"entry","url":"x"}]}`, "bundle");
  assert.deepEqual(texts, [patient, observation]);
  assert.deepEqual(fullUrls, ["urn:uuid:1", undefined]);
  assert.deepEqual(faults, []);
});

test("a member called entry deeper down is no entry of the Bundle", async () => {
  const list = '{"resourceType":"List","entry":[{"item":{"display":"x"}}]}';
  assert.deepEqual((await split(`{"resourceType":"Bundle","entry":[{"resource":${list}}]}`, "bundle")).texts, [list]);
});

test("a file cut short keeps the entries before the cut and says where it broke off", async () => {
  const { texts, faults } = await split('{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}},{"resource":{"resourceType":"Pat', "bundle");
  assert.equal(texts.length, 1);
  assert.match(faults[0]!, /inside entry\[1\]/);
});

test("NDJSON: blank lines, no newline at the end, a bad line is the importer's to reject", async () => {
  assert.deepEqual((await split('{"a":1}\n\n{"b":2}\r\n{"c":3}', "ndjson")).texts, ['{"a":1}', '{"b":2}', '{"c":3}']);
});

test("bytes that are no UTF-8 are refused by place; what stands beside them is read", async () => {
  const bad = Buffer.concat([Buffer.from('{"resourceType":"Patient","name":[{"family":"'), Uint8Array.of(0xc3, 0x28), Buffer.from('"}]}')]);
  const good = Buffer.from('{"resourceType":"Basic"}');
  const lines = await split(Buffer.concat([good, Buffer.from("\n"), bad, Buffer.from("\n"), good]), "ndjson");
  assert.equal(lines.texts.length, 2);
  assert.match(lines.faults.join(), /^line 2 is not UTF-8/);
  const bundle = await split(Buffer.concat([Buffer.from('{"resourceType":"Bundle","entry":[{"resource":'), bad, Buffer.from('},{"resource":'), good, Buffer.from("}]}")]), "bundle");
  assert.deepEqual([bundle.texts.length, bundle.faults.length], [1, 1]);
  assert.match(bundle.faults[0]!, /^entry\[0\] is not UTF-8/);
  assert.match((await split(bad, "resource")).faults[0]!, /^the resource is not UTF-8/);
});

test("an entry that is not JSON is refused with its place, and without its data", async () => {
  const { faults } = await split('{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","name":[{"family":"Secret",}]}}]}', "bundle");
  assert.match(faults[0]!, /^entry\[0\] is not JSON: line 1, column \d+/);
  assert.doesNotMatch(faults[0]!, /Secret/);
});

test("property: entries survive wherever the chunks of the file fall", async () => {
  const filler = `"${"界".repeat(349_999)}"`; // pushes the entries over the border of the first megabyte
  await fc.assert(fc.asyncProperty(fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 40 }), async (names, shift) => {
    const resources = names.map((family) => JSON.stringify({ resourceType: "Patient", name: [{ family }] }));
    const text = `{"resourceType":"Bundle","implicitRules":${filler}${" ".repeat(shift)},"entry":[${resources.map((resource) => `{"resource":${resource}}`).join(",")}]}`;
    const { texts, faults } = await split(text, "bundle");
    assert.deepEqual(texts, resources);
    assert.deepEqual(faults, []);
  }), { numRuns: 25 });
});

test("property: lines are the same wherever the chunks fall; what is no UTF-8 costs its own line alone", async () => {
  const piece = fc.oneof(fc.constant("\n"), fc.constant("\r\n"), fc.constant("\ufeff"), fc.string({ unit: "grapheme", maxLength: 5 }).map((text) => text.replaceAll("\n", "")), fc.constant(Buffer.from([0xc3])), fc.constant(Buffer.from([0xff, 0x28])));
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat({ max: 40 }), { maxLength: 8 }), async (pieces, cuts) => {
    const bytes = Buffer.concat(pieces.map((one) => typeof one === "string" ? Buffer.from(one) : one));
    const lines = bytes.toString("latin1").split("\n").map((line) => Buffer.from(line, "latin1"));
    const expected = lines.flatMap((line, i) => {
      const text = line.toString("utf8");
      if (!Buffer.from(text).equals(line)) return [`line ${i + 1} is not UTF-8`];
      return text.trim() === "" ? [] : [`line ${i + 1}: ${text.trim()}`];
    });
    const found: string[] = [];
    async function* chunks() {
      let at = 0;
      for (const cut of cuts) yield bytes.subarray(at, at = Math.min(bytes.length, at + cut));
      yield bytes.subarray(at);
    }
    for await (const line of splitLines(chunks())) found.push(line.ok ? `${line.value.place}: ${line.value.text}` : line.failure.text.replace(/;.*/, ""));
    assert.deepEqual(found, expected);
  }), { numRuns: 300 });
});
