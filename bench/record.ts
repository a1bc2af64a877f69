/**
 * Group `record`: Synthea's transaction Bundles posted over HTTP again and again, for a minute at least; authorisation,
 * validation, index and ledger on. Beside it a raw batched insert of the same resources with the same index rows, made
 * beforehand. Afterwards every entry is counted, each has its leaf, and one of each Bundle is compared with what was sent.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { startEmbedded } from "#platform/database/embedded.ts";
import { openNode } from "#server/node.ts";
import { serve } from "./http/load.ts";
import { benchFolder } from "./folder.ts";
import type { Row } from "./row.ts";
import { linesOf, syntheaBundles } from "./synthea/bundles.ts";
import { rawInsert } from "./synthea/raw-insert.ts";

const secondsMin = Number(process.env.SALUS_BENCH_SECONDS ?? 60);
/** Bundles in flight. */
const atOnce = 6;
/** Of the floor, which is not paid for by the minute. */
const rounds = 10;

type Bundle = { entry: { resource: { resourceType: string; id?: string; meta?: unknown } }[] };
type Sample = { text: string; place: number; location: string };

export async function run(): Promise<Row[]> {
  const texts = syntheaBundles();
  if (!texts.length) return [];
  const folder = benchFolder();
  const database = await startEmbedded({ folder });
  try {
    const node = await openNode({ databaseUrl: database.url, folder });
    const demo = await node.trust.createDemoAccounts({ practitioner: "none", patient: "none" });
    assert.ok(demo.ok);
    const issued = await node.trust.issueToken((await node.trust.account("admin"))!.id, 2);
    assert.ok(issued.ok);
    const { address, child } = await serve("salus", database.url, folder);
    const headers = { authorization: `Bearer ${issued.value.token}`, "content-type": "application/fhir+json", "accept-encoding": "identity" };
    const { size: before } = await node.record.ledgerState();
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    const samples: Sample[] = [];
    let entries = 0, next = 0;
    await Promise.all(Array.from({ length: atOnce }, async () => {
      while (seconds() < secondsMin) {
        const text = texts[next++ % texts.length]!;
        const answer = await fetch(`${address}/fhir/R4`, { method: "POST", headers, body: text });
        const body = await answer.text();
        assert.equal(answer.status, 200, body.slice(0, 500));
        const { entry } = JSON.parse(body) as { entry: { response: { location: string } }[] };
        entries += entry.length;
        if (samples.length < texts.length) samples.push({ text, place: samples.length % entry.length, location: entry[samples.length % entry.length]!.response.location });
      }
    }));
    const took = seconds();
    for (const sample of samples) await compare(address, headers, sample);
    child.disconnect();
    const [stored] = await node.sql<{ count: string }[]>`select count(*) as count from resource where not deleted`;
    assert.equal(Number(stored!.count), entries, "every entry is there");
    const { size } = await node.record.ledgerState();
    assert.ok(size - before >= entries, "a leaf for each");
    await node.close();
    const lines = linesOf(texts, rounds);
    const floor = await rawInsert(database.url, lines);
    return [{ group: "record", name: `import of Synthea's Bundles over HTTP, ${Math.round(took)} s`, ours: entries / took, floor: lines.length / floor, unit: "resources/s", note: `${entries} entries, ${atOnce} Bundles in flight; floor: ready rows, resources and index alone` }];
  } finally {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(address: string, headers: Record<string, string>, { text, place, location }: Sample): Promise<void> {
  const read = await fetch(`${address}/fhir/R4/${location.replace(/^.*\/fhir\/R4\//, "")}`, { headers });
  const plain = (resource: object) => JSON.stringify({ ...resource, id: "", meta: "" }, (name, value: unknown) => name === "reference" ? "" : value).replaceAll(/"(id|meta)":"",?/g, "");
  assert.equal(plain(await read.json() as object), plain((JSON.parse(text) as Bundle).entry[place]!.resource));
}
