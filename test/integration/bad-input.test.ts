/** Bad input: the right status, a message that says what and where, and nothing half-written. */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { bundleOf, issuesOf, observation, rowCounts, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

async function refused(method: string, url: string, body: unknown, status: number): Promise<ReturnType<typeof issuesOf>> {
  const before = await rowCounts(server.node);
  const answer = await send(method, url, { body });
  assert.equal(answer.statusCode, status, answer.body);
  assert.deepEqual(await rowCounts(server.node), before, "nothing is written");
  const issues = issuesOf(answer);
  for (const { diagnostics, severity } of issues) assert.ok(diagnostics.length > 5 && (severity === "error" || severity === "fatal"));
  return issues;
}

test("malformed JSON is 400 and names line and column", async () => {
  const rows: [string, RegExp][] = [
    ['{"resourceType":"Patient",\n "gender": }', /line 2, column 12/], ['{"resourceType":"Patient"', /line 1, column \d+/], ["", /body/], ["null", /object/], ["[]", /object|array/],
    ['{"resourceType":"Patient"} {}', /line 1, column 28/], ["{'resourceType':'Patient'}", /line 1, column 2/], ['{"resourceType":"Patient","id":NaN}', /line 1, column 32/],
    ["[".repeat(5000), /deep|level|nest/i], [`{"resourceType":"Patient","extension":${'[{"extension":'.repeat(200)}[]${"}]".repeat(200)}}`, /deep|level|nest/i],
    ['{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}', /line 1, column \d+/], ['{"resourceType":"Patient","name":[{"family":"\\ud800"}]}', /surrogate/],
  ];
  for (const [body, message] of rows) {
    const issues = await refused("POST", "Patient", body, 400);
    assert.match(issues[0]!.diagnostics, message, body.slice(0, 60));
    assert.ok(issues[0]!.diagnostics.length < 600, "the message is bounded");
  }
});

test("bytes that are not UTF-8 are 400", async () => {
  const bytes = Buffer.concat([Buffer.from('{"resourceType":"Patient","name":[{"family":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}]}')]);
  assert.match((await refused("POST", "Patient", bytes, 400))[0]!.diagnostics, /UTF-8/);
  await refused("POST", "Patient", Buffer.from('{"resourceType":"Patient"}', "utf16le"), 400);
});

test("a byte order mark before the resource is let go", async () => {
  const answer = await send("POST", "Patient", { body: '\ufeff{"resourceType":"Patient"}' });
  assert.equal(answer.statusCode, 201, answer.body);
  assert.notEqual(answer.body.charCodeAt(0), 0xfeff);
});

test("duplicate keys are 400 at their place, also deep inside and written with escapes", async () => {
  for (const body of ['{"resourceType":"Patient","gender":"male","gender":"female"}', '{"resourceType":"Patient","name":[{"family":"a","f\\u0061mily":"b"}]}', '{"resourceType":"Patient","resourceType":"Observation"}']) {
    const [issue] = await refused("POST", "Patient", body, 400);
    assert.equal(issue!.code, "duplicate");
    assert.match(issue!.diagnostics, /line 1, column \d+/);
  }
});

test("an unknown resource type is 404 in the address and 400 in a body", async () => {
  for (const [method, url] of [["GET", "Pacient"], ["GET", "Pacient/1"], ["GET", "patient"], ["POST", "Pacient"], ["PUT", "Pacient/1"], ["DELETE", "Pacient/1"], ["GET", "Pacient/_history"], ["GET", "Pacient/1/_history/1"], ["POST", "Pacient/_search"], ["GET", "constructor"], ["GET", "__proto__/1"]] as const) {
    const answer = await send(method, url, method === "POST" && !url.endsWith("_search") || method === "PUT" ? { body: { resourceType: "Pacient", id: "1" } } : {});
    assert.equal(answer.statusCode, 404, `${method} ${url}`);
    assert.match(issuesOf(answer)[0]!.diagnostics, /resource type/);
  }
  await refused("POST", "Patient", { resourceType: "Pacient" }, 400);
});

test("wrong cardinality, type, unknown member, binding: 400 with the FHIRPath of each fault", async () => {
  const rows: [object, string[]][] = [
    [{ resourceType: "Patient", birthDate: ["1970-01-01"] }, ["Patient.birthDate"]],
    [{ resourceType: "Patient", name: { family: "a" } }, ["Patient.name"]],
    [{ resourceType: "Patient", birthDate: "1970-13-01", gender: "m", nme: [] }, ["Patient.birthDate", "Patient.gender", "Patient"]],
    [{ resourceType: "Observation", valueQuantity: { value: "5" } }, ["Observation", "Observation.value"]],
    [{ resourceType: "Observation", status: "final", code: { text: "x" }, valueString: "a", valueBoolean: true }, ["Observation.value"]],
    [{ resourceType: "Patient", contact: [{ name: { given: ["a", 5] } }] }, ["Patient.contact[0].name.given[1]"]],
  ];
  for (const [body, expected] of rows) {
    const issues = await refused("POST", (body as { resourceType: string }).resourceType, body, 400);
    const found = issues.flatMap(({ expression }) => expression ?? []);
    // An element that is missing or unknown has no path of its own: the parent's stands there, the words name it.
    const said = issues.map(({ diagnostics }) => diagnostics).join();
    if ("nme" in body) assert.match(said, /nme/);
    if (!("status" in body) && "valueQuantity" in body) assert.ok(/code/.test(said) && /status/.test(said), said);
    for (const path of expected) assert.ok(found.some((one) => one.startsWith(path)), `${path} in ${found.join(", ")}`);
  }
});

test("a transaction with one bad entry writes nothing and names the entry", async () => {
  const good = { resource: { resourceType: "Patient", name: [{ family: "Good" }] }, request: { method: "POST", url: "Patient" } };
  const rows: [object, number, RegExp][] = [
    [{ resource: { resourceType: "Patient", gender: 5 }, request: { method: "POST", url: "Patient" } }, 400, /^Bundle\.entry\[1\]\.resource\.gender/],
    [{ resource: { resourceType: "Observation" }, request: { method: "POST", url: "Observation" } }, 400, /^Bundle\.entry\[1\]\.resource/],
    [{ resource: { resourceType: "Patient" }, request: { method: "POST", url: "Pacient" } }, 400, /^Bundle\.entry\[1\]\.request/],
    [{ resource: { resourceType: "Patient" } }, 400, /^Bundle\.entry\[1\]/],
    [{ resource: { resourceType: "Patient", id: "ann" }, request: { method: "PUT", url: "Patient/ann", ifMatch: 'W/"9"' } }, 412, /^$/],
    [{ resource: observation("x", 1, { subject: { reference: "Patient?identifier=none-such" } }), request: { method: "POST", url: "Observation" } }, 404, /^Bundle\.entry\[1\]/],
    [{ request: { method: "PATCH", url: "Patient/ann" } }, 400, /^Bundle\.entry\[1\]\.resource/],
    [{ request: { method: "TRACE", url: "Patient/ann" } }, 400, /^Bundle\.entry\[1\]\.request\.method/],
  ];
  for (const [entry, status, place] of rows) {
    const issues = await refused("POST", "", { resourceType: "Bundle", type: "transaction", entry: [good, entry] }, status);
    if (place.source !== "^$") assert.match(issues[0]!.expression?.[0] ?? "", place, JSON.stringify(issues));
  }
  await refused("POST", "", { resourceType: "Bundle", type: "collection", entry: [good] }, 400);
  await refused("POST", "", { resourceType: "Patient" }, 400);
});

test("a batch with one bad entry: the others are written, each answered for itself", async () => {
  const answer = bundleOf(await send("POST", "", { body: { resourceType: "Bundle", type: "batch", entry: [
    { resource: { resourceType: "Patient", name: [{ family: "One" }] }, request: { method: "POST", url: "Patient" } },
    { resource: { resourceType: "Patient", gender: 5 }, request: { method: "POST", url: "Patient" } },
    { resource: { resourceType: "Patient", id: "in-batch" }, request: { method: "PUT", url: "Patient/in-batch" } },
    { request: { method: "GET", url: "Patient/none-such" } },
  ] } }));
  assert.equal(answer.type, "batch-response");
  assert.deepEqual(answer.entry!.map(({ response }) => response!.status.slice(0, 3)), ["201", "400", "201", "404"]);
  assert.match(answer.entry![1]!.response!.outcome!.issue[0]!.expression![0]!, /gender/);
  assert.equal((await send("GET", "Patient/in-batch")).statusCode, 200);
});

test("a write that fails half-way through leaves nothing: duplicate targets in one transaction", async () => {
  const entry = (family: string): object => ({ resource: { resourceType: "Patient", id: "twice", name: [{ family }] }, request: { method: "PUT", url: "Patient/twice" } });
  await refused("POST", "", { resourceType: "Bundle", type: "transaction", entry: [entry("a"), entry("b")] }, 400);
  assert.equal((await send("GET", "Patient/twice")).statusCode, 404);
});

test("a body above the limit is 413 without being read", async () => {
  await server.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = server.app.server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${server.tokens.get("operator")!}`, "content-type": "application/fhir+json" };
  const status = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const request = httpRequest({ port, host: "127.0.0.1", path: "/fhir/R4/Patient", method: "POST", headers: { ...headers, "content-length": String(2 ** 31) } }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => { text += chunk.toString(); });
      answer.on("end", () => { resolve({ status: answer.statusCode, text }); request.destroy(); });
    });
    request.on("error", reject);
    request.write('{"resourceType":"Patient"');
  });
  assert.equal(status.status, 413);
  assert.match(status.text, /"code":"too-long".*salus import/);
  const small = await send("POST", "/api/session", { body: `{"username":"${"a".repeat(2 << 20)}","password":"x"}`, as: undefined });
  assert.equal(small.statusCode, 413);
});

test("values that databases dislike are stored and found, or refused; never 500", async () => {
  const long = "x7".repeat(20_000);
  const bodies: object[] = [
    { resourceType: "Patient", name: [{ family: long }], identifier: [{ system: `urn:${long}`, value: long }] },
    { resourceType: "Patient", name: [{ family: "'; drop table resource; -- \\ % _ \u202e 𝒳 é" }] },
    { resourceType: "Patient", birthDate: "0001-01-01" }, { resourceType: "Patient", birthDate: "9999-12-31" }, { resourceType: "Patient", birthDate: "0000" },
    ...["1e400", "1e308", "-1e308", "1e-400", "0.0000000000000000000000000000000000001", "123456789012345678901234567890"].map((value) => JSON.parse(JSON.stringify({ raw: value })) as object),
  ];
  for (const body of bodies) {
    const raw = (body as { raw?: string }).raw;
    const text = raw === undefined ? JSON.stringify(body) : `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${raw},"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}`;
    const answer = await send("POST", raw === undefined ? "Patient" : "Observation", { body: text });
    assert.ok(answer.statusCode === 201 || answer.statusCode === 400, `${answer.statusCode} ${text.slice(0, 100)} ${answer.body.slice(0, 300)}`);
  }
  assert.equal(bundleOf(await send("GET", "Patient?name=%27%3B%20drop%20table")).entry?.length, 1);
});

test("search: what cannot be understood is 400 and named; nothing is 500", async () => {
  const rows = ["birthdate=yesterday", "nonsense=1", "_sort=nonsense", "_count=x", "_count=-1", "_include=Patient:nonsense", "_include=x", "_cursor=x", "_cursor=W10", "birthdate=2026-02-30", "gender:nonsense=male", "name=%zz", "_lastUpdated=x",
    `_id=${"a,".repeat(2000)}a`, `name=${"a&name=".repeat(200)}a`, "_total=perhaps", "_summary=perhaps", "organization:Nonsense=1", "general-practitioner.nmae=x", "gender.name=x", "_has:Observation:nonsense:code=1", "_has:Observation=1", `${"link:Patient.".repeat(400)}name=x`, `_filter=${"(".repeat(5000)}`, `_filter=${"name eq a and ".repeat(300)}name eq a`, `_content=${"(".repeat(50)}`, `name=${"a,".repeat(30_000)}a`, "_content=%22", "_text=%C3%28", "_list=$current-worries", "gender:in=urn:unknown", "gender:below=x|", "identifier:of-type=MR|1", "_id=a b", "birthdate=gt", "_sort=,", "_elements="];
  for (const query of rows) {
    const answer = await send("GET", `Patient?${query}`);
    assert.ok(answer.statusCode === 400 || (answer.statusCode === 200 && ["_id=a b", "_elements=", "_sort=,"].includes(query)), `${query.slice(0, 60)} ${answer.statusCode} ${answer.body.slice(0, 200)}`);
    if (answer.statusCode === 400) assert.ok(issuesOf(answer)[0]!.diagnostics.length > 10, query);
  }
  for (const query of ["name=%00", `name=${"a".repeat(10_000)}`, "name=%F0%9F%98%80", "identifier=%7C%7C%7C", "birthdate=0001", "birthdate=9999-12-31", "name=%25_%5C", "_id=%00", "_count=999999999", "_count=0", "identifier=|", "name=", "name=%27"])
    assert.ok((await send("GET", `Patient?${query}`)).statusCode < 500, query.slice(0, 60));
  for (const query of ["value-quantity=1e400", "value-quantity=1e-400", "value-quantity=ap5||", "value-quantity=||", "date=sa9999", "code=||", "code-value-quantity=a$9e999", `_content=${"a".repeat(30_000)}*`, `_text=${"(a OR ".repeat(15)}b${")".repeat(15)}`, `_filter=code eq "${"\\\\".repeat(5_000)}"`, `code:text=${"(a+)+$".repeat(500)}`, "_content=%00", "code:in=http://hl7.org/fhir/ValueSet/observation-codes", "code:below=http://unitsofmeasure.org|mg", "combo-value-quantity=99999999999999999999999999999999", "date=0000", "date=10000-01-01"])
    assert.ok((await send("GET", `Observation?${query}`)).statusCode < 500, query);
  const lenient = bundleOf(await send("GET", "Patient?nonsense=1", { headers: { prefer: "handling=lenient" } }));
  assert.equal(lenient.entry!.filter(({ search }) => search!.mode === "outcome").length, 1);
});

test("the screens' API refuses what it cannot read", async () => {
  for (const [method, url, body, status] of [
    ["POST", "/api/session", "{", 400], ["POST", "/api/session", "[]", 400], ["POST", "/api/session", { username: "x" }, 400], ["POST", "/api/session", { username: 1, password: {} }, 400],
    ["POST", "/api/session", '{"username":"a","username":"b","password":"c"}', 400], ["POST", "/api/methods/none/run", { inputs: {} }, 404], ["POST", "/api/methods/bmi/run", { inputs: { __proto__x: 1 } }, 400],
    ["POST", "/api/people/ann/drafts", "", 400], ["PUT", "/api/drafts/none", { version: "1", sections: [null] }, 400], ["POST", "/api/drafts/none/sign", { version: "1" }, 403],
    ["GET", "/api/people/%00", undefined, 404], ["GET", "/api/people/ann/series", undefined, 400], ["GET", "/api/resource/Patient/ann?version=x", undefined, 404], ["GET", "/api/resource/Nonsense/ann", undefined, 404],
    ["GET", "/api/ledger/proof", undefined, 400], ["GET", "/api/people?cursor=x", undefined, 400], ["GET", "/api/none", undefined, 404], ["GET", "/api/people?q=%00&q=2", undefined, 400],
  ] as const) {
    const answer = await send(method, url, body === undefined ? {} : { body });
    assert.ok(answer.statusCode === status || (url.includes("%00") && answer.statusCode < 500), `${method} ${url} ${answer.statusCode} ${answer.body.slice(0, 200)}`);
    assert.equal((answer.json() as { resourceType?: string }).resourceType ?? "OperationOutcome", "OperationOutcome", url);
  }
  for (const type of ["text/plain", "application/x-www-form-urlencoded"]) assert.equal((await send("POST", "/api/session", { as: undefined, body: "{}", headers: { "content-type": type } })).statusCode, 415);
});

test("after all of this no unexpected failure stands in the log, and no content", () => {
  assert.deepEqual(server.log.filter((line) => line.includes('"msg":"unexpected"') || /Good|drop table|x7x7|family|none-such|in-batch/.test(line)), []);
});
