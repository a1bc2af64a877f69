/** Forms of answers and bodies, methods, statement by statement: https://hl7.org/fhir/R4/http.html#mime-type */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { created, issuesOf, patient, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const create = (body: object = patient): ReturnType<typeof created> => created(server, body);

test("Accept and _format: forms that are not served are 406 with an outcome", async () => {
  const { url } = await create();
  for (const headers of [{ accept: "application/fhir+json" }, { accept: "*/*" }, { accept: "application/fhir+json; fhirVersion=4.0" }])
    assert.equal((await send("GET", url, { headers })).headers["content-type"], "application/fhir+json; charset=utf-8", headers.accept);
  assert.equal((await send("GET", url, { headers: { accept: "application/json" } })).headers["content-type"], "application/json; charset=utf-8");
  for (const format of ["json", "application/json", "application/fhir%2Bjson", "application/fhir+json"]) assert.equal((await send("GET", `${url}?_format=${format}`, { headers: { accept: "application/fhir+xml" } })).statusCode, 200, format);
  for (const [query, accept] of [["", "text/turtle"], ["", "text/html"], ["?_format=ttl", "application/fhir+json"]] as const) {
    const answer = await send("GET", url + query, { headers: { accept } });
    assert.equal(answer.statusCode, 406, query + accept);
    assert.equal(issuesOf(answer)[0]!.code, "not-supported");
  }
  assert.equal((await send("GET", "metadata?_format=ttl", { as: undefined })).statusCode, 406);
  assert.equal((await send("POST", "Patient/_search", { body: "_format=ttl", headers: { "content-type": "application/x-www-form-urlencoded" } })).statusCode, 406);
});

test("a body in a form that is not read is 415, and nothing is written", async () => {
  for (const headers of [{ "content-type": "text/turtle" }, { "content-type": "text/plain" }, { "content-type": "application/json-patch+json" }, { "content-type": "application/fhir+json; fhirVersion=3.0" }, { "content-type": "application/fhir+json; charset=utf-16" }, { "content-type": "application/fhir+json", "content-encoding": "zstd" }]) {
    const answer = await send("POST", "Patient", { body: patient, headers: headers as Record<string, string> });
    assert.equal(answer.statusCode, 415, JSON.stringify(headers));
    assert.equal(issuesOf(answer)[0]!.severity, "error");
  }
});

test("RFC 7231: a method that is not served at an address is 405 with Allow", async () => {
  const rows: [string, string, string][] = [
    ["POST", "Patient/ann", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"],
    ["PATCH", "metadata", "GET, HEAD, OPTIONS"], ["PUT", "Patient/ann/_history/1", "GET, HEAD, OPTIONS"], ["DELETE", "Patient/ann/_history", "GET, HEAD, OPTIONS"],
    ["POST", "metadata", "GET, HEAD, OPTIONS"], ["PUT", "", "GET, HEAD, POST, OPTIONS"], ["GET", "Patient/_search", "POST, OPTIONS"], ["DELETE", "Patient/ann/$everything", "GET, HEAD, POST, OPTIONS"],
  ];
  for (const [method, url, allow] of rows) {
    const answer = await send(method, url, method === "PATCH" ? { body: "[]", headers: { "content-type": "application/json-patch+json" } } : {});
    assert.equal(answer.statusCode, 405, `${method} ${url} ${answer.body}`);
    assert.equal(answer.headers.allow, allow, `${method} ${url}`);
    assert.equal(issuesOf(answer)[0]!.code, "not-supported");
  }
  assert.equal((await send("PATCH", "Patient/ann", { as: undefined })).statusCode, 401);
});
