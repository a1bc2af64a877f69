/** XML in and out of every interaction, and _pretty: https://hl7.org/fhir/R4/http.html#mime-type, #parameters */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { observation, testServer, type Answer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const xml = "application/fhir+xml";
const send: TestServer["send"] = (...args) => server.send(...args);
const ask = (method: string, url: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> => send(method, url, { ...(body === undefined ? {} : { body }), headers: { accept: xml, ...(body === undefined ? {} : { "content-type": xml }), ...headers } });
const patient = (inner: string): string => `<Patient xmlns="http://hl7.org/fhir">${inner}</Patient>`;

type Read = { resourceType: string; id: string; type?: string; total?: number; issue?: { code: string; diagnostics: string }[]; entry?: { resource?: { id: string }; response?: { status: string } }[]; [name: string]: unknown };

/** The answer's XML as the JSON it stands for. */
function read(answer: Answer): Read {
  assert.equal(answer.headers["content-type"], "application/fhir+xml; charset=utf-8", answer.body.slice(0, 200));
  const json = jsonFromXml(answer.body);
  assert.ok(json.ok, json.ok ? "" : json.failure.text);
  return JSON.parse(json.value) as Read;
}

test("create, update, patch and delete in XML; read, vread, history and search answer the same content as in JSON", async () => {
  const created = await ask("POST", "Patient", patient('<identifier><system value="urn:x"/><value value="1"/></identifier><name><family value="Wú &amp; Söhne"/></name>'));
  assert.equal(created.statusCode, 201, created.body);
  const { id } = read(created);
  const url = `Patient/${id}`;
  const updated = await ask("PUT", url, patient(`<id value="${id}"/><identifier><system value="urn:x"/><value value="1"/></identifier><birthDate value="1961-04-03"/>`));
  assert.deepEqual([updated.statusCode, read(updated).birthDate], [200, "1961-04-03"]);
  for (const at of [url, `${url}/_history/1`, `${url}/_history`, "Patient?identifier=urn:x|1", `${url}/$everything`, "metadata", "Patient/_history?_count=2"]) {
    const [inXml, inJson] = [read(await ask("GET", at)), (await send("GET", at)).json() as Read];
    assert.deepEqual(inXml, inJson, at);
  }
  assert.equal((await ask("DELETE", url)).statusCode, 204);
  assert.equal(read(await ask("GET", url)).issue![0]!.code, "deleted");
});

test("a transaction in XML, with decimals as written", async () => {
  const entry = '<entry><fullUrl value="urn:uuid:0b6a1e0c-8d9f-4b57-8f0e-4a5b6c7d8e9f"/><resource><Observation><status value="final"/><code><text value="x"/></code><valueQuantity><value value="1.50"/></valueQuantity></Observation></resource><request><method value="POST"/><url value="Observation"/></request></entry>';
  const answer = await ask("POST", "", `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>${entry}<entry><request><method value="GET"/><url value="Patient/ann"/></request></entry></Bundle>`, { prefer: "return=representation" });
  const bundle = read(answer);
  assert.deepEqual([bundle.type, bundle.entry!.map(({ response }) => response!.status)], ["transaction-response", ["201 Created", "200 OK"]]);
  assert.match(answer.body, /<value value="1\.50"\/>/);
  assert.match((await send("GET", `Observation/${bundle.entry![0]!.resource!.id}`)).body, /"value":1\.50/);
});

test("every fault is an OperationOutcome in XML: broken XML with its place, wrong content, wrong address, no sign-in, wrong method", async () => {
  const rows: [Promise<Answer>, number, RegExp][] = [
    [ask("POST", "Patient", "<Patient"), 400, /line 1/], [ask("POST", "Patient", patient('<gender value="m"/>')), 400, /gender/], [ask("POST", "Patient", patient("<nonsense/>")), 400, /nonsense/],
    [ask("POST", "Patient", '<!DOCTYPE a [<!ENTITY b "c">]><Patient xmlns="http://hl7.org/fhir"/>'), 400, /DOCTYPE|DTD|declaration/i],
    [ask("POST", "Patient", ""), 400, /body/], [ask("POST", "Patient", "<Basic xmlns='http://hl7.org/fhir'/>"), 400, /Basic|code/],
    [ask("GET", "Pacient/1"), 404, /resource type/], [ask("GET", "Patient/none"), 404, /not known/], [ask("GET", "Patient?nonsense=1"), 400, /nonsense/],
    [send("GET", "Patient/ann", { as: undefined, headers: { accept: xml } }), 401, /Sign in/], [ask("PUT", "metadata", patient("")), 405, /not offered/],
  ];
  for (const [asked, status, words] of rows) {
    const answer = await asked;
    assert.equal(answer.statusCode, status, answer.body);
    const { resourceType, issue } = read(answer);
    assert.equal(resourceType, "OperationOutcome");
    assert.match(issue![0]!.diagnostics, words);
  }
});

test("_format goes before Accept, in the address and in a posted search; application/xml is answered by its name", async () => {
  for (const format of ["xml", "application/fhir%2Bxml", "application/fhir+xml"]) read(await send("GET", `Patient/ann?_format=${format}`, { headers: { accept: "application/fhir+json" } }));
  assert.equal((await ask("GET", "Patient/ann?_format=json")).headers["content-type"], "application/fhir+json; charset=utf-8");
  assert.equal((await send("GET", "Patient/ann", { headers: { accept: "text/xml" } })).headers["content-type"], "application/xml; charset=utf-8");
  const form = { "content-type": "application/x-www-form-urlencoded" };
  assert.equal(read(await send("POST", "Patient/_search", { body: "_id=ann&_format=xml", headers: form })).total, 1);
  assert.equal((await send("POST", "Patient/_search", { body: "_id=ann&_format=json", headers: { ...form, accept: xml } })).headers["content-type"], "application/fhir+json; charset=utf-8");
});

test("HEAD says the form and the length of GET", async () => {
  for (const at of ["Patient/ann?_format=xml", "Patient?_format=xml", "metadata?_format=xml", "Patient/ann/_history?_format=xml", "Patient/none?_format=xml", "Patient/ann?_pretty=true"]) {
    const [head, get] = [await send("HEAD", at), await send("GET", at)];
    assert.deepEqual([head.statusCode, head.headers["content-type"], head.body], [get.statusCode, get.headers["content-type"], ""], at);
    assert.equal(Number(head.headers["content-length"]), get.rawPayload.length, at);
  }
});

test("_pretty lays out both forms and changes no content; on a search, too", async () => {
  const { id } = (await send("POST", "Observation", { body: observation("ann", 1.5) })).json() as Read;
  const json = await send("GET", `Observation/${id}?_pretty=true`);
  assert.equal(json.body, JSON.stringify(JSON.parse(json.body), undefined, 2));
  const [pretty, plain] = [await ask("GET", `Observation/${id}?_pretty=true`), await ask("GET", `Observation/${id}`)];
  assert.ok(pretty.body.includes('\n  <status value="final"/>\n'), pretty.body);
  assert.deepEqual(read(pretty), read(plain));
  assert.match((await send("GET", "Patient?_id=ann&_pretty=true")).body, /^\{\n {2}"resourceType": "Bundle"/);
  assert.doesNotMatch((await send("GET", "Patient?_id=ann&_pretty=false")).body, /\n/);
});
