/** The header X-Provenance: https://hl7.org/fhir/R4/provenance.html#header (trial use). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, issuesOf, observation, patient, rowCounts, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());
const send: TestServer["send"] = (...args) => server.send(...args);

const origin = (more: object = {}): Record<string, string> => ({ "x-provenance": JSON.stringify({ resourceType: "Provenance", recorded: "2026-01-05T08:00:00Z", agent: [{ who: { reference: "Practitioner/wang" } }], ...more }) });
const about = async (reference: string) => (bundleOf(await send("GET", `Provenance?target=${reference}`)).entry ?? []).map(({ resource }) => resource as unknown as { target: object[]; agent: { who: object; onBehalfOf?: object }[] });

test("what a create, an update and a patch write has its Provenance in the same transaction, its target filled in", async () => {
  const made = (await send("POST", "Observation", { as: "wang", body: observation("ann", 1), headers: origin({ agent: [{ who: { reference: "http://localhost:80/fhir/R4/Practitioner/wang" }, onBehalfOf: { display: "Zürich" } }] }) })).json() as { id: string };
  const at = `Observation/${made.id}`;
  const [first] = await about(at);
  assert.deepEqual([first!.target, first!.agent[0]!.who, first!.agent[0]!.onBehalfOf], [[{ reference: at }], { reference: "Practitioner/wang" }, { display: "Zürich" }]);
  for (const [method, url, body, headers] of [["PUT", at, { ...observation("ann", 2), id: made.id }, {}], ["PATCH", at, [{ op: "replace", path: "/status", value: "amended" }], { "content-type": "application/json-patch+json" }], ["PATCH", `Observation?_id=${made.id}`, [{ op: "replace", path: "/status", value: "final" }], { "content-type": "application/json-patch+json" }], ["PUT", `Observation?_id=${made.id}`, observation("ann", 3), {}]] as const) {
    const before = (await about(at)).length;
    const answer = await send(method, url, { body, headers: { ...headers, ...origin() } });
    assert.deepEqual([answer.statusCode, (await about(at)).length], [200, before + 1], `${method} ${url} ${answer.body}`);
  }
});

test("a conditional create that finds what it would create makes no Provenance", async () => {
  const body = { ...patient, identifier: [{ system: "urn:origin", value: "1" }] };
  for (const status of [201, 200]) {
    const answer = await send("POST", "Patient", { body, headers: { ...origin(), "if-none-exist": "identifier=urn:origin|1" } });
    assert.deepEqual([answer.statusCode, (await about(`Patient/${(answer.json() as { id: string }).id}`)).length], [status, 1]);
  }
});

test("a header that is no Provenance, or one with a target, is 400 and nothing is written; so is a change that fails", async () => {
  const before = await rowCounts(server.node);
  for (const [header, why] of [["Jibberish", /^X-Provenance: /], ["", /^X-Provenance: /], ["{}", /X-Provenance/], [JSON.stringify(patient), /X-Provenance holds/], [origin({ target: [{ reference: "Patient/ann" }] })["x-provenance"]!, /target/], [JSON.stringify({ resourceType: "Provenance", recorded: "2026-01-05T08:00:00Z" }), /X-Provenance.*agent/]] as const)
    for (const [method, url, body] of [["POST", "Patient", patient], ["PUT", "Patient/new", { ...patient, id: "new" }]] as const) {
      const answer = await send(method, url, { body, headers: { "x-provenance": header } });
      assert.equal(answer.statusCode, 400, `${header} ${answer.body}`);
      assert.match(issuesOf(answer)[0]!.diagnostics, why);
    }
  assert.equal((await send("POST", "Patient", { body: { ...patient, gender: "x" }, headers: origin() })).statusCode, 400);
  assert.equal((await send("PUT", "Patient/ann", { body: { ...patient, id: "ann" }, headers: { ...origin(), "if-match": 'W/"9"' } })).statusCode, 412);
  assert.deepEqual(await rowCounts(server.node), before);
});
