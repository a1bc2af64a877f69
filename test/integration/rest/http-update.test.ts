/** https://hl7.org/fhir/R4/http.html: update (3.1.0.4), managing resource contention (3.1.0.5). */
import assert from "node:assert/strict";
import { bundleOf, created, issuesOf, observation, patient } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server } = withServer();

type Resource = { id: string; meta: { versionId: string; lastUpdated: string; tag?: unknown[]; profile?: string[]; security?: unknown[] }; [name: string]: unknown };
let names = 0;
const identified = (value: string): object => ({ ...patient, identifier: [{ system: "urn:update", value }] });
const at = (value: string): string => `Patient?identifier=urn:update|${value}`;

states("http 3.1.0.4-1", async () => {
  const { id, url } = await created(server(), patient);
  for (const body of [patient, { ...patient, id: "other" }, { ...observation("ann", 1), id }]) assert.equal((await send("PUT", url, { body })).statusCode, 400);
  assert.equal((await send("GET", url)).headers.etag, 'W/"1"');
});

states("http 3.1.0.4-2", async () => {
  const { url } = await created(server(), patient);
  for (const body of [patient, { ...patient, id: "other" }]) assert.deepEqual(issuesOf(await send("PUT", url, { body }))[0]!.expression, ["id"]);
});

states("http 3.1.0.4-3", async () => {
  const { id, url } = await created(server(), patient);
  const { meta } = (await send("PUT", url, { body: { ...patient, id, active: true, meta: { versionId: "77", lastUpdated: "2001-01-01T00:00:00Z" } } })).json() as Resource;
  assert.equal(meta.versionId, "2");
  assert.ok(Date.parse(meta.lastUpdated) > Date.parse("2026-01-01"));
});

states("http 3.1.0.4-4", async () => {
  const { id, url } = await created(server(), patient);
  const first = (await send("GET", url)).json() as Resource;
  const second = (await send("PUT", url, { body: { ...patient, id, active: true } })).json() as Resource;
  assert.deepEqual([first.meta.versionId, second.meta.versionId], ["1", "2"]);
  assert.ok(second.meta.lastUpdated >= first.meta.lastUpdated);
});

states("http 3.1.0.4-5", async () => {
  const more = { tag: [{ system: "urn:t", code: "kept" }], profile: ["http://example.org/StructureDefinition/x"], security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }], source: "urn:source" };
  const { meta } = (await send("PUT", "Patient/metadata-kept", { body: { ...patient, id: "metadata-kept", meta: more } })).json() as Resource;
  const { versionId: _, lastUpdated: __, ...rest } = meta;
  assert.deepEqual(rest, more);
});

states("http 3.1.0.4-6", async () => {
  const body = '{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"a \\"b\\" é"},"valueQuantity":{"value":1.500,"unit":"m"},"component":[{"code":{"text":"x"},"valueInteger":0}]}';
  await send("PUT", "Observation/exact", { body });
  const { meta: _, ...read } = (await send("GET", "Observation/exact")).json() as Resource;
  assert.deepEqual(read, JSON.parse(body));
  assert.match((await send("GET", "Observation/exact")).body, /"value":1\.500/);
});

states("http 3.1.0.4-7", async () => {
  const put = (more: object) => send("PUT", "Patient/twice", { body: { ...patient, id: "twice", ...more } });
  const answers = [await put({}), await put({ active: true })];
  await send("DELETE", "Patient/twice");
  answers.push(await put({}));
  assert.deepEqual(answers.map(({ statusCode }) => statusCode), [201, 200, 201]);
  for (const answer of answers) {
    const { meta } = answer.json() as Resource;
    assert.equal(answer.headers.etag, `W/"${meta.versionId}"`);
    assert.equal(answer.headers["last-modified"], new Date(meta.lastUpdated).toUTCString());
  }
});

states("http 3.1.0.4-8", async () => {
  const answer = await send("PUT", "Patient/located.1", { body: { ...patient, id: "located.1" } });
  assert.deepEqual([answer.statusCode, new URL(String(answer.headers.location)).pathname], [201, "/fhir/R4/Patient/located.1/_history/1"]);
});

states("http 3.1.0.4.1-1", async () => {
  const { rest } = (await send("GET", "metadata")).json() as { rest: { resource: { updateCreate: boolean }[] }[] };
  assert.ok(rest[0]!.resource.every(({ updateCreate }) => updateCreate));
  assert.equal((await send("PUT", "Basic/chosen-here", { body: { resourceType: "Basic", id: "chosen-here", code: { text: "a" } } })).statusCode, 201);
  assert.equal((await send("GET", "Basic/chosen-here")).statusCode, 200);
});

states("http 3.1.0.4.2-1", async () => {
  const rows: [object | string, RegExp][] = [[{ ...patient, id: "r", gender: "x" }, /gender/], [{ ...patient, id: "r", nonsense: 1 }, /nonsense/], [{ ...patient, id: "r", name: "Zhou" }, /name/], ["{", /line 1|JSON/], ["", /body/]];
  for (const [body, words] of rows) {
    const answer = await send("PUT", "Patient/r", { body });
    assert.equal(answer.statusCode, 400);
    assert.match(JSON.stringify(issuesOf(answer)), words);
  }
  assert.equal((await send("GET", "Patient/r")).statusCode, 404);
});

states("http 3.1.0.4.3-1", async () => {
  const value = `c${++names}`;
  const answer = await send("PUT", at(value), { body: identified(value) });
  assert.equal(answer.statusCode, 201);
  assert.ok(String(answer.headers.location).includes(`/Patient/${(answer.json() as Resource).id}/_history/1`));
});

states("http 3.1.0.4.3-2", async () => {
  const value = `c${++names}`;
  const answer = await send("PUT", at(value), { body: { ...identified(value), id: `own-${value}` } });
  assert.deepEqual([answer.statusCode, (answer.json() as Resource).id], [201, `own-${value}`]);
});

states("http 3.1.0.4.3-7", async () => {
  const value = `c${++names}`;
  const { id, url } = await created(server(), identified(`${value}-other`));
  const answer = await send("PUT", at(value), { body: { ...identified(value), id } });
  assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.code], [409, "conflict"]);
  assert.equal((await send("GET", url)).headers.etag, 'W/"1"');
  await send("DELETE", url);
  assert.equal((await send("PUT", at(value), { body: { ...identified(value), id } })).statusCode, 201, "what was deleted is brought back");
});

states("http 3.1.0.4.3-3", async () => {
  const value = `c${++names}`;
  const { id } = await created(server(), identified(value));
  for (const [more, version] of [[{ active: true }, "2"], [{ id, active: false }, "3"]] as const) {
    const answer = await send("PUT", at(value), { body: { ...identified(value), ...more } });
    const resource = answer.json() as Resource;
    assert.deepEqual([answer.statusCode, resource.id, resource.meta.versionId], [200, id, version]);
  }
});

states("http 3.1.0.4.3-4", async () => {
  const value = `c${++names}`;
  const { url } = await created(server(), identified(value));
  const answer = await send("PUT", at(value), { body: { ...identified(value), id: "another" } });
  assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [400, "error"]);
  assert.equal((await send("GET", url)).headers.etag, 'W/"1"');
});

states("http 3.1.0.4.3-5", async () => {
  const value = `c${++names}`;
  for (let i = 0; i < 2; i++) await created(server(), identified(value));
  const answer = await send("PUT", at(value), { body: identified(value) });
  assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity, bundleOf(await send("GET", at(value))).total], [412, "error", 2]);
});

states("http 3.1.0.5-1", async () => {
  const { id, url } = await created(server(), patient);
  for (const answer of [await send("GET", url), await send("GET", `${url}/_history/1`), await send("PUT", url, { body: { ...patient, id, active: true } }), await send("POST", "Patient", { body: patient })]) assert.match(String(answer.headers.etag), /^W\/"\d+"$/);
});

states("http 3.1.0.5-2", async () => {
  const { id, url } = await created(server(), patient);
  for (let i = 2; i <= 4; i++) {
    const answer = await send("PUT", url, { body: { ...patient, id, birthDate: `198${i}` } });
    assert.equal(answer.headers.etag, `W/"${(answer.json() as Resource).meta.versionId}"`);
  }
  assert.equal(bundleOf(await send("GET", `Patient?_id=${id}`)).entry![0]!.resource!.meta.versionId, "4");
});

states("http 3.1.0.5-3", async () => {
  const { id, url } = await created(server(), patient);
  const put = (tag: string, birthDate: string) => send("PUT", url, { body: { ...patient, id, birthDate }, headers: { "if-match": tag } });
  assert.equal((await put('W/"1"', "1970-01-01")).statusCode, 200);
  for (const tag of ['W/"1"', '"1"', 'W/"3"', 'W/"abc"']) {
    const stale = await put(tag, "1971-01-01");
    assert.deepEqual([stale.statusCode, issuesOf(stale)[0]!.code], [412, "conflict"], tag);
  }
  assert.equal((await send("DELETE", url, { headers: { "if-match": 'W/"1"' } })).statusCode, 412);
  assert.equal((await send("GET", url)).headers.etag, 'W/"2"');
  assert.equal((await put("W/\"1\", W/\"2\"", "1972-01-01")).statusCode, 200);
  assert.equal((await send("PUT", "Patient/never-was", { body: { ...patient, id: "never-was" }, headers: { "if-match": 'W/"1"' } })).statusCode, 412);
});
