/** read, vread and conditional read, statement by statement: https://hl7.org/fhir/R4/http.html#read */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, created, issuesOf, nextOf, patient, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const create = (body: object = patient): ReturnType<typeof created> => created(server, body);

test("member order and number literals come back as sent", async () => {
  const text = '{"resourceType":"Observation","valueQuantity":{"unit":"mg/dL","value":1.50},"status":"final","code":{"text":"x"}}';
  const { id } = (await send("POST", "Observation", { body: text })).json() as { id: string };
  const read = await send("GET", `Observation/${id}`);
  assert.match(read.body, /"valueQuantity":\{"unit":"mg\/dL","value":1\.50\},"status":"final","code":\{"text":"x"\}\}$/);
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

test("read, vread and history with _summary or _elements answer a part, tagged SUBSETTED; the whole stays as it is", async () => {
  const { url } = await create({ ...patient, text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml">Z</div>' }, photo: [{ title: "p" }], gender: "male" });
  type Part = { meta: { versionId: string; tag?: { code: string }[] }; [name: string]: unknown };
  for (const [word, gone, there] of [["_summary=true", ["photo", "text"], ["name", "gender"]], ["_summary=text", ["name", "photo"], ["text"]], ["_summary=data", ["text"], ["name", "photo"]], ["_elements=gender", ["name", "text", "photo"], ["gender"]]] as const) {
    const answer = await send("GET", `${url}?${word}`);
    const parts = [answer.json(), (await send("GET", `${url}/_history/1?${word}`)).json(), bundleOf(await send("GET", `${url}/_history?${word}`)).entry![0]!.resource] as Part[];
    for (const part of parts) {
      assert.deepEqual([...gone.filter((name) => name in part), ...there.filter((name) => !(name in part))], [], word);
      assert.deepEqual([part.meta.tag?.[0]?.code, part.meta.versionId], ["SUBSETTED", "1"]);
    }
    assert.equal(answer.headers.etag, 'W/"1"');
  }
  const whole = (await send("GET", `${url}?_summary=false`)).json() as Part;
  assert.equal(whole.meta.tag, undefined);
  assert.ok("photo" in whole && "text" in whole);
  for (const wrong of ["_summary=count", "_summary=x", "_elements=a%20b", "_summary=true&_elements=name"]) assert.equal((await send("GET", `${url}?${wrong}`)).statusCode, 400, wrong);
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
