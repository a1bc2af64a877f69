/** Requests that are answered later: https://hl7.org/fhir/R4/async.html */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { Jobs } from "#record/jobs/jobs.ts";
import { bundleOf, issuesOf, observation, testServer, type Answer, type Bundle, type TestServer, type Who } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const later = { prefer: "respond-async" };
const pathOf = (url: unknown): string => new URL(String(url)).pathname;
type Manifest = { transactionTime: string; request: string; requiresAccessToken: boolean; output: { type: string; url: string }[]; error: { type: string; url: string }[]; extension: { response: { status: string; location?: string } } };

async function accepted(method: string, url: string, sent: Parameters<TestServer["send"]>[2] = {}): Promise<string> {
  const answer = await send(method, url, { ...sent, headers: { ...later, ...sent.headers } });
  assert.equal(answer.statusCode, 202, answer.body);
  assert.match(String(answer.headers["content-location"]), /^http:\/\/[^/]+\/fhir\/R4\/_jobs\/[0-9a-f]{32}$/);
  assert.equal(issuesOf(answer)[0]!.severity, "information");
  return pathOf(answer.headers["content-location"]);
}

async function ended(at: string, as: Who = "operator"): Promise<Answer> {
  return await until(async () => {
    const answer = await send("GET", at, { as, headers: { accept: "application/json" } });
    if (answer.statusCode !== 202) return answer;
    assert.ok(answer.headers["x-progress"] && Number(answer.headers["retry-after"]) >= 1 && answer.body === "");
    return undefined;
  }, "the end of the job");
}

const contentOf = async (url: string, as: Who = "operator"): Promise<Answer> => send("GET", pathOf(url), { as, headers: { accept: "application/fhir+ndjson" } });

test("kick-off 202 with Content-Location; complete 200 with manifest and Expires; the file is the answer as it would have been", async () => {
  const at = await accepted("GET", "Patient?_id=ann,bob&_sort=_id");
  const done = await ended(at);
  assert.equal(done.statusCode, 200, done.body);
  assert.match(String(done.headers["content-type"]), /^application\/json/);
  assert.ok(Date.parse(String(done.headers.expires)) > Date.now() + 3_600_000);
  const manifest = done.json() as Manifest;
  assert.deepEqual([manifest.requiresAccessToken, manifest.output.length, manifest.output[0]!.type, manifest.error], [true, 1, "Bundle", []]);
  assert.match(manifest.request, /\/fhir\/R4\/Patient\?_id=ann,bob&_sort=_id$/);
  assert.ok(Math.abs(Date.parse(manifest.transactionTime) - Date.now()) < 600_000);
  const file = await contentOf(manifest.output[0]!.url);
  assert.equal(file.headers["content-type"], "application/fhir+ndjson");
  assert.equal(file.body, `${(await send("GET", "Patient?_id=ann,bob&_sort=_id")).body}\n`);
});

test("writes, transactions and their bodies; the rest of Prefer is heeded", async () => {
  const created = await ended(await accepted("POST", "Observation", { body: observation("ann", 5), headers: { prefer: "respond-async, return=OperationOutcome" } }));
  const manifest = created.json() as Manifest;
  assert.equal(manifest.extension.response.status, "201");
  assert.equal(manifest.output[0]!.type, "OperationOutcome");
  assert.equal((await send("GET", pathOf(manifest.extension.response.location))).statusCode, 200);
  const bundle = { resourceType: "Bundle", type: "transaction", entry: [{ resource: observation("ann", 6), request: { method: "POST", url: "Observation" } }, { request: { method: "GET", url: "Patient/ann" } }] };
  const answered = (await ended(await accepted("POST", "", { body: bundle }))).json() as Manifest;
  const content = JSON.parse((await contentOf(answered.output[0]!.url)).body) as Bundle;
  assert.deepEqual(content.entry!.map(({ response }) => response!.status), ["201 Created", "200 OK"]);
  const deleted = (await ended(await accepted("DELETE", content.entry![0]!.response!.location!.split("/_history")[0]!))).json() as Manifest;
  assert.deepEqual([deleted.output, deleted.extension.response.status], [[], "204"]);
});

test("a request that fails is told by the manifest's error, with its OperationOutcome", async () => {
  const manifest = (await ended(await accepted("GET", "Patient/nobody-such"))).json() as Manifest;
  assert.deepEqual([manifest.output, manifest.extension.response.status], [[], "404"]);
  assert.match((await contentOf(manifest.error[0]!.url)).body, /nobody-such/);
});

test("it is carried out with the sender's own reach, and its status and files are theirs alone", async () => {
  const at = await accepted("GET", "Patient?_id=ann,bob", { as: "wang" });
  const manifest = (await ended(at, "wang")).json() as Manifest;
  const content = JSON.parse((await contentOf(manifest.output[0]!.url, "wang")).body) as Bundle;
  assert.deepEqual(content.entry!.map(({ resource }) => resource!.id), ["ann"]);
  for (const as of ["ann", "nobody"] as const) for (const url of [at, pathOf(manifest.output[0]!.url)]) assert.equal((await send("GET", url, { as })).statusCode, 404);
  assert.equal((await send("DELETE", at, { as: "ann" })).statusCode, 404);
  assert.equal((await send("GET", at, { as: undefined })).statusCode, 401);
  assert.equal((await ended(await accepted("POST", "Observation", { as: "ann", body: observation("ann", 5) }), "ann")).json<Manifest>().extension.response.status, "403");
});

test("DELETE of the status address is 202; afterwards status and files are 404", async () => {
  const at = await accepted("GET", "Patient/ann");
  const manifest = (await ended(at)).json() as Manifest;
  assert.equal((await send("DELETE", at)).statusCode, 202);
  for (const url of [at, pathOf(manifest.output[0]!.url)]) assert.equal((await send("GET", url)).statusCode, 404);
  assert.equal((await send("DELETE", at)).statusCode, 404);
  for (const url of ["_jobs/x", `_jobs/${"0".repeat(32)}`, `_jobs/${"0".repeat(32)}/0`, `_jobs/${"0".repeat(32)}/x`]) assert.equal((await send("GET", url)).statusCode, 404, url);
});

test("a job of a process that died: reading is done again by this one, writing ends as failed and says so", async () => {
  const { record, clock } = server.node;
  const dead = new Jobs(record.pools.writers, clock);
  const caller = { agent: "Device/salus" };
  const request = (method: string, url: string) => JSON.stringify({ method, url: `/fhir/R4/${url}`, base: "http://localhost/fhir/R4", headers: { accept: "application/fhir+json", host: "localhost" } });
  for (const [method, url, status] of [["GET", "Patient/ann", 200], ["DELETE", "Patient/none-such", 500]] as const) {
    const submitted = await dead.submit(caller, "begun", request(method, url));
    assert.ok(submitted.ok);
    await record.pools.writers.unsafe("update job set kind = 'request', state = 'running', worker = 'dead', attempts = 1, lease = 0 where id = $1", [submitted.value]);
    record.jobs.wake();
    const answer = await ended(`/fhir/R4/_jobs/${submitted.value}`);
    assert.equal(answer.statusCode, status, answer.body);
    if (status === 500) assert.match(issuesOf(answer)[0]!.diagnostics, /stopped while it worked/);
  }
});

test("without the preference, and for metadata, the answer comes at once", async () => {
  assert.equal((await send("GET", "Patient/ann", { headers: { prefer: "respond-asynchronously" } })).statusCode, 200);
  assert.equal((await send("GET", "metadata", { headers: later })).statusCode, 200);
  assert.equal((await send("GET", "none/of/these/addresses", { headers: later })).statusCode, 404);
  assert.equal(bundleOf(await send("GET", "Patient?_id=ann", { headers: { prefer: "handling=lenient" } })).total, 1);
});
