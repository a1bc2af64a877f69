import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SearchPage } from "../record.ts";
import { node, patientCaller, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord;
before(async () => { db = await testRecord(); });
after(async () => { await db.close(); });

const holder = (id: string, medications: readonly string[], patient = "a") => ({
  resourceType: "MedicationRequest", id, status: "active", intent: "order", subject: { reference: `Patient/${patient}` }, medicationReference: { reference: `#${medications[0]}` },
  contained: [...medications.map((one) => ({ resourceType: "Medication", id: one, code: { text: one }, ingredient: [{ itemReference: { reference: "#other" } }] })), { resourceType: "Substance", id: "other", code: { text: "x" } }],
});
const query = "_contained=true&_containedType=contained";

async function page(text: string, cursor?: string, caller = node): Promise<SearchPage> {
  return value(await db.record.search(caller, "Medication", `${text}${cursor === undefined ? "" : `&_cursor=${cursor}`}`));
}
const shown = ({ entries }: SearchPage) => entries.map(({ stored, container }) => container ? `${container.id}#${stored.id}` : stored.id);

/** All pages from the first on, and from the last back to it. */
async function walk(text: string, between: (pages: number) => Promise<void> = async () => {}, caller = node): Promise<{ forth: string[][]; back: string[][] }> {
  const forth: string[][] = [], back: string[][] = [];
  let at = await page(text, undefined, caller);
  for (forth.push(shown(at)); at.next !== undefined; forth.push(shown(at))) {
    await between(forth.length);
    at = await page(text, at.next, caller);
  }
  for (back.push(shown(at)); at.previous !== undefined; back.unshift(shown(at))) at = await page(text, at.previous, caller);
  return { forth, back };
}

test("a page of contained resources is as long as asked for, though one resource holds more; both ways, in every order, each once", async () => {
  await put(db.record, { resourceType: "Patient", id: "a" }, { resourceType: "Patient", id: "b" }, { resourceType: "Medication", id: "own", code: { text: "own" } });
  await put(db.record, holder("r1", ["m1", "m2", "m3", "m4", "m5", "m6", "m7"]));
  await put(db.record, holder("r2", ["m1"], "b"));
  await put(db.record, holder("r3", ["m1", "m2"]), holder("r4", ["m1", "m2", "m3", "m4"], "b"));
  for (const order of ["", "&_sort=_id", "&_sort=-_lastUpdated"])
    for (const which of ["true", "both"]) {
      const text = `_contained=${which}&_containedType=contained${order}`, all = shown(await page(`${text}&_count=1000`));
      assert.equal(all.length, which === "both" ? 15 : 14);
      for (const count of [1, 3, 4]) {
        const { forth, back } = await walk(`${text}&_count=${count}`);
        assert.deepEqual(forth.flat(), all, `${text} in pages of ${count}`);
        assert.deepEqual(forth.slice(0, -1).map(({ length }) => length), forth.slice(0, -1).map(() => count));
        assert.deepEqual(back.flat(), all, `back, ${text} in pages of ${count}`);
        assert.ok(back.every(({ length }) => length <= count));
      }
    }
  assert.deepEqual(shown(await page(`${query}&_sort=_id&_count=2&code:text=m2`)), ["r1#m2", "r3#m2"]);
  const seen = await walk(`${query}&_sort=_id&_count=3`, undefined, patientCaller("b"));
  assert.deepEqual(seen.forth, [["r2#m1", "r4#m1", "r4#m2"], ["r4#m3", "r4#m4"]]);
});

test("what is written while one pages within a resource does not show", async () => {
  const text = `${query}&_sort=_id&_count=3`, all = shown(await page(`${query}&_sort=_id&_count=1000`));
  const { forth, back } = await walk(text, async (pages) => {
    if (pages === 1) await put(db.record, holder("r1", ["new", "m7"]), holder("r0", ["m1", "m2"]));
    if (pages === 3) await put(db.record, holder("r4", ["late"]));
  });
  assert.deepEqual(forth.flat(), all);
  assert.deepEqual(back.flat(), all);
  assert.deepEqual(shown(await page(`${query}&_sort=_id&_count=1000`)), ["r0#m1", "r0#m2", "r1#new", "r1#m7", "r2#m1", "r3#m1", "r3#m2", "r4#late"]);
});

test("a cursor that was made up is refused, and never shows more", async () => {
  const first = await page(`${query}&_sort=_id&_count=1`), values = JSON.parse(Buffer.from(first.next!, "base64url").toString()) as unknown[];
  const made = (said: unknown) => Buffer.from(JSON.stringify([values[0], values[1], said, ...values.slice(3)])).toString("base64url");
  for (const said of ["@x", "@-1", "@1234567", "@1@2", "<@"]) assert.equal((await db.record.search(node, "Medication", `${query}&_sort=_id&_count=1&_cursor=${made(said)}`)).ok, false, said);
  assert.deepEqual(shown(await page(`${query}&_sort=_id&_count=2`, made("@999999"))), ["r1#new", "r1#m7"]);
});
