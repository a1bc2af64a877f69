import assert from "node:assert/strict";
import { test } from "node:test";
import { node, testRecord, value } from "../testing.ts";
import { raiseStampFloor, readStampFloor } from "./stamp-floor.ts";

const observation = (text: string) => JSON.stringify({ resourceType: "Observation", status: "final", code: { text } });

test("what is written after a moment was read as complete has a later time, also where this machine's clock is behind", async () => {
  const { record, close } = await testRecord();
  try {
    const floor = Date.now() + 60_000;
    await raiseStampFloor(record.pools.writers, floor);
    await raiseStampFloor(record.pools.writers, floor - 5_000);
    assert.equal(await readStampFloor(record.pools.writers), floor, "never lowered");
    const together = await Promise.all(Array.from({ length: 12 }, (_, i) => record.commit(node, [{ kind: "create", type: "Observation", text: observation(`first ${i}`) }])));
    const created = together.flatMap((one) => value(one));
    const { id } = created[0]!;
    const [updated] = value(await record.commit(node, [{ kind: "update", type: "Observation", id, text: observation("second").replace("{", `{"id":"${id}",`) }]));
    const bundle = value(await record.bundle(node, JSON.stringify({ resourceType: "Bundle", type: "transaction", entry: [{ resource: JSON.parse(observation("third")) as object, request: { method: "POST", url: "Observation" } }] })));
    const [entry] = (JSON.parse(bundle) as { entry: [{ response: { lastModified: string } }] }).entry;
    for (const at of [...created.map(({ lastUpdated }) => lastUpdated), updated!.lastUpdated, entry.response.lastModified]) assert.ok(Date.parse(at) > floor, at);
    assert.deepEqual((await record.verify()).faults, []);
  } finally {
    await close();
  }
});
