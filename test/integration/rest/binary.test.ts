/** https://hl7.org/fhir/R4/binary.html#rest */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleOf, created, issuesOf, patient, type Answer } from "../server.ts";
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

/** The status of a Binary for each, read as its bytes and as a resource, by version, in a search, and in the history. */
async function seenBy(id: string): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (const as of ["operator", "ann", "wang", "nobody"] as const) {
    const { statusCode } = await send("GET", `Binary/${id}`, { as });
    seen[as] = statusCode;
    const found = bundleOf(await send("GET", `Binary?_id=${id}`, { as })).entry ?? [];
    const history = await send("GET", `Binary/${id}/_history`, { as });
    assert.deepEqual([(await send("GET", `Binary/${id}?_format=json`, { as })).statusCode, (await send("GET", `Binary/${id}/_history/1`, { as })).statusCode, found.length, history.statusCode],
      [statusCode, statusCode, statusCode === 200 ? 1 : 0, statusCode], as);
  }
  return seen;
}

const inReach = { operator: 200, ann: 200, wang: 200, nobody: 404 };
const governed = { operator: 200, ann: 404, wang: 404, nobody: 404 };
const scan = (reference?: string) => ({ resourceType: "Binary", contentType: "image/png", data: base64, ...(reference === undefined ? {} : { securityContext: { reference } }) });

states("binary #rest-6", async () => {
  const stored = async (contentType: string) => (await created(server(), { resourceType: "Binary", contentType, data: Buffer.from("content").toString("base64") })).url;
  for (const [contentType, accept, isContent] of [
    ["application/json", "application/json", true], ["application/vnd.xacml+json", "application/json", true], ["application/fhir+json", "application/json", true], ["text/xml; charset=utf-8", "application/xml", true], ["application/xml", "text/xml", true],
    ["image/svg+xml", "application/xml", false], ["application/soap+xml", "application/json, text/xml;q=0.5", true],
    ["application/xml", "application/json", false], ["text/plain", "application/json", false], ["application/json", "application/fhir+json", false], ["application/json", "application/json, application/fhir+json", false],
  ] as const) {
    const answer = await send("GET", await stored(contentType), { headers: { accept } });
    assert.equal(answer.body === "content", isContent, `${contentType} for ${accept}`);
    if (isContent) assert.equal(answer.headers["content-type"], contentType);
  }
});

states("binary #rest-7", async () => {
  const { id, url } = await image();
  for (const format of ["json", "application/json", "text/json"]) for (const accept of ["image/png", "*/*", "application/json"]) assert.equal(((await send("GET", `${url}?_format=${format}`, { headers: { accept } })).json() as Binary).id, id, format);
  for (const format of ["xml", "application/xml", "text/xml"]) assert.match((await send("GET", `${url}?_format=${format}`, { headers: { accept: "image/png" } })).body, /<Binary xmlns/);
});

states("binary #rest-8", async () => {
  const { url } = await created(server(), { resourceType: "Binary", contentType: "image/png", securityContext: { reference: "Patient/ann" }, data: base64 });
  for (const at of [url, `${url}/_history/1`]) for (const method of ["GET", "HEAD"]) {
    const { headers } = await send(method, at, { headers: { accept: "image/png" } });
    assert.deepEqual([headers["x-security-context"], headers.etag, Number.isNaN(Date.parse(String(headers["last-modified"])))], ["Patient/ann", 'W/"1"', false], `${method} ${at}`);
  }
  assert.equal((await send("GET", (await image()).url)).headers["x-security-context"], undefined);
});

states("binary #rest-9", async () => {
  const { url } = await image();
  const summary = (await send("GET", `${url}?_summary=true`, { headers: { accept: "*/*" } })).json() as Partial<Binary>;
  assert.deepEqual([summary.contentType, summary.data], ["image/png", undefined]);
});

states("binary #security-1", async () => {
  const { url: letter } = await created(server(), { resourceType: "DocumentReference", status: "current", subject: { reference: "Patient/ann" }, content: [{ attachment: { title: "letter" } }] });
  for (const context of ["Patient/ann", "Observation/ann-glucose", letter, `${letter}/_history/1`]) assert.deepEqual(await seenBy((await created(server(), scan(context))).id), inReach, context);
  for (const context of ["Patient/bob", "Observation/bob-glucose", "Observation/not-here", "https://other.example/Patient/ann"]) assert.deepEqual(await seenBy((await created(server(), scan(context))).id), governed, context);
  assert.deepEqual(await seenBy((await created(server(), scan("Organization/clinic"))).id), { operator: 200, ann: 200, wang: 200, nobody: 200 });
  // It moves with what it refers to: another version of it is whose that one says.
  const { id } = await created(server(), scan(letter));
  const corrected = { ...(await send("GET", letter)).json() as object, subject: { reference: "Patient/bob" } };
  assert.equal((await send("PUT", letter, { body: corrected })).statusCode, 200);
  for (const as of ["ann", "wang"] as const) assert.equal((await send("GET", `Binary/${id}`, { as })).statusCode, 404);
  assert.deepEqual((await server().node.record.verify()).faults, []);
});

states("binary #security-2", async () => {
  assert.deepEqual(await seenBy((await created(server(), scan())).id), governed);
});

test("a practitioner writes Binaries about people in their care; in a transaction too, whose references are resolved first", async () => {
  const write = (context: string) => send("POST", "Binary", { as: "wang", body: png, headers: { "content-type": "image/png", "x-security-context": context } });
  assert.deepEqual([(await write("Patient/ann")).statusCode, (await write("Observation/ann-glucose")).statusCode], [201, 201]);
  for (const context of ["Patient/bob", "Observation/bob-glucose", "Observation/bo0-glucose", "Group/none"]) assert.equal((await write(context)).statusCode, 403, context);
  assert.equal((await send("POST", "Binary", { as: "wang", body: png, headers: { "content-type": "image/png" } })).statusCode, 403);
  const [report, bytes] = ["urn:uuid:0f4f3a3e-3c34-4a44-8a44-6a4d9f0f2d11", "urn:uuid:0f4f3a3e-3c34-4a44-8a44-6a4d9f0f2d12"];
  const sent = bundleOf(await send("POST", "", { as: "wang", body: { resourceType: "Bundle", type: "transaction", entry: [
    { fullUrl: bytes, resource: scan(report), request: { method: "POST", url: "Binary" } },
    { fullUrl: report, resource: { resourceType: "DocumentReference", status: "current", subject: { reference: "Patient/ann" }, content: [{ attachment: { url: bytes } }] }, request: { method: "POST", url: "DocumentReference" } },
  ] } }));
  const id = sent.entry![0]!.response!.location!.split("/").at(-3)!;
  assert.deepEqual(await seenBy(id), inReach);
});

test("Binaries that were stored before their securityContext counted are filed by it when rows are derived again", async () => {
  const { id } = await created(server(), scan("Observation/ann-glucose"));
  const { sql, record } = server().node;
  for (const statement of ["update resource set persons = '{}' where type = 'Binary' and id = $1", "delete from compartment c using resource r where r.ck = c.ck and r.rid = c.rid and r.type = 'Binary' and r.id = $1", "delete from reference f using resource r where r.ck = f.ck and r.rid = f.rid and r.type = 'Binary' and r.id = $1"]) await sql.unsafe(statement, [id]);
  assert.equal((await send("GET", `Binary/${id}`, { as: "ann" })).statusCode, 404);
  assert.notEqual(await record.reindex(), "aborted");
  assert.equal((await send("GET", `Binary/${id}`, { as: "ann" })).statusCode, 200);
  assert.deepEqual((await record.verify()).faults, []);
});

test("what anybody wrote is saved by a browser, never shown as a page of ours; other types take no bytes", async () => {
  const { url } = await created(server(), { resourceType: "Binary", contentType: "text/html", data: Buffer.from("<script>alert(1)</script>").toString("base64") });
  const answer = await send("GET", url, { headers: { accept: "text/html" } });
  assert.deepEqual([answer.headers["content-disposition"], answer.headers["content-security-policy"], answer.headers["x-content-type-options"]], ["attachment", "sandbox; default-src 'none'", "nosniff"]);
  for (const type of ["image/png", "application/octet-stream", "text/plain"]) assert.equal((await send("POST", "Patient", { body: png, headers: { "content-type": type } })).statusCode, 415, type);
  const split = await created(server(), { resourceType: "Binary", contentType: "text/plain\u0085x-evil: 1", data: "eA==" });
  assert.equal(typeOf(await send("GET", split.url)), "application/octet-stream");
});
