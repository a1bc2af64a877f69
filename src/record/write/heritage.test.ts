import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { openRecord, type OpenRecord } from "../open.ts";
import type { Change } from "../record.ts";
import { atOnce, node, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord, other: OpenRecord, beside: postgres.Sql;
before(async () => {
  db = await testRecord();
  other = value(await openRecord({ url: db.url, sequencer: false }));
  beside = postgres(db.url, { max: 2, onnotice() {} });
  await put(db.record, ...["p1", "p2", "p3"].map((id) => ({ resourceType: "Patient", id })));
});
after(async () => {
  await beside.end();
  await other.close();
  await db.close();
});

type Some = { resourceType: string; id: string; [name: string]: unknown };
const refer = (reference: string) => ({ reference });
const observation = (id: string, ...[subject, ...performers]: string[]): Some => ({ resourceType: "Observation", id, status: "final", code: { text: "x" }, subject: refer(`Patient/${subject}`), ...(performers.length ? { performer: performers.map((person) => refer(`Patient/${person}`)) } : {}) });
const provenance = (id: string, ...targets: string[]): Some => ({ resourceType: "Provenance", id, recorded: "2020-01-01T00:00:00Z", agent: [{ who: { display: "x" } }], target: targets.map(refer) });
const putting = (resource: Some): Change => ({ kind: "update", type: resource.resourceType, id: resource.id, text: JSON.stringify(resource) });

const meet = (one: Change, another: Change): Promise<void> => atOnce(beside, [async () => value(await db.record.commit(node, [one])), async () => value(await other.commit(node, [another]))]);

async function personsOf(type: string, id: string): Promise<string[]> {
  const [row] = await beside.unsafe<{ persons: string }[]>("select persons::text as persons from resource where type = $1 and id = $2", [type, id]);
  // Asked apart: on Citus two resources lie on two shards.
  return (await beside.unsafe<{ id: string }[]>("select id from resource where rid = any($1::bigint[])", [row!.persons])).map((one) => one.id).toSorted();
}

/** Of ids with `n` in them: what there is before, two changes, and whose the Provenance is after both. */
const cases: Record<string, (n: string) => { there?: Some[]; one: Some; another: Some; persons: string[] }> = {
  "two targets move to other persons": (n) => ({
    there: [observation(`a${n}`, "p1"), observation(`b${n}`, "p1"), provenance(n, `Observation/a${n}`, `Observation/b${n}`)],
    one: observation(`a${n}`, "p2"), another: observation(`b${n}`, "p3"), persons: ["p2", "p3"],
  }),
  "one target's move matters only after the other's": (n) => ({
    there: [observation(`a${n}`, "p1"), observation(`b${n}`, "p1", "p2"), provenance(n, `Observation/a${n}`, `Observation/b${n}`)],
    one: observation(`a${n}`, "p2"), another: observation(`b${n}`, "p1"), persons: ["p1", "p2"],
  }),
  "created while its target moves": (n) => ({ there: [observation(`a${n}`, "p1")], one: observation(`a${n}`, "p2"), another: provenance(n, `Observation/a${n}`), persons: ["p2"] }),
  "created while its target is": (n) => ({ one: observation(`a${n}`, "p2"), another: provenance(n, `Observation/a${n}`), persons: ["p2"] }),
  "gets the target that moves": (n) => ({
    there: [observation(`a${n}`, "p1"), observation(`b${n}`, "p1"), provenance(n, `Observation/a${n}`)],
    one: observation(`b${n}`, "p3"), another: provenance(n, `Observation/a${n}`, `Observation/b${n}`), persons: ["p1", "p3"],
  }),
  "loses the target that moves": (n) => ({
    there: [observation(`a${n}`, "p1"), observation(`b${n}`, "p1"), provenance(n, `Observation/a${n}`, `Observation/b${n}`)],
    one: observation(`b${n}`, "p3"), another: provenance(n, `Observation/a${n}`), persons: ["p1"],
  }),
  "through another that takes its persons": (n) => ({
    there: [observation(`a${n}`, "p1"), observation(`b${n}`, "p1"), provenance(`m${n}`, `Observation/a${n}`), provenance(n, `Provenance/m${n}`, `Observation/b${n}`)],
    one: observation(`a${n}`, "p2"), another: observation(`b${n}`, "p3"), persons: ["p2", "p3"],
  }),
};

for (const [i, [what, given]] of Object.entries(cases).entries()) for (const turned of [false, true]) test(`persons taken from targets, two writers at once: ${what}${turned ? ", the other way round" : ""}`, async () => {
  const { there = [], one, another, persons } = given(`${i}${turned ? "t" : ""}`);
  if (there.length) await put(db.record, ...there);
  await (turned ? meet(putting(another), putting(one)) : meet(putting(one), putting(another)));
  assert.deepEqual(await personsOf("Provenance", `${i}${turned ? "t" : ""}`), persons);
});

test("persons taken from targets: a creation under an id assigned here, while its target moves", async () => {
  await put(db.record, observation("moves", "p1"));
  await meet(putting(observation("moves", "p2")), { kind: "create", type: "Provenance", text: JSON.stringify({ ...provenance("", "Observation/moves"), id: undefined }) });
  const { entries } = value(await db.record.search(node, "Provenance", "target=Observation/moves"));
  assert.deepEqual(await personsOf("Provenance", entries[0]!.stored.id), ["p2"]);
});

/** What there is, what one transaction then writes, and whose the named ones are. */
const together: Record<string, { there: Some[]; written: Some[]; persons: Record<string, string[]> }> = {
  "what is sent again as it was": { there: [observation("ta", "p1"), provenance("tp", "Observation/ta")], written: [observation("ta", "p2"), provenance("tp", "Observation/ta")], persons: { tp: ["p2"] } },
  "one written before the one that it takes them from": { there: [observation("tb", "p1")], written: [provenance("tq", "Provenance/tr"), provenance("tr", "Observation/tb")], persons: { tq: ["p1"], tr: ["p1"] } },
  "one written that takes them from another that moves": { there: [observation("tc", "p1"), provenance("ts", "Observation/tc")], written: [observation("tc", "p2"), provenance("tt", "Provenance/ts")], persons: { ts: ["p2"], tt: ["p2"] } },
  "of a target and of another that takes them from it": {
    there: [observation("td", "p1"), ...["v", "w", "x", "y"].map((id, i, all) => provenance(`t${id}`, "Observation/td", ...i ? [`Provenance/t${all[i - 1]!}`] : [])), provenance("tu", "Observation/td", "Provenance/ty", "Provenance/tv")],
    written: [observation("td", "p2")], persons: { tu: ["p2"], tv: ["p2"], tw: ["p2"], tx: ["p2"], ty: ["p2"] },
  },
};

for (const [what, { there, written, persons }] of Object.entries(together)) test(`persons taken from targets, in one transaction: ${what}`, async () => {
  await put(db.record, ...there);
  await put(db.record, ...written);
  for (const [id, of] of Object.entries(persons)) assert.deepEqual(await personsOf("Provenance", id), of, id);
});

test("the rows say so too", async () => {
  await db.record.settleLedger();
  assert.deepEqual((await db.record.verify()).faults, []);
});
