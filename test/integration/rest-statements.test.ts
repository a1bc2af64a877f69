/** Statements of https://hl7.org/fhir/R4/http.html that hold for every interaction, each by the words it makes a SHALL or SHOULD of. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, issuesOf, observation, patient, rowCounts, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
type Resource = { resourceType: string; id: string; meta: { versionId: string; lastUpdated: string }; [name: string]: unknown };

/** An address of each interaction that GET asks for, and what it answers. */
const addresses: [string, number][] = [
  ["metadata", 200], ["metadata?mode=terminology", 200], ["Patient/ann", 200], ["Patient/ann/_history/1", 200], ["Patient/ann/_history", 200], ["Patient/_history", 200], ["_history?_count=3", 200],
  ["Patient?_id=ann", 200], ["Patient/ann/$everything", 200], ["Patient/none-such", 404], ["Observation/ann-gone", 410], ["Patient?nonsense=1", 400], ["Pacient/1", 404],
];

test("addresses are case sensitive", async () => {
  for (const url of ["patient/ann", "PATIENT/ann", "Patient/ANN", "Patient/ann/_HISTORY", "Metadata"]) assert.ok((await send("GET", url)).statusCode >= 400, url);
});

test("content: the charset SHALL be explicitly set to UTF-8, in every answer that has a body", async () => {
  for (const [url, status] of addresses) for (const accept of ["application/fhir+json", "application/fhir+xml", "application/json", "application/xml"]) {
    const answer = await send("GET", url, { headers: { accept } });
    assert.equal(answer.statusCode, status, url);
    assert.equal(answer.headers["content-type"], `${accept}; charset=utf-8`, url);
  }
});

test("HEAD is treated as GET without a body, wherever GET is served", async () => {
  for (const [url, status] of addresses) {
    const [head, get] = [await send("HEAD", url), await send("GET", url)];
    assert.deepEqual([head.statusCode, head.body], [status, ""], url);
    for (const name of ["content-type", "etag", "last-modified", "content-length"]) assert.equal(head.headers[name], get.headers[name], `${url} ${name}`);
  }
});

test("an error is told by an OperationOutcome", async () => {
  for (const [url, status] of addresses.filter(([, status]) => status >= 400)) {
    const answer = await send("GET", url);
    assert.equal(answer.statusCode, status);
    assert.ok(issuesOf(answer).every(({ severity, code, diagnostics }) => severity === "error" && code !== "" && diagnostics.length > 10), url);
  }
});

test("X-Request-Id comes back; one that is no id does not", async () => {
  for (const url of ["Patient/ann", "Patient/none-such", "metadata"]) assert.equal((await send("GET", url, { headers: { "x-request-id": "a-1.B" } })).headers["x-request-id"], "a-1.B");
  for (const id of ["a b", "<a>", "a".repeat(65), ""]) assert.equal((await send("GET", "Patient/ann", { headers: { "x-request-id": id } })).headers["x-request-id"], undefined);
});

test("read: the returned resource SHALL have an id element with the value of the address", async () => {
  for (const url of ["Patient/ann", "Observation/ann-glucose", "Organization/clinic"]) assert.equal(((await send("GET", url)).json() as Resource).id, url.split("/")[1]);
});

test("vread: the returned resource SHALL have the id and, in meta.versionId, the version of the address", async () => {
  await send("PUT", "Patient/versions", { body: { ...patient, id: "versions" } });
  await send("PUT", "Patient/versions", { body: { ...patient, id: "versions", active: true } });
  for (const version of ["1", "2"]) {
    const { id, meta } = (await send("GET", `Patient/versions/_history/${version}`)).json() as Resource;
    assert.deepEqual([id, meta.versionId], ["versions", version]);
  }
});

test("update: the server SHALL ignore versionId and lastUpdated of the body and SHALL populate them", async () => {
  const before = Date.now();
  const answer = await send("PUT", "Patient/stamped", { body: { ...patient, id: "stamped", meta: { versionId: "9", lastUpdated: "2001-01-01T00:00:00Z", tag: [{ code: "kept" }] } } });
  const { meta } = answer.json() as { meta: Resource["meta"] & { tag: unknown[] } };
  assert.equal(meta.versionId, "1");
  assert.ok(Date.parse(meta.lastUpdated) >= before - 1000);
  assert.deepEqual(meta.tag, [{ code: "kept" }]);
});

test("update: 201 with Location where it created, 200 where it updated; ETag holds the versionId, Last-Modified the lastUpdated", async () => {
  for (const [status, more] of [[201, {}], [200, { active: true }]] as const) {
    const answer = await send("PUT", "Patient/twice", { body: { ...patient, id: "twice", ...more } });
    const { meta } = answer.json() as Resource;
    assert.deepEqual([answer.statusCode, answer.headers.etag], [status, `W/"${meta.versionId}"`]);
    assert.equal(answer.headers["last-modified"], new Date(meta.lastUpdated).toUTCString());
    assert.match(String(answer.headers.location), new RegExp(`/Patient/twice/_history/${meta.versionId}$`));
  }
});

test("update: what the record does not understand is refused, never dropped", async () => {
  const before = await rowCounts(server.node);
  for (const body of [{ ...patient, id: "odd", favouriteColour: "red" }, { ...patient, id: "odd", name: [{ family: "a", nick: "b" }] }]) assert.equal((await send("PUT", "Patient/odd", { body })).statusCode, 400);
  assert.deepEqual(await rowCounts(server.node), before);
});

test("delete: the resource is gone for read and search; its versions and its history stay", async () => {
  await send("PUT", "Patient/mortal", { body: { ...patient, id: "mortal" } });
  assert.equal((await send("DELETE", "Patient/mortal")).statusCode, 204);
  assert.equal((await send("GET", "Patient/mortal")).statusCode, 410);
  assert.equal(bundleOf(await send("GET", "Patient?_id=mortal")).total, 0);
  assert.equal((await send("GET", "Patient/mortal/_history/1")).statusCode, 200);
  assert.deepEqual(bundleOf(await send("GET", "Patient/mortal/_history")).entry!.map(({ request }) => request!.method), ["DELETE", "PUT"]);
});

test("create: the server SHALL ignore an id in the body, and populate id, versionId and lastUpdated", async () => {
  const { id, meta } = (await send("POST", "Observation", { body: { ...observation("ann", 1), id: "mine", meta: { versionId: "7" } } })).json() as Resource;
  assert.match(id, /^[A-Za-z0-9.-]{1,64}$/);
  assert.notEqual(id, "mine");
  assert.equal(meta.versionId, "1");
  assert.ok(!Number.isNaN(Date.parse(meta.lastUpdated)));
  assert.equal((await send("GET", "Observation/mine")).statusCode, 404);
});

test("capabilities: the CapabilityStatement, or the TerminologyCapabilities for mode=terminology", async () => {
  for (const [mode, type] of [["", "CapabilityStatement"], ["?mode=full", "CapabilityStatement"], ["?mode=normative", "CapabilityStatement"], ["?mode=terminology", "TerminologyCapabilities"]] as const)
    assert.equal(((await send("GET", `metadata${mode}`)).json() as Resource).resourceType, type);
});

test("transaction: all or nothing; a failure is an OperationOutcome, not a Bundle", async () => {
  const before = await rowCounts(server.node);
  const answer = await send("POST", "", { body: { resourceType: "Bundle", type: "transaction", entry: [{ resource: patient, request: { method: "POST", url: "Patient" } }, { resource: { ...patient, id: "ann" }, request: { method: "PUT", url: "Patient/ann", ifMatch: 'W/"77"' } }] } });
  assert.equal(answer.statusCode, 412);
  assert.equal(issuesOf(answer)[0]!.severity, "error");
  assert.deepEqual(await rowCounts(server.node), before);
});

test("transaction: a conditional reference that names none, or several, SHALL fail it", async () => {
  for (let i = 0; i < 2; i++) await send("POST", "Practitioner", { body: { resourceType: "Practitioner", identifier: [{ system: "urn:two", value: "1" }] } });
  const before = await rowCounts(server.node);
  for (const [reference, status] of [["Practitioner?identifier=urn:two|none", 404], ["Practitioner?identifier=urn:two|1", 412]] as const) {
    const answer = await send("POST", "", { body: { resourceType: "Bundle", type: "transaction", entry: [{ resource: observation("ann", 1, { performer: [{ reference }] }), request: { method: "POST", url: "Observation" } }] } });
    assert.equal(answer.statusCode, status, answer.body);
  }
  assert.deepEqual(await rowCounts(server.node), before);
});

test("history: sorted with the oldest last; every entry says request.method, and a deletion has no resource", async () => {
  for (const url of ["_history?_count=100", "Patient/_history?_count=100"]) {
    const entries = bundleOf(await send("GET", url)).entry!;
    const times = entries.map(({ response }) => Date.parse((response as { lastModified?: string }).lastModified!));
    assert.deepEqual(times, times.toSorted((a, b) => b - a));
    for (const { request, resource, fullUrl, response } of entries) {
      assert.equal(request!.method === "DELETE", resource === undefined);
      assert.ok(["POST", "PUT", "DELETE"].includes(request!.method) && fullUrl && response!.etag);
    }
  }
});
