import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock } from "#platform/clock.ts";
import { KnownDefinitions } from "../parameters/definitions.ts";
import type { ImportOutcome, ImportSource } from "../record.ts";
import { administrator, testRecord, value, type TestRecord } from "../testing.ts";
import { WritingThreads } from "../threads/threads.ts";
import { Committer } from "../write/commit.ts";
import { importStream } from "./stream.ts";

let db: TestRecord;
let threads: WritingThreads;
let committer: Committer;
before(async () => {
  db = await testRecord();
  threads = new WritingThreads({ url: db.url, count: 1, written: () => {}, onError: (error) => { throw error; } });
  committer = new Committer(db.record.pools.writers, systemClock, new KnownDefinitions(db.record.pools.readers), () => {});
});
after(async () => { await threads.close(); await db.close(); });

const source = (id: string, more: object = {}, at = 0): ImportSource => ({ place: `line ${at}`, text: JSON.stringify({ resourceType: "Basic", id, code: { text: id }, ...more }) });
const counted = (n: number) => ({ extension: [{ url: "http://salus.example/n", valueInteger: n }] });
const filling = { text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${"much ".repeat(200)}</div>` } };

test("of one identity the last one sent stands last, in a batch and across batches, also while a thread takes over", async () => {
  const stream = importStream(committer, threads, administrator);
  let n = 0, byThread = 0;
  const outcomes: Promise<ImportOutcome[]>[] = [];
  while (byThread < 6) {
    assert.ok(n < 20_000, "a thread becomes ready");
    if (threads.take()) byThread++;
    outcomes.push(stream([source("again", counted(n++)), ...Array.from({ length: 80 }, (_, i) => source(`s${outcomes.length}-${i}`, filling)), source("again", counted(n++))]));
    if (outcomes.length % 4 === 0) await Promise.all(outcomes);
  }
  const all = (await Promise.all(outcomes)).flat();
  assert.deepEqual([all.length, all.filter(({ kind }) => kind === "updated").length], [outcomes.length * 82, n - 1]);
  assert.equal(all[0]!.kind, "created");
  const read = await db.record.read(administrator, { type: "Basic", id: "again" });
  assert.ok(read.kind === "current");
  assert.deepEqual([read.stored.version, (JSON.parse(read.stored.text) as { extension: unknown }).extension], [n, counted(n - 1).extension]);
  const history = value(await db.record.history(administrator, { type: "Basic", id: "again" }, { count: 1000 }));
  assert.deepEqual(history.entries.map(({ stored }) => (JSON.parse(stored.text) as ReturnType<typeof counted>).extension[0]!.valueInteger), Array.from({ length: Math.min(n, 1000) }, (_, i) => n - 1 - i));
});

test("bad ones are told apart from good ones alike by a thread and without; again, nothing is added", async () => {
  const batch = (id: string) => [
    ...Array.from({ length: 80 }, (_, i) => source(`${id}-${i}`, filling)), { place: "line 81", text: "{" }, { place: "line 82", text: '{"resourceType":"Nothing"}' },
    source(`${id}-bad`, { code: 1 }), source(`${id}-last`),
  ];
  assert.ok(threads.take(), "a thread is ready");
  const none = new WritingThreads({ url: db.url, count: 0, written: () => {}, onError: () => {} });
  const [byThread, alone] = [importStream(committer, threads, administrator), importStream(committer, none, administrator)];
  const plain = (outcomes: ImportOutcome[]) => JSON.parse(JSON.stringify(outcomes).replaceAll(/\b[xy]-/g, "")) as ImportOutcome[];
  const first = plain(await byThread(batch("x")));
  assert.deepEqual(first, plain(await alone(batch("y"))));
  assert.deepEqual(first.map(({ kind }) => kind), [...Array<string>(80).fill("created"), "rejected", "rejected", "rejected", "created"]);
  const bad = first[82]!;
  assert.ok(bad.kind === "rejected" && bad.resource === "Basic/bad" && bad.reason.includes("code"));
  assert.deepEqual((await byThread(batch("y"))).map(({ kind }) => kind).filter((kind) => kind !== "rejected"), Array<string>(81).fill("unchanged"));
});

test("names that a file gives its resources become their addresses, by a thread too", async () => {
  assert.ok(threads.take(), "a thread is ready");
  const stream = importStream(committer, threads, administrator);
  const named = { place: "entry[0]", text: JSON.stringify({ resourceType: "Basic", id: "refers", code: { text: "x" }, author: { reference: "urn:uuid:1" }, ...filling }) };
  await stream([named, ...Array.from({ length: 80 }, (_, i) => source(`n-${i}`, filling))], new Map([["urn:uuid:1", "Practitioner/1"]]));
  const read = await db.record.read(administrator, { type: "Basic", id: "refers" });
  assert.ok(read.kind === "current" && read.stored.text.includes('"reference":"Practitioner/1"'));
});
