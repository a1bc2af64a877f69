/** https://hl7.org/fhir/R4/binary.html#rest */
import assert from "node:assert/strict";
import { test } from "node:test";
import { created, issuesOf, patient, type Answer } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server } = withServer();

type Binary = { id: string; contentType: string; data: string; securityContext?: { reference: string } };
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 10]);
const base64 = png.toString("base64");
const image = () => created(server(), { resourceType: "Binary", contentType: "image/png", data: base64 });
const typeOf = (answer: Answer): string => String(answer.headers["content-type"]);

states("binary #rest-1", async () => {
  const { url } = await image();
  for (const at of [url, `${url}/_history/1`]) for (const headers of [{}, { accept: "image/png" }, { accept: "*/*" }, { accept: "text/html, */*;q=0.8" }] as Record<string, string>[]) {
    const answer = await send("GET", at, { headers });
    assert.deepEqual([answer.statusCode, typeOf(answer), answer.rawPayload, answer.headers.etag], [200, "image/png", png, 'W/"1"'], JSON.stringify(headers));
  }
  const head = await send("HEAD", url);
  assert.deepEqual([head.statusCode, typeOf(head), head.headers["content-length"], head.body], [200, "image/png", String(png.length), ""]);
  assert.equal((await send("GET", url, { headers: { "if-none-match": 'W/"1"' } })).statusCode, 304);
});

states("binary #rest-2", async () => {
  const { id, url } = await image();
  for (const [query, headers] of [["", { accept: "application/fhir+json" }], ["", { accept: "application/json" }], ["?_format=json", {}], ["?_format=application/fhir+json", { accept: "image/png" }]] as [string, Record<string, string>][]) {
    const answer = await send("GET", url + query, { headers });
    assert.deepEqual([(answer.json() as Binary).id, (answer.json() as Binary).data], [id, base64], query);
  }
  assert.match((await send("GET", url, { headers: { accept: "application/fhir+xml" } })).body, /<Binary xmlns/);
  const missing = await send("GET", "Binary/none-such", { headers: { accept: "image/png" } });
  assert.deepEqual([missing.statusCode, issuesOf(missing)[0]!.code], [404, "not-found"]);
});

states("binary #rest-3", async () => {
  for (const [type, content] of [["image/png", png], ["text/plain; charset=iso-8859-1", Buffer.from([0xe9])], ["application/octet-stream", png], ["application/dicom", png]] as const) {
    const answer = await send("POST", "Binary", { body: content, headers: { "content-type": type } });
    assert.equal(answer.statusCode, 201, answer.body);
    const { id, contentType, data } = answer.json() as Binary;
    assert.deepEqual([contentType, data], [type, content.toString("base64")]);
    assert.deepEqual((await send("GET", `Binary/${id}`)).rawPayload, content);
  }
  const put = await send("PUT", "Binary/chosen", { body: png, headers: { "content-type": "image/png" } });
  assert.deepEqual([put.statusCode, (put.json() as Binary).id], [201, "chosen"]);
  assert.equal((await send("PUT", "Binary/chosen", { body: Buffer.from("x"), headers: { "content-type": "text/plain", "if-match": 'W/"1"' } })).headers.etag, 'W/"2"');
});

states("binary #rest-4", async () => {
  const other = JSON.stringify(patient);
  const content = (await send("POST", "Binary", { body: other, headers: { "content-type": "application/fhir+json" } })).json() as Binary;
  assert.deepEqual([content.contentType, Buffer.from(content.data, "base64").toString()], ["application/fhir+json", other]);
  const itself = (await send("POST", "Binary", { body: { resourceType: "Binary", contentType: "text/plain", data: "eA==" } })).json() as Binary;
  assert.deepEqual([itself.contentType, itself.data], ["text/plain", "eA=="]);
  assert.equal((await send("POST", "Binary", { body: '{"resourceType":"Binary"' })).statusCode, 400);
});

states("binary #rest-5", async () => {
  const write = (context: string) => send("POST", "Binary", { body: png, headers: { "content-type": "image/png", "x-security-context": context } });
  assert.deepEqual(((await write("Patient/ann")).json() as Binary).securityContext, { reference: "Patient/ann" });
  assert.equal((await write("no reference")).statusCode, 400);
});

test("what anybody wrote is saved by a browser, never shown as a page of ours; other types take no bytes", async () => {
  const { url } = await created(server(), { resourceType: "Binary", contentType: "text/html", data: Buffer.from("<script>alert(1)</script>").toString("base64") });
  const answer = await send("GET", url, { headers: { accept: "text/html" } });
  assert.deepEqual([answer.headers["content-disposition"], answer.headers["content-security-policy"], answer.headers["x-content-type-options"]], ["attachment", "sandbox; default-src 'none'", "nosniff"]);
  for (const type of ["image/png", "application/octet-stream", "text/plain"]) assert.equal((await send("POST", "Patient", { body: png, headers: { "content-type": type } })).statusCode, 415, type);
  const split = await created(server(), { resourceType: "Binary", contentType: "text/plain\u0085x-evil: 1", data: "eA==" });
  assert.equal(typeOf(await send("GET", split.url)), "application/octet-stream");
});
