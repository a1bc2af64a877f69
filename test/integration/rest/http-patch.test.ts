/** https://hl7.org/fhir/R4/http.html: patch (3.1.0.6). What is beyond the text is tried in ../rest-patch.test.ts. */
import assert from "node:assert/strict";
import { bundleOf, created, issuesOf, patient, type Answer } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server } = withServer();

type Patient = { id: string; meta: { versionId: string }; active?: boolean; birthDate?: string; text?: unknown; name?: { family: string }[] };
const jsonType = "application/json-patch+json", xmlType = "application/xml-patch+xml", fhirType = "application/fhir+json";
const patch = (url: string, body: unknown, type = jsonType, headers: Record<string, string> = {}): Promise<Answer> => send("PATCH", url, { body, headers: { "content-type": type, ...headers } });
const activate = [{ op: "add", path: "/active", value: true }];
const parameters = (...parts: object[]): object => ({ resourceType: "Parameters", parameter: [{ name: "operation", part: parts }] });
const addActive = parameters({ name: "type", valueCode: "add" }, { name: "path", valueString: "Patient" }, { name: "name", valueString: "active" }, { name: "value", valueBoolean: true });
const div = (words: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>`;

states("http 3.1.0.6-1", async () => {
  for (const [body, type] of [[activate, jsonType], ['<diff xmlns="http://hl7.org/fhir"><add sel="Patient"><active value="true"/></add></diff>', xmlType], [addActive, fhirType], [addActive, "application/json"]] as const) {
    const { url } = await created(server(), patient);
    const answer = await patch(url, body, type);
    assert.deepEqual([answer.statusCode, (answer.json() as Patient).active], [200, true], `${type} ${answer.body}`);
  }
  const refused = await patch("Patient/ann", "{}", "application/merge-patch+json");
  assert.deepEqual([refused.statusCode, String(refused.headers["accept-patch"]).split(", ").slice(0, 2)], [415, [jsonType, xmlType]]);
});

states("http 3.1.0.6-2", async () => {
  const { url } = await created(server(), { ...patient, birthDate: "1961-04-03" });
  assert.equal((await patch(url, [{ op: "test", path: "/birthDate", value: "1961-04-03" }, { op: "test", path: "/meta/versionId", value: "1" }, { op: "replace", path: "/name/0/family", value: "Li" }])).statusCode, 200);
  assert.equal((await patch(url, '<diff xmlns:f="http://hl7.org/fhir"><replace sel="f:Patient/f:birthDate/@value">1962-01-01</replace></diff>', xmlType)).statusCode, 200);
  const { name, birthDate } = (await send("GET", url)).json() as Patient;
  assert.deepEqual([name![0]!.family, birthDate], ["Li", "1962-01-01"]);
});

states("http 3.1.0.6-3", async () => {
  const { url } = await created(server(), patient);
  const answer = await patch(url, activate);
  assert.deepEqual([answer.statusCode, answer.headers.etag, (answer.json() as Patient).meta.versionId], [200, 'W/"2"', "2"]);
  assert.equal((await patch(url, [{ op: "replace", path: "/active", value: false }], jsonType, { prefer: "return=minimal" })).body, "");
  const invalid = await patch(url, [{ op: "add", path: "/gender", value: "x" }]);
  assert.deepEqual([invalid.statusCode, issuesOf(invalid)[0]!.severity], [422, "error"]);
  assert.equal((await send("GET", url)).headers.etag, 'W/"3"');
  assert.equal((await patch("Patient/none-such", activate)).statusCode, 404);
});

states("http 3.1.0.6-4", async () => {
  const { url } = await created(server(), patient);
  assert.equal((await patch(url, activate, jsonType, { "if-match": 'W/"1"' })).statusCode, 200);
  assert.equal((await patch(url, [{ op: "remove", path: "/active" }], jsonType, { "if-match": 'W/"1"' })).statusCode, 412);
  assert.equal(((await send("GET", url)).json() as Patient).active, true);
});

const identified = (value: string): object => ({ ...patient, identifier: [{ system: "urn:patch", value }] });

states("http 3.1.0.6-5", async () => {
  assert.equal((await patch("Patient?identifier=urn:patch|none", activate)).statusCode, 404);
});

states("http 3.1.0.6-6", async () => {
  const { id } = await created(server(), identified("1"));
  const answer = await patch("Patient?identifier=urn:patch|1", activate);
  assert.deepEqual([answer.statusCode, (answer.json() as Patient).id, answer.headers.etag], [200, id, 'W/"2"']);
});

states("http 3.1.0.6-7", async () => {
  const { url } = await created(server(), identified("2"));
  await created(server(), identified("2"));
  assert.equal((await patch("Patient?identifier=urn:patch|2", activate)).statusCode, 412);
  assert.equal((await send("GET", url)).headers.etag, 'W/"1"');
});

states("http 3.1.0.6-8", async () => {
  const told = (status: string): object => ({ ...patient, text: { status, div: div("not active") } });
  for (const [body, type] of [[activate, jsonType], [addActive, fhirType], ['<diff xmlns="http://hl7.org/fhir"><add sel="Patient"><active value="true"/></add></diff>', xmlType]] as const) {
    const { url } = await created(server(), told("generated"));
    const { active, text } = (await patch(url, body, type)).json() as Patient;
    assert.deepEqual([active, text], [true, undefined], type);
  }
  const { url } = await created(server(), told("additional"));
  const refused = await patch(url, activate);
  assert.deepEqual([refused.statusCode, issuesOf(refused)[0]!.severity], [422, "error"]);
  const both = await patch(url, [...activate, { op: "replace", path: "/text/div", value: div("active") }]);
  assert.deepEqual([both.statusCode, (both.json() as Patient).text], [200, { status: "additional", div: div("active") }]);
});

states("http 3.1.0.6-9", async () => {
  const { url } = await created(server(), { ...patient, text: { status: "generated", div: div("<p>before</p>") } });
  const body = '<diff xmlns:a="http://hl7.org/fhir" xmlns:b="http://www.w3.org/1999/xhtml"><replace sel="a:Patient/a:text/b:div/b:p/text()">after</replace><add sel="a:Patient"><active xmlns="http://hl7.org/fhir" value="true"/></add></diff>';
  const answer = await patch(url, body, xmlType);
  assert.deepEqual([answer.statusCode, (answer.json() as Patient).text], [200, { status: "generated", div: div("<p>after</p>") }], answer.body);
  assert.ok((await patch(url, '<diff xmlns:a="urn:other"><remove sel="a:Patient/a:active"/></diff>', xmlType)).statusCode >= 400, "another namespace names nothing here");
});

states("http 3.1.0.6-10", async () => {
  for (const type of ["batch", "transaction"]) {
    const { url } = await created(server(), patient);
    const answer = bundleOf(await send("POST", "", { body: { resourceType: "Bundle", type, entry: [{ resource: addActive, request: { method: "PATCH", url } }] } }));
    assert.equal(answer.entry![0]!.response!.status, "200 OK");
    assert.equal(((await send("GET", url)).json() as Patient).active, true);
  }
});
