/** The interactions of https://hl7.org/fhir/R4/http.html, statement by statement. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, bundleOf, issuesOf, nextOf, observation, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const patient = { resourceType: "Patient", name: [{ family: "Zhou" }] };

async function create(body: object = patient): Promise<{ id: string; url: string }> {
  const { resourceType } = body as { resourceType: string };
  const answer = await send("POST", resourceType, { body });
  assert.equal(answer.statusCode, 201, answer.body);
  const { id } = answer.json() as { id: string };
  return { id, url: `${resourceType}/${id}` };
}

test("create: 201, absolute Location with version, ETag, Last-Modified, the resource with id, versionId, lastUpdated", async () => {
  const answer = await send("POST", "Patient", { body: { ...patient, id: "mine", meta: { versionId: "77", lastUpdated: "2001-01-01T00:00:00Z" } } });
  assert.equal(answer.statusCode, 201);
  const body = answer.json() as { id: string; meta: { versionId: string; lastUpdated: string } };
  assert.notEqual(body.id, "mine", "the server ignores a provided id");
  assert.equal(body.meta.versionId, "1");
  assert.ok(Date.parse(body.meta.lastUpdated) > Date.parse("2026-01-01"), "provided lastUpdated is ignored");
  assert.match(String(answer.headers.location), new RegExp(`^http://[^/]+${base}/Patient/${body.id}/_history/1$`));
  assert.equal(answer.headers.etag, 'W/"1"');
  assert.equal(Date.parse(String(answer.headers["last-modified"])), Math.floor(Date.parse(body.meta.lastUpdated) / 1000) * 1000);
  assert.equal(answer.headers["content-type"], "application/fhir+json; charset=utf-8");
});

test("member order and number literals come back as sent", async () => {
  const text = '{"resourceType":"Observation","valueQuantity":{"unit":"mg/dL","value":1.50},"status":"final","code":{"text":"x"}}';
  const { id } = (await send("POST", "Observation", { body: text })).json() as { id: string };
  const read = await send("GET", `Observation/${id}`);
  assert.match(read.body, /"valueQuantity":\{"unit":"mg\/dL","value":1\.50\},"status":"final","code":\{"text":"x"\}\}$/);
});

test("create: a body of another type, or without type, is 400", async () => {
  for (const body of [observation("ann", 1), { name: [{ family: "x" }] }, []]) {
    const answer = await send("POST", "Patient", { body });
    assert.equal(answer.statusCode, 400, answer.body);
    assert.ok(issuesOf(answer)[0]!.diagnostics.length > 10);
  }
});

test("read: 200 with ETag; HEAD the same without body; 404 unknown; 410 deleted; 404 unknown type; 400 no id", async () => {
  const { url } = await create();
  const read = await send("GET", url);
  assert.equal(read.statusCode, 200);
  assert.equal(read.headers.etag, 'W/"1"');
  const head = await send("HEAD", url);
  assert.equal(head.statusCode, 200);
  assert.equal(head.body, "");
  assert.equal(head.headers.etag, read.headers.etag);
  assert.equal(head.headers["content-length"], read.headers["content-length"]);
  assert.equal((await send("GET", "Patient/none-such")).statusCode, 404);
  assert.equal((await send("HEAD", "Patient/none-such")).statusCode, 404);
  assert.equal((await send("DELETE", url)).statusCode, 204);
  assert.equal((await send("GET", url)).statusCode, 410);
  assert.equal((await send("GET", "patient/1")).statusCode, 404);
  assert.equal((await send("GET", "Nonsense/1")).statusCode, 404);
  assert.equal((await send("GET", "Patient/under_score")).statusCode, 400);
});

test("conditional read: If-None-Match and If-Modified-Since answer 304 without body", async () => {
  const { url } = await create();
  const modified = String((await send("GET", url)).headers["last-modified"]);
  for (const headers of [{ "if-none-match": 'W/"1"' } as Record<string, string>, { "if-none-match": '"9", W/"1"' }, { "if-none-match": "*" }, { "if-modified-since": modified }]) {
    const answer = await send("GET", url, { headers });
    assert.equal(answer.statusCode, 304, JSON.stringify(headers));
    assert.equal(answer.body, "");
    assert.equal(answer.headers.etag, 'W/"1"');
  }
  for (const headers of [{ "if-none-match": 'W/"2"' } as Record<string, string>, { "if-none-match": 'W/"2"', "if-modified-since": modified }, { "if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT" }])
    assert.equal((await send("GET", url, { headers })).statusCode, 200, JSON.stringify(headers));
});

test("vread: each version as it was; the deleted one 410; unknown ones 404", async () => {
  const { id, url } = await create();
  await send("PUT", url, { body: { ...patient, id, birthDate: "1970-01-01" } });
  await send("DELETE", url);
  const first = await send("GET", `${url}/_history/1`);
  assert.equal(first.statusCode, 200);
  assert.equal((first.json() as { birthDate?: string }).birthDate, undefined);
  assert.equal(first.headers.etag, 'W/"1"');
  assert.equal(((await send("GET", `${url}/_history/2`)).json() as { birthDate?: string }).birthDate, "1970-01-01");
  assert.equal((await send("GET", `${url}/_history/3`)).statusCode, 410);
  for (const version of ["4", "0", "x", "1.0", "99999999999"]) assert.equal((await send("GET", `${url}/_history/${version}`)).statusCode, 404, version);
});

test("update: 200 and the next version; with a client's id 201 and Location", async () => {
  const { id, url } = await create();
  const answer = await send("PUT", url, { body: { ...patient, id, birthDate: "1970-01-01" } });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers.etag, 'W/"2"');
  const created = await send("PUT", "Patient/of-client.1", { body: { ...patient, id: "of-client.1" } });
  assert.equal(created.statusCode, 201);
  assert.match(String(created.headers.location), /\/Patient\/of-client\.1\/_history\/1$/);
});

test("update: id missing, other than in the URL, or another type: 400, and nothing changes", async () => {
  const { id, url } = await create();
  for (const body of [patient, { ...patient, id: "other" }, { ...observation("ann", 1), id }]) {
    const answer = await send("PUT", url, { body });
    assert.equal(answer.statusCode, 400, answer.body);
    assert.ok(["Patient.id", "id", "resourceType"].includes(issuesOf(answer)[0]!.expression?.[0] ?? ""), answer.body);
  }
  assert.equal((await send("GET", url)).headers.etag, 'W/"1"');
});

test("managing resource contention: If-Match of an older version is 412, of the current one passes, unreadable 400", async () => {
  const { id, url } = await create();
  const body = (birthDate: string): object => ({ ...patient, id, birthDate });
  assert.equal((await send("PUT", url, { body: body("1970-01-01"), headers: { "if-match": 'W/"1"' } })).statusCode, 200);
  const stale = await send("PUT", url, { body: body("1971-01-01"), headers: { "if-match": 'W/"1"' } });
  assert.equal(stale.statusCode, 412);
  assert.equal(issuesOf(stale)[0]!.code, "conflict");
  assert.equal((await send("PUT", url, { body: body("1972-01-01"), headers: { "if-match": "*" } })).statusCode, 200);
  assert.equal((await send("PUT", url, { body: body("1973-01-01"), headers: { "if-match": 'W/"1", W/"3"' } })).statusCode, 200);
  assert.equal((await send("PUT", url, { body: body("1974-01-01"), headers: { "if-match": 'W/"abc"' } })).statusCode, 412);
  assert.equal((await send("PUT", url, { body: body("1974-01-01"), headers: { "if-match": "4" } })).statusCode, 400);
  assert.equal((await send("DELETE", url, { headers: { "if-match": 'W/"1"' } })).statusCode, 412);
  assert.equal((await send("GET", url)).headers.etag, 'W/"4"');
  assert.equal((await send("DELETE", url, { headers: { "if-match": 'W/"4"' } })).statusCode, 204);
  for (const tag of ["*", 'W/"1"', 'W/"0"']) assert.equal((await send("PUT", "Patient/never-was", { body: { ...patient, id: "never-was" }, headers: { "if-match": tag } })).statusCode, 412, tag);
});

test("RFC 7232: If-None-Match: * on PUT creates and never overwrites", async () => {
  const body = { ...patient, id: "only-once" };
  assert.equal((await send("PUT", "Patient/only-once", { body, headers: { "if-none-match": "*" } })).statusCode, 201);
  assert.equal((await send("PUT", "Patient/only-once", { body: { ...body, birthDate: "1970-01-01" }, headers: { "if-none-match": "*" } })).statusCode, 412);
  assert.equal((await send("GET", "Patient/only-once")).headers.etag, 'W/"1"');
});

test("concurrent updates of one version: one passes, the others are 412, no version is lost", async () => {
  const { id, url } = await create();
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => send("PUT", url, { body: { ...patient, id, birthDate: `197${i}-01-01` }, headers: { "if-match": 'W/"1"' } })));
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, ...Array<number>(7).fill(412)]);
  assert.equal((await send("GET", url)).headers.etag, 'W/"2"');
});

test("delete: 204, again 204, of the unknown 204; then PUT brings it back as the next version", async () => {
  const { id, url } = await create();
  const gone = await send("DELETE", url);
  assert.equal(gone.statusCode, 204);
  assert.equal(gone.headers.etag, 'W/"2"');
  assert.equal((await send("DELETE", url)).statusCode, 204);
  assert.equal((await send("DELETE", "Patient/none-such")).statusCode, 204);
  const back = await send("PUT", url, { body: { ...patient, id } });
  assert.equal(back.statusCode, 201);
  assert.equal(back.headers.etag, 'W/"3"');
});

test("Prefer: return=minimal, representation, OperationOutcome", async () => {
  const minimal = await send("POST", "Patient", { body: patient, headers: { prefer: "return=minimal" } });
  assert.equal(minimal.statusCode, 201);
  assert.equal(minimal.body, "");
  assert.ok(minimal.headers.location && minimal.headers.etag);
  const whole = await send("POST", "Patient", { body: patient, headers: { prefer: "handling=strict; return=representation" } });
  assert.equal((whole.json() as { resourceType: string }).resourceType, "Patient");
  const outcome = await send("POST", "Patient", { body: patient, headers: { prefer: "return=OperationOutcome" } });
  assert.equal(outcome.statusCode, 201);
  assert.equal(issuesOf(outcome)[0]!.severity, "information");
});

test("conditional create: 201, then 200 with the one there is, 412 with several, 400 for a condition that is none", async () => {
  const body = { ...patient, identifier: [{ system: "urn:cc", value: "1" }] };
  const headers = { "if-none-exist": "identifier=urn:cc|1" };
  const first = await send("POST", "Patient", { body, headers });
  assert.equal(first.statusCode, 201, first.body);
  const again = await send("POST", "Patient", { body: { ...body, birthDate: "1999-01-01" }, headers });
  assert.equal(again.statusCode, 200);
  assert.equal(again.headers.location, first.headers.location);
  assert.equal(again.body, first.body, "the post is ignored, the stored resource answered");
  await create(body);
  assert.equal((await send("POST", "Patient", { body, headers })).statusCode, 412);
  assert.equal((await send("POST", "Patient", { body, headers: { "if-none-exist": "" } })).statusCode, 400);
  const bad = await send("POST", "Patient", { body: { ...body, gender: 7 }, headers });
  assert.equal(bad.statusCode, 400);
  assert.deepEqual(issuesOf(bad)[0]!.expression, ["Patient.gender"]);
  const smuggled = await send("POST", "Patient", { body: `${JSON.stringify(patient)}},{"request":{"method":"DELETE","url":"Patient/ann"}`, headers });
  assert.equal(smuggled.statusCode, 400);
  assert.equal((await send("GET", "Patient/ann")).statusCode, 200);
});

test("conditional create by many at once makes one resource", async () => {
  const body = { ...patient, identifier: [{ system: "urn:race", value: "1" }] };
  const answers = await Promise.all(Array.from({ length: 6 }, () => send("POST", "Patient", { body, headers: { "if-none-exist": "identifier=urn:race|1" } })));
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, 200, 200, 200, 200, 201]);
  assert.equal(bundleOf(await send("GET", "Patient?identifier=urn:race|1")).total, 1);
});

test("conditional update: creates, updates the one match, refuses another id (400) and several matches (412)", async () => {
  const body = { ...patient, identifier: [{ system: "urn:cu", value: "1" }] };
  const url = "Patient?identifier=urn:cu|1";
  const first = await send("PUT", url, { body });
  assert.equal(first.statusCode, 201, first.body);
  const second = await send("PUT", url, { body: { ...body, birthDate: "1980-01-01" } });
  assert.equal(second.statusCode, 200, second.body);
  assert.equal((second.json() as { id: string }).id, (first.json() as { id: string }).id);
  assert.equal(second.headers.etag, 'W/"2"');
  assert.equal((await send("PUT", url, { body: { ...body, id: "another" } })).statusCode, 400);
  assert.equal((await send("PUT", "Patient", { body })).statusCode, 400);
  await create(body);
  assert.equal((await send("PUT", url, { body })).statusCode, 412);
});

test("conditional delete: the one match goes, several are 412, none is 204, no condition is 400", async () => {
  const body = { ...patient, identifier: [{ system: "urn:cd", value: "1" }] };
  const { url } = await create(body);
  assert.equal((await send("DELETE", "Patient?identifier=urn:cd|1")).statusCode, 204);
  assert.equal((await send("GET", url)).statusCode, 410);
  assert.equal((await send("DELETE", "Patient?identifier=urn:cd|1")).statusCode, 204);
  await create(body);
  await create(body);
  assert.equal((await send("DELETE", "Patient?identifier=urn:cd|1")).statusCode, 412);
  assert.equal((await send("DELETE", "Patient")).statusCode, 400);
});

test("history of an instance: newest first, with request and response; the deletion without resource", async () => {
  const { id, url } = await create();
  await send("PUT", url, { body: { ...patient, id, birthDate: "1970-01-01" } });
  await send("DELETE", url);
  const history = bundleOf(await send("GET", `${url}/_history`));
  assert.equal(history.type, "history");
  assert.deepEqual(history.entry!.map(({ request, response }) => [request!.method, request!.url, response!.status, response!.etag]),
    [["DELETE", url, "204", 'W/"3"'], ["PUT", url, "200", 'W/"2"'], ["POST", "Patient", "201", 'W/"1"']]);
  assert.equal(history.entry![0]!.resource, undefined);
  assert.equal(history.entry![1]!.resource!.meta.versionId, "2");
  assert.equal((await send("GET", "Patient/none-such/_history")).statusCode, 404);
});

test("history of type and system: _count and next links give every version once; _since cuts", async () => {
  const { url } = await create({ resourceType: "Basic", code: { text: "a" } });
  for (let i = 0; i < 6; i += 1) await create({ resourceType: "Basic", code: { text: String(i) } });
  await send("DELETE", url);
  const seen: string[] = [];
  for (let next: string | undefined = "Basic/_history?_count=3"; next !== undefined;) {
    const page = bundleOf(await send("GET", next));
    assert.ok(page.entry!.length <= 3);
    seen.push(...page.entry!.map(({ fullUrl, response }) => `${fullUrl} ${response!.etag}`));
    next = nextOf(page);
  }
  assert.equal(seen.length, 8);
  assert.equal(new Set(seen).size, 8);
  const system = bundleOf(await send("GET", "_history?_count=5"));
  assert.equal(system.entry!.length, 5);
  assert.equal(system.entry![0]!.request!.method, "DELETE");
  const now = new Date(Date.now() + 60_000).toISOString();
  assert.equal(bundleOf(await send("GET", `Basic/_history?_since=${now}`)).entry, undefined);
  assert.equal(bundleOf(await send("GET", "Basic/_history?_since=2026-01-01T00:00:00%2B01:00")).entry!.length, 8);
  for (const wrong of ["_since=yesterday", "_since=1", "_since=2026-01-01", "_count=x", "_count=-1", "_cursor=zz", "_at=2026"]) assert.equal((await send("GET", `Basic/_history?${wrong}`)).statusCode, 400, wrong);
});

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

test("Accept and _format: JSON forms are served, others are 406 with an outcome", async () => {
  const { url } = await create();
  for (const headers of [{ accept: "application/fhir+json" }, { accept: "*/*" }, { accept: "application/fhir+xml, application/fhir+json;q=0.9" }, { accept: "application/fhir+json; fhirVersion=4.0" }])
    assert.equal((await send("GET", url, { headers })).headers["content-type"], "application/fhir+json; charset=utf-8", headers.accept);
  assert.equal((await send("GET", url, { headers: { accept: "application/json" } })).headers["content-type"], "application/json; charset=utf-8");
  for (const format of ["json", "application/json", "application/fhir%2Bjson", "application/fhir+json"]) assert.equal((await send("GET", `${url}?_format=${format}`, { headers: { accept: "application/fhir+xml" } })).statusCode, 200, format);
  for (const [query, accept] of [["", "application/fhir+xml"], ["", "text/html"], ["?_format=xml", "*/*"], ["?_format=ttl", "application/fhir+json"]] as const) {
    const answer = await send("GET", url + query, { headers: { accept } });
    assert.equal(answer.statusCode, 406, query + accept);
    assert.equal(issuesOf(answer)[0]!.code, "not-supported");
  }
  assert.equal((await send("GET", "metadata?_format=xml", { as: undefined })).statusCode, 406);
  assert.equal((await send("POST", "Patient/_search", { body: "_format=xml", headers: { "content-type": "application/x-www-form-urlencoded" } })).statusCode, 406);
});

test("a body in a form that is not read is 415, and nothing is written", async () => {
  const xml = "<Patient xmlns='http://hl7.org/fhir'/>";
  for (const headers of [{ "content-type": "application/fhir+xml" }, { "content-type": "text/plain" }, { "content-type": "application/fhir+json; fhirVersion=3.0" }, { "content-type": "application/fhir+json; charset=utf-16" }, { "content-type": "application/fhir+json", "content-encoding": "gzip" }]) {
    const answer = await send("POST", "Patient", { body: headers["content-type"].includes("xml") ? xml : patient, headers: headers as Record<string, string> });
    assert.equal(answer.statusCode, 415, JSON.stringify(headers));
    assert.equal(issuesOf(answer)[0]!.severity, "error");
  }
});

test("RFC 7231: a method that is not served at an address is 405 with Allow", async () => {
  const rows: [string, string, string][] = [
    ["PATCH", "Patient/ann", "GET, HEAD, PUT, DELETE"], ["POST", "Patient/ann", "GET, HEAD, PUT, DELETE"], ["OPTIONS", "Patient/ann", "GET, HEAD, PUT, DELETE"],
    ["PATCH", "Patient", "GET, HEAD, POST, PUT, DELETE"], ["PUT", "Patient/ann/_history/1", "GET, HEAD"], ["DELETE", "Patient/ann/_history", "GET, HEAD"],
    ["POST", "metadata", "GET, HEAD"], ["GET", "", "POST"], ["GET", "Patient/_search", "POST"], ["DELETE", "Patient/ann/$everything", "GET, HEAD, POST"],
  ];
  for (const [method, url, allow] of rows) {
    const answer = await send(method, url, method === "PATCH" ? { body: "[]", headers: { "content-type": "application/json-patch+json" } } : {});
    assert.equal(answer.statusCode, 405, `${method} ${url} ${answer.body}`);
    assert.equal(answer.headers.allow, allow, `${method} ${url}`);
    assert.equal(issuesOf(answer)[0]!.code, "not-supported");
  }
  assert.equal((await send("PATCH", "Patient/ann", { as: undefined })).statusCode, 401);
});

test("addresses that are none: 404 or 400 with an outcome, also for broken percent-encoding", async () => {
  for (const [url, status] of [["Patient/ann/Observation/1", 404], ["Patient/ann/$nonsense", 404], ["$nonsense", 404], ["Patient/$nonsense", 404], ["Patient/%zz", 400], [`Patient/${"a".repeat(600)}`, 414]] as const) {
    const answer = await send("GET", url);
    assert.equal(answer.statusCode, status, url.slice(0, 60));
    assert.equal(issuesOf(answer)[0]!.severity, "error");
    assert.ok(!answer.body.includes("aaaa"), "the address is not echoed");
  }
});

test("Patient/$everything by GET and POST: the compartment and no more, in pages", async () => {
  const all = bundleOf(await send("GET", "Patient/ann/$everything"));
  const ids = new Set(all.entry!.map(({ resource }) => `${resource!.resourceType}/${resource!.id}`));
  for (const expected of ["Patient/ann", "Observation/ann-glucose", "Condition/ann-asthma"]) assert.ok(ids.has(expected), expected);
  for (const id of ids) assert.doesNotMatch(id, /bob/);
  const paged: string[] = [];
  for (let next: string | undefined = "Patient/ann/$everything?_count=2"; next !== undefined;) {
    const page = bundleOf(await send("GET", next));
    paged.push(...page.entry!.filter(({ search }) => search!.mode === "match").map(({ resource }) => `${resource!.resourceType}/${resource!.id}`));
    next = nextOf(page);
  }
  const matches = all.entry!.filter(({ search }) => search!.mode === "match").map(({ resource }) => `${resource!.resourceType}/${resource!.id}`);
  assert.deepEqual(paged.sort(), matches.sort());
  const posted = bundleOf(await send("POST", "Patient/ann/$everything", { body: { resourceType: "Parameters", parameter: [{ name: "_count", valueInteger: 2 }] } }));
  assert.equal(posted.entry!.filter(({ search }) => search!.mode === "match").length, 2);
  for (const bad of [{ resourceType: "Parameters", parameter: [{ name: "begin", valueDate: "2020-01-01" }] }, { resourceType: "Patient" }, { resourceType: "Parameters", parameter: [null] }]) assert.equal((await send("POST", "Patient/ann/$everything", { body: bad })).statusCode, 400);
  assert.equal((await send("GET", "Patient/none-such/$everything")).statusCode, 404);
});
