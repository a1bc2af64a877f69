import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { after, before, test } from "node:test";
import { verifyConsistency, verifyInclusion } from "#ledger/proof.ts";
import { openRecord } from "../open.ts";
import { administrator, node, patientCaller, put, testRecord, value, type TestRecord } from "../testing.ts";
import { leavesBetween } from "./pack.ts";

let db: TestRecord;
before(async () => {
  db = await testRecord();
  await put(db.record, ...Array.from({ length: 300 }, (_, i) => ({ resourceType: "Observation", id: `o${i}`, status: "final", code: { coding: [{ system: "s", code: `c${i % 7}` }] }, subject: { reference: `Patient/p${i % 5}` }, effectiveDateTime: "2020-01-01" })),
    ...Array.from({ length: 5 }, (_, i) => ({ resourceType: "Patient", id: `p${i}`, name: [{ family: "F" }] })));
  await put(db.record, { resourceType: "Patient", id: "p0", name: [{ family: "G" }] });
});
after(async () => { await db.close(); });

const hex = (text: string) => Buffer.from(text, "hex");

test("every acknowledged write is provable, and older trees are beginnings of newer ones", async () => {
  const first = await db.record.ledgerState();
  assert.equal(first.size, 306);
  await Promise.all(Array.from({ length: 8 }, async (_, k) => { for (let i = 0; i < 50; i++) await put(db.record, { resourceType: "Patient", id: `w${k}-${i}` }); }));
  const state = await db.record.ledgerState();
  assert.equal(state.size, 306 + 400);
  for (const reference of ["Observation/o0", "Patient/p4", "Patient/w7-49"]) {
    const proof = value(await db.record.proveVersion(node, reference, 1));
    assert.ok(verifyInclusion(proof.index, proof.size, hex(proof.leafHash), proof.path.map(hex), state.root).ok);
    assert.ok(!verifyInclusion(proof.index, proof.size, hex(proof.leafHash).fill(1), proof.path.map(hex), state.root).ok);
  }
  const steps = value(await db.record.proveConsistency(first.size, state.size));
  assert.ok(verifyConsistency(first.size, state.size, first.root, state.root, steps.map(hex)).ok);
  const report = await db.record.verify({ checkpoint: { size: first.size, root: first.root } });
  assert.deepEqual(report.faults, []);
  assert.deepEqual([report.leavesChecked, report.versionsChecked], [706, 706]);
});

test("a proof is given only to whoever may read the version", async () => {
  assert.equal((await db.record.proveVersion(patientCaller("p1"), "Observation/o1", 1)).ok, true);
  const denied = await db.record.proveVersion(patientCaller("p1"), "Observation/o2", 1);
  assert.equal(!denied.ok && denied.failure.code, "not-found");
});

test("events that are no writes have leaves too", async () => {
  const { size } = await db.record.ledgerState();
  await db.record.appendLeaf(administrator, { kind: "login" });
  await db.record.appendLeaf(administrator, { kind: "signature", reference: "Observation/o1", version: 1, sha256: "00" });
  assert.equal((await db.record.ledgerState()).size, size + 2);
  assert.deepEqual((await db.record.leaves(size, 10)).map((leaf) => leaf.kind), ["login", "signature"]);
});

test("two sequencers at once give every leaf one place", async () => {
  const second = value(await openRecord({ url: db.url }));
  await Promise.all([db.record, second].map((record, k) => put(record, ...Array.from({ length: 200 }, (_, i) => ({ resourceType: "Patient", id: `s${k}-${i}` })))));
  await Promise.all([db.record.settleLedger(), second.settleLedger()]);
  await second.close();
  assert.deepEqual((await db.record.verify()).faults, []);
});

test("requests in several processes leave their leaves while commits run and others number theirs", async () => {
  const others = [value(await openRecord({ url: db.url })), value(await openRecord({ url: db.url, sequencer: false }))];
  const before = (await db.record.ledgerState()).size;
  let wrong = 0, watching = true;
  const watch = (async () => { while (watching) if ((await db.record.verify()).faults.length > 0) wrong++; })();
  await Promise.all([db.record, ...others].flatMap((record, k) => [
    ...Array.from({ length: 4 }, async (_, j) => { for (let i = 0; i < 30; i++) await put(record, { resourceType: "Patient", id: `m${k}-${j}-${i}` }); }),
    ...Array.from({ length: 12 }, async () => { for (let i = 0; i < 25; i++) { await record.read(administrator, { type: "Observation", id: "o1" }); await record.appendLeaf(administrator, { kind: "export", patients: ["p1"] }); } }),
  ]));
  watching = false;
  await watch;
  await Promise.all(others.map((record) => record.settleLedger()));
  const state = await db.record.ledgerState();
  assert.equal(wrong, 0, "the record holds at every moment");
  assert.deepEqual([state.size - before, state.pending], [3 * (4 * 30 + 12 * 25 * 2), 0]);
  const [gaps] = await db.record.pools.readers.unsafe(`select count(*)::int as rows, count(distinct idx)::int as different, max(idx)::int + 1 as next from (${leavesBetween("0", "1000000")}) l`);
  assert.deepEqual({ ...gaps }, { rows: state.size, different: state.size, next: state.size });
  const accesses = await db.record.accesses(administrator, "p1", 1000);
  const places = accesses.map(({ index }) => index);
  assert.ok(places.every((index) => index !== undefined) && new Set(places).size === places.length && places.length >= 1000);
  const kinds = await db.record.leaves(places[0]!, 1);
  assert.equal(kinds[0]!.kind, accesses[0]!.kind, "an access names its own leaf");
  assert.deepEqual((await db.record.verify()).faults, []);
  await Promise.all(others.map((record) => record.close()));
});

test("a version whose meta was changed in place is proved by its last leaf, whichever was numbered in the same turn", async () => {
  const second = value(await openRecord({ url: db.url, sequencer: false }));
  const key = { type: "Patient", id: "p3" };
  const tagged = (code: string) => second.changeMeta(node, key, undefined, (meta) => ({ ...meta, tag: [{ system: "urn:t", code }] }));
  await put(second, { resourceType: "Patient", id: "p3", name: [{ family: "Once more" }] });
  for (const code of ["one", "two"]) value(await tagged(code));
  await second.close();
  await db.record.settleLedger();
  const read = await db.record.read(node, key);
  assert.ok(read.kind === "current");
  const proof = value(await db.record.proveVersion(node, "Patient/p3", read.stored.version));
  assert.deepEqual([proof.kind, proof.contentSha256], ["meta", hash("sha256", read.stored.text)]);
  const kinds = (await db.record.leaves(proof.index - 2, 3)).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["update", "meta", "meta"]);
  assert.deepEqual((await db.record.verify()).faults, []);
});

test("an older version put back, and the newer removed with it, is found: the ledger has a leaf of the newer one", async () => {
  const { writers } = db.record.pools;
  await writers.unsafe("create table kept as select * from resource where id = 'p0'");
  await writers.unsafe("update resource r set version = v.version, updated = v.updated, content = v.content from version v where v.ck = r.ck and v.rid = r.rid and r.id = 'p0'");
  await writers.unsafe("create table past as select * from version where id = 'p0'");
  await writers.unsafe("delete from version where id = 'p0'");
  assert.match((await db.record.verify()).faults.map(({ text }) => text).join("\n"), /Patient\/p0, version 2, is in the ledger and no longer in the record/);
  await writers.unsafe("update resource r set version = k.version, updated = k.updated, content = k.content from kept k where k.ck = r.ck and k.rid = r.rid");
  await writers.unsafe("insert into version select * from past");
  await writers.unsafe("drop table kept, past");
  assert.deepEqual((await db.record.verify()).faults, []);
});

// Each tampering is undone again, so that every case starts from a sound record.
for (const [what, change, undo, expected] of [
  ["content", "update resource set content = replace(content, '2020-01-01', '2021-01-01') where id = 'o3'", "update resource set content = replace(content, '2021-01-01', '2020-01-01') where id = 'o3'", /Observation\/o3, version 1, was changed/],
  ["an old version", "update version set content = replace(content, '\"F\"', '\"H\"') where id = 'p0'", "update version set content = replace(content, '\"H\"', '\"F\"') where id = 'p0'", /Patient\/p0, version 1, was changed/],
  ["an index row", "update token set code = code + 1 where rid = (select rid from resource where id = 'o4') and plain = 'c4'", "update token set code = code - 1 where rid = (select rid from resource where id = 'o4') and plain = 'c4'", /Observation\/o4: table token lacks/],
  ["a compartment", "update compartment set person = person + 1 where rid = (select rid from resource where id = 'p1')", "update compartment set person = person - 1 where rid = (select rid from resource where id = 'p1')", /Patient\/p1: table compartment/],
  ["a row's persons", "update resource set persons = persons || 5::bigint where id = 'o6'", "update resource set persons = array_remove(persons, 5::bigint) where id = 'o6'", /Observation\/o6: its persons/],
  ["a leaf", `update leaf_write set payloads = regexp_replace(payloads, '"version":1', '"version":8', 1, 10) where start = 0`, `update leaf_write set payloads = replace(payloads, '"version":8', '"version":1') where start = 0`, /Leaf 9 was changed/],
  ["a leaf that stands apart", `update leaf set payload = replace(payload, '"meta"', '"mete"') where kind = 'meta'`, `update leaf set payload = replace(payload, '"mete"', '"meta"')`, /Leaf \d+ was changed/],
  ["a pack of leaves", "update leaf_write set start = start + 1000000 where start = (select max(start) from leaf_write)", "update leaf_write set start = start - 1000000 where start >= 1000000", /Leaf \d+ is missing|\d+ are there/],
  ["a request's leaf", `update leaf_group set payloads = replace(payloads, '"kind":"read"', '"kind":"seen"') where payloads like '%"kind":"read"%'`, `update leaf_group set payloads = replace(payloads, '"kind":"seen"', '"kind":"read"')`, /Leaf \d+ was changed/],
  ["a group of leaves", "update leaf_group set start = start + 1000000 where start = (select max(start) from leaf_group)", "update leaf_group set start = start - 1000000 where start >= 1000000", /Leaf \d+ is missing|\d+ are there/],
  ["a tile", "update tile set hashes = overlay(hashes placing '\\x00'::bytea from 33 for 1) where level = 0 and idx = 0", "", /Leaf 1 was changed/],
] as const) test(`verify names ${what} changed directly in PostgreSQL`, async () => {
  const { writers } = db.record.pools;
  await writers.unsafe("create table if not exists kept as select * from tile");
  const changed = await writers.unsafe(change);
  assert.ok(changed.count > 0);
  const report = await db.record.verify();
  assert.equal(report.ok, false);
  assert.ok(report.faults.some((fault) => expected.test(fault.text)), JSON.stringify(report.faults));
  await writers.unsafe(undo || "update tile t set hashes = k.hashes from kept k where k.level = t.level and k.idx = t.idx and t.idx = 0 and t.level = 0");
  await writers.unsafe("drop table kept");
  assert.deepEqual((await db.record.verify()).faults, []);
});

test("verify names what was removed or slipped in, and a ledger rewritten after a checkpoint", async () => {
  const { writers } = db.record.pools;
  const { size, root } = await db.record.ledgerState();
  await writers.unsafe("insert into resource select ck, rid + 1, type, 'forged', version, updated, deleted, persons, content from resource where id = 'o7'");
  await writers.unsafe("delete from resource where id = 'o8'");
  const texts = (await db.record.verify()).faults.map((fault) => fault.text).join("\n");
  assert.match(texts, /Observation\/forged, version 1, has no leaf/);
  assert.match(texts, /Observation\/o8, version 1, is in the ledger and no longer in the record/);
  const rewritten = await db.record.verify({ checkpoint: { size: size - 1, root } });
  assert.ok(rewritten.faults.some((fault) => fault.what === "checkpoint"));
});
