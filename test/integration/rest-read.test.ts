/** Reading beyond the text of the specification, which rest/ tries: bytes, addresses that are none, $everything. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, issuesOf, nextOf, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

test("member order and number literals come back as sent", async () => {
  const text = '{"resourceType":"Observation","valueQuantity":{"unit":"mg/dL","value":1.50},"status":"final","code":{"text":"x"}}';
  const { id } = (await send("POST", "Observation", { body: text })).json() as { id: string };
  const read = await send("GET", `Observation/${id}`);
  assert.match(read.body, /"valueQuantity":\{"unit":"mg\/dL","value":1\.50\},"status":"final","code":\{"text":"x"\}\}$/);
});

test("addresses that are none: 404 or 400 with an outcome, also for broken percent-encoding", async () => {
  for (const [url, status] of [["Patient/ann/Observation/1", 404], ["Patient/under_score", 400], ["Patient/ann/$nonsense", 404], ["$nonsense", 404], ["Patient/$nonsense", 404], ["Patient/%zz", 400], [`Patient/${"a".repeat(600)}`, 414]] as const) {
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
