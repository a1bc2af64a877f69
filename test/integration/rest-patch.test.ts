/** Patch, statement by statement: https://hl7.org/fhir/R4/http.html#patch */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, created, issuesOf, patient, rowCounts, testServer, type Answer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const jsonPatch = { "content-type": "application/json-patch+json" };
const xmlPatch = { "content-type": "application/xml-patch+xml" };

type Patient = { id: string; meta: { versionId: string }; birthDate?: string; active?: boolean; name?: { family?: string; given?: string[] }[]; identifier?: { value: string }[] };

const create = (more: object = {}): ReturnType<typeof created> => created(server, { ...patient, ...more });

const patch = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => send("PATCH", url, { body, headers: { ...jsonPatch, ...headers } });
const replaceFamily = (value: string): object[] => [{ op: "replace", path: "/name/0/family", value }];
const parameters = (...operations: Record<string, object>[]): object => ({
  resourceType: "Parameters",
  parameter: operations.map((parts) => ({ name: "operation", part: Object.entries(parts).map(([name, value]) => ({ name, ...value })) })),
});

test("the body is a JSON Patch, a FHIRPath Patch or an XML Patch; the answer is that of an update", async () => {
  const { id, url } = await create();
  const json = await patch(url, [...replaceFamily("Zhang"), { op: "add", path: "/birthDate", value: "1961-04-03" }]);
  assert.equal(json.statusCode, 200, json.body);
  assert.equal(json.headers.etag, 'W/"2"');
  assert.match(String(json.headers.location), new RegExp(`/Patient/${id}/_history/2$`));
  assert.deepEqual([(json.json() as Patient).birthDate, (json.json() as Patient).meta.versionId], ["1961-04-03", "2"]);

  const path = await send("PATCH", url, { body: parameters({ type: { valueCode: "add" }, path: { valueString: "Patient" }, name: { valueString: "active" }, value: { valueBoolean: true } }, { type: { valueCode: "delete" }, path: { valueString: "Patient.birthDate" } }) });
  assert.equal(path.statusCode, 200, path.body);
  assert.deepEqual([(path.json() as Patient).active, (path.json() as Patient).birthDate, (path.json() as Patient).meta.versionId], [true, undefined, "3"]);

  const inXml = '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part><part><name value="path"/><valueString value="Patient.active"/></part><part><name value="value"/><valueBoolean value="false"/></part></parameter></Parameters>';
  const pathInXml = await send("PATCH", url, { body: inXml, headers: { "content-type": "application/fhir+xml" } });
  assert.deepEqual([pathInXml.statusCode, (pathInXml.json() as Patient).active], [200, false], pathInXml.body);

  const xml = await send("PATCH", url, { body: '<diff xmlns:f="http://hl7.org/fhir"><replace sel="f:Patient/f:name/f:family/@value">Zhao</replace></diff>', headers: xmlPatch });
  assert.deepEqual([xml.statusCode, (xml.json() as Patient).name![0]!.family, (xml.json() as Patient).meta.versionId], [200, "Zhao", "5"], xml.body);

  const history = bundleOf(await send("GET", `${url}/_history`));
  assert.equal(history.entry!.length, 5, "each patch is a version");
});

test("what a patch does not touch stays as it was written; search finds what it changed", async () => {
  const text = '{"resourceType":"Observation","valueQuantity":{"unit":"mg/dL","value":1.50},"status":"final","code":{"text":"x"}}';
  const { id } = (await send("POST", "Observation", { body: text })).json() as { id: string };
  const answer = await patch(`Observation/${id}`, [{ op: "replace", path: "/status", value: "amended" }]);
  assert.match(answer.body, /"valueQuantity":\{"unit":"mg\/dL","value":1\.50\},"status":"amended","code":\{"text":"x"\}\}$/);
  const { url } = await create({ identifier: [{ system: "urn:p", value: "before" }] });
  await patch(url, [{ op: "replace", path: "/identifier/0/value", value: "after" }]);
  assert.equal(bundleOf(await send("GET", "Patient?identifier=urn:p|before")).total, 0);
  assert.equal(bundleOf(await send("GET", "Patient?identifier=urn:p|after")).total, 1);
});

test("a patch that changes nothing makes no version, whatever spaces the resource was sent with", async () => {
  const { id } = (await send("POST", "Patient", { body: '{ "resourceType": "Patient",\n  "active": true }' })).json() as Patient;
  const answer = await patch(`Patient/${id}`, [{ op: "test", path: "/active", value: true }, { op: "replace", path: "/active", value: true }]);
  assert.deepEqual([answer.statusCode, answer.headers.etag], [200, 'W/"1"'], answer.body);
});

test("servers SHALL support conditional PATCH: If-Match of another version is 412, of the current one passes", async () => {
  const { url } = await create();
  assert.equal((await patch(url, replaceFamily("A"), { "if-match": 'W/"1"' })).statusCode, 200);
  const stale = await patch(url, replaceFamily("B"), { "if-match": 'W/"1"' });
  assert.equal(stale.statusCode, 412);
  assert.match(issuesOf(stale)[0]!.diagnostics, /If-Match/);
  assert.equal((await patch(url, replaceFamily("B"), { "if-match": "3" })).statusCode, 400);
  assert.equal((await patch(url, replaceFamily("B"), { "if-match": "*" })).statusCode, 200);
  assert.equal((await patch("Patient/none-such", [], { "if-match": "*" })).statusCode, 412);
});

test("conditional patch by search: none is 404, one is patched, several are 412", async () => {
  const of = (value: string): object => ({ identifier: [{ system: "urn:cp", value }] });
  const { url } = await create(of("1"));
  assert.equal((await patch("Patient?identifier=urn:cp|none", replaceFamily("A"))).statusCode, 404);
  const one = await patch("Patient?identifier=urn:cp|1", replaceFamily("A"));
  assert.deepEqual([one.statusCode, one.headers.etag], [200, 'W/"2"'], one.body);
  assert.equal((await patch("Patient?identifier=urn:cp|1", replaceFamily("B"), { "if-match": 'W/"1"' })).statusCode, 412);
  await create(of("1"));
  assert.equal((await patch("Patient?identifier=urn:cp|1", replaceFamily("B"))).statusCode, 412);
  assert.equal((await patch("Patient", replaceFamily("B"))).statusCode, 400);
  assert.equal(((await send("GET", url)).json() as Patient).name![0]!.family, "A");
});

test("404 for what is not there, 410 for what was deleted; nothing is created", async () => {
  assert.equal((await patch("Patient/none-such", replaceFamily("A"))).statusCode, 404);
  const { url } = await create();
  await send("DELETE", url);
  assert.equal((await patch(url, replaceFamily("A"))).statusCode, 410);
});

test("RFC 5789: malformed 400, unprocessable 422, conflict 409, unsupported 415 with Accept-Patch; nothing is written", async () => {
  const { id, url } = await create({ birthDate: "1961-04-03" });
  const before = await rowCounts(server.node);
  const rows: [unknown, Record<string, string>, number][] = [
    ["", jsonPatch, 400], ["{", jsonPatch, 400], [{}, jsonPatch, 400], [[{ op: "jump", path: "/a" }], jsonPatch, 400], [[{ op: "add", path: "/a" }], jsonPatch, 400], [Buffer.from([0x5b, 0xff, 0x5d]), jsonPatch, 400],
    [[{ op: "remove", path: "/gender" }], jsonPatch, 422], [[{ op: "replace", path: "/name/7/family", value: "A" }], jsonPatch, 422],
    [[{ op: "test", path: "/birthDate", value: "2000-01-01" }, ...replaceFamily("A")], jsonPatch, 409],
    [[{ op: "add", path: "/gender", value: "m" }], jsonPatch, 422], [[{ op: "replace", path: "/id", value: "other" }], jsonPatch, 422], [[{ op: "remove", path: "/resourceType" }], jsonPatch, 422], [[{ op: "replace", path: "", value: [] }], jsonPatch, 422],
    [[{ op: "replace", path: "", value: { resourceType: "Basic", id } }], jsonPatch, 422],
    [parameters({ type: { valueCode: "replace" }, path: { valueString: "Patient.gender" }, value: { valueCode: "male" } }), { "content-type": "application/fhir+json" }, 422],
    [{ resourceType: "Patient", id }, { "content-type": "application/fhir+json" }, 400],
    ["<diff><remove/></diff>", xmlPatch, 400], ["<diff>", xmlPatch, 400], ['<diff xmlns:f="http://hl7.org/fhir"><remove sel="f:Patient/f:gender"/></diff>', xmlPatch, 422],
    ["a=b", { "content-type": "application/x-www-form-urlencoded" }, 415], ["{}", { "content-type": "application/merge-patch+json" }, 415],
  ];
  for (const [body, headers, status] of rows) {
    const answer = await send("PATCH", url, { body, headers });
    assert.equal(answer.statusCode, status, `${JSON.stringify(body)} ${answer.body}`);
    assert.ok(issuesOf(answer)[0]!.diagnostics.length > 10);
    assert.equal(answer.headers["accept-patch"] !== undefined, status === 415);
  }
  assert.deepEqual(await rowCounts(server.node), before);
});

test("a patch tells nothing of what its sender may not read, and a patient writes nothing", async () => {
  const guess = (url: string): Promise<Answer> => send("PATCH", url, { as: "wang", body: [{ op: "test", path: "/birthDate", value: "1961-04-03" }, { op: "add", path: "/active", value: true }], headers: jsonPatch });
  const [beyond, none] = [await guess("Patient/bob"), await guess("Patient/bab")];
  assert.deepEqual([beyond.statusCode, beyond.body.replaceAll("bob", "bab")], [none.statusCode, none.body]);
  assert.equal(beyond.statusCode, 404);
  assert.equal((await guess("Patient?identifier=urn:mrn|mrn-bob")).statusCode, 404);
  assert.equal((await guess("Patient/ann")).statusCode, 200);
  assert.equal((await send("PATCH", "Patient/ann", { as: "ann", body: [], headers: jsonPatch })).statusCode, 403);
  assert.equal((await send("PATCH", "Patient/ann", { as: undefined, body: [], headers: jsonPatch })).statusCode, 401);
});

test("8 patchers of one resource: none is refused, no change is lost, versions have no gap", async () => {
  const { url } = await create();
  const each = 5;
  await Promise.all(Array.from({ length: 8 }, async (_, who) => {
    for (let i = 0; i < each; i++) {
      const answer = await patch(url, [{ op: "add", path: "/name/-", value: { family: `${who}-${i}` } }]);
      assert.equal(answer.statusCode, 200, answer.body);
    }
  }));
  const { name, meta } = (await send("GET", url)).json() as Patient;
  assert.equal(meta.versionId, String(1 + 8 * each));
  assert.deepEqual(name!.map(({ family }) => family).sort(), ["Zhou", ...Array.from({ length: 8 * each }, (_, i) => `${Math.floor(i / each)}-${i % each}`)].sort());
});

test("patchers and transactions on one resource lose nothing of each other", async () => {
  const { url } = await create({ active: false });
  const inBundle = (family: string): object => ({ resourceType: "Bundle", type: "transaction", entry: [{ resource: { resourceType: "Binary", contentType: "application/json-patch+json", data: Buffer.from(JSON.stringify([{ op: "add", path: "/name/-", value: { family } }])).toString("base64") }, request: { method: "PATCH", url } }] });
  const statuses = await Promise.all(Array.from({ length: 18 }, async (_, i) => (i % 3 === 0 ? await send("POST", "", { body: inBundle(`n${i}`) }) : await patch(url, [{ op: "add", path: "/name/-", value: { family: `n${i}` } }])).statusCode));
  assert.deepEqual(statuses, Array<number>(18).fill(200));
  const { name } = (await send("GET", url)).json() as Patient;
  assert.deepEqual(name!.map(({ family }) => family).sort(), ["Zhou", ...Array.from({ length: 18 }, (_, i) => `n${i}`)].sort());
});

test("PATCH in a transaction: Binary with a JSON or XML Patch, Parameters; with what is created in it; all or nothing", async () => {
  const [a, b, c] = [await create(), await create({ identifier: [{ system: "urn:bp", value: "1" }] }), await create()];
  const binary = (contentType: string, text: string): object => ({ resourceType: "Binary", contentType, data: Buffer.from(text).toString("base64") });
  const uuid = "urn:uuid:0b6a1e0c-8d9f-4b57-8f0e-4a5b6c7d8e9f";
  const transaction = (last: object): object => ({ resourceType: "Bundle", type: "transaction", entry: [
    { fullUrl: uuid, resource: { resourceType: "Organization", name: "Clinic" }, request: { method: "POST", url: "Organization" } },
    { resource: binary("application/json-patch+json", JSON.stringify([{ op: "add", path: "/managingOrganization", value: { reference: uuid } }])), request: { method: "PATCH", url: a.url, ifMatch: 'W/"1"' } },
    { resource: parameters({ type: { valueCode: "add" }, path: { valueString: "Patient" }, name: { valueString: "active" }, value: { valueBoolean: true } }), request: { method: "PATCH", url: "Patient?identifier=urn:bp|1" } },
    last,
  ] });
  const bad = await send("POST", "", { body: transaction({ resource: binary("application/json-patch+json", '[{"op":"remove","path":"/gender"}]'), request: { method: "PATCH", url: c.url } }) });
  assert.equal(bad.statusCode, 422, bad.body);
  assert.match(issuesOf(bad)[0]!.expression![0]!, /^Bundle\.entry\[3\]/);
  for (const one of [a, b, c]) assert.equal((await send("GET", one.url)).headers.etag, 'W/"1"');

  const answer = bundleOf(await send("POST", "", { body: transaction({ resource: binary("application/xml-patch+xml", '<diff xmlns="http://hl7.org/fhir"><add sel="Patient"><gender value="female"/></add></diff>'), request: { method: "PATCH", url: c.url } }), headers: { prefer: "return=representation" } }));
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status), ["201 Created", "200 OK", "200 OK", "200 OK"]);
  const [organization, first, second, third] = answer.entry!.map(({ resource }) => resource!);
  assert.deepEqual(first!.managingOrganization, { reference: `Organization/${organization!.id}` });
  assert.deepEqual([second!.active, third!.gender], [true, "female"]);
});

test("PATCH in a batch: each for itself", async () => {
  const { url } = await create();
  const entry = (target: string): object => ({ resource: { resourceType: "Binary", contentType: "application/json-patch+json", data: Buffer.from(JSON.stringify(replaceFamily("B"))).toString("base64") }, request: { method: "PATCH", url: target } });
  const answer = bundleOf(await send("POST", "", { body: { resourceType: "Bundle", type: "batch", entry: [entry(url), entry("Patient/none-such"), { resource: { resourceType: "Binary", contentType: "text/plain", data: "YQ==" }, request: { method: "PATCH", url } }] } }));
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status), ["200 OK", "404 Not Found", "400 Bad Request"]);
});
