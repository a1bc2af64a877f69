import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { administrator, put, testRecord, value, type TestRecord } from "../testing.ts";
import type { AnswerTo, Task } from "./task.ts";
import { WritingThreads, type ThreadOf } from "./threads.ts";

let db: TestRecord;
let threads: WritingThreads;
const told: boolean[] = [];
const faults: unknown[] = [];
before(async () => {
  db = await testRecord();
  threads = new WritingThreads({ url: db.url, count: 1, written: (definitions) => told.push(definitions), onError: (error) => faults.push(error) });
});
after(async () => { await threads.close(); await db.close(); });

type Entry = { fullUrl?: string; resource?: object; request: { method: string; url: string } };
const bundle = (entry: readonly Entry[]) => JSON.stringify({ resourceType: "Bundle", type: "transaction", entry });
const post = (resource: { resourceType: string }, fullUrl?: string): Entry => ({ ...(fullUrl ? { fullUrl } : {}), resource, request: { method: "POST", url: resource.resourceType } });
const person = (colour: string, more: object = {}): Entry => post({ resourceType: "Patient", extension: [{ url: "http://salus.example/eyes", valueString: colour }], ...more } as { resourceType: string }, "urn:uuid:1f9ccd0c-2f3c-4a3b-9a42-6a1f4d0c8a11");
const observations = Array.from({ length: 300 }, (_, i) => post({ resourceType: "Observation", status: "final", code: { text: `number ${i}` }, subject: { reference: "urn:uuid:1f9ccd0c-2f3c-4a3b-9a42-6a1f4d0c8a11" }, note: [{ text: "long enough to be worth a thread ".repeat(8) }] } as { resourceType: string }));

type Transaction = Extract<Task, { kind: "transaction" }>;
const transaction = (text: string): Transaction => ({ kind: "transaction", caller: administrator, text, options: {} });

async function ready(): Promise<ThreadOf> {
  return await until(() => threads.take(), "a thread that is ready");
}

async function byThread(text: string): Promise<AnswerTo<Transaction>> {
  return await (await ready()).run(transaction(text));
}

async function written(text: string): Promise<{ id: string; type: string }[]> {
  const answer = await byThread(text);
  if (answer === "declined") throw new Error("the thread declined");
  const { entry } = JSON.parse(value(answer)) as { entry: { response: { status: string; location: string } }[] };
  return entry.map(({ response }) => { const [type, id] = response.location.split("/"); return { type: type!, id: id! }; });
}

test("what a thread writes is there, linked, indexed and in the ledger, and told of", async () => {
  const keys = await written(bundle([person("grey"), ...observations]));
  assert.equal(keys.length, 301);
  assert.deepEqual(told, [false]);
  const page = value(await db.record.search(administrator, "Observation", `patient=${keys[0]!.id}&_summary=count`));
  assert.equal(page.total, 300);
  const report = await db.record.verify();
  assert.deepEqual([report.ok, report.faults], [true, []]);
  assert.equal(value(await db.record.proveVersion(administrator, `Observation/${keys[300]!.id}`, 1)).reference, `Observation/${keys[300]!.id}`);
});

test("a fault has the same words as without threads, and nothing of its transaction is there", async () => {
  const faulty = bundle([person("grey", { gender: "unheard-of", identifier: [{ value: "nobody" }] }), ...observations]);
  const answer = await byThread(faulty);
  const alone = await db.record.bundle(administrator, faulty);
  assert.ok(answer !== "declined" && !answer.ok && !alone.ok);
  assert.deepEqual(answer.failure, alone.failure);
  assert.equal(value(await db.record.search(administrator, "Patient", "identifier=nobody")).entries.length, 0);
});

test("what reads is left to the process's own thread; the record then answers all of it", async () => {
  const mixed = bundle([...observations, { request: { method: "GET", url: "Patient?identifier=nobody" } }]);
  assert.equal(await byThread(mixed), "declined");
  const { entry } = JSON.parse(value(await db.record.bundle(administrator, mixed))) as { entry: { response: { status: string } }[] };
  assert.deepEqual([entry.length, entry.at(-1)!.response.status], [301, "200 OK"]);
});

test("a thread indexes by a search parameter that was defined after it began", async () => {
  await put(db.record, { resourceType: "SearchParameter", id: "eyes", url: "http://salus.example/SearchParameter/eyes", name: "eyes", status: "active", description: "Colour of the eyes", code: "eye-colour", base: ["Patient"], type: "string", expression: "Patient.extension.where(url = 'http://salus.example/eyes').value as string" });
  const [patient] = await written(bundle([person("amber"), ...observations]));
  await until(async () => (await db.record.customParameters()).length > 0, "the index of the parameter");
  assert.deepEqual(value(await db.record.search(administrator, "Patient", "eye-colour=amber")).entries.map(({ stored }) => stored.id), [patient!.id]);
  const report = await db.record.verify();
  assert.deepEqual([report.ok, report.faults], [true, []]);
});

test("search parameters that a thread writes are told as such", async () => {
  told.length = 0;
  await written(bundle([post({ resourceType: "SearchParameter", url: "http://salus.example/SearchParameter/retired", name: "retired", status: "retired", description: "None", code: "none", base: ["Patient"], type: "string", expression: "Patient.name.text" } as { resourceType: string }), ...observations]));
  assert.deepEqual(told, [true]);
});

test("transactions at once are written each by itself", async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => written(bundle([person("blue"), ...observations]))));
  assert.equal(new Set(all.flat().map(({ type, id }) => `${type}/${id}`)).size, 8 * 301);
});

test("threads that cannot be started are not waited for, and not tried again", async () => {
  const errors: unknown[] = [];
  const none = new WritingThreads({ url: "postgres://nobody@127.0.0.1:1/none", count: 1, written: () => {}, onError: (error) => errors.push(error) });
  assert.equal(none.take(), undefined);
  await until(() => errors.length > 0, "the error");
  assert.equal(errors.length, 1);
  assert.equal(none.take(), undefined);
  await none.close();
  assert.deepEqual(faults, []);
});
