/** The ways of asking that Citus wants, on one PostgreSQL: they are to say the same. Whether Citus takes them: bin/test-citus.ts. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import postgres from "postgres";
import { readHistory } from "../read/history.ts";
import { search } from "../search/search.ts";
import { node, patientCaller, practitionerCaller, put, testRecord, value, type TestRecord } from "../testing.ts";
import { distributedConnection, type Distributed } from "./connection.ts";
import { readMoment } from "./page.ts";

let db: TestRecord, spread: Distributed;
before(async () => {
  db = await testRecord();
  spread = distributedConnection(postgres(db.url, { max: 2, fetch_types: false, onnotice: () => {} }));
  await put(db.record, { resourceType: "Organization", id: "o1", name: "Part", partOf: { reference: "Organization/o2" } }, { resourceType: "Organization", id: "o2", name: "Whole" },
    ...["a", "b", "c"].map((id, i) => ({ resourceType: "Patient", id, name: [{ family: `Family${id}` }], gender: i ? "female" : "male", managingOrganization: { reference: "Organization/o1" }, ...(i < 2 ? { generalPractitioner: [{ reference: "Practitioner/d" }] } : {}) })),
    ...Array.from({ length: 60 }, (_, i) => ({ resourceType: "Observation", id: `x${i}`, status: i % 4 ? "final" : "amended", code: { coding: [{ system: "urn:c", code: `c${i % 3}` }, ...i % 5 ? [] : [{ system: "urn:c", code: "also" }]] }, subject: { reference: `Patient/${"abc"[i % 3]}` }, effectiveDateTime: `2026-01-${10 + i % 19}`, valueQuantity: { value: i % 7 } })));
  await put(db.record, { resourceType: "Observation", id: "x5", status: "final", code: { text: "changed" }, subject: { reference: "Patient/a" } });
});
after(async () => { await spread.end(); await db.close(); });

const queries: readonly (readonly [type: string | undefined, query: string])[] = [
  ["Observation", ""], ["Observation", "code=urn:c|also"], ["Observation", "patient=a&code=c0,c1,c2&_sort=-date"], ["Observation", "patient=a,b&status=final"], ["Observation", "_id=x1,x2,x59,nothing"],
  ["Observation", "status:not=final&_sort=value-quantity,_id"], ["Observation", "patient.gender=female&code=c1"], ["Observation", "patient.organization.partof.name=Whole&_sort=_id"], ["Observation", "code=c1&date=ge2026-01-15&_sort=_lastUpdated"],
  ["Patient", "_has:Observation:patient:code=also"], ["Patient", "organization=Organization/o1&_sort=-family"], ["Patient", "general-practitioner=Practitioner/d"], [undefined, "_type=Patient,Observation,Organization"], ["Observation", "_filter=status eq amended or code eq c2"],
];

for (const [who, caller] of [["the node", node], ["a practitioner", practitionerCaller("d")], ["a patient", patientCaller("a")]] as const)
  test(`searches find the same as on one PostgreSQL, page by page, for ${who}`, async () => {
    for (const [type, query] of queries) {
      const scope = type === undefined ? {} : { type };
      const whole = value(await db.record.search(caller, scope, `${query}&_count=100`)).entries.map(({ stored }) => `${stored.type}/${stored.id}/${stored.version}`);
      const found: string[] = [];
      for (let cursor = ""; ;) {
        const { page } = value(await search(spread, caller, scope, `${query}&_count=7&_total=accurate${cursor}`, { now: Date.now() }, { writers: spread }).catch((error: unknown) => { throw new Error(`${type}?${query}`, { cause: error }); }));
        found.push(...page.entries.map(({ stored }) => `${stored.type}/${stored.id}/${stored.version}`));
        assert.equal(page.total, whole.length, `${type}?${query}`);
        if (page.next === undefined) break;
        cursor = `&_cursor=${page.next}`;
      }
      assert.deepEqual(found.toSorted(), whole.toSorted(), `${type}?${query}`);
      if (query.includes("_sort")) assert.deepEqual(found, whole, `${type}?${query}`);
    }
  });

test("histories are the same", async () => {
  for (const scope of [{}, { type: "Observation" }, { type: "Observation", id: "x5" }]) assert.deepEqual((value(await readHistory(spread, node, scope, { count: 1000 }))).page, value(await db.record.history(node, scope, { count: 1000 })));
});

test("a moment leaves out who writes, also while a transaction that has ended still holds its id", async () => {
  const other = postgres(db.url, { max: 1, onnotice: () => {} });
  try {
    await other.begin(async (tx) => {
      const [{ id }] = await tx.unsafe<[{ id: string }]>("select pg_current_xact_id()::text as id");
      const { snapshot } = await readMoment(spread, 0);
      const [{ seen }] = await spread.unsafe<[{ seen: boolean }]>("select pg_visible_in_snapshot($1::xid8, $2::pg_snapshot) as seen", [id, snapshot]);
      assert.equal(seen, false);
      assert.ok(snapshot.split(/[:,]/).includes(id) || BigInt(snapshot.split(":")[1]!) <= BigInt(id));
    });
  } finally { await other.end(); }
});
