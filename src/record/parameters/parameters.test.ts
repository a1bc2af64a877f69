import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { openRecord, type OpenRecord } from "../open.ts";
import { administrator, practitionerCaller, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord;
let first: OpenRecord, second: OpenRecord;
before(async () => {
  db = await testRecord();
  first = db.record;
  second = value(await openRecord({ url: db.url, onError: (error) => { throw error; } }));
});
after(async () => { await second.close(); await db.close(); });

const eyeColour = { resourceType: "SearchParameter", id: "eyes", url: "http://salus.example/SearchParameter/eyes", name: "eyes", status: "active", description: "Colour of the eyes", code: "eye-colour", base: ["Patient"], type: "string", expression: "Patient.extension.where(url = 'http://salus.example/eyes').value as string" };
const patient = (id: string, colour: string) => ({ resourceType: "Patient", id, extension: [{ url: "http://salus.example/eyes", valueString: colour }] });

async function found(record: OpenRecord, query: string): Promise<string[] | string> {
  const page = await record.search(administrator, "Patient", query);
  return page.ok ? page.value.entries.map(({ stored }) => stored.id).sort() : page.failure.text;
}

async function searchable(record: OpenRecord, query: string): Promise<string[]> {
  return await until(async () => {
    const ids = await found(record, query);
    if (typeof ids !== "string") return ids;
    assert.match(ids, /index is being built|no search parameter/);
    return undefined;
  }, "the index of the parameter");
}

const commit = async (record: OpenRecord, resource: { resourceType: string; id: string }) => await record.commit(administrator, [{ kind: "update", type: resource.resourceType, id: resource.id, text: JSON.stringify(resource) }]);

test("a parameter finds what was there before and what is written afterwards, in every process; a new meaning replaces the old; removal removes its rows", async () => {
  await put(first, ...Array.from({ length: 1200 }, (_, i) => patient(`p${i}`, i % 2 ? "green" : "brown")));
  assert.match(String(await found(second, "eye-colour=green")), /no search parameter "eye-colour"/);
  value(await commit(first, eyeColour));
  const writing = (async () => { for (let i = 0; i < 40; i++) await put(i % 2 ? first : second, patient(`later${i}`, "hazel"), patient(`p${i * 7}`, "hazel")); })();
  const seen = await searchable(second, "eye-colour=green&_count=1000");
  await writing;
  assert.ok(seen.length >= 560 && seen.length <= 600);
  assert.equal((await searchable(first, "eye-colour=hazel&_count=1000")).length, 80);
  assert.deepEqual((await searchable(second, "eye-colour=hazel&_sort=-eye-colour,_id&_count=1000")).length, 80);
  assert.deepEqual((await first.customParameters()).map(({ code }) => code), ["eye-colour"]);
  const report = await second.verify();
  assert.deepEqual([report.ok, report.faults], [true, []]);
  // Another meaning of the same code: from now on only the first letter's fold counts as the whole value.
  value(await commit(second, { ...eyeColour, expression: "Patient.extension.where(url = 'http://salus.example/eyes').value.substring(0, 2)" } as never));
  assert.equal((await searchable(first, "eye-colour:exact=ha&_count=1000")).length, 80);
  assert.deepEqual(await searchable(first, "eye-colour:exact=hazel"), []);
  assert.ok((await first.verify()).ok);
  value(await first.commit(administrator, [{ kind: "delete", type: "SearchParameter", id: "eyes" }]));
  assert.match(String(await found(second, "eye-colour=ha")), /no search parameter/);
  await until(async () => {
    const [rows] = await first.pools.readers<{ left: string; open: string }[]>`select (select count(*) from string where value in ('ha', 'hazel', 'gr')) as left, (select count(*) from parameter_index) as open`;
    return rows!.left === "0" && rows!.open === "0";
  }, "removal of its rows");
  assert.ok((await first.verify()).ok);
});

test("definitions that cannot take effect are refused by name; drafts and what R4 has anyway are kept without effect", async () => {
  const refusals: [object, RegExp][] = [
    [{ code: "gender" }, /"gender" is R4's own parameter of Patient/],
    [{ code: "a.b" }, /dot/], [{ code: "_x" }, /begins with a letter/],
    [{ expression: "Patient.name.(" }, /FHIRPath/], [{ expression: "Observation.code" }, /finds nothing in Patient/],
    [{ base: ["Wizard"] }, /Wizard/], [{ type: "special" }, /type special/], [{ type: "composite", component: [{ definition: "http://x.example", expression: "code" }] }, /2 to 8 components/],
    [{ type: "composite", component: [{ definition: "http://hl7.org/fhir/SearchParameter/clinical-code", expression: "code" }, { definition: "http://x.example", expression: "value" }] }, /component\[1\].definition/],
    [{ type: "composite", component: [{ definition: "http://hl7.org/fhir/SearchParameter/clinical-code", expression: "code.(" }, { definition: "http://hl7.org/fhir/SearchParameter/clinical-code", expression: "code" }] }, /component\[0\].expression|FHIRPath/],
    [{ expression: undefined }, /expression/],
  ];
  for (const [change, reason] of refusals) {
    const done = await commit(first, { ...eyeColour, ...change });
    assert.ok(!done.ok && reason.test(done.failure.text), JSON.stringify(done));
  }
  value(await commit(first, { ...eyeColour, id: "draft", status: "draft", code: "gender" } as never));
  value(await commit(first, { ...eyeColour, id: "own", code: "name", expression: "Patient.name" } as never));
  value(await commit(first, eyeColour));
  const second = await commit(first, { ...eyeColour, id: "eyes2", url: "http://salus.example/2" } as never);
  assert.ok(!second.ok && /SearchParameter\/eyes already/.test(second.failure.text));
  const refused = await first.commit(practitionerCaller("w"), [{ kind: "update", type: "SearchParameter", id: "eyes", text: JSON.stringify({ ...eyeColour, code: "x" }) }]);
  assert.ok(!refused.ok && refused.failure.code === "forbidden");
  await searchable(first, "eye-colour=green");
});

test("a composite of one's own: both parts of one element, built, kept through writes, changed and removed without touching R4's rows", async () => {
  const component = (code: string, text: string) => ({ code: { coding: [{ system: "urn:c", code }] }, valueString: text });
  const reading = (id: string, ...parts: [string, string][]) => ({ resourceType: "Observation", id, status: "final", code: { text: "x" }, component: parts.map(([code, text]) => component(code, text)) });
  await put(first, reading("o1", ["a", "Green"], ["b", "Red"]), reading("o2", ["a", "Red"], ["b", "Green"]), reading("o3", ["c", "Green"]));
  const pair = {
    resourceType: "SearchParameter", id: "pair", url: "http://salus.example/SearchParameter/pair", name: "pair", status: "active", description: "x", code: "part-text", base: ["Observation"], type: "composite", expression: "Observation.component",
    component: [{ definition: "http://hl7.org/fhir/SearchParameter/clinical-code", expression: "code" }, { definition: "http://hl7.org/fhir/SearchParameter/Observation-value-string", expression: "value.as(string)" }],
  };
  const ids = async (record: OpenRecord, query: string): Promise<string[]> => {
    return await until(async () => {
      const page = await record.search(administrator, "Observation", query);
      if (page.ok) return page.value.entries.map(({ stored }) => stored.id).sort();
      assert.match(page.failure.text, /index is being built|no search parameter/);
      return undefined;
    }, "the index of the parameter");
  };
  value(await commit(first, pair));
  assert.deepEqual(await ids(second, "part-text=urn:c|a$gre"), ["o1"]);
  assert.deepEqual(await ids(first, "part-text=a$red,b$red"), ["o1", "o2"]);
  assert.deepEqual(await ids(first, `_filter=${encodeURIComponent("part-text eq \"b$green\" or part-text eq \"c$gr\"")}`), ["o2", "o3"]);
  await put(second, reading("o3", ["a", "Green"]), reading("o4", ["d", "Blue"]));
  assert.deepEqual(await ids(first, "part-text=a$green&_sort=-_id"), ["o1", "o3"]);
  assert.deepEqual(await ids(first, "part-text:missing=true"), []);
  assert.deepEqual((await second.verify()).faults, []);
  // Another meaning: of the resource itself, not of its components.
  value(await commit(second, { ...pair, expression: "Observation", component: [{ definition: "http://hl7.org/fhir/SearchParameter/Observation-status", expression: "status" }, { definition: "http://hl7.org/fhir/SearchParameter/Observation-value-string", expression: "component.value.as(string)" }] } as never));
  assert.deepEqual(await ids(first, "part-text=final$blue"), ["o4"]);
  assert.deepEqual(await ids(first, "part-text=a$green"), []);
  assert.deepEqual((await first.verify()).faults, []);
  const [before] = await first.pools.readers<{ rows: string }[]>`select count(*) as rows from element`;
  value(await first.commit(administrator, [{ kind: "delete", type: "SearchParameter", id: "pair" }]));
  await until(async () => {
    const [after] = await first.pools.readers<{ rows: string; open: string }[]>`select (select count(*) from element) as rows, (select count(*) from parameter_index where id = 'pair') as open`;
    return after!.open === "0" && Number(after!.rows) < Number(before!.rows);
  }, "removal of its rows");
  assert.deepEqual((await first.verify()).faults, []);
});

test("reindex mends rows that were changed behind the record's back, while others write", async () => {
  await put(first, patient("mend", "blue"));
  await first.pools.writers.unsafe("delete from string where value in ('blue', 'green')");
  await first.pools.writers.unsafe("insert into number (ck, rid, low, high, param) values (1, 2, 3, 4, 5)");
  assert.equal((await first.verify()).ok, false);
  const stop = new AbortController();
  const seen: number[] = [];
  const progress = (done: number) => { seen.push(done); if (done >= 500) stop.abort(); };
  const writing = (async () => { for (let i = 0; i < 30; i++) await put(second, patient(`p${i}`, "violet")); })();
  assert.equal(await first.reindex({ signal: stop.signal, progress }), "aborted");
  const report = await second.reindex({ progress: (done) => seen.push(done) });
  assert.ok(report !== "aborted" && report.changed > 100 && report.resources > 1000);
  assert.ok(seen.every((done, i) => i === 0 || done > seen[i - 1]!), "the second goes on where the first was stopped");
  await writing;
  assert.deepEqual((await first.verify()).faults, []);
  assert.deepEqual(await found(second, "eye-colour=blue"), ["mend"]);
});
