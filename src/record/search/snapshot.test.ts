/** Pages while others write: the list of the first moment, each resource in the version of then, once. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { unlessDistributed } from "#platform/database/testing.ts";
import { openRecord, type OpenRecord } from "../open.ts";
import { node, practitionerCaller, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord;
let other: OpenRecord;
let now = Date.parse("2026-05-01T08:00:00Z");
const clock = { now: () => new Date(now += 1) };

before(async () => {
  db = await testRecord({ clock });
  // Another server on the same database.
  other = value(await openRecord({ url: db.url, clock, sequencer: false }));
  await put(db.record, { resourceType: "Patient", id: "p0", generalPractitioner: [{ reference: "Practitioner/d" }] }, { resourceType: "Patient", id: "p1" });
  await put(db.record, ...Array.from({ length: 120 }, (_, i) => observation(`o${i}`, i)));
});
after(async () => { await other.close(); await db.close(); });

let seed = 5;
function random(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor(seed / 65_536) % below;
}

function observation(id: string, i: number): { resourceType: string; id: string; [name: string]: unknown } {
  return {
    resourceType: "Observation", id, status: ["final", "amended", "preliminary"][i % 3], code: { coding: [{ system: "urn:c", code: `c${i % 4}` }, ...i % 5 ? [] : [{ system: "urn:c", code: "also" }]] },
    subject: { reference: `Patient/p${i % 2}` }, ...i % 7 ? { effectiveDateTime: `2026-0${1 + i % 5}-1${i % 9}` } : {}, ...i % 6 ? { valueQuantity: { value: i % 10 } } : {},
  };
}

/** Four that write until told to stop; `pause` answers when none is in the middle of a write. */
function writers(): { pause: () => Promise<void>; resume: () => void; stop: () => Promise<number> } {
  let stopped = false, open = true, busy = 0, made = 0, written = 0;
  let opened = Promise.withResolvers<void>();
  async function write(w: number): Promise<void> {
    while (!stopped) {
      if (!open) await opened.promise;
      busy++;
      const record = w % 2 ? db.record : other, id = `o${random(120)}`;
      switch (random(10)) {
        case 0: await record.commit(node, [{ kind: "delete", type: "Observation", id }]); break;
        case 1: await record.commit(node, [{ kind: "create", type: "Observation", text: JSON.stringify(observation("x", random(1000))) }]); break;
        case 2: await put(record, observation(`new${made++}`, random(1000))); break;
        default: await record.commit(node, [{ kind: "update", type: "Observation", id, text: JSON.stringify(observation(id, random(1000))) }]);
      }
      written++;
      busy--;
    }
  }
  const all = Promise.all([0, 1, 2, 3].map(write));
  return {
    async pause() { opened = Promise.withResolvers(); open = false; while (busy > 0) await new Promise((resolve) => setTimeout(resolve, 1)); },
    resume() { open = true; opened.resolve(); },
    async stop() { stopped = true; open = true; opened.resolve(); await all; return written; },
  };
}

const sorts = ["", "_sort=_lastUpdated", "_sort=-_lastUpdated", "_sort=date", "_sort=-date", "_sort=value-quantity,-status", "_sort=-code,_id", "_sort=_id", ...unlessDistributed("an order by reference is refused") ? [] : ["_sort=subject", "_sort=-patient,date"]];
const filters = ["", "status=final", "patient=Patient/p0&code=c0,also", "date=ge2026-02-01", "value-quantity=lt5", "status:not=final&_lastUpdated=gt2020"];

const shown = (entries: readonly { mode: string; stored: { type: string; id: string; version: number } }[]): string[] => entries.filter(({ mode }) => mode === "match").map(({ stored }) => `${stored.type}/${stored.id}/${stored.version}`);

test("property: with four writers, the pages show what was there at the first, once, in its order and version; on either server", async () => {
  const busy = writers();
  let pages = 0, written = 0;
  try {
    for (const [round, sort] of [...sorts, ...sorts].entries()) {
      const who = round % 4 === 3 ? practitionerCaller("d") : node, several = round % 5 === 4;
      const scope = several ? { compartment: { type: "Patient" as const, id: "p0" } } : "Observation";
      const query = several ? "_sort=-_lastUpdated" : `${filters[round % filters.length]}&${sort}`;
      await busy.pause();
      const whole = shown(value(await other.search(who, scope, `${query}&_count=1000`)).entries);
      const count = Math.max(3, Math.ceil(whole.length / 6));
      const first = value(await db.record.search(who, scope, `${query}&_count=${count}`));
      busy.resume();
      const seen = shown(first.entries);
      let last = first;
      for (let next = first.next; next !== undefined; pages++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const page = value(await (pages % 2 ? db.record : other).search(who, scope, `${query}&_count=${count}&_cursor=${next}`));
        assert.ok(page.entries.length > 0 && page.entries.length <= count);
        seen.push(...shown(page.entries));
        next = page.next;
        last = page;
      }
      assert.deepEqual(seen, whole, query);
      // And back to the first.
      const back = shown(last.entries);
      for (let previous = last.previous; previous !== undefined; pages++) {
        const page = value(await (pages % 2 ? other : db.record).search(who, scope, `${query}&_count=${count}&_cursor=${previous}`));
        back.unshift(...shown(page.entries));
        previous = page.previous;
      }
      assert.deepEqual(back, whole, `back: ${query}`);
    }
  } finally { written = await busy.stop(); }
  assert.ok(written > 200 && pages > 40, `${written} writes, ${pages} pages`);
});

test("the first page taken in the middle of writes: nothing twice, nothing missing that was there before and not deleted before the first", async () => {
  const busy = writers();
  try {
    for (const sort of sorts) {
      const before = new Set(shown(value(await db.record.search(node, "Observation", "_count=1000")).entries));
      const first = value(await db.record.search(node, "Observation", `${sort}&_count=25`));
      const seen = shown(first.entries);
      for (let next = first.next; next !== undefined;) {
        const page = value(await other.search(node, "Observation", `${sort}&_count=25&_cursor=${next}`));
        seen.push(...shown(page.entries));
        next = page.next;
      }
      const names = seen.map((one) => one.slice(0, one.lastIndexOf("/")));
      assert.equal(new Set(names).size, names.length, `${sort}: twice`);
      const after = new Set(shown(value(await db.record.search(node, "Observation", "_count=1000")).entries));
      for (const one of before) if (after.has(one)) assert.ok(seen.includes(one), `${sort}: ${one} was there all the time`);
    }
  } finally { await busy.stop(); }
});

test("a deleted resource is shown on a later page as it was, to those only who might see it then", async () => {
  const query = "identifier=urn:del|&_sort=_id&_count=1";
  await put(db.record, ...["a", "b", "c"].map((id) => ({ ...observation(`del-${id}`, id === "b" ? 1 : 0), identifier: [{ system: "urn:del", value: id }] })));
  const everybody = value(await db.record.search(node, "Observation", query)), practitioner = value(await db.record.search(practitionerCaller("d"), "Observation", query));
  value(await db.record.commit(node, ["b", "c"].map((id) => ({ kind: "delete", type: "Observation", id: `del-${id}` }))));
  assert.deepEqual(shown(value(await db.record.search(node, "Observation", `${query}&_cursor=${everybody.next}`)).entries), ["Observation/del-b/1"]);
  assert.deepEqual(shown(value(await db.record.search(practitionerCaller("d"), "Observation", `${query}&_cursor=${everybody.next}`)).entries), ["Observation/del-c/1"]);
  assert.deepEqual(shown(value(await other.search(practitionerCaller("d"), "Observation", `${query}&_cursor=${practitioner.next}`)).entries), ["Observation/del-c/1"]);
});

test("persons that change without a new version hide nothing from later pages", async () => {
  await put(db.record, observation("target", 0), ...["1", "2", "3"].map((id) => ({ resourceType: "Provenance", id: `prov${id}`, target: [{ reference: "Observation/target" }], recorded: "2026-01-05T08:00:00Z", agent: [{ who: { reference: "Practitioner/d" } }] })));
  const first = value(await db.record.search(node, "Provenance", "_sort=_id&_count=1"));
  await put(db.record, { ...observation("target", 0), subject: { reference: "Patient/p1" } });
  assert.deepEqual(shown(value(await db.record.search(node, "Provenance", `_sort=_id&_count=9&_cursor=${first.next}`)).entries), ["Provenance/prov2/1", "Provenance/prov3/1"]);
});

test("after very many changes the rest is kept as a list: the same pages, for each caller their own, for this search alone", async () => {
  const many = (change: number) => Array.from({ length: 600 }, (_, i) => ({ resourceType: "Condition", id: `c${i}`, subject: { reference: `Patient/p${i % 2}` }, code: { text: `${change} of ${i}` }, recordedDate: `2026-01-${10 + (i * 7 + change) % 20}` }));
  await put(db.record, ...many(0));
  const whole = shown(value(await db.record.search(node, "Condition", "_sort=recorded-date&_count=1000")).entries);
  const first = value(await db.record.search(node, "Condition", "_sort=recorded-date&_count=50"));
  await put(db.record, ...many(1));
  const seen = shown(first.entries);
  let next = first.next;
  for (let pages = 0; next !== undefined; pages++) {
    if (pages === 4) {
      await put(other, ...many(2));
      const ofPractitioner = shown(value(await other.search(practitionerCaller("d"), "Condition", `_sort=recorded-date&_count=50&_cursor=${next}`)).entries);
      assert.ok(ofPractitioner.length > 0 && ofPractitioner.every((one) => Number(/c(\d+)/.exec(one)![1]) % 2 === 0));
      for (const query of ["_sort=-recorded-date", "_sort=recorded-date&code=x"]) assert.ok(!(await db.record.search(node, "Condition", `${query}&_count=50&_cursor=${next}`)).ok);
    }
    const page = value(await (pages % 2 ? db.record : other).search(node, "Condition", `_sort=recorded-date&_count=50&_cursor=${next}`));
    seen.push(...shown(page.entries));
    next = page.next;
  }
  assert.deepEqual(seen, whole);
  const [kept] = await db.record.pools.readers.unsafe<{ lists: string }[]>("select count(*) as lists from page_list");
  assert.equal(Number(kept!.lists), 1);
});

test("chains by canonical url: what was replaced meanwhile is shown as it referred then, once", async () => {
  const answers = (i: number, questionnaire: string) => ({ resourceType: "QuestionnaireResponse", id: `c${10 + i}`, status: "completed", questionnaire });
  await put(db.record, { resourceType: "Questionnaire", id: "night", url: "http://a.example/night", version: "2-Beta", title: "Night", status: "active" }, { resourceType: "Questionnaire", id: "day", url: "http://a.example/day", title: "Day", status: "active" });
  for (const query of ["questionnaire.title=night", `_filter=${encodeURIComponent("not (questionnaire.title eq Day)")}`]) {
    await put(db.record, ...Array.from({ length: 30 }, (_, i) => answers(i, i % 3 === 2 ? "http://a.example/day" : i % 3 ? "http://a.example/night|2-Beta" : "http://a.example/night")));
    const whole = shown(value(await other.search(node, "QuestionnaireResponse", `${query}&_sort=_id&_count=1000`)).entries);
    assert.equal(whole.length, 20);
    const page = value(await db.record.search(node, "QuestionnaireResponse", `${query}&_sort=_id&_count=6`));
    await put(db.record, ...[3, 4, 12, 13, 24, 28].map((i) => answers(i, "http://a.example/day")), answers(2, "http://a.example/night|2-Beta"), answers(29, "http://a.example/night|1"));
    const seen = shown(page.entries);
    for (let next = page.next; next !== undefined;) {
      const later = value(await other.search(node, "QuestionnaireResponse", `${query}&_sort=_id&_count=6&_cursor=${next}`));
      seen.push(...shown(later.entries));
      next = later.next;
    }
    assert.deepEqual(seen, whole, query);
  }
});

test("contained resources: what was replaced meanwhile is shown as it contained and referred then, once", async () => {
  const given = (i: number, code: string, maker = "#m") => ({ resourceType: "MedicationStatement", id: `h${10 + i}`, status: "active", subject: { reference: "Patient/held" }, medicationReference: { reference: "#d" },
    contained: [{ resourceType: "Medication", id: "d", code: { coding: [{ system: "urn:d", code }] }, manufacturer: { reference: maker } }, { resourceType: "Organization", id: "m", name: i % 2 ? "Odd" : "Even" }] });
  await put(db.record, { resourceType: "Organization", id: "even-maker", name: "Even" });
  for (const [type, query] of [["MedicationStatement", "medication.code=a&medication.manufacturer.name=even"], ["Medication", "code=a&manufacturer.name=even&_contained=true"], ["Medication", "code=a&manufacturer.name=even&_contained=true&_containedType=contained"]] as const) {
    await put(db.record, ...Array.from({ length: 30 }, (_, i) => given(i, i % 3 ? "a" : "b", i === 5 ? "Organization/even-maker" : "#m")));
    const whole = shown(value(await other.search(node, type, `${query}&_sort=_id&_count=1000`)).entries);
    assert.equal(whole.length, 11);
    const page = value(await db.record.search(node, type, `${query}&_sort=_id&_count=3`));
    await put(db.record, ...[4, 5, 8, 10, 20].map((i) => given(i, "b")), given(14, "a", "Organization/nobody"), given(15, "a", "Organization/even-maker"), { resourceType: "MedicationStatement", id: "h26", status: "active", subject: { reference: "Patient/held" }, medicationCodeableConcept: { text: "none" } });
    const seen = shown(page.entries);
    for (let next = page.next; next !== undefined;) {
      const later = value(await other.search(node, type, `${query}&_sort=_id&_count=3&_cursor=${next}`));
      seen.push(...shown(later.entries));
      next = later.next;
    }
    assert.deepEqual(seen, whole, query);
    assert.equal(value(await other.search(node, type, `${query}&_summary=count`)).total, 5);
  }
});

test("in order of relevance: what was replaced meanwhile is shown where it fitted then, once, and so on the way back", async () => {
  const noted = (i: number, text: string) => ({ resourceType: "Basic", id: `n${10 + i}`, code: { text: "note" }, text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` } });
  const said = (times: number, others: number) => `${"fever ".repeat(times)}${"cough ".repeat(others)}`;
  for (const query of ["_text=fever", "_text=fever&_content=cough"]) {
    await put(db.record, ...Array.from({ length: 30 }, (_, i) => noted(i, said(i * 7 % 10, 1 + i * 3 % 8))));
    const sorted = `${query}&_sort=_score,_id`;
    const all = value(await other.search(node, "Basic", `${sorted}&_count=1000`)).entries, whole = shown(all);
    assert.equal(whole.length, 27);
    const scores = all.map(({ score }) => score!);
    assert.ok(new Set(scores).size > 5 && scores.every((score, i) => i === 0 || score <= scores[i - 1]!));
    assert.deepEqual(shown(value(await other.search(node, "Basic", `${query}&_sort=-_score,_id&_count=1000`)).entries), whole, "relevance has one direction");
    let page = value(await db.record.search(node, "Basic", `${sorted}&_count=4`));
    await put(db.record, ...[3, 4, 12, 13, 24, 28].map((i) => noted(i, said(9, 1))), noted(1, "nothing"), noted(20, said(9, 2)));
    const seen = shown(page.entries);
    while (page.next !== undefined) seen.push(...shown((page = value(await other.search(node, "Basic", `${sorted}&_count=4&_cursor=${page.next}`))).entries));
    assert.deepEqual(seen, whole, query);
    const back = shown(page.entries);
    while (page.previous !== undefined) back.unshift(...shown((page = value(await other.search(node, "Basic", `${sorted}&_count=4&_cursor=${page.previous}`))).entries));
    assert.deepEqual(back, whole, `back: ${query}`);
  }
});

test("pages end after an hour, and say so", async () => {
  const first = value(await db.record.search(node, "Observation", "_count=1"));
  now += 59 * 60_000;
  value(await db.record.search(node, "Observation", `_count=1&_cursor=${first.next}`));
  now += 2 * 60_000;
  const late = await db.record.search(node, "Observation", `_count=1&_cursor=${first.next}`);
  assert.ok(!late.ok && late.failure.code === "deleted");
  assert.match(late.failure.text, /60 minutes; start again/);
});
