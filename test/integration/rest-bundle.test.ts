/** Batch and transaction, statement by statement: https://hl7.org/fhir/R4/http.html#transaction */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, bundleOf, observation, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const patient = { resourceType: "Patient", name: [{ family: "Zhou" }] };

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
