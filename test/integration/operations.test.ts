/** $meta and its changes, $validate, $lastn, $document, $graphql over HTTP: what R4's definitions say, and for whom. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundleOf, glucose, issuesOf, observation, testServer, type Answer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

type Meta = { versionId?: string; lastUpdated?: string; profile?: string[]; tag?: object[]; security?: object[] };
const parameters = (...parameter: object[]): object => ({ resourceType: "Parameters", parameter });

function metaOf(answer: Answer): Meta {
  assert.equal(answer.statusCode, 200, answer.body);
  return (answer.json() as { parameter: { name: string; valueMeta: Meta }[] }).parameter.find(({ name }) => name === "return")!.valueMeta;
}

const label = (code: string, display?: string): object => ({ system: "urn:labels", code, ...(display === undefined ? {} : { display }) });
const change = (meta: object): object => parameters({ name: "meta", valueMeta: meta });

test("resource-operation-meta-add and -delete: sets by system and code, no new version, found by search, and the ledger holds", async () => {
  const created = await send("POST", "Observation", { body: observation("ann", 4.50, { meta: { profile: ["urn:p"] } }) });
  const { id } = created.json() as { id: string };
  const at = `Observation/${id}`;
  const added = metaOf(await send("POST", `${at}/$meta-add`, { body: change({ tag: [label("a"), label("a", "Again"), label("b")], profile: ["urn:p", "urn:q"], security: [label("s")] }) }));
  assert.deepEqual([added.profile, added.tag, added.security, added.versionId], [["urn:p", "urn:q"], [label("a"), label("b")], [label("s")], "1"]);
  const again = metaOf(await send("POST", `${at}/$meta-add`, { body: change({ tag: [label("a", "Other")] }) }));
  assert.deepEqual([again.tag, again.lastUpdated], [[label("a"), label("b")], added.lastUpdated], "what is there already changes nothing");
  assert.equal(bundleOf(await send("GET", "Observation?_tag=urn:labels|b&_profile=urn:q")).entry?.length, 1);
  const removed = metaOf(await send("POST", `${at}/$meta-delete`, { body: change({ tag: [label("b"), label("none")], profile: ["urn:p"] }) }));
  assert.deepEqual([removed.tag, removed.profile, removed.security, removed.versionId], [[label("a")], ["urn:q"], [label("s")], "1"]);
  assert.equal(bundleOf(await send("GET", "Observation?_tag=urn:labels|b")).entry, undefined);
  const now = await send("GET", at);
  assert.equal(now.headers.etag, 'W/"1"');
  assert.deepEqual((now.json() as { meta: Meta }).meta, removed);
  assert.deepEqual(metaOf(await send("GET", `${at}/$meta`)), removed);
  assert.equal(bundleOf(await send("GET", `${at}/_history`)).entry!.length, 1);
  // A version of the past is labelled without another one; the current one stays as it is.
  await send("PUT", at, { body: { ...observation("ann", 5), id } });
  const past = metaOf(await send("POST", `${at}/_history/1/$meta-add`, { body: change({ security: [label("sealed")] }) }));
  assert.deepEqual(past.security, [label("s"), label("sealed")]);
  assert.deepEqual(metaOf(await send("GET", `${at}/_history/1/$meta`)), past);
  assert.deepEqual((await send("GET", `${at}/_history/1`)).json().meta, past);
  assert.equal(metaOf(await send("GET", `${at}/$meta`)).security, undefined);
  const report = await server.node.record.verify();
  assert.deepEqual(report.faults, []);
  await server.node.record.settleLedger();
  assert.equal((await server.node.record.verify()).ok, true);
});

test("a content whose meta was changed around the record is found by verify", async () => {
  await send("PUT", "Basic/forged", { body: { resourceType: "Basic", id: "forged", code: { text: "x" } } });
  await send("POST", "Basic/forged/$meta-add", { body: change({ tag: [label("true")] }) });
  await server.node.sql`update resource set content = replace(content, '"true"', '"fake"') where id = 'forged'`;
  const { faults } = await server.node.record.verify();
  assert.ok(faults.some(({ what, reference }) => what === "version" && reference === "Basic/forged"), JSON.stringify(faults));
  await server.node.sql`update resource set content = replace(content, '"fake"', '"true"') where id = 'forged'`;
});

test("eight writers of one meta lose no label", async () => {
  await send("PUT", "Basic/busy", { body: { resourceType: "Basic", id: "busy", code: { text: "x" } } });
  const codes = Array.from({ length: 8 }, (_, i) => `w${i}`);
  for (const answer of await Promise.all(codes.map((code) => send("POST", "Basic/busy/$meta-add", { body: change({ tag: [label(code)] }) })))) assert.equal(answer.statusCode, 200, answer.body);
  assert.deepEqual(metaOf(await send("GET", "Basic/busy/$meta")).tag!.map((one) => (one as { code: string }).code).sort(), codes);
});

test("json.html: where nothing is labelled, $meta of a type or the node says that there is none, not an empty Meta", async () => {
  const none = { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", valueCode: "not-applicable" }] };
  assert.deepEqual(metaOf(await send("GET", "Questionnaire/$meta")), none);
  assert.deepEqual(metaOf(await send("GET", "$meta", { as: "nobody" })), none);
  assert.deepEqual(Object.keys(metaOf(await send("GET", "Patient/ann/$meta"))), ["versionId", "lastUpdated"]);
});

test("resource-operation-meta: on a type and the system, what is in use among what the caller may see", async () => {
  await send("PUT", "Observation/bobs", { body: { ...observation("bob", 5), id: "bobs", meta: { tag: [label("only-bob", "Bob's")], profile: ["urn:bob"] } } });
  await send("PUT", "Observation/anns", { body: { ...observation("ann", 5), id: "anns", meta: { tag: [label("only-ann", "Ann's")] } } });
  const seen = async (url: string, as: "operator" | "ann"): Promise<string> => JSON.stringify(metaOf(await send("GET", url, { as })));
  for (const url of ["$meta", "Observation/$meta"]) {
    assert.match(await seen(url, "operator"), /urn:bob.*only-bob","display":"Bob's/);
    assert.doesNotMatch(await seen(url, "ann"), /bob/i);
    assert.match(await seen(url, "ann"), /only-ann/);
  }
  assert.doesNotMatch(await seen("Condition/$meta", "operator"), /only-/);
});

test("$meta-add is refused for patients, and for what is no Meta; unknown and out of reach are alike", async () => {
  const body = change({ tag: [label("x")] });
  assert.equal((await send("POST", "Observation/ann-glucose/$meta-add", { as: "ann", body })).statusCode, 403);
  assert.equal((await send("POST", "Observation/ann-glucose/$meta-add", { as: "wang", body })).statusCode, 200);
  assert.equal((await send("POST", "Observation/ann-glucose/$meta-add", { body: change({ tag: "x" }) })).statusCode, 400);
  assert.equal((await send("POST", "Observation/ann-glucose/$meta-add", { body: parameters() })).statusCode, 400);
  assert.equal((await send("GET", "Observation/ann-glucose/$meta-add")).statusCode, 405);
  const [real, none] = [await send("POST", "Observation/bob-glucose/$meta-add", { as: "wang", body }), await send("POST", "Observation/xyz-glucose/$meta-add", { as: "wang", body })];
  assert.deepEqual([real.statusCode, real.body.replaceAll("bob", "xyz")], [none.statusCode, none.body]);
});

const profile = {
  resourceType: "StructureDefinition", id: "valued", url: "urn:profile:valued", name: "Valued", status: "active", kind: "resource", abstract: false, type: "Observation",
  baseDefinition: "http://hl7.org/fhir/StructureDefinition/Observation", derivation: "constraint",
  differential: { element: [
    { id: "Observation", path: "Observation" }, { id: "Observation.value[x]", path: "Observation.value[x]", min: 1 },
    { id: "Observation.bodySite", path: "Observation.bodySite", binding: { strength: "required", valueSet: "urn:sites" } },
  ] },
};

test("resource-operation-validate: base, profiles and value sets from the record, on the type and on an instance", async () => {
  const severe = (answer: Answer): string[] => { assert.equal(answer.statusCode, 200, answer.body); return issuesOf(answer).filter(({ severity }) => severity === "error").map(({ diagnostics }) => diagnostics); };
  assert.deepEqual(severe(await send("POST", "Observation/$validate", { body: observation("ann", 5) })), []);
  assert.match(severe(await send("POST", "Observation/$validate", { body: { ...observation("ann", 5), status: "perhaps" } }))[0]!, /status/);
  assert.match(severe(await send("POST", "Patient/$validate", { body: observation("ann", 5) }))[0]!, /address is of Patient/);
  assert.match(severe(await send("POST", "Observation/$validate?profile=urn:profile:valued", { body: observation("ann", 5) }))[0]!, /not known here/);
  for (const resource of [profile, { resourceType: "ValueSet", id: "sites", url: "urn:sites", status: "active", compose: { include: [{ system: "urn:site", concept: [{ code: "arm" }] }] } }, { resourceType: "CodeSystem", id: "site", url: "urn:site", status: "active", content: "complete", concept: [{ code: "arm" }, { code: "leg" }] }]) assert.equal((await send("PUT", `${resource.resourceType}/${resource.id}`, { body: resource })).statusCode, 201);
  const { valueQuantity: _value, ...valueless } = observation("ann", 5);
  assert.match(severe(await send("POST", "Observation/$validate?profile=urn:profile:valued", { body: valueless })).join(), /value/);
  assert.match(severe(await send("POST", "Observation/$validate", { body: { ...valueless, meta: { profile: ["urn:profile:valued"] } } })).join(), /value/, "a profile that the resource claims counts too");
  const site = (code: string): object => parameters({ name: "resource", resource: { ...observation("ann", 5), bodySite: { coding: [{ system: "urn:site", code }] } } }, { name: "profile", valueUri: "urn:profile:valued" });
  assert.deepEqual(severe(await send("POST", "Observation/$validate", { body: site("arm") })), []);
  assert.match(severe(await send("POST", "Observation/$validate", { body: site("leg") })).join(), /urn:sites/);
  assert.deepEqual(severe(await send("GET", "Observation/ann-glucose/$validate?profile=urn:profile:valued")), []);
  assert.deepEqual(severe(await send("GET", "Observation/ann-glucose/$validate?mode=delete")), []);
  assert.match(severe(await send("GET", "Observation/ann-glucose/$validate?mode=delete", { as: "ann" }))[0]!, /may not delete/);
  assert.match(severe(await send("POST", "Observation/ann-glucose/$validate?mode=update", { body: { ...observation("ann", 5), id: "other" } }))[0]!, /carries this id/);
  assert.equal((await send("POST", "Observation/$validate", { body: parameters() })).statusCode, 400);
  assert.equal((await send("GET", "Observation/bob-glucose/$validate", { as: "ann" })).body.replace("bob", "xyz"), (await send("GET", "Observation/xyz-glucose/$validate", { as: "ann" })).body);
});

test("observation-operation-lastn: the latest of each code, ties included, newest first", async () => {
  const weight = { coding: [{ system: "http://loinc.org", code: "29463-7" }] };
  const both = { coding: [...weight.coding, { system: "urn:local", code: "kg" }] }, local = { coding: [{ system: "urn:local", code: "kg" }] };
  const rows: [string, object, string | undefined][] = [["w1", weight, "2026-03-01"], ["w2", local, "2026-03-04"], ["w3", both, "2026-03-02"], ["w4", weight, "2026-03-04"], ["w5", weight, undefined], ["t1", { text: "Mood" }, "2026-01-01"], ["t2", { text: "mood" }, "2026-02-01"]];
  for (const [id, code, effectiveDateTime] of rows) {
    const { effectiveDateTime: _date, ...rest } = observation("ann", 5, { id, code, category: [{ text: "own", coding: [{ code: "own" }] }] });
    assert.equal((await send("PUT", `Observation/${id}`, { body: effectiveDateTime === undefined ? rest : { ...rest, effectiveDateTime } })).statusCode, 201);
  }
  const ids = async (query: string): Promise<string[]> => (bundleOf(await send("GET", `Observation/$lastn?${query}`)).entry ?? []).map(({ resource }) => resource!.id);
  assert.deepEqual((await ids("patient=ann&category=own")).sort(), ["t2", "w2", "w4"], "one each, and the tie");
  assert.deepEqual((await ids("patient=ann&category=own&max=1")).at(-1), "t2");
  assert.deepEqual((await ids("subject=Patient/ann&category=own&max=3")).filter((id) => id.startsWith("w")).slice(2), ["w3"]);
  assert.equal((await ids("patient=ann&category=own&max=9")).length, 7);
  assert.deepEqual(await ids("patient=bob&code=29463-7"), []);
  for (const wrong of ["category=own", "patient=ann", "patient=ann&code=1&_sort=date", "patient=ann&code=1&max=0", "patient=ann&code=1&nonsense=1"]) assert.equal((await send("GET", `Observation/$lastn?${wrong}`)).statusCode, 400, wrong);
  assert.deepEqual((await send("GET", "Observation/$lastn?patient=bob&code=2339-0", { as: "ann" })).json().entry, undefined);
});

test("composition-operation-document: the Composition first, what it refers to within reach, stored when asked", async () => {
  await send("PUT", "Composition/letter", { body: {
    resourceType: "Composition", id: "letter", status: "final", type: glucose, date: "2026-02-01", title: "Letter", subject: { reference: "Patient/ann" }, author: [{ reference: "Practitioner/wang" }],
    section: [{ title: "A", entry: [{ reference: "Observation/ann-glucose" }, { reference: "Observation/bob-glucose" }, { reference: "Observation/no-such" }] }],
  } });
  const names = (answer: Answer): string[] => bundleOf(answer).entry!.map(({ resource }) => `${resource!.resourceType}/${resource!.id}`);
  const full = await send("GET", "Composition/letter/$document");
  assert.deepEqual(names(full), ["Composition/letter", "Patient/ann", "Practitioner/wang", "Observation/ann-glucose", "Observation/bob-glucose"]);
  assert.equal(bundleOf(full).type, "document");
  assert.deepEqual(names(await send("GET", "Composition/$document?id=letter", { as: "ann" })), ["Composition/letter", "Patient/ann", "Practitioner/wang", "Observation/ann-glucose"]);
  const stored = await send("POST", "Composition/letter/$document?persist=true");
  assert.equal(stored.statusCode, 200, stored.body);
  assert.equal((await send("GET", new URL(String(stored.headers.location)).pathname)).body, stored.body);
  assert.equal((await send("GET", "Composition/none/$document")).statusCode, 404);
  assert.equal((await send("GET", "Composition/$document")).statusCode, 400);
});

test("graphql: GET, JSON, application/graphql and Parameters; each with the caller's own reach", async () => {
  const query = "{ ObservationList(code: \"2339-0\") { id subject { reference } } }";
  const people = async (sent: Parameters<TestServer["send"]>): Promise<string[]> => {
    const answer = await send(...sent);
    assert.equal(answer.statusCode, 200, answer.body);
    return [...new Set((answer.json() as { data: { ObservationList: { subject: { reference: string } }[] } }).data.ObservationList.map(({ subject }) => subject.reference))].sort();
  };
  assert.deepEqual(await people(["GET", `$graphql?query=${encodeURIComponent(query)}`]), ["Patient/ann", "Patient/bob"]);
  assert.deepEqual(await people(["POST", "$graphql", { as: "ann", body: { query }, headers: { "content-type": "application/json" } }]), ["Patient/ann"]);
  assert.deepEqual(await people(["POST", "$graphql", { as: "wang", body: query, headers: { "content-type": "application/graphql" } }]), ["Patient/ann"]);
  assert.deepEqual(await people(["POST", "$graphql", { as: "wang", body: parameters({ name: "query", valueString: query }) }]), ["Patient/ann"]);
  const one = await send("GET", `Patient/ann/$graphql?query=${encodeURIComponent("{ id name { family } }")}`, { as: "ann" });
  assert.deepEqual(one.json(), { data: { id: "ann", name: [{ family: "Andersen" }] } });
  // A reference that leads beyond the caller's reach leads nowhere.
  await send("PUT", "Observation/crossing", { body: { ...observation("ann", 5), id: "crossing", derivedFrom: [{ reference: "Observation/bob-glucose" }, { reference: "Observation/xyz-glucose" }] } });
  const crossing = await send("GET", `Observation/crossing/$graphql?query=${encodeURIComponent("{ derivedFrom { resource(optional: true) { ... on Observation { id } } } }")}`, { as: "ann" });
  assert.doesNotMatch(crossing.body, /glucose/);
  assert.equal((await send("GET", `$graphql?query=${encodeURIComponent("{ nonsense }")}`)).statusCode, 400);
  assert.equal((await send("POST", "$graphql", { body: { query: 1 } })).statusCode, 400);
  assert.equal((await send("GET", "Patient/bob/$graphql?query=%7Bid%7D", { as: "ann" })).body.replace("bob", "xyz"), (await send("GET", "Patient/xyz/$graphql?query=%7Bid%7D", { as: "ann" })).body);
});

test("resource-operation-convert: JSON to XML and back, numbers as written, nothing stored", async () => {
  const json = '{"resourceType":"Observation","id":"c","status":"final","code":{"text":"x"},"valueQuantity":{"value":5.10,"unit":"kg"}}';
  const xml = await send("POST", "$convert", { body: json, headers: { accept: "application/fhir+xml" } });
  assert.equal(xml.statusCode, 200, xml.body);
  assert.match(xml.body, /<value value="5\.10"\/>/);
  for (const body of [xml.body, json, `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":${json}}]}`]) {
    const back = await send("POST", "$convert", { body, headers: { "content-type": body.startsWith("<") ? "application/fhir+xml" : "application/fhir+json" } });
    assert.equal(back.body, json);
  }
  assert.equal((await send("GET", "Observation/c")).statusCode, 404);
  assert.equal((await send("POST", "$convert", {})).statusCode, 400);
});
