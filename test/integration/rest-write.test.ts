/** create, update, delete and what Prefer asks of them, statement by statement: https://hl7.org/fhir/R4/http.html#create */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, created, issuesOf, observation, patient, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const create = (body: object = patient): ReturnType<typeof created> => created(server, body);

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

test("create: a body of another type, or without type, is 400", async () => {
  for (const body of [observation("ann", 1), { name: [{ family: "x" }] }, []]) {
    const answer = await send("POST", "Patient", { body });
    assert.equal(answer.statusCode, 400, answer.body);
    assert.ok(issuesOf(answer)[0]!.diagnostics.length > 10);
  }
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
  const { url } = await create();
  for (const target of [url, url, "Patient?_id=none-such"]) {
    const deleted = await send("DELETE", target, { headers: { prefer: "return=OperationOutcome" } });
    assert.deepEqual([deleted.statusCode, issuesOf(deleted)[0]!.severity], [200, "information"]);
  }
});
