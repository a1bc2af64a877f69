/**
 * Synthea transaction Bundles (SOURCE.md of the pack): shared Bundles first, then each patient Bundle as one
 * transaction. Afterwards the types of the entries are those of expected.json, every entry is stored with the content
 * it was sent with (ids, meta and resolved references apart, member order kept), and what belongs to the patient is
 * found through $everything.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { testDatabase } from "#platform/database/testing.ts";
import { openRecord, type OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import type { ExternalCase } from "../run.ts";

export const pack = "synthea";

const node: Caller = { agent: "Device/salus", display: "Salus", role: "system", filter: { kind: "all" }, canWrite: true };

type Entry = { fullUrl?: string; resource: { resourceType: string; id?: string; meta?: Record<string, unknown> } };
type Expected = Record<string, { entries: number; resourceCounts: Record<string, number> }>;

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  const list = (folder: string) => existsSync(join(dir, folder)) ? readdirSync(join(dir, folder)).filter((name) => name.endsWith(".json")).sort() : [];
  const expected = existsSync(join(dir, "expected.json")) ? JSON.parse(readFileSync(join(dir, "expected.json"), "utf8")) as Expected : {};
  const database = await testDatabase();
  const opened = await openRecord({ url: database.url });
  if (!opened.ok) throw new Error(opened.failure.text);
  const record = opened.value;
  try {
    for (const folder of ["shared", "bundles"]) for (const name of list(folder)) yield {
      name: `${folder}/${name}: stored as one transaction, as sent`,
      run: () => check(record, readFileSync(join(dir, folder, name), "utf8"), folder === "bundles" ? expected[name] : undefined),
    };
    yield { name: "versions, leaves and index rows agree", run: async () => assert.deepEqual((await record.verify()).faults, []) };
  } finally {
    await record.close();
    await database.close();
  }
}

async function check(record: OpenRecord, text: string, expected: Expected[string] | undefined): Promise<void> {
  const sent = (JSON.parse(text) as { entry: Entry[] }).entry;
  const answer = await record.bundle(node, text);
  assert(answer.ok, answer.ok ? "" : answer.failure.text);
  const keys = (JSON.parse(answer.value) as { entry: { response: { location: string } }[] }).entry.map(({ response }) => response.location.split("/").slice(0, 2).join("/"));
  assert.equal(keys.length, sent.length);
  const links = new Map(sent.map(({ fullUrl }, i) => [fullUrl, keys[i]!]));
  const counts: Record<string, number> = {};
  let patient: string | undefined;
  for (const [i, { resource }] of sent.entries()) {
    const [type, id] = keys[i]!.split("/") as [string, string];
    counts[type] = (counts[type] ?? 0) + 1;
    if (type === "Patient") patient = id;
    const read = await record.read(node, { type, id });
    assert(read.kind === "current", `${keys[i]} is stored`);
    assert.equal(plain(JSON.parse(read.stored.text), new Map()), plain(resource, links), `${keys[i]} has the content of entry ${i}`);
  }
  if (!expected) return;
  assert.deepEqual(sorted(counts), sorted(expected.resourceCounts));
  assert.equal(keys.length, expected.entries);
  assert(patient);
  const found: Record<string, number> = {};
  for (let cursor: string | undefined; ; ) {
    const page = await record.everything(node, patient, { count: 1000, ...(cursor === undefined ? {} : { cursor }) });
    assert(page.ok);
    for (const { mode, stored } of page.value.entries) if (mode === "match") found[stored.type] = (found[stored.type] ?? 0) + 1;
    cursor = page.value.next;
    if (cursor === undefined) break;
  }
  // What a Patient compartment never holds comes as an include, if it is referred to.
  const outside = new Set(["Organization", "Practitioner", "Location", "Medication"]);
  assert.deepEqual(sorted(found), sorted(Object.fromEntries(Object.entries(expected.resourceCounts).filter(([type]) => !outside.has(type)))));
}

/** JSON text without id and the members of meta that a server sets, references resolved; order of members counts. */
function plain(resource: unknown, links: ReadonlyMap<string | undefined, string>): string {
  const { id: _, meta, ...rest } = resource as Entry["resource"];
  const { versionId: __, lastUpdated: ___, ...kept } = meta ?? {};
  return JSON.stringify({ meta: kept, ...rest }, (name, value: unknown) => name === "reference" && typeof value === "string" ? links.get(value) ?? value : value);
}

function sorted(counts: Record<string, number>): [string, number][] {
  return Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
}
