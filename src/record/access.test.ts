import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { administrator, node, patientCaller, practitionerCaller, put, stranger, testRecord, value, type TestRecord } from "./testing.ts";
import type { Caller } from "./record.ts";

let db: TestRecord;
const anna = patientCaller("anna"), bert = patientCaller("bert"), doctor = practitionerCaller("doc"), other = practitionerCaller("other");
const about = (person: string) => ({ reference: `Patient/${person}` });
const observation = (id: string, person: string) => ({ resourceType: "Observation", id, status: "final", code: { coding: [{ code: "c" }] }, subject: about(person), performer: [{ reference: "Practitioner/doc" }] });

before(async () => {
  db = await testRecord();
  await put(db.record,
    { resourceType: "Patient", id: "anna", generalPractitioner: [{ reference: "Practitioner/doc" }] }, { resourceType: "Patient", id: "bert" }, { resourceType: "Patient", id: "carl" }, { resourceType: "Patient", id: "dora" },
    { resourceType: "Practitioner", id: "doc" }, { resourceType: "Organization", id: "org" },
    { resourceType: "CareTeam", id: "team", status: "active", subject: about("carl"), participant: [{ member: { reference: "Practitioner/doc" } }] },
    { resourceType: "Encounter", id: "enc", status: "finished", class: { code: "AMB" }, subject: about("dora"), participant: [{ individual: { reference: "Practitioner/doc" } }] },
    { resourceType: "Encounter", id: "cancelled", status: "cancelled", class: { code: "AMB" }, subject: about("bert"), participant: [{ individual: { reference: "Practitioner/doc" } }] },
    observation("oa", "anna"), observation("ob", "bert"), observation("oc", "carl"),
    { resourceType: "Appointment", id: "both", status: "booked", participant: [{ actor: about("anna"), status: "accepted" }, { actor: about("bert"), status: "accepted" }] },
    { resourceType: "Provenance", id: "prov", recorded: "2020-01-01T00:00:00Z", target: [{ reference: "Observation/ob" }], agent: [{ who: { reference: "Practitioner/doc" } }] },
    { resourceType: "Device", id: "pump", patient: about("bert") }, { resourceType: "Device", id: "scanner" },
    { resourceType: "Basic", id: "nobody", code: { text: "x" } });
});
after(async () => { await db.close(); });

async function seen(caller: Caller, type: string, query = ""): Promise<string[]> {
  return value(await db.record.search(caller, type, `${query}&_count=100`)).entries.map(({ stored }) => stored.id).toSorted();
}

test("by id: somebody else's reads like what does not exist", async () => {
  for (const [type, id] of [["Patient", "bert"], ["Observation", "ob"], ["Provenance", "prov"], ["Device", "pump"], ["Basic", "nobody"], ["Observation", "never"]] as const) {
    assert.deepEqual(await db.record.read(anna, { type, id }), { kind: "absent" }, `${type}/${id}`);
    assert.deepEqual(await db.record.readVersion(anna, { type, id }, 1), { kind: "absent" });
    assert.deepEqual(value(await db.record.history(anna, { type, id }, { count: 10 })).entries, []);
  }
  for (const [type, id] of [["Patient", "anna"], ["Observation", "oa"], ["Appointment", "both"], ["Organization", "org"], ["Device", "scanner"]] as const) assert.equal((await db.record.read(anna, { type, id })).kind, "current");
  assert.equal((await db.record.read(bert, { type: "Provenance", id: "prov" })).kind, "current");
});

test("by search, whatever it asks for; totals count what is seen", async () => {
  for (const query of ["", "code=c", "subject=Patient/bert", "performer=Practitioner/doc", "_id=oa,ob,oc", "status:not=x", "_lastUpdated=gt2000", "date:missing=true"]) {
    const found = await seen(anna, "Observation", query);
    assert.deepEqual(found, query === "subject=Patient/bert" ? [] : ["oa"], query);
    assert.equal(value(await db.record.search(anna, "Observation", `${query}&_summary=count`)).total, found.length);
    assert.equal(value(await db.record.search(anna, "Observation", `${query}&_total=accurate`)).total, found.length);
  }
  assert.deepEqual(await seen(anna, "Patient"), ["anna"]);
  assert.deepEqual(await seen(bert, "Appointment"), ["both"]);
  assert.deepEqual(await seen(stranger, "Patient"), []);
  assert.deepEqual(await seen(administrator, "Patient"), ["anna", "bert", "carl", "dora"]);
});

test("includes and reverse includes pass the same filter", async () => {
  assert.deepEqual(await seen(anna, "Appointment", "_include=Appointment:patient"), ["anna", "both"]);
  assert.deepEqual(await seen(anna, "Practitioner", "_id=doc&_revinclude=Observation:performer"), ["doc", "oa"]);
  assert.deepEqual(await seen(anna, "Practitioner", "_id=doc&_revinclude=Provenance:agent"), ["doc"]);
});

test("history of a type and of the node", async () => {
  for (const scope of [{}, { type: "Observation" }]) for (const entry of value(await db.record.history(anna, scope, { count: 100 })).entries) assert.ok(!["ob", "oc", "bert", "carl", "prov", "pump", "nobody"].includes(entry.stored.id), entry.stored.id);
});

test("everything and compartment of somebody else are empty", async () => {
  // Not even what is about both: whether there is such a person is not told.
  assert.deepEqual(await db.record.everything(anna, "bert"), { ok: false, failure: { code: "not-found", text: "Patient/bert is not known." } });
  assert.deepEqual((await db.record.compartment(stranger, "anna")), []);
  const own = value(await db.record.everything(anna, "anna")).entries.map(({ mode, stored }) => `${mode} ${stored.type}/${stored.id}`).toSorted();
  assert.deepEqual(own, ["include Practitioner/doc", "match Appointment/both", "match Observation/oa", "match Patient/anna"]);
});

test("a practitioner sees the people in their care: general practitioner, care team, encounter; not a cancelled one", async () => {
  assert.deepEqual(await seen(doctor, "Patient"), ["anna", "carl", "dora"]);
  assert.deepEqual(await seen(doctor, "Observation", "code=c"), ["oa", "oc"]);
  assert.deepEqual(await db.record.read(doctor, { type: "Observation", id: "ob" }), { kind: "absent" });
  assert.deepEqual(await seen(other, "Patient"), []);
  assert.deepEqual(await seen(other, "Organization"), ["org"]);
});

test("a practitioner writes about people in their care only, and cannot take others into it", async () => {
  const write = (resource: { resourceType: string; id: string }) => db.record.commit(doctor, [{ kind: "update", type: resource.resourceType, id: resource.id, text: JSON.stringify(resource) }]);
  const create = ({ id: _id, ...resource }: { resourceType: string; id: string }) => db.record.commit(doctor, [{ kind: "create", type: resource.resourceType, text: JSON.stringify(resource) }]);
  assert.ok((await create(observation("new", "anna"))).ok);
  for (const resource of [observation("new2", "bert"), { resourceType: "Encounter", id: "mine", status: "finished", class: { code: "AMB" }, subject: about("bert"), participant: [{ individual: { reference: "Practitioner/doc" } }] }]) {
    const result = await create(resource);
    assert.equal(!result.ok && result.failure.code, "forbidden", "nothing is created about somebody else");
  }
  const taken = await write(observation("ob", "anna"));
  const free = await write(observation("nobody-has-this-id", "anna"));
  assert.ok(!taken.ok && !free.ok);
  assert.deepEqual(free.failure, taken.failure, "an id taken beyond reach and a free one are answered alike");
  for (const resource of [observation("new2", "bert"), observation("ob", "anna"), observation("oa", "bert"), { resourceType: "Patient", id: "bert", generalPractitioner: [{ reference: "Practitioner/doc" }] }]) {
    const result = await write(resource);
    assert.equal(!result.ok && result.failure.code, "forbidden", resource.id);
  }
  value(await db.record.commit(doctor, [{ kind: "delete", type: "Observation", id: "ob" }]));
  assert.equal((await db.record.read(node, { type: "Observation", id: "ob" })).kind, "current", "a deletion out of reach does nothing");
  assert.equal((await db.record.commit(anna, [{ kind: "delete", type: "Observation", id: "oa" }])).ok, false);
});

test("a corrected subject takes the resource, and its new versions, from one person to the other", async () => {
  await put(db.record, observation("moved", "anna"));
  await put(db.record, observation("moved", "bert"));
  assert.ok(!(await seen(anna, "Observation")).includes("moved"));
  assert.ok((await seen(bert, "Observation", "subject=Patient/bert&code=c")).includes("moved"), "found though it lies in the bucket of another person");
  assert.deepEqual(await db.record.readVersion(bert, { type: "Observation", id: "moved" }, 1), { kind: "absent" }, "what was said of anna is not shown to bert");
  assert.equal((await db.record.readVersion(anna, { type: "Observation", id: "moved" }, 1)).kind, "current");
});

test("what reaches a person only through its target follows the target, also when it was there first", async () => {
  const provenance = (id: string, target: string) => ({ resourceType: "Provenance", id, recorded: "2020-01-01T00:00:00Z", target: [{ reference: target }], agent: [{ who: { reference: "Practitioner/doc" } }] });
  await put(db.record, provenance("early", "Observation/later"), provenance("second", "Provenance/early"));
  assert.deepEqual(await seen(anna, "Provenance"), []);
  await put(db.record, observation("later", "anna"));
  assert.deepEqual(await seen(anna, "Provenance"), ["early", "second"]);
  await put(db.record, observation("later", "bert"));
  assert.deepEqual(await seen(anna, "Provenance"), []);
  assert.deepEqual(await seen(bert, "Provenance"), ["early", "prov", "second"]);
  assert.deepEqual(await db.record.read(anna, { type: "Provenance", id: "early" }), { kind: "absent" });
  await db.record.settleLedger();
  assert.deepEqual((await db.record.verify()).faults, []);
});

test("who looked: leaves for everyone but the subject, shown to the subject", async () => {
  await db.record.settleLedger();
  const before = (await db.record.accesses(anna, "anna", 1000)).length;
  await db.record.read(anna, { type: "Observation", id: "oa" });
  await db.record.read(node, { type: "Observation", id: "oa" });
  await db.record.search(other, "Patient", "_id=anna");
  assert.equal((await db.record.accesses(anna, "anna", 1000)).length, before);
  await db.record.read(doctor, { type: "Observation", id: "oa" });
  await db.record.search(doctor, "Observation", "code=c");
  await db.record.settleLedger();
  const seenBy = await db.record.accesses(anna, "anna", 1000);
  assert.deepEqual(seenBy.slice(0, 2).map(({ agent, kind, index }) => [agent, kind, typeof index]).toSorted(), [["Practitioner/doc", "read", "number"], ["Practitioner/doc", "search", "number"]]);
  assert.equal(seenBy.length, before + 2);
  assert.deepEqual(await db.record.accesses(bert, "anna", 10), []);
});
