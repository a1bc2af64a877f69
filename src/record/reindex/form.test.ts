import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { openRecord } from "../open.ts";
import { node, put, testRecord, value, type TestRecord } from "../testing.ts";
import { currentForm, formKind } from "./form.ts";

let db: TestRecord;
before(async () => { db = await testRecord(); });
after(async () => { await db.close(); });

async function formNow(): Promise<number> {
  return (await db.record.pools.writers.unsafe<{ form: number }[]>("select form from row_form"))[0]!.form;
}

test("a new record has the form at once: no job is started that would call rows of then by today's form", async () => {
  assert.equal(await formNow(), currentForm);
  await put(db.record, { resourceType: "Patient", id: "first" });
  assert.equal((await db.record.pools.writers.unsafe("select kind from job where kind = $1", [formKind])).length, 0);
});

test("after an upgrade rows of stored resources are derived anew in the background, resources that change meanwhile included", async () => {
  const people = Array.from({ length: 450 }, (_, i) => ({ resourceType: "Patient", id: `p${i}`, identifier: [{ type: { coding: [{ system: "t", code: "MR" }] }, value: String(i % 9) }], name: [{ family: "Ångström" }] }));
  await put(db.record, ...people);
  await put(db.record, { resourceType: "Observation", id: "o", status: "final", code: { text: "x" }, component: [{ code: { coding: [{ code: "a" }] }, valueQuantity: { value: 5 } }], contained: [{ resourceType: "Device", id: "d", udiCarrier: [{ carrierHRF: "u7" }] }], device: { reference: "#d" } });
  const { writers } = db.record.pools;
  for (const statement of ["delete from element", "delete from words", "delete from reference where tag = 1", "delete from token where plain like 'MR|%'", "update row_form set form = 1"]) await writers.unsafe(statement);
  const count = async (type: string, query: string) => value(await db.record.search(node, type, `${query}&_summary=count`)).total;
  assert.equal(await count("Observation", "component-code-value-quantity=a$5"), 0);
  assert.equal(await count("Patient", "identifier:of-type=t|MR|3"), 0);
  assert.equal(await count("Observation", "device:Device.udi-carrier=u7"), 0);
  const again = value(await openRecord({ url: db.url }));
  try {
    await put(again, { ...people[7]!, active: true });
    await until(async () => await formNow() === currentForm, "today's form");
    assert.equal(await count("Observation", "component-code-value-quantity=a$5"), 1);
    assert.equal(await count("Patient", "identifier:of-type=t|MR|3"), 50);
    assert.equal(await count("Observation", "device:Device.udi-carrier=u7"), 1);
    assert.equal(await count("Device", "udi-carrier=u7&_contained=true"), 1);
    assert.equal(await count("Patient", "_content=angstrom"), 450);
    assert.deepEqual((await again.verify()).faults, []);
  } finally {
    await again.close();
  }
});
