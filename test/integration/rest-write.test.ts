/** Writing beyond the text of the specification, which rest/ tries: every form of If-Match, If-None-Match on PUT, writers at once. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { created, issuesOf, patient, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const create = (body: object = patient): ReturnType<typeof created> => created(server, body);

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

test("RFC 9110: If-Unmodified-Since before the last change is 412; If-Match goes before it; what is no date is not looked at", async () => {
  const { id, url } = await create();
  const body = (birthDate: string): object => ({ ...patient, id, birthDate });
  const old = "Sat, 01 Jan 2000 00:00:00 GMT", current = String((await send("GET", url)).headers["last-modified"]);
  for (const [method, sent] of [["PUT", { body: body("1970-01-01") }], ["DELETE", {}], ["PATCH", { body: [{ op: "add", path: "/active", value: true }], headers: { "content-type": "application/json-patch+json" } }]] as [string, { body?: unknown; headers?: Record<string, string> }][])
    assert.equal((await send(method, url, { ...sent, headers: { ...sent.headers, "if-unmodified-since": old } })).statusCode, 412, method);
  assert.equal((await send("GET", url)).headers.etag, 'W/"1"');
  assert.equal((await send("PUT", url, { body: body("1970-01-01"), headers: { "if-unmodified-since": current } })).statusCode, 200);
  assert.equal((await send("PUT", url, { body: body("1971-01-01"), headers: { "if-unmodified-since": old, "if-match": 'W/"2"' } })).statusCode, 200);
  assert.equal((await send("PUT", url, { body: body("1972-01-01"), headers: { "if-unmodified-since": "yesterday" } })).statusCode, 200);
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
