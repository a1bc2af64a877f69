import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { resourceTypes } from "#fhir/definitions/load.ts";
import { candidateVisible, personParams, rowsAbout } from "./about.ts";
import { ridOf } from "./keys.ts";
import { raw, run, sql, type Sql } from "./sql.ts";
import { patientCaller, practitionerCaller, put, testRecord, type TestRecord } from "./testing.ts";

let db: TestRecord;
const about = (person: string) => ({ reference: `Patient/${person}` });
const observation = (id: string, more: object) => ({ resourceType: "Observation", id, status: "final", code: { text: "c" }, meta: { tag: [{ code: "t" }] }, ...more });

before(async () => {
  db = await testRecord();
  await put(db.record,
    { resourceType: "Patient", id: "anna", generalPractitioner: [{ reference: "Practitioner/doc" }] }, { resourceType: "Patient", id: "bert", link: [{ other: about("anna"), type: "seealso" }] },
    { resourceType: "Practitioner", id: "doc" }, { resourceType: "Device", id: "pump", patient: about("bert") }, { resourceType: "Device", id: "scanner" },
    observation("own", { subject: about("anna") }), observation("said", { subject: about("bert"), performer: [about("anna"), about("bert")] }),
    // A focus is nobody's compartment; nor is a subject known by an identifier alone, or one at another server.
    observation("focused", { subject: about("bert"), focus: [about("anna")] }), observation("named", { subject: { type: "Patient", identifier: { value: "7" } } }), observation("elsewhere", { subject: { reference: "https://else.where/Patient/anna" } }), observation("nobody", {}),
    { resourceType: "Appointment", id: "both", status: "booked", participant: [{ actor: about("anna"), status: "accepted" }, { actor: about("bert"), status: "accepted" }] },
    { resourceType: "Group", id: "group", type: "person", actual: true, member: [{ entity: about("anna") }] },
    { resourceType: "Provenance", id: "prov", recorded: "2020-01-01T00:00:00Z", target: [{ reference: "Observation/own" }], agent: [{ who: { reference: "Practitioner/doc" } }] },
    { resourceType: "List", id: "list", status: "current", mode: "working", entry: [{ item: { reference: "Observation/said" } }] });
});
after(async () => { await db.close(); });

async function list(question: Sql): Promise<string[]> {
  return (await run<{ type: string; id: string }>(db.record.pools.readers, question)).map(({ type, id }) => `${type}/${id}`);
}

test("what the index finds about a person is what is filed under them, of all types and of each", async () => {
  let several = 0;
  for (const person of ["anna", "bert", "nobody"]) {
    const is = sql`= ${ridOf("Patient", person)}::bigint`;
    const filed = await list(sql`select type, id from resource where persons @> array[${ridOf("Patient", person)}::bigint] order by type, id`);
    several += filed.length;
    for (const type of [undefined, "Patient", "Observation", "Appointment", "Provenance", "Device"]) {
      const found = await list(sql`select r.type, r.id from ${rowsAbout(is, type)} k join resource r on r.ck = k.ck and r.rid = k.rid ${type === undefined ? raw("") : sql`where r.type = ${type}`} order by r.type, r.id`);
      assert.deepEqual(found, filed.filter((one) => type === undefined || one.startsWith(`${type}/`)), `${person} ${type}`);
    }
  }
  assert.equal(several, 14);
});

test("a row's probe says what the persons of its resource say, whether its type is known or not", async () => {
  const { readers } = db.record.pools;
  const rows = await run<{ type: string; id: string; persons: string }>(readers, sql`select type, id, persons::text as persons from resource`);
  for (const { filter } of [patientCaller("anna"), patientCaller("bert"), patientCaller("nobody"), practitionerCaller("doc"), practitionerCaller("none")]) {
    const who = filter.kind === "patient" ? [ridOf("Patient", filter.patient)] : filter.kind === "practitioner" && filter.practitioner === "doc" ? [ridOf("Patient", "anna")] : [];
    for (const { type, id, persons } of rows) {
      const visible = ["0", ...who].some((person) => persons.slice(1, -1).split(",").includes(person));
      for (const known of [type, undefined]) {
        const seen = await run(readers, sql`select 1 from resource m where m.type = ${type} and m.id = ${id} and ${candidateVisible(filter, "m", known)}`);
        assert.equal(seen.length === 1, visible, `${JSON.stringify(filter)} ${type}/${id} ${known}`);
      }
    }
  }
});

test("persons that references tell stand there alone", async () => {
  const told = `{${resourceTypes().filter((type) => personParams(type)).join(",")}}`;
  const [row] = await run<{ twice: string; kept: string }>(db.record.pools.readers, sql`select count(*) filter (where r.type = any(${told}::text[])) as twice, count(*) as kept from compartment c join resource r on r.ck = c.ck and r.rid = c.rid`);
  assert.deepEqual([Number(row!.twice), Number(row!.kept) > 0], [0, true]);
});
