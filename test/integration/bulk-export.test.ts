/** Bulk Data Access 2.0, https://hl7.org/fhir/uv/bulkdata/STU2/export.html: each test is named by what the page says. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { base, issuesOf, observation, testServer, type Answer, type TestServer, type Who } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const later = { prefer: "respond-async", accept: "application/fhir+json" };
type Entry = { type: string; url: string; count: number };
type Manifest = { transactionTime: string; request: string; requiresAccessToken: boolean; output: Entry[]; deleted: Entry[]; error: Entry[] };

const pathOf = (url: string): string => new URL(url).pathname;
const ask = (url: string, as: Who = "operator") => server.send("GET", url, { as, headers: later });

async function kickOff(url: string, as: Who = "operator"): Promise<string> {
  const answer = await ask(url, as);
  assert.equal(answer.statusCode, 202, answer.body);
  return pathOf(String(answer.headers["content-location"]));
}

async function completed(status: string, as: Who = "operator"): Promise<Answer> {
  return await until(async () => {
    const answer = await server.send("GET", status, { as, headers: { accept: "application/json" } });
    if (answer.statusCode !== 202) return answer;
    assert.ok(String(answer.headers["x-progress"]).length < 100);
    assert.match(String(answer.headers["retry-after"]), /^\d+$/);
    return undefined;
  }, "the end of the export");
}

async function lines(entry: Entry, as: Who = "operator"): Promise<{ resourceType: string; id: string; [name: string]: unknown }[]> {
  const file = await server.send("GET", pathOf(entry.url), { as, headers: { accept: "application/fhir+ndjson" } });
  assert.equal(file.statusCode, 200, file.body);
  assert.match(String(file.headers["content-type"]), /^application\/fhir\+ndjson/);
  const parsed = file.body.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as { resourceType: string; id: string });
  assert.equal(parsed.length, entry.count);
  return parsed;
}

async function exported(url: string, as: Who = "operator"): Promise<{ manifest: Manifest; ids: string[]; deleted: string[] }> {
  const answer = await completed(await kickOff(url, as), as);
  assert.equal(answer.statusCode, 200, answer.body);
  const manifest = answer.json() as Manifest;
  const ids: string[] = [], deleted: string[] = [];
  for (const entry of manifest.output) for (const { resourceType, id } of await lines(entry, as)) {
    assert.equal(resourceType, entry.type, "each file holds one type");
    ids.push(`${resourceType}/${id}`);
  }
  for (const entry of manifest.deleted) for (const bundle of await lines(entry, as)) for (const { request } of bundle.entry as { request: { url: string } }[]) deleted.push(request.url);
  return { manifest, ids: ids.sort(), deleted: deleted.sort() };
}

const ofAnn = ["Condition/ann-asthma", "Observation/ann-glucose", "Patient/ann", "Provenance/ann-origin"];
const ofBob = ofAnn.map((reference) => reference.replace("ann", "bob"));
const shared = ["Organization/clinic", "Practitioner/wang"];

test("kick-off answers 202 with Content-Location; the status 202 with X-Progress and Retry-After, then 200 with the manifest and Expires", async () => {
  const status = await kickOff("$export");
  const answer = await completed(status);
  assert.match(String(answer.headers["content-type"]), /^application\/json/);
  assert.ok(Date.parse(String(answer.headers.expires)) > Date.now());
  const manifest = answer.json() as Manifest;
  assert.ok(manifest.requiresAccessToken);
  assert.match(manifest.request, /\/fhir\/R4\/\$export$/);
  assert.ok(Math.abs(Date.parse(manifest.transactionTime) - Date.now()) < 600_000);
  assert.deepEqual([manifest.error, manifest.deleted], [[], []]);
});

test("system level: everything within the caller's reach; a doctor gets the people in their care, a patient themselves", async () => {
  assert.deepEqual((await exported("$export")).ids, [...ofAnn, ...ofBob, ...shared].sort());
  assert.deepEqual((await exported("$export", "wang")).ids, [...ofAnn, ...shared].sort());
  assert.deepEqual((await exported("$export", "ann")).ids, [...ofAnn, ...shared].sort());
  assert.deepEqual((await exported("$export", "nobody")).ids, shared);
});

test("Patient level: what is filed under patients; Group level: under the members of the Group", async () => {
  assert.deepEqual((await exported("Patient/$export")).ids, [...ofAnn, ...ofBob].sort());
  assert.deepEqual((await exported("Patient/$export", "wang")).ids, ofAnn);
  const made = await server.send("PUT", "Group/both", { body: { resourceType: "Group", id: "both", type: "person", actual: true, member: [{ entity: { reference: "Patient/ann" } }, { entity: { reference: "Patient/bob" }, inactive: true }, { entity: { reference: "Patient/none" } }] } });
  assert.equal(made.statusCode, 201);
  const group = ["Group/both"];
  assert.deepEqual((await exported("Group/both/$export")).ids, [...ofAnn, ...group].sort());
  assert.equal((await ask("Group/none/$export")).statusCode, 404);
  assert.equal((await ask("Group/both/$export", "nobody")).statusCode, 404, "a Group beyond reach does not exist");
  const posted = await server.send("POST", "Patient/$export", { headers: later, body: { resourceType: "Parameters", parameter: [{ name: "patient", valueReference: { reference: "Patient/bob" } }, { name: "_type", valueString: "Observation" }] } });
  const manifest = (await completed(pathOf(String(posted.headers["content-location"])))).json() as Manifest;
  assert.deepEqual((await lines(manifest.output[0]!)).map(({ id }) => id), ["bob-glucose"]);
});

test("_type, _typeFilter (comma-delimited and repeated), _outputFormat", async () => {
  assert.deepEqual((await exported("$export?_type=Patient,Organization&_outputFormat=application/fhir%2Bndjson")).ids, ["Organization/clinic", "Patient/ann", "Patient/bob"]);
  const filter = encodeURIComponent("Observation?code=2339-0,9-9&patient=ann,Condition?_id=none");
  assert.deepEqual((await exported(`$export?_type=Observation,Condition,Patient&_typeFilter=${filter}&_typeFilter=${encodeURIComponent("Condition?code:text=asth")}`)).ids,
    ["Condition/ann-asthma", "Condition/bob-asthma", "Observation/ann-glucose", "Patient/ann", "Patient/bob"]);
});

test("_elements: those named, for a type or for all, with what is mandatory, marked SUBSETTED", async () => {
  const { manifest } = await exported("$export?_type=Patient,Condition&_elements=Patient.birthDate,code");
  const found = (await Promise.all(manifest.output.map((entry) => lines(entry)))).flat();
  for (const { resourceType, meta, ...rest } of found) {
    assert.deepEqual((meta as { tag: { code: string }[] }).tag.map(({ code }) => code), ["SUBSETTED"]);
    assert.deepEqual(Object.keys(rest).sort(), resourceType === "Patient" ? ["birthDate", "id"] : ["code", "id", "subject"]);
  }
});

test("_since: what was written after it, and what was deleted in `deleted`", async () => {
  const { manifest } = await exported("$export");
  await sleep(5);
  await server.send("PUT", "Condition/new", { body: { resourceType: "Condition", id: "new", subject: { reference: "Patient/ann" }, code: { text: "x" } } });
  await server.send("DELETE", "Condition/bob-asthma");
  const after = await exported(`$export?_since=${encodeURIComponent(manifest.transactionTime)}`);
  assert.deepEqual([after.ids, after.deleted], [["Condition/new"], ["Condition/bob-asthma"]]);
  assert.deepEqual((await exported(`$export?_since=${encodeURIComponent(manifest.transactionTime)}`, "wang")).deleted, [], "a deletion beyond reach is not told");
  assert.deepEqual((await exported(`Group/both/$export?_since=${encodeURIComponent("2020-01-01T00:00:00Z")}`)).deleted, ["Observation/ann-gone"]);
});

test("what cannot be done is refused by name", async () => {
  const rows: [string, RegExp, number?][] = [
    ["$export?includeAssociatedData=LatestProvenanceResources", /includeAssociatedData/], ["$export?_outputFormat=text/csv", /_outputFormat/], ["$export?_type=Wizard", /Wizard/],
    ["Patient/$export?_type=Organization", /Organization is about nobody/], ["$export?_since=yesterday", /_since/], ["$export?_typeFilter=Patient", /Type\?search/],
    ["$export?_typeFilter=Patient%3Fwizard=1", /wizard/], ["$export?_typeFilter=Observation%3Fsubject.name=a", /chains/], ["$export?_typeFilter=Patient%3F_sort=birthdate", /_sort/], ["$export?_type=Patient&_typeFilter=Condition%3Fcode=1", /not among/], ["$export?organizeOutputBy=Patient", /organizeOutputBy/],
  ];
  for (const [url, text, status = 400] of rows) {
    const answer = await ask(url);
    assert.equal(answer.statusCode, status, url);
    assert.match(issuesOf(answer)[0]!.diagnostics, text, url);
  }
  const now = await server.send("GET", "$export");
  assert.match(issuesOf(now)[0]!.diagnostics, /respond-async/);
  assert.equal((await server.send("GET", "$export", { as: undefined, headers: later })).statusCode, 401);
});

test("files need the owner's token; DELETE removes the job: status and files are 404 afterwards", async () => {
  const status = await kickOff("Patient/$export", "wang");
  const { output: [entry] } = (await completed(status, "wang")).json() as Manifest;
  const file = pathOf(entry!.url);
  assert.equal((await server.send("GET", file, { as: undefined })).statusCode, 401);
  for (const url of [status, file]) assert.equal((await server.send("GET", url, { as: "ann" })).statusCode, 404);
  assert.equal((await server.send("DELETE", status, { as: "ann" })).statusCode, 404);
  assert.equal((await server.send("GET", `${status}/99`, { as: "wang" })).statusCode, 404);
  assert.equal((await server.send("DELETE", status, { as: "wang" })).statusCode, 202);
  for (const url of [status, file]) assert.equal((await server.send("GET", url, { as: "wang" })).statusCode, 404);
  assert.equal((await server.send("GET", `${base}/_jobs/${"0".repeat(32)}`)).statusCode, 404);
});

test("the moment is one: what is written while it runs is not there, versions replaced since are", async () => {
  const { jobs } = server.node.record;
  await server.send("PUT", "Observation/moving", { body: { ...observation("ann", 1), id: "moving" } });
  const many = Array.from({ length: 1500 }, (_, i) => ({ kind: "create" as const, type: "Observation", text: JSON.stringify(observation("bob", i)) }));
  const put = await server.node.record.commit({ agent: "Device/salus", display: "", role: "system", filter: { kind: "all" }, canWrite: true }, many);
  assert.ok(put.ok);
  const status = await kickOff("$export?_type=Observation");
  const id = status.slice(status.lastIndexOf("/") + 1);
  for (let value = 2; (await jobs.find({ agent: "", role: "administrator" }, id))!.state !== "done" || value < 6; value++) await server.send("PUT", "Observation/moving", { body: { ...observation("ann", value), id: "moving" } });
  const manifest = (await completed(status)).json() as Manifest;
  const found = (await Promise.all(manifest.output.map((entry) => lines(entry)))).flat();
  assert.equal(found.length, 1503);
  assert.deepEqual(found.filter(({ id: one }) => one === "moving").map(({ valueQuantity }) => (valueQuantity as { value: number }).value), [1]);
});

test("a process that died in the middle: another does the whole again, as of the same moment; nothing partial was claimed complete", async () => {
  const status = await kickOff("$export?_type=Observation");
  const id = status.slice(status.lastIndexOf("/") + 1);
  const before = (await completed(status)).json() as Manifest;
  // As kill -9 leaves it: running, with parts of files.
  await server.node.sql`update job set state = 'running', result = null, ended = null, expires = null, worker = 'dead', lease = ${Date.now() + 3_600_000} where id = ${id}`;
  await server.node.sql`update job_output set content = '{"half":' where job = ${id}`;
  await server.node.sql`insert into job_output values (${id}, 0, 99, 'left over')`;
  const cut = await server.send("GET", status);
  assert.equal(cut.statusCode, 202);
  assert.equal((await server.send("GET", pathOf(before.output[0]!.url))).statusCode, 404);
  await server.send("PUT", "Observation/moving", { body: { ...observation("ann", 5555), id: "moving" } });
  // Its lease runs out.
  await server.node.sql`update job set lease = 0 where id = ${id}`;
  const again = (await completed(status)).json() as Manifest;
  assert.equal(again.transactionTime, before.transactionTime);
  const counts = ({ output }: Manifest) => output.reduce((sum, { count }) => sum + count, 0);
  assert.equal(counts(again), counts(before));
  assert.ok((await Promise.all(again.output.map((entry) => lines(entry)))).flat().every(({ valueQuantity }) => (valueQuantity as { value: number }).value !== 5555));
});

test("an export leaves a leaf of its kind, and each person an access that they can see", async () => {
  const leavesBefore = (await server.node.record.ledgerState()).size;
  await exported("$export", "wang");
  await server.node.record.settleLedger();
  const leaves = await server.node.record.leaves(leavesBefore, 100);
  assert.equal(leaves.filter(({ kind }) => kind === "export").length, 1);
  const seen = await server.node.record.accesses({ agent: "Patient/ann", display: "", role: "patient", filter: { kind: "patient", patient: "ann" }, canWrite: false }, "ann", 10);
  assert.ok(seen.some(({ kind, agent }) => kind === "export" && agent === "Practitioner/wang"));
});
