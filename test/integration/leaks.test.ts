/**
 * What lies beyond a caller's reach is answered as what does not exist, to the byte. Bob is real, "bo0" is nobody:
 * every question about the one must look like the question about the other.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, issuesOf, nextOf, observation, rowCounts, shape, testServer, type TestServer, type Who } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

const reads = [
  "Patient/bob", "Observation/bob-glucose", "Condition/bob-asthma", "Provenance/bob-origin", "Observation/bob-gone",
  "Patient/bob/_history/1", "Observation/bob-glucose/_history/1", "Observation/bob-gone/_history/1", "Observation/bob-gone/_history/2",
  "Patient/bob/_history", "Observation/bob-glucose/_history", "Observation/bob-gone/_history",
  "Patient/bob/$everything", "Patient/bob/$everything?_count=1",
  "Patient/bob/$everything?_type=Observation&_since=2020-01-01T00:00:00Z", "Patient/bob/$meta", "Observation/bob-glucose/$meta", "Observation/bob-gone/$meta", "Observation/bob-glucose/_history/1/$meta",
  "Patient/bob/$validate", "Observation/bob-glucose/$validate?mode=delete", "Observation/$lastn?patient=bob&code=2339-0", "Composition/bob-letter/$document", "Composition/$document?id=bob-letter",
  "Patient/bob/$graphql?query=%7Bid%7D", "$graphql?query=%7BPatient(id:%22bob%22)%7Bid%7D%7D", "$graphql?query=%7BObservationList(patient:%22bob%22)%7Bid%7D%7D",
  "Patient?_id=bob", "Patient?identifier=mrn-bob", "Patient?identifier=urn:mrn|mrn-bob&_total=accurate", "Observation?_id=bob-glucose",
  "Observation?subject=Patient/bob", "Observation?patient=bob&_summary=count", "Observation?subject=Patient/bob&_total=accurate&_count=1",
  "Condition?patient=bob&_include=Condition:patient", "Provenance?target=Observation/bob-glucose&_include=Provenance:target",
  "Patient?_id=bob&_revinclude=Observation:subject&_revinclude=Condition:subject", "Observation?patient.name=bob",
  "Patient?_has:Observation:patient:_id=bob-glucose",
  "/api/people/bob", "/api/people/bob/timeline", "/api/people/bob/measures", "/api/people/bob/series?code=2339-0", "/api/people/bob/findings",
  "/api/people/bob/signals", "/api/people/bob/drafts", "/api/people/bob/inputs?method=bmi", "/api/people?q=bob", "/api/people?q=mrn-bob",
  "/api/resource/Patient/bob", "/api/resource/Observation/bob-glucose", "/api/resource/Observation/bob-glucose?version=1", "/api/resource/Observation/bob-gone",
  "/api/signals/bob-glucose", "/api/findings/Observation/bob-glucose", "/api/drafts/bob-draft",
  "/api/ledger/proof?reference=Observation/bob-glucose", "/api/ledger/proof?reference=Observation/bob-glucose&version=1", "/api/access/bob",
];

for (const who of ["ann", "wang", "nobody"] as const)
  test(`reading as ${who}: what exists beyond reach and what does not exist cannot be told apart`, async () => {
    for (const url of reads) {
      const real = await send("GET", url, { as: who });
      const none = await send("GET", url.replaceAll("bob", "bo0"), { as: who });
      assert.deepEqual(shape(real), shape(none), url);
      assert.ok(real.statusCode !== 200 || !/Bobrowski|glucose|asthma/i.test(real.body.replaceAll(/"url":"[^"]*"/g, "")), url);
      const head = await send("HEAD", url, { as: who });
      assert.equal(head.statusCode, real.statusCode, url);
      assert.equal(head.headers["content-length"], real.headers["content-length"], url);
    }
  });

test("the same questions find something for those who may ask", async () => {
  for (const [url, who] of [["Patient/ann", "ann"], ["Patient/ann", "wang"], ["Observation/ann-glucose/_history", "ann"], ["Provenance/ann-origin", "wang"], ["Patient/ann/$everything", "ann"], ["/api/people/ann", "wang"], ["/api/resource/Observation/ann-glucose", "ann"], ["Patient/bob", "admin"], ["Observation/bob-glucose/_history/1", "operator"]] as const)
    assert.equal((await send("GET", url, { as: who })).statusCode, 200, `${who} ${url}`);
  assert.equal((await send("GET", "Observation/ann-gone", { as: "ann" })).statusCode, 410, "one's own deleted resource is gone, not unknown");
});

test("conditional reads and If-None-Match tell nothing", async () => {
  for (const headers of [{ "if-none-match": 'W/"1"' }, { "if-none-match": "*" }, { "if-modified-since": new Date().toUTCString() }] as Record<string, string>[])
    for (const who of ["ann", "wang"] as const)
      assert.deepEqual(shape(await send("GET", "Patient/bob", { as: who, headers })), shape(await send("GET", "Patient/bo0", { as: who, headers })));
});

/** Every resource a caller gets to see by walking all pages of a question. */
async function walk(url: string, as: Who): Promise<{ seen: string[]; totals: (number | undefined)[] }> {
  const seen: string[] = [];
  const totals: (number | undefined)[] = [];
  for (let next: string | undefined = url; next !== undefined;) {
    const page = bundleOf(await send("GET", next, { as }));
    totals.push(page.total);
    seen.push(...(page.entry ?? []).map(({ fullUrl, resource }) => fullUrl?.split("/R4/")[1] ?? `${resource!.resourceType}/${resource!.id}`));
    next = nextOf(page);
  }
  return { seen, totals };
}

test("searches, includes, reverse includes, histories and totals hold only what is within reach", async () => {
  const rows: [string, string[], number | undefined][] = [
    ["Patient?_total=accurate", ["Patient/ann"], 1],
    ["Patient?_count=1&_total=accurate&_sort=-birthdate", ["Patient/ann"], 1],
    ["Observation?_total=accurate", ["Observation/ann-glucose"], 1],
    ["Observation?code=2339-0&_total=accurate", ["Observation/ann-glucose"], 1],
    ["Observation?performer=Practitioner/wang&_total=accurate&_include=Observation:subject", ["Observation/ann-glucose", "Patient/ann"], 1],
    ["Observation?value-quantity=99&_total=accurate", ["Observation/ann-glucose"], 1],
    ["Condition?code:text=asthma&_total=accurate", ["Condition/ann-asthma"], 1],
    ["Observation?date=2026&_sort=date&_count=1&_total=accurate", ["Observation/ann-glucose"], 1],
    ["Observation?_lastUpdated=gt2000-01-01&_total=accurate", ["Observation/ann-glucose"], 1],
    ["Observation?subject=Patient/ann,Patient/bob&_total=accurate", ["Observation/ann-glucose"], 1],
    ["Observation?_id=ann-glucose,bob-glucose&_total=accurate", ["Observation/ann-glucose"], 1],
    ["Observation?status:not=amended&_total=accurate", ["Observation/ann-glucose"], 1],
    ["Patient?name:missing=false&_total=accurate", ["Patient/ann"], 1],
    ["Practitioner?_id=wang&_revinclude=Observation:performer&_revinclude=Condition:asserter", ["Practitioner/wang", "Observation/ann-glucose", "Condition/ann-asthma"], 1],
    ["Organization?_id=clinic&_revinclude=Patient:organization&_revinclude:iterate=Observation:subject", ["Organization/clinic", "Patient/ann", "Observation/ann-glucose"], 1],
    ["Patient/_history", ["Patient/ann"], undefined],
    ["Observation/_history?_count=1", ["Observation/ann-glucose", "Observation/ann-gone", "Observation/ann-gone"], undefined],
    ["Provenance/_history", ["Provenance/ann-origin"], undefined],
  ];
  for (const who of ["ann", "wang"] as const) {
    for (const [url, expected, total] of rows) {
      const { seen, totals } = await walk(url, who);
      assert.deepEqual(seen.sort(), [...expected].sort(), `${who} ${url}`);
      if (total !== undefined) for (const one of totals) assert.equal(one, total, `${who} ${url}`);
    }
    const system = await walk("_history?_count=3", who);
    assert.ok(system.seen.includes("Observation/ann-glucose") && system.seen.every((reference) => !reference.includes("bob")), who);
  }
  for (const url of ["Patient", "Observation?_total=accurate", "_history", "Patient/_history", "Organization?_id=clinic&_revinclude=Patient:organization"]) {
    const { seen } = await walk(url, "nobody");
    assert.ok(seen.every((reference) => !/ann|bob/.test(reference)), url);
  }
});

test("a batch of reads by a patient holds only their own", async () => {
  const ask = (id: string): object => ({ resourceType: "Bundle", type: "batch", entry: [`Patient/${id}`, `Observation/${id}-glucose/_history/1`, `Observation/${id}-gone`, `Observation?patient=${id}`, `Patient?identifier=mrn-${id}`].map((url) => ({ request: { method: "GET", url } })) });
  const real = await send("POST", "", { as: "ann", body: ask("bob") });
  assert.deepEqual(shape(real), shape(await send("POST", "", { as: "ann", body: ask("bo0") })));
  assert.deepEqual(bundleOf(real).entry!.map(({ response }) => response!.status.slice(0, 3)), ["404", "404", "404", "200", "200"]);
  assert.equal(bundleOf(await send("POST", "", { as: "ann", body: ask("ann") })).entry![0]!.resource!.id, "ann");
});

test("a patient who writes gets 403, the same for what exists and what does not, and nothing is written", async () => {
  const before = await rowCounts(server.node);
  for (const as of ["ann", "nobody"] as const)
    for (const id of ["ann", "bob", "bo0"]) {
      const one = observation(id, 5, { id: `${id}-glucose` });
      const patient = { resourceType: "Patient", id };
      const asked: [string, string, object?, Record<string, string>?][] = [
        ["PUT", `Observation/${id}-glucose`, one], ["PUT", `Observation/${id}-glucose`, one, { "if-match": 'W/"1"' }], ["PUT", `Patient/${id}`, patient],
        ["POST", "Observation", one], ["POST", "Patient", patient, { "if-none-exist": `identifier=mrn-${id}` }], ["PUT", `Patient?identifier=mrn-${id}`, patient],
        ["DELETE", `Observation/${id}-glucose`], ["DELETE", `Observation/${id}-glucose`, undefined, { "if-match": 'W/"1"' }], ["DELETE", `Patient?identifier=mrn-${id}`],
        ["POST", "", { resourceType: "Bundle", type: "transaction", entry: [{ resource: one, request: { method: "PUT", url: `Observation/${id}-glucose` } }] }],
        ["POST", "", { resourceType: "Bundle", type: "transaction", entry: [{ request: { method: "DELETE", url: `Patient/${id}` } }] }],
      ];
      for (const [method, url, body, headers] of asked) {
        const answer = await send(method, url, { as, ...(body ? { body } : {}), ...(headers ? { headers } : {}) });
        assert.equal(answer.statusCode, 403, `${as} ${method} ${url} ${answer.body}`);
        assert.equal(issuesOf(answer)[0]!.code, "forbidden");
        assert.ok(!answer.body.includes("bob") && !/version \d/.test(answer.body), answer.body);
      }
      const batch = bundleOf(await send("POST", "", { as, body: { resourceType: "Bundle", type: "batch", entry: [{ request: { method: "DELETE", url: `Observation/${id}-glucose` } }] } }));
      assert.equal(batch.entry![0]!.response!.status.slice(0, 3), "403");
    }
  assert.deepEqual(await rowCounts(server.node), before);
});

test("a doctor who writes about a person not in their care: the same for what exists and what does not; nothing is written", async () => {
  const before = await rowCounts(server.node);
  const asked: [string, string, object?, Record<string, string>?][] = [
    ["PUT", "Observation/bob-glucose", observation("bob", 5, { id: "bob-glucose" })],
    ["POST", "Observation", observation("bob", 5)],
    ["PUT", "Condition/bob-asthma", { resourceType: "Condition", id: "bob-asthma", subject: { reference: "Patient/bob" } }, { "if-match": 'W/"1"' }],
    ["PUT", "Condition/bob-asthma", { resourceType: "Condition", id: "bob-asthma", subject: { reference: "Patient/bob" } }, { "if-match": "*" }],
    ["DELETE", "Observation/bob-glucose"], ["DELETE", "Patient/bob"],
    ["DELETE", "Observation/bob-glucose", undefined, { "if-match": 'W/"1"' }], ["DELETE", "Observation/bob-glucose", undefined, { "if-match": 'W/"2"' }], ["DELETE", "Observation/bob-glucose", undefined, { "if-match": "*" }],
    ["DELETE", "Patient?identifier=urn:mrn|mrn-bob"], ["DELETE", "Observation?patient=bob"],
    ["POST", "", { resourceType: "Bundle", type: "transaction", entry: [{ resource: observation("x", 5, { subject: { reference: "Patient?identifier=urn:mrn|mrn-bob" } }), request: { method: "POST", url: "Observation" } }] }],
    ["POST", "", { resourceType: "Bundle", type: "transaction", entry: [{ resource: observation("bob", 5), request: { method: "POST", url: "Observation" } }] }],
    ["POST", "", { resourceType: "Bundle", type: "batch", entry: [{ request: { method: "DELETE", url: "Observation/bob-glucose", ifMatch: 'W/"1"' } }] }],
    ["POST", "/api/people/bob/assess"], ["POST", "/api/people/bob/drafts", { language: "en" }],
    ["PUT", "/api/drafts/bob-draft", { version: "1", sections: [] }], ["POST", "/api/drafts/bob-draft/sign", { version: "1" }], ["POST", "/api/drafts/bob-draft/reject", { version: "1", reason: "x" }],
  ];
  for (const [method, url, body, headers] of asked) {
    const [real, none] = await Promise.all(["bob", "bo0"].map((id) => send(method, url.replaceAll("bob", id), { as: "wang", ...(body ? { body: JSON.stringify(body).replaceAll("bob", id) } : {}), ...(headers ? { headers } : {}) })));
    assert.deepEqual(shape(real!), shape(none!), `${method} ${url}`);
    assert.ok(real!.statusCode >= 400 || real!.statusCode === 204 || url === "", `${method} ${url} ${real!.statusCode}`);
  }
  assert.deepEqual(await rowCounts(server.node), before);
  assert.equal((await send("GET", "Observation/bob-glucose")).headers.etag, 'W/"1"');
});

test("a doctor writes about people in their care", async () => {
  assert.equal((await send("POST", "Observation", { as: "wang", body: observation("ann", 101) })).statusCode, 201);
  assert.equal((await send("POST", "/api/people/ann/assess", { as: "wang" })).statusCode, 200);
});

test("a disabled account reaches nothing with the token it holds", async () => {
  const made = await server.node.trust.createAccount({ username: "former", password: "thistle under nine lanterns", role: "practitioner", agent: "Practitioner/wang", display: { en: "Former", zh: "前任" } });
  assert.ok(made.ok);
  const token = await server.node.trust.issueToken(made.value.id, 1);
  assert.ok(token.ok);
  const headers = { authorization: `Bearer ${token.value.token}` };
  assert.equal((await send("GET", "Patient/ann", { as: undefined, headers })).statusCode, 200);
  await server.node.trust.setDisabled(made.value.id, true);
  for (const url of ["Patient/ann", "Patient", "_history", "/api/people", "/api/worklist"]) assert.equal((await send("GET", url, { as: undefined, headers })).statusCode, 401, url);
});

test("without a token everything but the open addresses is 401, alike for all", async () => {
  for (const url of [...reads, "Patient", "Nonsense", "_history", "/api/worklist", "/api/ledger", "/api/methods"]) {
    const answer = await send("GET", url, { as: undefined });
    assert.equal(answer.statusCode, 401, url);
    assert.equal(answer.headers["www-authenticate"], 'Bearer realm="salus"');
  }
  for (const url of ["metadata", "$versions", "/healthz", "/metrics", "/api/session"]) assert.equal((await send("GET", url, { as: undefined })).statusCode, 200, url);
});

test("after all of this the log and the metrics hold no name, no id, no query", async () => {
  assert.ok(server.log.length > 300, "the log was on");
  const said = /ann\b|bob|bo0|mrn|Andersen|Bobrowski|glucose|asthma|sat_|sas_|thistle/;
  assert.deepEqual(server.log.filter((line) => said.test(line)), []);
  assert.deepEqual((await send("GET", "/metrics", { as: undefined })).body.split("\n").filter((line) => said.test(line)), []);
});
