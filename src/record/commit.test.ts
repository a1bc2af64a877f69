import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { distributed } from "#platform/database/testing.ts";
import { openRecord } from "./open.ts";
import { node, patientCaller, practitionerCaller, put, stranger, testRecord, value, type TestRecord } from "./testing.ts";

let db: TestRecord;
before(async () => { db = await testRecord(); });
after(async () => { await db.close(); });

const patient = (extra = "") => `{"resourceType":"Patient"${extra}}`;

test("create, read back: order and number literals as sent, id and meta the server's", async () => {
  const [made] = value(await db.record.commit(node, [{ kind: "create", type: "Observation", text: '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50,"unit":"m"}}' }]));
  assert.equal(made!.kind, "created");
  const read = await db.record.read(node, { type: "Observation", id: made!.id });
  assert.equal(read.kind, "current");
  assert.equal(read.kind === "current" && read.stored.text, `{"resourceType":"Observation","id":"${made!.id}","meta":{"versionId":"1","lastUpdated":"${made!.lastUpdated}"},"status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50,"unit":"m"}}`);
});

test("update, unchanged update, delete, and creation again keep every version", async () => {
  const key = { type: "Patient", id: "life" };
  const write = async (text: string) => value(await db.record.commit(node, [{ kind: "update", ...key, text }]))[0]!;
  assert.equal((await write(patient(',"id":"life"'))).kind, "created");
  assert.equal((await write(patient(',"id":"life","active":true'))).version, 2);
  const same = await write(patient(',"id":"life","active":true'));
  assert.deepEqual([same.kind, same.version], ["unchanged", 2]);
  const gone = value(await db.record.commit(node, [{ kind: "delete", ...key }]))[0]!;
  assert.deepEqual([gone.kind, gone.version], ["deleted", 3]);
  assert.deepEqual(await db.record.read(node, key), { kind: "deleted", version: 3, lastUpdated: gone.lastUpdated });
  const again = value(await db.record.commit(node, [{ kind: "delete", ...key }]))[0]!;
  assert.equal(again.version, 3, "deleting twice adds no version");
  assert.equal((await write(patient(',"id":"life"'))).version, 4);
  const old = await db.record.readVersion(node, key, 2);
  assert.equal(old.kind === "current" && old.stored.text.includes('"active":true'), true);
  assert.equal((await db.record.readVersion(node, key, 3)).kind, "deleted");
  const history = value(await db.record.history(node, key, { count: 10 }));
  assert.deepEqual(history.entries.map(({ kind, stored }) => [kind, stored.version]), [["create", 4], ["delete", 3], ["update", 2], ["create", 1]]);
});

test("If-Match decides", async () => {
  await put(db.record, { resourceType: "Patient", id: "match" });
  const wrong = await db.record.commit(node, [{ kind: "update", type: "Patient", id: "match", text: patient(',"id":"match","active":false'), ifMatch: 7 }]);
  assert.equal(!wrong.ok && wrong.failure.code, "precondition");
  assert.equal(value(await db.record.commit(node, [{ kind: "update", type: "Patient", id: "match", text: patient(',"id":"match","active":false'), ifMatch: 1 }]))[0]!.version, 2);
});

for (const [what, text, code] of [
  ["malformed", '{"resourceType":"Patient",', "invalid"],
  ["duplicate member", '{"resourceType":"Patient","active":true,"active":false}', "duplicate"],
  ["other type", '{"resourceType":"Observation","status":"final","code":{}}', "structure"],
  ["unknown member", patient(',"activ":true'), "structure"],
] as const) test(`refused: ${what}`, async () => {
  const result = await db.record.commit(node, [{ kind: "create", type: "Patient", text: patient() }, { kind: "create", type: "Patient", text }]);
  assert.equal(!result.ok && result.failure.code, code);
});

test("whoever may not write is refused; nothing is written", async () => {
  const before = value(await db.record.search(node, "Patient", "_summary=count")).total;
  const result = await db.record.commit(stranger, [{ kind: "create", type: "Patient", text: patient() }]);
  assert.equal(!result.ok && result.failure.code, "forbidden");
  assert.equal(value(await db.record.search(node, "Patient", "_summary=count")).total, before);
});

test("eight writers of two processes on one resource: no update is lost, versions have no gaps", async () => {
  await put(db.record, { resourceType: "Patient", id: "busy" });
  // A second record on the same database knows nothing of the first one's turns: only PostgreSQL decides between them.
  const other = value(await openRecord({ url: db.url, sequencer: false }));
  const rounds = 10;
  await Promise.all(Array.from({ length: 8 }, async (_, writer) => {
    for (let round = 0; round < rounds; round++)
      value(await (writer % 2 ? db.record : other).commit(node, [{ kind: "update", type: "Patient", id: "busy", text: patient(`,"id":"busy","identifier":[{"value":"${writer}-${round}"}]`) }]));
  }));
  await other.close();
  const history = value(await db.record.history(node, { type: "Patient", id: "busy" }, { count: 200 })).entries;
  assert.deepEqual(history.map(({ stored }) => stored.version), Array.from({ length: 8 * rounds + 1 }, (_, i) => 8 * rounds + 1 - i));
  const written = new Set(history.map(({ stored }) => (JSON.parse(stored.text) as { identifier?: { value: string }[] }).identifier?.[0]?.value));
  assert.equal(written.size, 8 * rounds + 1);
});

test("eight writers of two processes with If-Match on the same version: one wins", async () => {
  await put(db.record, { resourceType: "Patient", id: "raced" });
  const other = value(await openRecord({ url: db.url, sequencer: false }));
  const results = await Promise.all(Array.from({ length: 8 }, (_, i) =>
    (i % 2 ? db.record : other).commit(node, [{ kind: "update", type: "Patient", id: "raced", ifMatch: 1, text: patient(`,"id":"raced","identifier":[{"value":"${i}"}]`) }])));
  await other.close();
  assert.equal(results.filter((result) => result.ok).length, 1);
  assert.ok(results.every((result) => result.ok || result.failure.code === "precondition"));
});

test("two processes that create the same ids at once: one creates each, the other updates it", async () => {
  const other = value(await openRecord({ url: db.url, sequencer: false }));
  const ids = Array.from({ length: 20 }, (_, i) => `both-${i}`);
  const results = await Promise.all(ids.flatMap((id) => [db.record, other].map(async (record, i) => ({ id, result: await record.commit(node, [{ kind: "update", type: "Patient", id, text: patient(`,"id":"${id}","identifier":[{"value":"${i}"}]`) }]) }))));
  await other.close();
  for (const id of ids) assert.deepEqual(results.filter((one) => one.id === id).map(({ result }) => value(result)[0]!.version).toSorted((a, b) => a - b), [1, 2], id);
});

test("eight creators of one id filed under different people: one creates, the others update", async () => {
  const results = await Promise.all(Array.from({ length: 8 }, (_, i) => db.record.commit(node, [{
    kind: "update", type: "Observation", id: "client-id", text: `{"resourceType":"Observation","id":"client-id","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p${i}"}}` }])));
  assert.deepEqual(results.map((result) => value(result)[0]!.version).toSorted((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("concurrent creates share transactions and stay apart: the bad one fails alone", async () => {
  const results = await Promise.all(Array.from({ length: 50 }, (_, i) => db.record.commit(node, [{ kind: "create", type: "Patient", text: i === 25 ? patient(',"gender":"x"') : patient(`,"identifier":[{"system":"s","value":"group-${i}"}]`) }])));
  assert.deepEqual(results.map((result) => result.ok), Array.from({ length: 50 }, (_, i) => i !== 25));
  assert.equal(new Set(results.map((result) => result.ok && result.value[0]!.id)).size, 50);
  assert.equal(value(await db.record.search(node, "Patient", "identifier=s|group-7")).entries.length, 1);
});

test("concurrent updates and deletions share transactions and stay apart: each is refused, or told of its version, by itself", async () => {
  const ids = Array.from({ length: 40 }, (_, i) => `together-${i}`);
  for (const id of ids) await put(db.record, { resourceType: "Patient", id, ...(id.endsWith("9") ? {} : { active: true }) });
  await put(db.record, { resourceType: "Observation", id: "together-o", status: "final", code: { text: "x" }, subject: { reference: "Patient/together-1" } },
    { resourceType: "Provenance", id: "together-p", recorded: "2020-01-01T00:00:00Z", agent: [{ who: { display: "x" } }], target: [{ reference: "Observation/together-o" }] });
  await db.record.settleLedger();
  const start = await db.record.lastChange();
  const results = await Promise.all(ids.map((id, i) => db.record.commit(i === 20 ? practitionerCaller("nobody") : node, [i === 30 ? { kind: "delete", type: "Patient", id }
      : { kind: "update", type: "Patient", id, text: patient(`,"id":"${id}","active":true,"identifier":[{"system":"s","value":"${id}"}]${i === 10 ? ',"gender":"x"' : ""}`), ...(i === 15 ? { ifMatch: 7 } : {}) }])));
  assert.deepEqual(results.flatMap((result, i) => result.ok ? [] : [[i, result.failure.code]]), [[10, "code-invalid"], [15, "precondition"], [20, "forbidden"]]);
  assert.ok(results.every((result) => !result.ok || result.value[0]!.version === 2));
  const found = async (query: string) => value(await db.record.search(node, "Patient", query)).entries.map(({ stored }) => stored.id);
  for (const i of [0, 19, 39]) assert.deepEqual(await found(`identifier=s|together-${i}`), [`together-${i}`]);
  for (const i of [10, 15, 20, 30]) assert.deepEqual(await found(`identifier=s|together-${i}`), []);
  assert.equal((await db.record.read(node, { type: "Patient", id: "together-30" })).kind, "deleted");
  await db.record.settleLedger();
  const sets = (await db.record.changes(start)).filter(({ position }) => position > start);
  assert.equal(sets.flatMap(({ changes }) => changes).length, 37);
  // On Citus each is a transaction of its own: decision 0031.
  assert.ok(distributed || sets.length < 20, `${sets.length} transactions`);
  // What inherits its persons from one that moves to another person moves with it, whoever writes beside it.
  await Promise.all([...ids.slice(0, 5).map((id) => put(db.record, { resourceType: "Patient", id, active: false })),
    put(db.record, { resourceType: "Observation", id: "together-o", status: "final", code: { text: "x" }, subject: { reference: "Patient/together-2" } })]);
  assert.equal((await db.record.read(patientCaller("together-2"), { type: "Provenance", id: "together-p" })).kind, "current");
  assert.notEqual((await db.record.read(patientCaller("together-1"), { type: "Provenance", id: "together-p" })).kind, "current");
});

test("concurrent patches share transactions and stay apart, and so do changes of what inherits its persons", async () => {
  const ids = Array.from({ length: 40 }, (_, i) => `patched-${i}`);
  await put(db.record, ...ids.flatMap((id) => [{ resourceType: "Patient", id, active: true }, { resourceType: "Observation", id, status: "final", code: { text: "x" }, subject: { reference: `Patient/${id}` } },
    { resourceType: "Provenance", id, recorded: "2020-01-01T00:00:00Z", agent: [{ who: { display: "x" } }], target: [{ reference: `Observation/${id}` }] }]));
  const patch = (op: object) => ({ form: "json-patch" as const, text: JSON.stringify([op]) });
  await db.record.settleLedger();
  const start = await db.record.lastChange();
  const results = await Promise.all(ids.map((id, i) => db.record.commit(i === 20 ? practitionerCaller("nobody") : node, [{ kind: "patch", type: "Patient", id: i === 5 ? "patched-never" : id,
    patch: patch(i === 10 ? { op: "test", path: "/active", value: false } : { op: "add", path: "/identifier", value: [{ system: "s", value: id }] }), ...(i === 15 ? { ifMatch: 7 } : {}) }])));
  assert.deepEqual(results.flatMap((result, i) => result.ok ? [] : [[i, result.failure.code]]), [[5, "not-found"], [10, "conflict"], [15, "precondition"], [20, "not-found"]]);
  assert.ok(results.every((result) => !result.ok || result.value[0]!.version === 2));
  assert.equal(value(await db.record.search(node, "Patient", "identifier=s|patched-7")).entries.length, 1);
  const provenances = await Promise.all(ids.map((id, i) => db.record.commit(node, [{ kind: "patch", type: "Provenance", id, patch: patch({ op: "add", path: "/target/-", value: { reference: `Observation/patched-${(i + 1) % 40}` } }) }])));
  assert.ok(provenances.every((result) => result.ok && result.value[0]!.version === 2));
  await db.record.settleLedger();
  const sets = (await db.record.changes(start)).filter(({ position }) => position > start);
  assert.equal(sets.flatMap(({ changes }) => changes).length, 76);
  assert.ok(distributed || sets.length < 30, `${sets.length} transactions`);
  // Each names its own target and the next one: written beside changes of both.
  await Promise.all(ids.flatMap((id, i) => [put(db.record, { resourceType: "Observation", id, status: "final", code: { text: "x" }, subject: { reference: `Patient/patched-${(i + 20) % 40}` } }),
    ...i % 4 ? [] : [db.record.commit(node, [{ kind: "patch", type: "Provenance", id, patch: patch({ op: "add", path: "/recorded", value: "2021-01-01T00:00:00Z" }) }]).then(value)]]));
  for (const [i, id] of ids.entries()) for (const [person, kind] of [[(i + 20) % 40, "current"], [(i + 21) % 40, "current"], [i, "absent"]] as const)
    assert.equal((await db.record.read(patientCaller(`patched-${person}`), { type: "Provenance", id })).kind, kind, `${id} ${person}`);
});

test("outbox: every commit once, in one order", async () => {
  const start = await db.record.lastChange();
  await Promise.all(Array.from({ length: 20 }, (_, i) => put(db.record, { resourceType: "Patient", id: `out${i}` })));
  await db.record.settleLedger();
  const sets = await db.record.changes(0);
  assert.deepEqual(sets.map((set) => set.position), Array.from({ length: sets.length }, (_, i) => i + 1));
  const ids = sets.filter((set) => set.position > start).flatMap((set) => set.changes.map((change) => change.id)).filter((id) => id.startsWith("out"));
  assert.deepEqual(ids.toSorted(), Array.from({ length: 20 }, (_, i) => `out${i}`).toSorted());
});
