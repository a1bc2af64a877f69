import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { node, patientCaller, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord;
before(async () => { db = await testRecord(); });
after(async () => { await db.close(); });

type Entry = { resource?: { resourceType: string; total?: number }; response: { status: string; location?: string; etag?: string; outcome?: { issue: { expression?: string[] }[] } } };
const bundle = (type: string, entry: unknown[]) => JSON.stringify({ resourceType: "Bundle", type, entry });
const run = async (type: string, entry: unknown[]) => JSON.parse(value(await db.record.bundle(node, bundle(type, entry)))) as { type: string; entry: Entry[] };
const observation = (subject: string, extra = {}) => ({ resourceType: "Observation", status: "final", code: { text: "x" }, subject: { reference: subject }, ...extra });
const post = (resource: { resourceType: string }, fullUrl?: string, request = {}) => ({ fullUrl, resource, request: { method: "POST", url: resource.resourceType, ...request } });

test("transaction: urn:uuid references resolved wherever they stand, answers in the order of the request", async () => {
  const uuid = "urn:uuid:00000000-0000-4000-8000-000000000001";
  const answer = await run("transaction", [
    { request: { method: "GET", url: "Observation?subject=Patient/none&_summary=count" } },
    post(observation(uuid, { note: [{ text: `[see](${uuid})` }] })), post({ resourceType: "Patient" }, uuid),
  ]);
  assert.equal(answer.type, "transaction-response");
  assert.deepEqual(answer.entry.map((entry) => entry.response.status), ["200 OK", "201 Created", "201 Created"]);
  const [, made, person] = answer.entry.map((entry) => entry.response.location?.split("/"));
  const read = await db.record.read(node, { type: "Observation", id: made![1]! });
  assert.ok(read.kind === "current" && read.stored.text.includes(`"reference":"Patient/${person![1]}"`) && !read.stored.text.includes("urn:uuid"));
  assert.equal(made![1]!.slice(0, 4), person![1]!.slice(0, 4), "filed in the person's bucket");
});

test("transaction: one bad entry, nothing written; the fault has its place in the Bundle", async () => {
  const before = value(await db.record.search(node, "Patient", "_summary=count")).total;
  const result = await db.record.bundle(node, bundle("transaction", [post({ resourceType: "Patient" }), post({ resourceType: "Patient", gender: "x" } as never)]));
  assert.equal(!result.ok && result.failure.issues?.[0]?.expression, "Bundle.entry[1].resource.gender");
  assert.equal(value(await db.record.search(node, "Patient", "_summary=count")).total, before);
});

test("transaction: PUT, DELETE, If-Match and two changes of one target", async () => {
  await put(db.record, { resourceType: "Patient", id: "b1" }, { resourceType: "Patient", id: "b2" });
  const answer = await run("transaction", [
    { resource: { resourceType: "Patient", id: "b1", active: true }, request: { method: "PUT", url: "Patient/b1", ifMatch: 'W/"1"' } },
    { request: { method: "DELETE", url: "Patient/b2" } }, { request: { method: "GET", url: "Patient/b1" } }]);
  assert.deepEqual(answer.entry.map((entry) => entry.response.status), ["200 OK", "204 No Content", "200 OK"]);
  const gone = await db.record.bundle(node, bundle("transaction", [post({ resourceType: "Patient" }), { request: { method: "GET", url: "Patient/b2" } }]));
  assert.deepEqual([!gone.ok && gone.failure.code, !gone.ok && gone.failure.issues?.[0]?.expression], ["deleted", "Bundle.entry[1].request.url"]);
  assert.equal(answer.entry[0]!.response.etag, 'W/"2"');
  const stale = await db.record.bundle(node, bundle("transaction", [post({ resourceType: "Patient", id: "never" } as never), { resource: { resourceType: "Patient", id: "b1" }, request: { method: "PUT", url: "Patient/b1", ifMatch: 'W/"1"' } }]));
  assert.equal(!stale.ok && stale.failure.code, "precondition");
  const twice = await db.record.bundle(node, bundle("transaction", [{ request: { method: "DELETE", url: "Patient/b1" } }, { resource: { resourceType: "Patient", id: "b1" }, request: { method: "PUT", url: "Patient/b1" } }]));
  assert.equal(!twice.ok && twice.failure.code, "duplicate");
});

test("If-None-Exist: ten at once create one; conditional update, delete and references", async () => {
  const doctor = { resourceType: "Practitioner", identifier: [{ system: "npi", value: "9" }] };
  const answers = await Promise.all(Array.from({ length: 10 }, () => run("transaction", [post(doctor, "urn:uuid:d", { ifNoneExist: "identifier=npi|9" }), post(observation("Patient/x", { performer: [{ reference: "urn:uuid:d" }] }))])));
  assert.deepEqual(answers.map(({ entry }) => entry[0]!.response.status).toSorted(), [...Array<string>(9).fill("200 OK"), "201 Created"]);
  assert.equal(value(await db.record.search(node, "Practitioner", "identifier=npi|9")).total, 1);
  const id = value(await db.record.search(node, "Practitioner", "identifier=npi|9")).entries[0]!.stored.id;
  assert.equal(value(await db.record.search(node, "Observation", `performer=Practitioner/${id}&_summary=count`)).total, 10);
  await run("transaction", [post(observation("Patient/x", { performer: [{ reference: "Practitioner?identifier=npi|9" }] }))]);
  assert.equal(value(await db.record.search(node, "Observation", `performer=Practitioner/${id}&_summary=count`)).total, 11);
  const nobody = await db.record.bundle(node, bundle("transaction", [post(observation("Patient?identifier=nobody|1"))]));
  assert.equal(!nobody.ok && nobody.failure.code, "not-found");
  const changed = await run("transaction", [{ resource: { ...doctor, active: false }, request: { method: "PUT", url: "Practitioner?identifier=npi|9" } }]);
  assert.deepEqual([changed.entry[0]!.response.status, changed.entry[0]!.response.etag], ["200 OK", 'W/"2"']);
  assert.equal((await run("transaction", [{ request: { method: "DELETE", url: "Practitioner?identifier=npi|9" } }])).entry[0]!.response.status, "204 No Content");
});

test("batch: each entry on its own, answers in order", async () => {
  const answer = await run("batch", [post({ resourceType: "Patient" }), post({ resourceType: "Patient", gender: "x" } as never), { request: { method: "GET", url: "Patient/unknown" } }, { request: { method: "PATCH", url: "Patient/1" } }]);
  assert.equal(answer.type, "batch-response");
  assert.deepEqual(answer.entry.map((entry) => entry.response.status.slice(0, 1)), ["2", "4", "4", "4"]);
  assert.equal(answer.entry[2]!.response.status, "404 Not Found");
  assert.equal(answer.entry[1]!.response.outcome!.issue[0]!.expression![0], "Bundle.entry[1].resource.gender");
});

test("a patient may not send transactions, and reads only their own in a batch", async () => {
  await put(db.record, { resourceType: "Patient", id: "own" }, { resourceType: "Patient", id: "foreign" });
  const result = await db.record.bundle(patientCaller("own"), bundle("transaction", [post({ resourceType: "Patient" })]));
  assert.equal(!result.ok && result.failure.code, "forbidden");
  const answer = JSON.parse(value(await db.record.bundle(patientCaller("own"), bundle("batch", [{ request: { method: "GET", url: "Patient/own" } }, { request: { method: "GET", url: "Patient/foreign" } }, { request: { method: "GET", url: "Patient" } }])))) as { entry: Entry[] };
  assert.deepEqual(answer.entry.map((entry) => entry.response.status.slice(0, 3)), ["200", "404", "200"]);
  assert.equal(answer.entry[2]!.resource!.total, 1);
});

for (const [what, text] of [["no Bundle", '{"resourceType":"Patient"}'], ["no type", '{"resourceType":"Bundle"}'], ["entry without request", bundle("transaction", [{ resource: { resourceType: "Patient" } }])],
  ["unknown type", bundle("transaction", [{ resource: { resourceType: "Patient" }, request: { method: "POST", url: "Patent" } }])], ["absolute url", bundle("transaction", [{ request: { method: "DELETE", url: "https://x.example/Patient/1" } }])]] as const)
  test(`refused: ${what}`, async () => assert.equal((await db.record.bundle(node, text)).ok, false));
