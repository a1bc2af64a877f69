/** Patient/$merge, $unmerge and $purge: what changes, what is restored, what is erased, who may, and what the ledger says. */
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { after, before, test } from "node:test";
import { parseEntryProof, verifyEntryProof } from "#ledger/entry-proof.ts";
import { parseVkey } from "#ledger/note.ts";
import type { Resource } from "#fhir/resource.ts";
import { bundleOf, issuesOf, observation, testServer, type Answer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const parameters = (...parameter: object[]): object => ({ resourceType: "Parameters", parameter });
const pair = (source: string, target: string, ...more: object[]): object => parameters({ name: "source-patient", valueReference: { reference: `Patient/${source}` } }, { name: "target-patient", valueReference: { reference: `Patient/${target}` } }, ...more);

async function put(resource: { resourceType: string; id: string; [name: string]: unknown }): Promise<void> {
  const done = await send("PUT", `${resource.resourceType}/${resource.id}`, { body: resource });
  assert.ok(done.statusCode === 201 || done.statusCode === 200, done.body);
}

/** Two records of one person, `a` and `b`, each with an id of this prefix. */
async function twins(prefix: string): Promise<[string, string]> {
  const [a, b] = [`${prefix}-a`, `${prefix}-b`];
  for (const id of [a, b]) await put({ resourceType: "Patient", id, name: [{ family: "Twin" }], identifier: [{ system: "urn:mrn", value: id }] });
  await put({ ...observation(a, 5.10), id: `${a}-glucose` });
  await put({ resourceType: "Condition", id: `${a}-asthma`, subject: { reference: `Patient/${a}` }, code: { text: "Asthma" }, extension: [{ url: "urn:by", valueReference: { reference: `Patient/${a}` } }] });
  await put({ resourceType: "Provenance", id: `${a}-origin`, target: [{ reference: `Observation/${a}-glucose` }], recorded: "2026-01-05T08:00:00Z", agent: [{ who: { reference: "Organization/clinic" } }] });
  await put({ resourceType: "Appointment", id: `${prefix}-visit`, status: "booked", participant: [{ status: "accepted", actor: { reference: `Patient/${a}` } }, { status: "accepted", actor: { reference: "Patient/bob" } }] });
  return [a, b];
}

const named = (prefix: string): string[] => [`Observation/${prefix}-a-glucose`, `Condition/${prefix}-a-asthma`, `Appointment/${prefix}-visit`, `Provenance/${prefix}-a-origin`, `Patient/${prefix}-a`, `Patient/${prefix}-b`];

/** Content without what each version has of its own. */
function plain(answer: Answer): unknown {
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.body.replace(/"versionId":"\d+"/, "").replace(/"lastUpdated":"[^"]*"/, "");
}

function outcomeOf(answer: Answer): { result: Resource; text: string } {
  assert.equal(answer.statusCode, 200, answer.body);
  const all = (answer.json() as { parameter: { name: string; resource: Resource & { issue: { diagnostics: string }[] } }[] }).parameter;
  return { result: all.find(({ name }) => name === "result")!.resource, text: all.find(({ name }) => name === "outcome")!.resource.issue[0]!.diagnostics };
}

const sound = async (): Promise<void> => {
  await server.node.record.settleLedger();
  assert.deepEqual((await server.node.record.verify()).faults, []);
};

test("patient-operation-merge: references everywhere name the target, the source is inactive and says what replaced it", async () => {
  const [a, b] = await twins("m");
  const before = await Promise.all(named("m").map((reference) => send("GET", reference)));
  const preview = outcomeOf(await send("POST", "Patient/$merge", { as: "admin", body: pair(a, b, { name: "preview", valueBoolean: true }) }));
  assert.match(preview.text, /would be merged .* 5 resources/);
  for (const [i, reference] of named("m").entries()) assert.equal((await send("GET", reference)).body, before[i]!.body, "a preview changes nothing");
  const { result } = outcomeOf(await send("POST", "Patient/$merge", { as: "admin", body: pair(a, b) }));
  assert.deepEqual([result.id, result.link], [b, [{ other: { reference: `Patient/${a}` }, type: "replaces" }]]);
  assert.deepEqual(result.identifier, [{ system: "urn:mrn", value: b }, { system: "urn:mrn", value: a, use: "old" }]);
  const source = (await send("GET", `Patient/${a}`)).json() as Resource;
  assert.deepEqual([source.active, source.link], [false, [{ other: { reference: `Patient/${b}` }, type: "replaced-by" }]]);
  const condition = (await send("GET", `Condition/${a}-asthma`)).json() as { subject: object; extension: { valueReference: object }[] };
  assert.deepEqual([condition.subject, condition.extension[0]!.valueReference], [{ reference: `Patient/${b}` }, { reference: `Patient/${b}` }]);
  assert.deepEqual(bundleOf(await send("GET", `Observation?patient=${b}`)).entry!.map(({ resource }) => resource!.id), [`${a}-glucose`]);
  assert.equal(bundleOf(await send("GET", `Observation?patient=${a}`)).entry, undefined);
  assert.deepEqual(bundleOf(await send("GET", `Provenance?target=Observation/${a}-glucose`)).entry!.length, 1);
  await sound();
  assert.equal((await send("POST", "Patient/$merge", { as: "admin", body: pair(a, b) })).statusCode, 409, "not twice");
  const undone = outcomeOf(await send("POST", "Patient/$unmerge", { as: "admin", body: pair(a, b) }));
  assert.equal(undone.result.id, a);
  for (const [i, reference] of named("m").entries()) assert.equal(plain(await send("GET", reference)), plain(before[i]!), `${reference} is restored exactly`);
  await sound();
  assert.equal((await send("POST", "Patient/$unmerge", { as: "admin", body: pair(a, b) })).statusCode, 404);
  assert.equal((await send("POST", "Patient/$merge", { as: "admin", body: pair(a, b) })).statusCode, 200, "and may be merged again");
});

test("$unmerge undoes nothing when something was changed since, and names it", async () => {
  const [a, b] = await twins("u");
  await send("POST", "Patient/$merge", { as: "admin", body: pair(a, b) });
  await put({ ...observation(b, 6), id: `${a}-glucose` });
  const refused = await send("POST", "Patient/$unmerge", { as: "admin", body: pair(a, b) });
  assert.equal(refused.statusCode, 409);
  assert.match(issuesOf(refused)[0]!.diagnostics, new RegExp(`Observation/${a}-glucose was changed`));
  assert.equal(((await send("GET", `Condition/${a}-asthma`)).json() as { subject: { reference: string } }).subject.reference, `Patient/${b}`);
});

test("people are named by identifiers; a result-patient must keep them and the link", async () => {
  const [a, b] = await twins("i");
  const by = (side: string, value: string): object => ({ name: `${side}-patient-identifier`, valueIdentifier: { system: "urn:mrn", value } });
  assert.equal((await send("POST", "Patient/$merge", { as: "admin", body: parameters(by("source", a), by("target", "none")) })).statusCode, 422);
  assert.equal((await send("POST", "Patient/$merge", { as: "admin", body: pair(a, "none-such") })).statusCode, 404);
  assert.equal((await send("POST", "Patient/$merge", { as: "admin", body: pair(a, a) })).statusCode, 400);
  const result = { resourceType: "Patient", id: b, name: [{ family: "Chosen" }] };
  for (const wrong of [{ ...result, id: a }, result, { ...result, link: [{ other: { reference: `Patient/${a}` }, type: "replaces" }] }, { ...result, gender: "none", link: [{ other: { reference: `Patient/${a}` }, type: "replaces" }], identifier: [{ system: "urn:mrn", value: a }] }])
    assert.equal((await send("POST", "Patient/$merge", { as: "admin", body: pair(a, b, { name: "result-patient", resource: wrong }) })).statusCode, 400, JSON.stringify(wrong));
  const right = { ...result, link: [{ other: { reference: `Patient/${a}` }, type: "replaces" }], identifier: [{ system: "urn:mrn", value: a }] };
  const done = outcomeOf(await send("POST", "Patient/$merge", { as: "admin", body: parameters(by("source", a), by("target", b), { name: "result-patient", resource: right }) }));
  assert.deepEqual([done.result.name, done.result.identifier], [right.name, right.identifier]);
});

test("a merge meets writers: no version of theirs is lost", async () => {
  const [a, b] = await twins("w");
  const writes = Array.from({ length: 12 }, async (_, i) => { await put({ ...observation("w-a", i), id: "w-a-glucose", note: [{ text: `turn ${i}` }] }); });
  const merged = send("POST", "Patient/$merge", { as: "admin", body: pair(a, b) });
  await Promise.all(writes);
  assert.equal((await merged).statusCode, 200, (await merged).body);
  const history = bundleOf(await send("GET", "Observation/w-a-glucose/_history")).entry!.map(({ resource }) => resource as unknown as { subject: { reference: string }; note?: object[] });
  assert.equal(history.filter(({ note, subject }) => note !== undefined && subject.reference === `Patient/${a}`).length, 12);
  assert.ok(history.some(({ subject }) => subject.reference === `Patient/${b}`));
  await sound();
});

test("only administrators merge, undo and purge; others are told nothing of who exists", async () => {
  for (const as of ["ann", "wang", "nobody"] as const) {
    for (const url of ["Patient/$merge", "Patient/$unmerge"]) {
      const [real, none] = [await send("POST", url, { as, body: pair("bob", "ann") }), await send("POST", url, { as, body: pair("xyz", "ann") })];
      assert.deepEqual([real.statusCode, real.body], [403, none.body], `${as} ${url}`);
    }
    const [real, none] = [await send("POST", "Patient/bob/$purge", { as }), await send("POST", "Patient/xyz/$purge", { as })];
    assert.deepEqual([real.statusCode, real.body], [403, none.body]);
  }
  assert.equal((await send("GET", "Patient/bob/$purge", { as: "admin" })).statusCode, 405);
  assert.equal((await send("POST", "Patient/no-such/$purge", { as: "admin" })).statusCode, 404);
});

test("patient-operation-purge: nothing of the person is left in any table, others' records stay, the ledger holds and proves it", async () => {
  const words = /Purgatorius|Hayfever|zwiebelring/;
  await put({ resourceType: "Patient", id: "gone", name: [{ family: "Purgatorius" }], birthDate: "1970-01-01" });
  await put({ resourceType: "Condition", id: "gone-hay", subject: { reference: "Patient/gone" }, code: { text: "Hayfever" } });
  await put({ resourceType: "Condition", id: "gone-hay", subject: { reference: "Patient/gone" }, code: { text: "Hayfever, worse" } });
  await put({ ...observation("gone", 5), id: "gone-obs", note: [{ text: "zwiebelring" }] });
  await put({ ...observation("gone", 7), id: "gone-deleted", note: [{ text: "zwiebelring" }] });
  assert.equal((await send("DELETE", "Observation/gone-deleted")).statusCode, 204);
  // Written about the wrong person first: that version is erased, the resource is Bob's.
  await put({ ...observation("gone", 8), id: "corrected", note: [{ text: "zwiebelring" }] });
  await put({ ...observation("bob", 8), id: "corrected" });
  await put({ resourceType: "Appointment", id: "shared", status: "booked", participant: ["gone", "bob"].map((id) => ({ status: "accepted", actor: { reference: `Patient/${id}` } })) });
  await put({ resourceType: "Provenance", id: "of-two", target: [{ reference: "Observation/gone-obs" }, { reference: "Observation/corrected" }], recorded: "2026-01-05T08:00:00Z", agent: [{ who: { reference: "Organization/clinic" } }] });
  await send("POST", "Condition/gone-hay/$meta-add", { body: parameters({ name: "meta", valueMeta: { tag: [{ system: "urn:t", code: "zwiebelring" }] } }) });
  await sound();
  const answer = await send("POST", "Patient/gone/$purge", { as: "admin" });
  assert.equal(answer.statusCode, 200, answer.body);
  const value = (name: string): string => (answer.json() as { parameter: { name: string; valueString: string }[] }).parameter.find((one) => one.name === name)!.valueString;
  assert.match(answer.body, /4 resources with 7 versions were erased/);
  assert.match(answer.body, /stay, for they are about other people too: [^"]*Appointment\/shared/);
  for (const reference of ["Patient/gone", "Condition/gone-hay", "Condition/gone-hay/_history", "Condition/gone-hay/_history/1", "Observation/gone-obs", "Observation/gone-deleted", "Observation/corrected/_history/1"]) assert.equal((await send("GET", reference)).statusCode, 404, reference);
  assert.equal((await send("GET", "Observation/corrected")).statusCode, 200);
  assert.equal((await send("GET", "Provenance/of-two")).statusCode, 200);
  const tables = await server.node.sql<{ name: string }[]>`select table_name as name from information_schema.tables where table_schema = 'public'`;
  for (const { name } of tables) for (const row of await server.node.sql.unsafe(`select t::text as text from "${name}" t`)) assert.doesNotMatch(String(row.text), words, name);
  await sound();
  // Offline: the entry stands in the signed tree, and the list of emptied leaves is the one it speaks of.
  const proof = parseEntryProof(value("proof"));
  assert.ok(proof.ok);
  const vkey = parseVkey(proof.value.vkey!);
  assert.ok(vkey.ok);
  const verified = verifyEntryProof(proof.value, [vkey.value], Buffer.from(value("erased")));
  assert.ok(verified.ok, JSON.stringify(verified));
  assert.deepEqual([verified.value.payload.kind, verified.value.payload.count, verified.value.contentChecked], ["purge", value("erased").split("\n").length, true]);
  assert.equal(hash("sha256", value("erased")), value("sha256"));
  assert.doesNotMatch(value("proof"), /gone/, "the ledger's entry names nobody");
  assert.equal((await server.node.record.leaves(0, 1000)).filter(({ kind }) => kind === "purged").length, value("erased").split("\n").length);
  // Once more is not known; the same id may be given to somebody new.
  assert.equal((await send("POST", "Patient/gone/$purge", { as: "admin" })).statusCode, 404);
  await put({ resourceType: "Patient", id: "gone", name: [{ family: "New" }] });
  await put({ resourceType: "Patient", id: "gone", name: [{ family: "Newer" }] });
  await sound();
});

test("verify finds a leaf that was emptied without a purge, and a purge whose list was changed", async () => {
  const { sql, record } = server.node;
  await record.settleLedger();
  const texts = async (): Promise<string> => (await record.verify()).faults.map(({ text }) => text).join("\n");
  const [row] = await sql`select start, payloads from leaf_write where count = 1 and start > 0 and payloads <> '' order by start limit 1`;
  await sql`update leaf_write set payloads = '' where start = ${row!.start}`;
  assert.match(await texts(), new RegExp(`Leaf ${row!.start} was emptied, and no purge says so`));
  const [purge] = await sql`select purge from purge limit 1`;
  await sql`insert into erased (idx, purge, mark, version) values (${row!.start}, ${purge!.purge}, 0, 1)`;
  assert.match(await texts(), /are not those that the ledger says/);
  await sql`delete from erased where idx = ${row!.start}`;
  await sql`update leaf_write set payloads = ${row!.payloads} where start = ${row!.start}`;
  assert.equal(await texts(), "");
});
