/** Batch and transaction beyond the text of the specification, which rest/ tries: reach, conditional reads, addresses. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, bundleOf, issuesOf, leavesFrom, patient, shape, testServer, type Bundle, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

test("the base answers with and without its last slash", async () => {
  const body = { resourceType: "Bundle", type: "batch", entry: [] };
  assert.equal((await send("POST", base, { body })).statusCode, 200);
  assert.equal((await send("POST", `${base}/`, { body })).statusCode, 200);
});

const post = (type: string, entry: object[], headers: Record<string, string> = {}): ReturnType<TestServer["send"]> => send("POST", "", { body: { resourceType: "Bundle", type, entry }, headers });
const get = (url: string, more: object = {}): object => ({ request: { method: "GET", url, ...more } });

test("entries of a batch fail each for themselves, and see what their sender may see", async () => {
  const answer = bundleOf(await send("POST", "", { as: "wang", body: { resourceType: "Bundle", type: "batch", entry: ["Patient/bob", "Patient/bob/_history", "Patient/bob/$everything", "Patient/ann/$everything", "$nonsense", "Patient/ann/_history?_at=x", "../../api/people", "https://elsewhere.example/Patient/1", "Patient/ann/_history/../../metadata"].map((url) => get(url)) } }));
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status.slice(0, 3)), ["404", "404", "404", "200", "404", "400", "400", "400", "400"]);
  for (const { response } of answer.entry!) assert.equal(response!.outcome === undefined, response!.status.startsWith("200"));
});

test("an entry is answered in the form of its Bundle; what is no resource is carried by a Binary; Prefer: handling holds for entries", async () => {
  const asked = ["Patient/ann?_format=xml", "Patient?_id=ann&_format=xml&_pretty=true", "_history?_count=1&_format=xml", "metadata?_format=xml", "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&_format=xml"];
  assert.deepEqual(bundleOf(await post("batch", asked.map((url) => get(url)))).entry!.map(({ resource }) => resource!.resourceType), ["Patient", "Bundle", "Bundle", "CapabilityStatement", "ValueSet"]);
  const view = { resourceType: "ViewDefinition", resource: "Patient", status: "active", select: [{ column: [{ name: "id", path: "getResourceKey()" }] }] };
  const run = bundleOf(await post("batch", [{ resource: { resourceType: "Parameters", parameter: [{ name: "viewResource", resource: view }, { name: "_format", valueCode: "csv" }] }, request: { method: "POST", url: "ViewDefinition/$run" } }])).entry![0]!;
  assert.deepEqual([run.response!.status, run.resource!.resourceType, String(run.resource!.contentType).split(";")[0]], ["200 OK", "Binary", "text/csv"], JSON.stringify(run));
  assert.match(Buffer.from(String(run.resource!.data), "base64").toString(), /^id\r?\n/);
  const odd = [get("Patient?_id=ann&nonsense=1")];
  assert.deepEqual([bundleOf(await post("batch", odd)).entry![0]!.response!.status.slice(0, 3), bundleOf(await post("batch", odd, { prefer: "handling=lenient" })).entry![0]!.response!.status.slice(0, 3)], ["400", "200"]);
});

test("each entry leaves in the ledger what the same request alone leaves", async () => {
  const kinds = async (): Promise<string[]> => (await leavesFrom(server.node, 0)).map(({ kind }) => kind);
  const asked = ["Patient/ann", "Patient/ann/_history/1", "Observation?patient=ann", "Patient/ann/_history", "Patient/ann/$everything", "Patient/ann/Observation", "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", "metadata"];
  const left = async (ask: () => Promise<unknown>): Promise<string[]> => { const before = (await kinds()).length; await ask(); return (await kinds()).slice(before).sort(); };
  const alone = await left(async () => { for (const url of asked) await send("GET", url, { as: "wang" }); });
  assert.deepEqual([...new Set(alone)], ["everything", "history", "read", "search"]);
  for (const type of ["batch", "transaction"]) assert.deepEqual(await left(() => send("POST", "", { as: "wang", body: { resourceType: "Bundle", type, entry: asked.map((url) => get(url)) } })), alone, type);
});

test("a search that is posted stands in a Bundle too, its parameters in its address", async () => {
  const asked = ["Patient/_search?_id=ann", "_search?_type=Patient&_id=ann", "Patient/ann/Observation/_search?code=2339-0"];
  for (const type of ["batch", "transaction"]) for (const [i, { response, resource }] of bundleOf(await post(type, asked.map((url) => ({ request: { method: "POST", url } })))).entry!.entries()) {
    assert.equal(response!.status, "200 OK", asked[i]!);
    assert.equal((resource as unknown as Bundle).total, 1, asked[i]!);
  }
});

test("conditional read in a Bundle: ifNoneMatch and ifModifiedSince answer 304 without resource", async () => {
  const modified = String((await send("GET", "Patient/ann")).headers["last-modified"]);
  const answer = bundleOf(await post("batch", [get("Patient/ann", { ifNoneMatch: 'W/"1"' }), get("Patient/ann", { ifNoneMatch: 'W/"9"' }), get("Patient/ann", { ifModifiedSince: modified })]));
  assert.deepEqual(answer.entry!.map(({ response, resource }) => [response!.status, resource !== undefined]), [["304 Not Modified", false], ["200 OK", true], ["304 Not Modified", false]]);
});

test("a transaction's GETs, histories among them, see what it wrote; operations that change something are not posted in one", async () => {
  const answer = bundleOf(await post("transaction", [get("Basic/in-one/_history"), { resource: { resourceType: "Basic", id: "in-one", code: { text: "a" } }, request: { method: "PUT", url: "Basic/in-one", ifNoneMatch: "*" } }, get("Basic/in-one")]));
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status), ["200 OK", "201 Created", "200 OK"]);
  const taken = await post("transaction", [{ resource: { resourceType: "Basic", id: "in-one", code: { text: "b" } }, request: { method: "PUT", url: "Basic/in-one", ifNoneMatch: "*" } }]);
  assert.equal(taken.statusCode, 412);
  assert.match(issuesOf(taken)[0]!.diagnostics, /Basic\/in-one is taken.*If-None-Match/);
  assert.equal((await post("transaction", [{ resource: { resourceType: "Basic", id: "in-zero", code: { text: "b" } }, request: { method: "PUT", url: "Basic/in-zero", ifMatch: 'W/"0"' } }])).statusCode, 412, "no version has this tag");
  const refused = await post("transaction", [{ resource: { resourceType: "Parameters" }, request: { method: "POST", url: "Patient/ann/$meta-add" } }]);
  assert.equal(refused.statusCode, 400);
  assert.match(issuesOf(refused)[0]!.expression![0]!, /^Bundle\.entry\[0\]\.request/);
});

test("a condition that several creations of one transaction share makes one resource, which all of them answer and refer to", async () => {
  const identifier = [{ system: "urn:shared", value: "1" }];
  const entry = (n: number): object => ({ fullUrl: `urn:uuid:0b6a1e0c-8d9f-4b57-8f0e-00000000000${n}`, resource: { ...patient, identifier }, request: { method: "POST", url: "Patient", ifNoneExist: "identifier=urn:shared|1" } });
  const observed = { resource: { resourceType: "Observation", status: "final", code: { text: "x" }, subject: { reference: "urn:uuid:0b6a1e0c-8d9f-4b57-8f0e-000000000002" } }, request: { method: "POST", url: "Observation" } };
  for (const statuses of [["201 Created", "200 OK", "201 Created"], ["200 OK", "200 OK", "201 Created"]]) {
    const { entry: answers } = bundleOf(await post("transaction", [entry(1), entry(2), observed], { prefer: "return=representation" }));
    assert.deepEqual(answers!.map(({ response }) => response!.status), statuses);
    assert.equal(answers![0]!.resource!.id, answers![1]!.resource!.id);
    assert.deepEqual(answers![2]!.resource!.subject, { reference: `Patient/${answers![0]!.resource!.id}` });
  }
  assert.equal(bundleOf(await send("GET", "Patient?identifier=urn:shared|1")).total, 1);
  assert.equal((await send("POST", "Patient", { body: { ...patient, identifier }, headers: { "if-none-exist": "Patient?identifier=urn:shared|1" } })).statusCode, 200);
});

test("a patient's transaction of GETs is answered; one that writes is 403", async () => {
  const asAnn = (entry: object[]) => send("POST", "", { as: "ann", body: { resourceType: "Bundle", type: "transaction", entry } });
  assert.equal(bundleOf(await asAnn([get("Patient/ann"), get("Observation?patient=bob")])).entry!.map(({ response }) => response!.status.slice(0, 3)).join(), "200,200");
  // Who is beyond reach fails it like who does not exist.
  const [bob, nobody] = [await asAnn([get("Patient/ann"), get("Patient/bob")]), await asAnn([get("Patient/ann"), get("Patient/bo0")])];
  assert.equal(bob.statusCode, 404);
  assert.deepEqual(shape(bob), shape(nobody));
  assert.equal((await asAnn([get("Patient/ann"), { resource: patient, request: { method: "POST", url: "Patient" } }])).statusCode, 403);
});

test("conditional delete of several, and of one of them by name: the overlap fails the transaction", async () => {
  const identifier = [{ system: "urn:several", value: "1" }];
  for (const id of ["s1", "s2", "s3"]) await send("PUT", `Patient/${id}`, { body: { ...patient, id, identifier } });
  const all = { request: { method: "DELETE", url: "Patient?identifier=urn:several|1" } };
  assert.equal((await post("transaction", [all, { request: { method: "DELETE", url: "Patient/s2" } }])).statusCode, 400);
  assert.equal((await send("GET", "Patient/s1")).statusCode, 200);
  assert.deepEqual(bundleOf(await post("transaction", [all, get("Patient?_id=s2")])).entry!.map(({ response }) => response!.status), ["204 No Content", "200 OK"]);
  assert.deepEqual(bundleOf(await post("batch", [all])).entry!.map(({ response }) => response!.status), ["204 No Content"]);
});
