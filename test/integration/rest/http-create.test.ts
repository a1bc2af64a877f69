/** https://hl7.org/fhir/R4/http.html: create (3.1.0.8), transactional integrity (3.1.0.13). */
import assert from "node:assert/strict";
import { bundleOf, created, issuesOf, observation, patient } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server } = withServer();

type Resource = { id: string; meta: { versionId: string; lastUpdated: string }; [name: string]: unknown };
const identified = (value: string): object => ({ ...patient, identifier: [{ system: "urn:create", value }] });
const unless = (value: string): Record<string, string> => ({ "if-none-exist": `identifier=urn:create|${value}` });

states("http 3.1.0.8-1", async () => {
  for (const body of [observation("ann", 1), { name: [{ family: "x" }] }, [], "", "null"]) {
    const answer = await send("POST", "Patient", { body });
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [400, "error"]);
  }
  assert.equal((await send("POST", "Pacient", { body: patient })).statusCode, 404);
});

states("http 3.1.0.8-2", async () => {
  const { id } = (await send("POST", "Patient", { body: { ...patient, id: "mine" } })).json() as Resource;
  assert.notEqual(id, "mine");
  assert.equal((await send("GET", "Patient/mine")).statusCode, 404);
});

states("http 3.1.0.8-3", async () => {
  const { meta } = (await send("POST", "Patient", { body: { ...patient, meta: { versionId: "77", lastUpdated: "2001-01-01T00:00:00Z" } } })).json() as Resource;
  assert.equal(meta.versionId, "1");
  assert.ok(Date.parse(meta.lastUpdated) > Date.parse("2026-01-01"));
});

states("http 3.1.0.8-4", async () => {
  const { id, meta } = (await send("POST", "Patient", { body: patient })).json() as Resource;
  assert.match(id, /^[A-Za-z0-9.-]{1,64}$/);
  assert.equal(meta.versionId, "1");
  assert.ok(!Number.isNaN(Date.parse(meta.lastUpdated)));
});

states("http 3.1.0.8-5", async () => {
  const more = { tag: [{ system: "urn:t", code: "kept" }], profile: ["http://example.org/StructureDefinition/x"], source: "urn:source" };
  const { meta: { versionId: _, lastUpdated: __, ...rest } } = (await send("POST", "Patient", { body: { ...patient, meta: more } })).json() as Resource;
  assert.deepEqual(rest, more);
});

states("http 3.1.0.8-6", async () => {
  const body = { resourceType: "Patient", contained: [{ resourceType: "Organization", id: "o", name: "O" }], extension: [{ url: "urn:e", valueString: "x" }], _birthDate: { extension: [{ url: "urn:f", valueBoolean: true }] }, name: [{ given: ["a", null, "b"], _given: [null, { extension: [{ url: "urn:g", valueString: "x" }] }, null] }], managingOrganization: { reference: "#o" } };
  const { id, meta: _, ...read } = (await send("GET", (await created(server(), body)).url)).json() as Resource;
  assert.ok(id);
  assert.deepEqual(read, body);
});

states("http 3.1.0.8-7", async () => {
  const answer = await send("POST", "Patient", { body: patient });
  const { id } = answer.json() as Resource;
  assert.deepEqual([answer.statusCode, new URL(String(answer.headers.location)).pathname], [201, `/fhir/R4/Patient/${id}/_history/1`]);
  assert.equal((await send("GET", new URL(String(answer.headers.location)).pathname)).statusCode, 200);
});

states("http 3.1.0.8-8", async () => {
  const answer = await send("POST", "Patient", { body: patient });
  assert.equal(answer.headers.etag, 'W/"1"');
  assert.equal(answer.headers["last-modified"], new Date((answer.json() as Resource).meta.lastUpdated).toUTCString());
});

states("http 3.1.0.8-9", async () => {
  for (const [body, expression] of [[{ ...patient, gender: "x" }, "Patient.gender"], [{ ...patient, birthDate: "1999-13-01" }, "Patient.birthDate"], [{ ...patient, name: [{ family: 7 }] }, "Patient.name[0].family"], [{ ...patient, nonsense: 1 }, "Patient"]] as const) {
    const answer = await send("POST", "Patient", { body });
    assert.equal(answer.statusCode, 400);
    assert.ok(issuesOf(answer).some((issue) => issue.diagnostics.length > 10 && issue.expression?.[0]?.startsWith(expression)), answer.body);
  }
  assert.match(issuesOf(await send("POST", "Patient", { body: '{"resourceType":"Patient",\n"active":}' }))[0]!.diagnostics, /line 2/i);
});

states("http 3.1.0.8.1-1", async () => {
  const answer = await send("POST", "Patient", { body: identified("1"), headers: unless("1") });
  assert.deepEqual([answer.statusCode, bundleOf(await send("GET", "Patient?identifier=urn:create|1")).total], [201, 1]);
});

states("http 3.1.0.8.1-2", async () => {
  const { id } = await created(server(), identified("2"));
  const answer = await send("POST", "Patient", { body: { ...identified("2"), active: true }, headers: unless("2") });
  const found = answer.json() as Resource & { active?: boolean };
  assert.deepEqual([answer.statusCode, found.id, found.active, answer.headers.etag], [200, id, undefined, 'W/"1"']);
  assert.ok(String(answer.headers.location).includes(`/Patient/${id}/`));
});

states("http 3.1.0.8.1-3", async () => {
  for (let i = 0; i < 2; i++) await created(server(), identified("3"));
  const answer = await send("POST", "Patient", { body: identified("3"), headers: unless("3") });
  assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity, bundleOf(await send("GET", "Patient?identifier=urn:create|3")).total], [412, "error", 2]);
});

states("http 3.1.0.13-1", async () => {
  const body = '{"status":"final","resourceType":"Observation","valueQuantity":{"value":1.10e2,"unit":"µmol/L"},"code":{"text":"\\u00e9"}}';
  const { body: text } = await send("POST", "Observation", { body });
  assert.ok(text.endsWith('"valueQuantity":{"value":1.10e2,"unit":"µmol/L"},"code":{"text":"\\u00e9"}}'), text);
});

states("http 3.1.0.13.1-1", async () => {
  const { rest } = (await send("GET", "metadata")).json() as { rest: { documentation: string }[] };
  assert.match(rest[0]!.documentation, /stored and served as it was sent/);
});
