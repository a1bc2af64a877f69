import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Caller } from "../record.ts";
import { administrator, node, patientCaller, practitionerCaller, put, stranger, testRecord, type TestRecord } from "../testing.ts";

let db: TestRecord;
const people = [0, 1, 2, 3];
before(async () => {
  db = await testRecord();
  await put(db.record, ...people.flatMap((i) => [
    { resourceType: "Patient", id: `p${i}`, ...(i < 2 ? { generalPractitioner: [{ reference: "Practitioner/d" }] } : {}) },
    { resourceType: "Observation", id: `o${i}`, status: "final", code: { text: "x" }, subject: { reference: `Patient/p${i}` }, valueString: `turn 1 of ${i}` },
  ]), { resourceType: "Organization", id: "shared" }, { resourceType: "Appointment", id: "two", status: "booked", participant: [0, 3].map((i) => ({ actor: { reference: `Patient/p${i}` }, status: "accepted" })) });
});
after(async () => { await db.close(); });

const readers: readonly Caller[] = [administrator, { ...administrator, agent: "Device/other", display: "" }, stranger, practitionerCaller("d"), practitionerCaller("e"), ...people.map((i) => patientCaller(`p${i}`))];
const keys = [...people.flatMap((i) => [{ type: "Patient", id: `p${i}` }, { type: "Observation", id: `o${i}` }]), { type: "Organization", id: "shared" }, { type: "Appointment", id: "two" }, { type: "Observation", id: "none" }];

function mayRead({ filter }: Caller, { id }: { id: string }): boolean {
  if (id === "none" || filter.kind === "none") return false;
  if (filter.kind === "all" || id === "shared") return true;
  const about = id === "two" ? [0, 3] : [Number(id[1])];
  return filter.kind === "patient" ? about.includes(Number(filter.patient[1])) : filter.practitioner === "d" && about.some((i) => i < 2);
}

/** Whom a read is about but for the one who asks. */
function others({ filter }: Caller, { id }: { id: string }): string[] {
  const about = id === "shared" ? [] : id === "two" ? ["p0", "p3"] : [`p${id[1]}`];
  return about.filter((person) => filter.kind !== "patient" || filter.patient !== person);
}

test("reads of many callers in one turn: each gets what is theirs, each leaves its own leaf and access", async () => {
  const before = (await db.record.ledgerState()).size;
  const seenBefore = new Map<string, number>(await Promise.all(people.map(async (i) => [`p${i}`, (await db.record.accesses(administrator, `p${i}`, 1000)).length] as const)));
  const all = readers.flatMap((caller) => keys.map((key) => ({ caller, key })));
  const results = await Promise.all(all.map(({ caller, key }) => db.record.read(caller, key)));
  let leaves = 0;
  const accesses = new Map<string, number>();
  for (const [i, { caller, key }] of all.entries()) {
    const found = results[i]!;
    assert.equal(found.kind, mayRead(caller, key) ? "current" : "absent", `${caller.agent} ${key.type}/${key.id}`);
    if (found.kind !== "current") continue;
    assert.equal((JSON.parse(found.stored.text) as { id: string }).id, key.id);
    const about = others(caller, key);
    if (about.length) leaves++;
    for (const person of about) accesses.set(person, (accesses.get(person) ?? 0) + 1);
  }
  assert.equal((await db.record.ledgerState()).size, before + leaves);
  assert.ok(leaves > 20);
  for (const [person, count] of accesses) {
    const seen = await db.record.accesses(administrator, person, 1000);
    assert.equal(seen.length - seenBefore.get(person)!, count);
    assert.ok(seen.every(({ kind, index }) => kind === "read" && index !== undefined && index < before + leaves));
    assert.ok(seen.some(({ agent, display }) => agent === "Device/other" && display === ""));
    assert.ok(!seen.some(({ agent }) => agent === `Patient/${person}`), "the subject's own reading is no access");
  }
  assert.deepEqual((await db.record.verify()).faults, []);
});

test("what was sent before is served again only as the version that is current", async () => {
  const key = { type: "Observation", id: "o2" };
  const text = async (caller: Caller) => {
    const found = await db.record.read(caller, key);
    return found.kind === "current" ? (JSON.parse(found.stored.text) as { valueString: string }).valueString : found.kind;
  };
  assert.equal(await text(administrator), "turn 1 of 2");
  assert.equal(await text(administrator), "turn 1 of 2");
  await put(db.record, { resourceType: "Observation", id: "o2", status: "final", code: { text: "x" }, subject: { reference: "Patient/p1" }, valueString: "turn 2" });
  assert.equal(await text(administrator), "turn 2");
  assert.equal(await text(patientCaller("p1")), "turn 2");
  assert.equal(await text(patientCaller("p2")), "absent", "a content known here is nobody's who may not read it");
  await db.record.commit(node, [{ kind: "delete", ...key }]);
  assert.equal(await text(administrator), "deleted");
  assert.equal(await text(patientCaller("p2")), "absent");
});
