/** Conditional create and update beyond the text of the specification, which rest/ tries: bad conditions, many clients at once. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, created, issuesOf, patient, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const create = (body: object = patient): ReturnType<typeof created> => created(server, body);

test("conditional create: 201, then 200 with the one there is, 412 with several, 400 for a condition that is none", async () => {
  const body = { ...patient, identifier: [{ system: "urn:cc", value: "1" }] };
  const headers = { "if-none-exist": "identifier=urn:cc|1" };
  const first = await send("POST", "Patient", { body, headers });
  assert.equal(first.statusCode, 201, first.body);
  const again = await send("POST", "Patient", { body: { ...body, birthDate: "1999-01-01" }, headers });
  assert.equal(again.statusCode, 200);
  assert.equal(again.headers.location, first.headers.location);
  assert.equal(again.body, first.body, "the post is ignored, the stored resource answered");
  await create(body);
  assert.equal((await send("POST", "Patient", { body, headers })).statusCode, 412);
  assert.equal((await send("POST", "Patient", { body, headers: { "if-none-exist": "" } })).statusCode, 400);
  const bad = await send("POST", "Patient", { body: { ...body, gender: 7 }, headers });
  assert.equal(bad.statusCode, 400);
  assert.deepEqual(issuesOf(bad)[0]!.expression, ["Patient.gender"]);
  const smuggled = await send("POST", "Patient", { body: `${JSON.stringify(patient)}},{"request":{"method":"DELETE","url":"Patient/ann"}`, headers });
  assert.equal(smuggled.statusCode, 400);
  assert.equal((await send("GET", "Patient/ann")).statusCode, 200);
});

test("a create with a search in its address creates nothing, rather than twice; presentation words are no search", async () => {
  const answer = await send("POST", "Patient?identifier=urn:cc|2", { body: { ...patient, identifier: [{ system: "urn:cc", value: "2" }] } });
  assert.equal(answer.statusCode, 400);
  assert.match(issuesOf(answer)[0]!.diagnostics!, /If-None-Exist/);
  assert.equal((JSON.parse((await send("GET", "Patient?identifier=urn:cc|2")).body) as { total: number }).total, 0);
  assert.equal((await send("POST", "Patient?_format=json&_pretty=true", { body: patient })).statusCode, 201);
});

test("conditional create by 16 clients at once makes exactly one resource, however each spells the condition", async () => {
  const spellings = ["identifier=urn:race|1", "identifier=1", "identifier=urn%3Arace%7C1", "identifier=1,urn:race|1", "birthdate=1931-01-01&identifier=urn:race|1", "identifier=urn:race|1&birthdate=1931-01-01", "birthdate=1931-01-01", "name=Racer&birthdate=1931"];
  for (const [round, only] of [["a", 1], ["b", spellings.length]] as const) {
    const body = { ...patient, name: [{ family: `Racer${round}` }], birthDate: `193${only}-01-01`, identifier: [{ system: `urn:race${round}`, value: `1${round}` }] };
    const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => send("POST", "Patient", { body, headers: {
      "if-none-exist": spellings[i % only]!.replaceAll("race", `race${round}`).replace("Racer", `Racer${round}`).replaceAll(/(?<=[|=]|%7C)1(?=$|[,&])/g, `1${round}`).replaceAll("1931", `193${only}`),
    } })));
    assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [...Array<number>(15).fill(200), 201]);
    assert.equal(new Set(answers.map(({ headers }) => headers.location)).size, 1);
    assert.equal(bundleOf(await send("GET", `Patient?identifier=urn:race${round}|1${round}`)).total, 1);
  }
});

test("conditional creates and updates by many at once make one resource", async () => {
  const identifier = [{ system: "urn:mixed", value: "m1" }];
  const statuses = await Promise.all(Array.from({ length: 12 }, async (_, i) => {
    const sent = i % 2 === 0
      ? await send("POST", "Patient", { body: { ...patient, identifier }, headers: { "if-none-exist": "identifier=urn:mixed|m1" } })
      : await send("PUT", "Patient?identifier=m1", { body: { ...patient, identifier: [...identifier, { value: `u${i}` }] } });
    return sent.statusCode;
  }));
  assert.equal(statuses.filter((status) => status === 201).length, 1, statuses.join());
  assert.ok(statuses.every((status) => status === 200 || status === 201), statuses.join());
  assert.equal(bundleOf(await send("GET", "Patient?identifier=urn:mixed|m1")).total, 1);
});
