/** Batch and transaction, statement by statement: https://hl7.org/fhir/R4/http.html#transaction */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, bundleOf, issuesOf, observation, patient, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

test("transaction: urn:uuid references are resolved, entries answered in the order of the request", async () => {
  const answer = bundleOf(await send("POST", "", { body: { resourceType: "Bundle", type: "transaction", entry: [
    { fullUrl: "urn:uuid:6f1c2f0e-0d5e-4a41-9d0a-1f2f3a4b5c6d", resource: observation("x", 7, { subject: { reference: "urn:uuid:0b6a1e0c-8d9f-4b57-8f0e-4a5b6c7d8e9f" } }), request: { method: "POST", url: "Observation" } },
    { fullUrl: "urn:uuid:0b6a1e0c-8d9f-4b57-8f0e-4a5b6c7d8e9f", resource: patient, request: { method: "POST", url: "Patient" } },
    { request: { method: "GET", url: "Patient/ann" } },
  ] } }));
  assert.equal(answer.type, "transaction-response");
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status), ["201 Created", "201 Created", "200 OK"]);
  const [observed, person] = answer.entry!.map(({ response }) => response!.location?.split("/_history/")[0]);
  const stored = (await send("GET", observed!)).json() as { subject: { reference: string } };
  assert.equal(stored.subject.reference, person);
  assert.equal(answer.entry![2]!.resource!.id, "ann");
});

test("the base answers with and without its last slash", async () => {
  const body = { resourceType: "Bundle", type: "batch", entry: [] };
  assert.equal((await send("POST", base, { body })).statusCode, 200);
  assert.equal((await send("POST", `${base}/`, { body })).statusCode, 200);
});

const post = (type: string, entry: object[], headers: Record<string, string> = {}): ReturnType<TestServer["send"]> => send("POST", "", { body: { resourceType: "Bundle", type, entry }, headers });
const get = (url: string, more: object = {}): object => ({ request: { method: "GET", url, ...more } });

test("a batch takes any interaction: read, vread, search, history at every level, operations, capabilities", async () => {
  const asked = ["Patient/ann", "Patient/ann/_history/1", "Patient?_id=ann", "Patient/ann/_history", "Patient/_history?_count=1", "_history?_count=1", "Patient/ann/$everything", "metadata", "/Patient/ann", "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender"];
  const answer = bundleOf(await post("batch", asked.map((url) => get(url))));
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status), asked.map(() => "200 OK"));
  for (const [i, url] of asked.entries()) {
    const alone = (await send("GET", url.replace(/^\//, ""))).json() as { resourceType: string; entry?: object[] };
    const { resourceType, entry } = answer.entry![i]!.resource! as unknown as typeof alone;
    assert.deepEqual([resourceType, entry?.length], [alone.resourceType, alone.entry?.length], url);
  }
  const posted = bundleOf(await post("batch", [{ resource: { resourceType: "Parameters", parameter: [{ name: "url", valueUri: "http://hl7.org/fhir/ValueSet/administrative-gender" }] }, request: { method: "POST", url: "ValueSet/$expand" } }]));
  assert.equal(posted.entry![0]!.resource!.resourceType, "ValueSet");
});

test("entries of a batch fail each for themselves, and see what their sender may see", async () => {
  const answer = bundleOf(await send("POST", "", { as: "wang", body: { resourceType: "Bundle", type: "batch", entry: ["Patient/bob", "Patient/bob/_history", "Patient/bob/$everything", "Patient/ann/$everything", "$nonsense", "Patient/ann/_history?_at=x", "../../api/people", "https://elsewhere.example/Patient/1", "Patient/ann/_history/../../metadata"].map((url) => get(url)) } }));
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status.slice(0, 3)), ["404", "404", "404", "200", "404", "400", "400", "400", "400"]);
  for (const { response } of answer.entry!) assert.equal(response!.outcome === undefined, response!.status.startsWith("200"));
});

test("conditional read in a Bundle: ifNoneMatch and ifModifiedSince answer 304 without resource", async () => {
  const modified = String((await send("GET", "Patient/ann")).headers["last-modified"]);
  const answer = bundleOf(await post("batch", [get("Patient/ann", { ifNoneMatch: 'W/"1"' }), get("Patient/ann", { ifNoneMatch: 'W/"9"' }), get("Patient/ann", { ifModifiedSince: modified })]));
  assert.deepEqual(answer.entry!.map(({ response, resource }) => [response!.status, resource !== undefined]), [["304 Not Modified", false], ["200 OK", true], ["304 Not Modified", false]]);
});

test("a transaction's GETs, histories among them, see what it wrote; operations that change something are not posted in one", async () => {
  const answer = bundleOf(await post("transaction", [get("Basic/in-one/_history"), { resource: { resourceType: "Basic", id: "in-one", code: { text: "a" } }, request: { method: "PUT", url: "Basic/in-one", ifNoneMatch: "*" } }, get("Basic/in-one")]));
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status), ["200 OK", "201 Created", "200 OK"]);
  assert.equal((await post("transaction", [{ resource: { resourceType: "Basic", id: "in-one", code: { text: "b" } }, request: { method: "PUT", url: "Basic/in-one", ifNoneMatch: "*" } }])).statusCode, 412);
  const refused = await post("transaction", [{ resource: { resourceType: "Parameters" }, request: { method: "POST", url: "Patient/ann/$meta-add" } }]);
  assert.equal(refused.statusCode, 400);
  assert.match(issuesOf(refused)[0]!.expression![0]!, /^Bundle\.entry\[0\]\.request/);
});

test("Prefer: return=representation brings the resources written; minimal, the default, does not", async () => {
  const entry = [{ resource: patient, request: { method: "POST", url: "Patient" } }];
  for (const type of ["transaction", "batch"]) {
    assert.equal(bundleOf(await post(type, entry)).entry![0]!.resource, undefined);
    const { resource, response } = bundleOf(await post(type, entry, { prefer: "return=representation" })).entry![0]!;
    assert.ok(response!.location!.startsWith(`Patient/${resource!.id}/`));
  }
});

test("a patient's transaction of GETs is answered; one that writes is 403", async () => {
  const asAnn = (entry: object[]) => send("POST", "", { as: "ann", body: { resourceType: "Bundle", type: "transaction", entry } });
  assert.equal(bundleOf(await asAnn([get("Patient/ann"), get("Patient/bob")])).entry!.map(({ response }) => response!.status.slice(0, 3)).join(), "200,404");
  assert.equal((await asAnn([get("Patient/ann"), { resource: patient, request: { method: "POST", url: "Patient" } }])).statusCode, 403);
});

test("conditional delete of several, and of one of them by name: the overlap fails the transaction", async () => {
  const identifier = [{ system: "urn:several", value: "1" }];
  for (const id of ["s1", "s2", "s3"]) await send("PUT", `Patient/${id}`, { body: { ...patient, id, identifier } });
  const all = { request: { method: "DELETE", url: "Patient?identifier=urn:several|1" } };
  assert.equal((await post("transaction", [all, { request: { method: "DELETE", url: "Patient/s2" } }])).statusCode, 400);
  assert.equal((await send("GET", "Patient/s1")).statusCode, 200);
  assert.deepEqual(bundleOf(await post("transaction", [all, get("Patient/s2")])).entry!.map(({ response }) => response!.status), ["204 No Content", "410 Gone"]);
  assert.deepEqual(bundleOf(await post("batch", [all])).entry!.map(({ response }) => response!.status), ["204 No Content"]);
});
