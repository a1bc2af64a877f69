/** Bodies that are not read and methods that are not served, beyond what rest/ tries. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { issuesOf, patient, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

test("a body in a form that is not read is 415, and nothing is written", async () => {
  for (const headers of [{ "content-type": "text/turtle" }, { "content-type": "text/plain" }, { "content-type": "application/x-www-form-urlencoded" }, { "content-type": "application/json-patch+json" }, { "content-type": "application/fhir+json; fhirVersion=3.0" }, { "content-type": "application/fhir+json; charset=utf-16" }, { "content-type": "application/fhir+json", "content-encoding": "zstd" }]) {
    const answer = await send("POST", "Patient", { body: patient, headers: headers as Record<string, string> });
    assert.equal(answer.statusCode, 415, JSON.stringify(headers));
    assert.equal(issuesOf(answer)[0]!.severity, "error");
  }
});

test("RFC 7231: a method that is not served at an address is 405 with Allow", async () => {
  const rows: [string, string, string][] = [
    ["POST", "Patient/ann", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"],
    ["PATCH", "metadata", "GET, HEAD, OPTIONS"], ["PUT", "Patient/ann/_history/1", "GET, HEAD, OPTIONS"], ["DELETE", "Patient/ann/_history", "GET, HEAD, OPTIONS"],
    ["POST", "metadata", "GET, HEAD, OPTIONS"], ["PUT", "", "GET, HEAD, POST, OPTIONS"], ["DELETE", "Patient/_search", "GET, HEAD, POST, OPTIONS"], ["DELETE", "Patient/ann/$everything", "GET, HEAD, POST, OPTIONS"],
  ];
  for (const [method, url, allow] of rows) {
    const answer = await send(method, url, method === "PATCH" ? { body: "[]", headers: { "content-type": "application/json-patch+json" } } : {});
    assert.equal(answer.statusCode, 405, `${method} ${url} ${answer.body}`);
    assert.equal(answer.headers.allow, allow, `${method} ${url}`);
    assert.equal(issuesOf(answer)[0]!.code, "not-supported");
  }
  assert.equal((await send("PATCH", "Patient/ann", { as: undefined })).statusCode, 401);
});
