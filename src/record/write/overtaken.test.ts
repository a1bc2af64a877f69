import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { openRecord, type OpenRecord } from "../open.ts";
import { atOnce, node, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord, other: OpenRecord, beside: postgres.Sql;
before(async () => {
  db = await testRecord();
  other = value(await openRecord({ url: db.url, sequencer: false }));
  beside = postgres(db.url, { max: 2, onnotice() {} });
  await db.record.settleLedger();
});
after(async () => {
  await beside.end();
  await other.close();
  await db.close();
});

async function faults(): Promise<string[]> {
  await db.record.settleLedger();
  return (await db.record.verify()).faults.map(({ text }) => text);
}

for (const first of ["meta", "update"] as const) test(`a resource is updated while its meta is changed in place, ${first} first: the history keeps what the ledger says`, async () => {
  const key = { type: "Patient", id: `tagged-${first}` };
  await put(db.record, { resourceType: "Patient", id: key.id });
  const meta = async () => value(await db.record.changeMeta(node, key, undefined, (before) => ({ ...before, tag: [{ code: "x" }] })));
  const update = () => put(other, { resourceType: "Patient", id: key.id, active: true });
  await atOnce(beside, first === "meta" ? [meta, update] : [update, meta]);
  const { entries } = value(await db.record.history(node, key, { count: 10 }));
  assert.deepEqual(entries.map(({ stored }) => stored.version), [2, 1]);
  assert.deepEqual(await faults(), []);
});

for (const what of ["updated", "moved to another person", "deleted"] as const) test(`a person is purged while what is about them is ${what}: nothing of it is left, and the ledger knows`, async () => {
  const patient = `gone-${what.length}`, observation = { resourceType: "Observation", id: `of-${patient}`, status: "final", code: { text: "x" }, subject: { reference: `Patient/${patient}` } };
  await put(db.record, { resourceType: "Patient", id: patient }, { resourceType: "Patient", id: "stays" }, observation);
  await db.record.settleLedger();
  const change = async () => {
    if (what === "deleted") value(await db.record.commit(node, [{ kind: "delete", type: "Observation", id: observation.id }]));
    else await put(db.record, { ...observation, status: "amended", ...(what === "updated" ? {} : { subject: { reference: "Patient/stays" } }) });
  };
  await atOnce(beside, [change, async () => value(await other.purgePatient(node, patient))]);
  assert.equal((await db.record.read(node, { type: "Patient", id: patient })).kind, "absent");
  assert.equal((await db.record.readVersion(node, { type: "Observation", id: observation.id }, 1)).kind, "absent");
  assert.deepEqual(await faults(), []);
});
