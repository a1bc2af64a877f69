import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { unlessDistributed } from "#platform/database/testing.ts";
import type { Caller } from "../record.ts";
import { node, practitionerCaller, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord;
const doctor = practitionerCaller("few"), generalist = practitionerCaller("many");
const of = (id: string, i: number, more: object = {}) => ({
  resourceType: "Observation", id, status: i % 50 === 0 ? "amended" : "final", code: { coding: [{ system: "urn:c", code: "pulse" }] }, category: [{ coding: [{ code: i % 2 ? "vital-signs" : "exam" }] }],
  subject: { reference: `Patient/p${i % 80}` }, effectiveDateTime: `20${10 + i % 15}-03-01`, ...more,
});

before(async () => {
  db = await testRecord();
  // Of p0 and p1 the few takes care; p1 is known by an encounter alone. The many takes care of all others.
  await put(db.record, ...Array.from({ length: 80 }, (_, i) => i).filter((i) => i !== 1).map((i) => ({ resourceType: "Patient", id: `p${i}`, generalPractitioner: [{ reference: `Practitioner/${i === 0 ? "few" : "many"}` }] })));
  await put(db.record, { resourceType: "Encounter", id: "e", status: "finished", class: { code: "AMB" }, subject: { reference: "Patient/p7" }, participant: [{ individual: { reference: "Practitioner/many" } }] });
  await put(db.record, ...Array.from({ length: 1600 }, (_, i) => of(`o${i}`, i)));
  // Written under others, corrected since: these stand in buckets that are not their persons' own. Nobody's are for nobody.
  await put(db.record, { resourceType: "Encounter", id: "e", status: "finished", class: { code: "AMB" }, subject: { reference: "Patient/p1" }, participant: [{ individual: { reference: "Practitioner/few" } }] });
  await put(db.record, of("o5", 5, { subject: { reference: "Patient/p0" } }), of("o6", 6, { subject: { reference: "Patient/p0" } }), of("o7", 7, { subject: { reference: "Patient/p1" } }), of("o80", 80, { subject: { reference: "Patient/p9" } }), of("o81", 81, { subject: { display: "nobody" } }));
  await db.record.pools.writers.unsafe("analyze");
});
after(async () => { await db.close(); });

/** All pages: ids in order. */
async function findAll(caller: Caller, query: string, count = 5): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ""; ; ) {
    const page = value(await db.record.search(caller, "Observation", `${query}&_count=${count}${cursor}`));
    ids.push(...page.entries.map(({ stored }) => stored.id));
    if (page.next === undefined) return ids;
    cursor = `&_cursor=${page.next}`;
  }
}

async function explained(caller: Caller, query: string): Promise<string> {
  return value(await db.record.explainSearch(caller, { type: "Observation" }, `${query}&_count=5`)).sql;
}

test("a practitioner of few people finds what they may see of a code, in the order that everybody's rows have", async () => {
  for (const query of ["code=pulse", "code=pulse&_sort=date", "code=pulse&_sort=-date,_id", "code=pulse&category=exam", "code=pulse&status=amended", "code=pulse&status=cancelled", "code=pulse&date=ge2020"]) {
    const everybody = await findAll(node, query, 100);
    for (const caller of [doctor, generalist, practitionerCaller("none")]) {
      const reads = await Promise.all(everybody.map(async (id) => (await db.record.read(caller, { type: "Observation", id })).kind === "current"));
      const seen = everybody.filter((_, i) => reads[i]);
      assert.deepEqual(await findAll(caller, query), seen, `${caller.display} ${query}`);
      assert.equal(value(await db.record.search(caller, "Observation", `${query}&_summary=count`)).total, seen.length);
      if (caller === doctor && query === "code=pulse") assert.deepEqual([seen.length, ["o5", "o6", "o7", "o0", "o1"].every((id) => seen.includes(id)), seen.includes("o80"), seen.includes("o81")], [41, true, false, false]);
    }
  }
});

const skip = unlessDistributed("nothing is counted to choose a way");

test("their search begins in the buckets of those in their care; that of one who cares for most does not", { skip }, async () => {
  assert.match(await explained(doctor, "code=pulse&_sort=date"), /from care k .* cross join lateral \(select coalesce\(\(select f\.place/s);
  assert.doesNotMatch(await explained(generalist, "code=pulse"), /from care k .* cross join/s);
  assert.doesNotMatch(await explained(node, "code=pulse"), /from care k .* cross join/s);
  assert.doesNotMatch(await explained(doctor, "code=pulse&subject=Patient/p0"), /from care k .* cross join/s, "a person who is named is where it begins");
});

test("of several codes the rarest is begun with, the first of equals", { skip }, async () => {
  const driver = async (query: string): Promise<string> => {
    const { sql, values } = value(await db.record.explainSearch(node, { type: "Observation" }, query));
    return String(values[Number(/from token m where \(*m\.code = \$(\d+)/.exec(sql)![1]) - 1]);
  };
  const pulse = await driver("code=pulse"), amended = await driver("status=amended"), cancelled = await driver("status=cancelled");
  assert.equal(new Set([pulse, amended, cancelled]).size, 3);
  assert.deepEqual(await Promise.all(["code=pulse&status=amended", "status=amended&code=pulse", "code=pulse&status=cancelled&category=exam", "code=pulse&code=pulse"].map(driver)), [amended, amended, cancelled, pulse]);
});
