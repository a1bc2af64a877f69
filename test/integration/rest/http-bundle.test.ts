/** https://hl7.org/fhir/R4/http.html: batch and transaction (3.1.0.11). What is beyond the text is tried in ../rest-bundle.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleOf, created, issuesOf, observation, patient, rowCounts, type Answer, type Bundle } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server } = withServer();

const post = (type: string, entry: object[], headers: Record<string, string> = {}): Promise<Answer> => send("POST", "", { body: { resourceType: "Bundle", type, entry }, headers });
const request = (method: string, url: string, more: object = {}): object => ({ request: { method, url, ...more } });
const put = (id: string, more: object = {}): object => ({ resource: { ...patient, id, ...more }, ...request("PUT", `Patient/${id}`) });
const statuses = ({ entry = [] }: Bundle): string[] => entry.map(({ response }) => response!.status.slice(0, 3));
const urn = (n: number): string => `urn:uuid:0b6a1e0c-8d9f-4b57-8f0e-00000000000${n}`;
const identifier = (value: string): object => ({ identifier: [{ system: "urn:bundle", value }] });
const pathOf = (location: string | undefined): string => location!.split("/_history/")[0]!;

states("http 3.1.0.11-1", async () => {
  for (const type of ["transaction", "batch"]) {
    const answer = await post(type, [{ resource: patient }]);
    if (type === "transaction") assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.expression], [400, ["Bundle.entry[0].request"]]);
    else assert.deepEqual(statuses(bundleOf(answer)), ["400"]);
  }
});

states("http 3.1.0.11-2", async () => {
  for (const one of [request("POST", "Patient"), request("PUT", "Patient/x")]) {
    const answer = await post("transaction", [one]);
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.expression], [400, ["Bundle.entry[0].resource"]]);
  }
});

states("http 3.1.0.11-3", async () => {
  const asked = ["Patient/ann", "/Patient/ann", "Patient/ann/_history/1", "Patient?_id=ann", "Patient/?_id=ann", "Patient/ann?_summary=true", "Patient/ann/Observation?code=2339-0", "Patient/ann/_history", "Patient/_history?_count=1", "_history?_count=1", "?_id=ann", "Patient/ann/$everything", "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", "metadata", "Patient/none", "Observation/ann-gone", "Patient?nonsense=1", "Pacient/1", "$nonsense"];
  const found = await Promise.all(asked.map(async (url) => (await send("GET", url.replace(/^\//, ""))).statusCode < 400));
  for (const [type, urls] of [["batch", asked], ["transaction", asked.filter((_, i) => found[i])]] as const) {
    const answer = bundleOf(await post(type, urls.map((url) => request("GET", url))));
    for (const [i, url] of urls.entries()) {
      const alone = await send("GET", url.replace(/^\//, ""));
      const { response, resource } = answer.entry![i]!;
      assert.equal(response!.status.slice(0, 3), String(alone.statusCode), `${type} ${url}`);
      assert.equal((alone.statusCode < 400 ? resource : response!.outcome as { resourceType?: string } | undefined)?.resourceType, (alone.json() as { resourceType: string }).resourceType, `${type} ${url}`);
    }
  }
  const validate = { resource: { resourceType: "Parameters", parameter: [{ name: "resource", resource: { ...patient, gender: "x" } }] }, ...request("POST", "Patient/$validate") };
  const add = { resource: { resourceType: "Parameters", parameter: [{ name: "meta", valueMeta: { tag: [{ system: "urn:t", code: "added" }] } }] }, ...request("POST", "Patient/ann/$meta-add") };
  for (const type of ["batch", "transaction"]) assert.deepEqual(bundleOf(await post(type, [validate])).entry!.map(({ resource }) => resource!.resourceType), ["OperationOutcome"]);
  assert.deepEqual(statuses(bundleOf(await post("batch", [add]))), ["200"]);
  assert.equal(bundleOf(await send("GET", "Patient?_tag=urn:t|added")).total, 1);
  assert.equal((await post("transaction", [add])).statusCode, 400, "what an operation changed could not be taken back with the rest");
});

states("http 3.1.0.11.1-2", async () => {
  const answer = bundleOf(await post("batch", [put("sound"), { resource: { ...patient, gender: "x" }, ...request("POST", "Patient") }, request("DELETE", "Pacient/1"), put("sound-too")]));
  assert.deepEqual(statuses(answer), ["201", "400", "400", "201"]);
  for (const id of ["sound", "sound-too"]) assert.equal((await send("GET", `Patient/${id}`)).statusCode, 200);
  const misspelt = { resourceType: "Bundle", type: "transaction", Entry: [put("never")] };
  assert.equal((await send("POST", "", { body: misspelt })).statusCode, 400);
  const unreadable = [7, { resource: patient, ...request("POST", "Patient", { ifnoneexist: "_id=ann" }) }, { request: { method: "GET" } }, { request: { url: "Patient/ann" } }, { resource: { id: "x" }, ...request("POST", "Patient") }, { resource: patient }];
  const told = bundleOf(await post("batch", [...unreadable as object[], request("GET", "Patient/ann")]));
  assert.deepEqual(statuses(told), ["400", "400", "400", "400", "400", "400", "200"]);
  for (const [i, { response }] of told.entry!.slice(0, -1).entries()) assert.match(response!.outcome!.issue[0]!.expression![0]!, new RegExp(`^Bundle\\.entry\\[${i}\\]`));
  for (const one of unreadable) assert.equal((await post("transaction", [put("never"), one as object])).statusCode, 400);
  assert.equal((await send("GET", "Patient/never")).statusCode, 404);
});

states("http 3.1.0.11.1-3", async () => {
  const [ann, zhou] = [urn(7), "http://elsewhere.example/fhir/Patient/zhou"];
  const about = (reference: string): object => ({ resource: observation("x", 1, { subject: { reference } }), ...request("POST", "Observation") });
  const sent = [{ fullUrl: ann, resource: { ...patient, link: [{ other: { reference: ann }, type: "seealso" }] }, ...request("POST", "Patient") }, about(ann), about(urn(8)), { fullUrl: zhou, resource: patient, ...request("POST", "Patient") }, about(zhou), { fullUrl: `${zhou}-2`, ...put("independent") }, about(`${zhou}-2`)];
  const answer = bundleOf(await post("batch", sent));
  assert.deepEqual(statuses(answer), ["201", "400", "201", "201", "400", "201", "201"]);
  const [issue] = answer.entry![1]!.response!.outcome!.issue;
  assert.deepEqual(issue!.expression, ["Bundle.entry[1].resource"]);
  assert.match(issue!.diagnostics, /entry 0 creates/);
});

states("http 3.1.0.11.1-4", async () => {
  const { id, url } = await created(server(), { ...patient, ...identifier("order") });
  const answer = bundleOf(await post("batch", [request("GET", "Patient?identifier=urn:bundle|order&active=true"), put("after", { ...identifier("order"), active: true }), { resource: { ...patient, ...identifier("order"), active: true }, ...request("POST", "Patient") }, request("DELETE", url)]));
  assert.deepEqual(statuses(answer), ["200", "201", "201", "204"]);
  const seen = (answer.entry![0]!.resource as unknown as Bundle).entry!.map(({ resource }) => resource!.id);
  assert.equal(seen.length, 2, "the search saw what the batch wrote");
  assert.ok(!seen.includes(id));
});

states("http 3.1.0.11.1-5", async () => {
  const answer = await post("batch", [request("GET", "Patient/none"), request("GET", "Observation/ann-gone"), { resource: patient, ...request("POST", "Observation") }, request("JUMP", "Patient/ann")]);
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(statuses(bundleOf(answer)), ["404", "410", "400", "400"]);
  for (const { response } of bundleOf(answer).entry!) assert.equal(response!.outcome!.issue[0]!.severity, "error");
});

states("http 3.1.0.11.2-1", async () => {
  const before = await rowCounts(server().node);
  for (const [wrong, status] of [[{ ...put("ann"), ...request("PUT", "Patient/ann", { ifMatch: 'W/"77"' }) }, 412], [put("z", { gender: "x" }), 400], [{ resource: patient, ...request("PUT", "Patient?name=Andersen,Bobrowski") }, 412], [request("PATCH", "Patient/none"), 400], [request("GET", "../Patient"), 400]] as const) {
    const answer = await post("transaction", [{ resource: patient, ...request("POST", "Patient") }, wrong]);
    assert.equal(answer.statusCode, status, answer.body);
  }
  assert.deepEqual(await rowCounts(server().node), before);
  assert.equal((await post("transaction", [put("whole"), { resource: patient, ...request("POST", "Patient") }])).statusCode, 200);
});

const failing: readonly (readonly [string, number])[] = [["Patient/none", 404], ["Observation/ann-gone", 410], ["Patient/ann/_history/9", 404], ["Patient/none/_history", 404], ["Patient?nonsense=1", 400], ["Patient?birthdate=x", 400], ["Observation/_search?date=x", 400],
  ["Patient/ann/Observation?nonsense=1", 400], ["?_type=Patient&nonsense=1", 400], ["Patient/ann/_history?_at=x", 400], ["Patient/none/$everything", 404], ["Patient/ann/$everything?_count=x", 400], ["Observation/ann-gone/$meta", 410], ["Patient/ann/$nonsense", 404], ["Patient/none?_summary=true", 404], ["ValueSet/$expand?url=http://none.example", 404]];

test("http 3.1.0.11.2-1: a transaction whose GET or HEAD cannot be answered is rejected as a whole, with writes and without", async () => {
  const before = await rowCounts(server().node);
  for (const [url, status] of failing) for (const method of ["GET", "HEAD"]) for (const more of [[], [{ resource: patient, ...request("POST", "Patient") }]]) {
    const answer = await post("transaction", [...more, request(method, url)]);
    const told = issuesOf(answer);
    assert.deepEqual([answer.statusCode, told.length, told[0]!.expression], [status, 1, [`Bundle.entry[${more.length}].request.url`]], `${method} ${url} ${answer.body}`);
  }
  for (const table of ["resource", "version", "directory", "token", "change"]) assert.equal((await rowCounts(server().node))[table], before[table], table);
  const posted = await post("transaction", [{ resource: patient, ...request("POST", "Patient") }, request("POST", "Patient/_search?nonsense=1")]);
  assert.equal(posted.statusCode, 400);
});

test("http 3.1.0.11.2-1: what the transaction itself creates, changes and deletes is read as it is after that", async () => {
  const whole = async (...entries: object[]): Promise<string> => { const answer = await post("transaction", entries); return answer.statusCode === 200 ? statuses(bundleOf(answer)).join() : String(answer.statusCode); };
  assert.equal(await whole(request("GET", "Patient/tx"), request("GET", "Patient/tx/_history"), request("GET", "Patient/tx/_history/1"), request("GET", "Patient/tx?_summary=true"), request("GET", "Patient/tx/$everything"), request("HEAD", "Patient/tx"), put("tx")), "200,200,200,200,200,200,201");
  assert.equal(await whole(put("tx2"), request("GET", "Patient/tx2/$everything?_count=x")), "400");
  assert.equal((await send("GET", "Patient/tx2")).statusCode, 404);
  assert.equal(await whole(request("GET", "Patient/tx", { ifNoneMatch: 'W/"2"' }), put("tx", { active: true })), "304,200", "3xx is accepted");
  assert.equal(await whole(request("DELETE", "Patient/tx"), request("GET", "Patient/tx")), "410");
  assert.equal(await whole(request("DELETE", "Patient/tx"), request("GET", "Patient/tx/$everything")), "410");
  assert.equal(await whole(request("DELETE", "Patient?_id=tx"), request("HEAD", "Patient/tx?_elements=name")), "410");
  assert.equal(await whole(put("tx", { active: false }), request("GET", "Patient/tx/_history/4")), "404");
  assert.equal(((await send("GET", "Patient/tx")).json() as { meta: { versionId: string } }).meta.versionId, "2");
  assert.equal(await whole(put("tx", { active: false }), request("GET", "Patient/tx/_history/3")), "200,200");
  assert.equal(await whole(request("DELETE", "Patient/tx"), request("GET", "Patient/tx/_history")), "204,200");
  assert.equal(await whole(request("GET", "Patient/tx"), put("tx")), "200,201", "brought back");
  assert.equal(await whole(request("DELETE", "Patient/none"), request("GET", "Patient/none")), "404");
});

test("http 3.1.0.11.2-1: of a transaction that reads what others delete meanwhile, all is answered or nothing is written", async () => {
  await send("PUT", "Basic/raced", { body: { resourceType: "Basic", id: "raced", code: { text: "x" } } });
  const marked = (n: number): object => ({ resource: { resourceType: "Basic", ...identifier(`raced-${n}`), code: { text: "x" } }, ...request("POST", "Basic") });
  const turns = Array.from({ length: 12 }, (_, n) => n);
  const [answers] = await Promise.all([
    Promise.all(turns.map((n) => post("transaction", [marked(n), request("GET", "Basic/raced")]))),
    ...turns.map((n) => n % 2 ? send("DELETE", "Basic/raced") : send("PUT", "Basic/raced", { body: { resourceType: "Basic", id: "raced", code: { text: String(n) } } })),
  ]);
  for (const [n, answer] of answers.entries()) {
    const { total } = bundleOf(await send("GET", `Basic?identifier=urn:bundle|raced-${n}`));
    assert.deepEqual(answer.statusCode === 200 ? [statuses(bundleOf(answer)), total] : [answer.statusCode, total], answer.statusCode === 200 ? [["201", "200"], 1] : [410, 0]);
  }
});

states("http 3.1.0.11.2-2", async () => {
  for (const body of [{ resourceType: "Bundle", type: "transaction" }, { resourceType: "Bundle", type: "transaction", entry: [] }]) {
    const answer = await send("POST", "", { body });
    assert.deepEqual([answer.statusCode, bundleOf(answer).type], [200, "transaction-response"]);
    // In FHIR JSON no list is empty.
    assert.equal(bundleOf(answer).entry, undefined);
  }
});

states("http 3.1.0.11.2-3", async () => {
  for (const turned of [false, true]) {
    const id = `turned-${turned}`;
    const gone = await created(server(), { ...patient, ...identifier(id) });
    const entries = [request("GET", `Patient?identifier=urn:bundle|${id}`), put(id, identifier(id)), { fullUrl: urn(1), resource: observation("x", 1, { subject: { reference: `Patient/${id}` } }), ...request("POST", "Observation") }, request("DELETE", gone.url)];
    const answer = bundleOf(await post("transaction", turned ? entries.toReversed() : entries));
    assert.deepEqual(turned ? statuses(answer).toReversed() : statuses(answer), ["200", "201", "201", "204"]);
    const search = answer.entry!.find(({ resource }) => resource)!.resource as unknown as Bundle;
    assert.deepEqual(search.entry!.map(({ resource }) => resource!.id), [id]);
  }
});

states("http 3.1.0.11.2-4", async () => {
  await send("PUT", "Patient/once", { body: { ...patient, id: "once", ...identifier("once") } });
  const before = await rowCounts(server().node);
  for (const entries of [[put("twice"), put("twice")], [put("once"), request("DELETE", "Patient/once")], [put("once"), request("DELETE", "Patient?identifier=urn:bundle|once")], [put("once", { active: true }), { resource: { ...patient, ...identifier("once") }, ...request("PUT", "Patient?identifier=urn:bundle|once") }],
    [1, 2].map(() => ({ resource: { ...patient, ...identifier("twice") }, ...request("PUT", "Patient?identifier=urn:bundle|twice") }))]) {
    const answer = await post("transaction", entries);
    assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, answer.body);
  }
  assert.deepEqual(await rowCounts(server().node), before);
});

states("http 3.1.0.11.2-5", async () => {
  const { id, url } = await created(server(), { ...patient, ...identifier("replaced") });
  const answer = bundleOf(await post("transaction", [request("HEAD", "Patient/replacing"), request("GET", "Patient?identifier=urn:bundle|replaced"), put("replacing", identifier("replaced")), { resource: { ...patient, ...identifier("posted") }, ...request("POST", "Patient") }, request("DELETE", url)]));
  assert.deepEqual(statuses(answer), ["200", "200", "201", "201", "204"]);
  assert.equal(answer.entry![0]!.resource, undefined, "HEAD has no body");
  assert.deepEqual((answer.entry![1]!.resource as unknown as Bundle).entry!.map(({ resource }) => resource!.id), ["replacing"]);
  assert.equal((await send("GET", `Patient/${id}`)).statusCode, 410);
});

states("http 3.1.0.11.2-6", async () => {
  const answer = bundleOf(await post("transaction", [
    { fullUrl: urn(1), resource: { ...patient, link: [{ other: { reference: urn(2) }, type: "seealso" }] }, ...request("POST", "Patient") },
    { fullUrl: urn(2), resource: { ...patient, link: [{ other: { reference: urn(1) }, type: "seealso" }] }, ...request("POST", "Patient") },
    { fullUrl: "http://example.org/fhir/Observation/7", resource: observation("x", 1, { subject: { reference: urn(1) }, hasMember: [{ reference: "http://example.org/fhir/Observation/8" }] }), ...request("POST", "Observation") },
    { fullUrl: "http://example.org/fhir/Observation/8", resource: observation("x", 2, { subject: { reference: urn(2) } }), ...request("POST", "Observation") },
  ]));
  const [a, b, c, d] = answer.entry!.map(({ response }) => pathOf(response!.location));
  const read = async (path: string) => (await send("GET", path)).json() as { link: { other: { reference: string } }[]; subject: { reference: string }; hasMember: { reference: string }[] };
  assert.deepEqual([(await read(a!)).link[0]!.other.reference, (await read(b!)).link[0]!.other.reference], [b, a]);
  assert.deepEqual([(await read(c!)).subject.reference, (await read(c!)).hasMember[0]!.reference, (await read(d!)).subject.reference], [a, d, b]);
});

states("http 3.1.0.11.2-7", async () => {
  const references = ["Patient/ann", "https://other.example/fhir/Patient/1", urn(9), "#c"];
  const answer = bundleOf(await post("transaction", [{ fullUrl: urn(1), resource: observation("ann", 1, { contained: [{ resourceType: "Practitioner", id: "c" }], performer: references.map((reference) => ({ reference })) }), ...request("POST", "Observation") }]));
  const stored = (await send("GET", pathOf(answer.entry![0]!.response!.location))).json() as { performer: { reference: string }[] };
  assert.deepEqual(stored.performer.map(({ reference }) => reference), references);
});

states("http 3.1.0.11.2-8", async () => {
  const answer = bundleOf(await post("transaction", [
    { fullUrl: urn(1), resource: observation("ann", 1), ...request("POST", "Observation") },
    { resource: observation("ann", 2, { derivedFrom: [{ reference: `${urn(1)}/_history/1` }, { reference: "Observation/ann-glucose/_history/1" }] }), ...request("POST", "Observation") },
  ]));
  const [first, second] = answer.entry!.map(({ response }) => pathOf(response!.location));
  const stored = (await send("GET", second!)).json() as { derivedFrom: { reference: string }[] };
  assert.deepEqual(stored.derivedFrom.map(({ reference }) => reference), [`${first}/_history/1`, "Observation/ann-glucose/_history/1"]);
});

states("http 3.1.0.11.2-9", async () => {
  const div = (link: string): string => `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${link}">x</a><img src="${link}" alt="y"/></div>`;
  const answer = bundleOf(await post("transaction", [
    { fullUrl: urn(1), resource: { resourceType: "Binary", contentType: "image/png", data: "AA==" }, ...request("POST", "Binary") },
    { resource: { resourceType: "DocumentReference", status: "current", text: { status: "generated", div: div(urn(1)) }, content: [{ attachment: { url: urn(1) } }], extension: [{ url: "urn:a", valueUri: urn(1) }, { url: "urn:b", valueUuid: urn(1) }, { url: "urn:c", valueReference: { reference: urn(1) } }, { url: "urn:d", valueString: urn(1) }] }, ...request("POST", "DocumentReference") },
  ]));
  const [binary, document] = answer.entry!.map(({ response }) => pathOf(response!.location));
  const stored = (await send("GET", document!)).json() as { text: { div: string }; content: { attachment: { url: string } }[]; extension: { valueUri?: string; valueUuid?: string; valueReference?: { reference: string }; valueString?: string }[] };
  assert.deepEqual([stored.text.div, stored.content[0]!.attachment.url], [div(binary!), binary]);
  assert.deepEqual(stored.extension.map((one) => one.valueUri ?? one.valueUuid ?? one.valueReference?.reference ?? one.valueString), [binary, binary, binary, urn(1)]);
});

states("http 3.1.0.11.2-10", async () => {
  const url = "http://example.org/fhir/Questionnaire/q";
  const answer = bundleOf(await post("transaction", [
    { fullUrl: url, resource: { resourceType: "Questionnaire", url, status: "active" }, ...request("POST", "Questionnaire") },
    { resource: { resourceType: "QuestionnaireResponse", status: "completed", questionnaire: url }, ...request("POST", "QuestionnaireResponse") },
  ]));
  const stored = (await send("GET", pathOf(answer.entry![1]!.response!.location))).json() as { questionnaire: string };
  assert.equal(stored.questionnaire, url);
});

states("http 3.1.0.11.2-11", async () => {
  const answer = bundleOf(await post("transaction", [
    { fullUrl: "https://source.example/fhir/Patient/moved", resource: { ...patient, id: "moved" }, ...request("PUT", "Patient/moved") },
    { fullUrl: "https://source.example/fhir/Observation/o", resource: observation("x", 1, { subject: { reference: "https://source.example/fhir/Patient/moved" } }), ...request("POST", "Observation") },
  ]));
  assert.equal(pathOf(answer.entry![0]!.response!.location), "Patient/moved");
  assert.deepEqual(((await send("GET", pathOf(answer.entry![1]!.response!.location))).json() as { subject: object }).subject, { reference: "Patient/moved" });
});

const conditional = (reference: string): object => ({ resource: observation("ann", 1, { performer: [{ reference }], extension: [{ url: "urn:deep", valueReference: { reference } }] }), ...request("POST", "Observation") });

states("http 3.1.0.11.2-12", async () => {
  const answer = bundleOf(await post("transaction", [conditional("Patient?identifier=urn:mrn|mrn-ann")]));
  const stored = (await send("GET", pathOf(answer.entry![0]!.response!.location))).json() as { performer: object[]; extension: { valueReference: object }[] };
  assert.deepEqual([stored.performer[0], stored.extension[0]!.valueReference], [{ reference: "Patient/ann" }, { reference: "Patient/ann" }]);
});

states("http 3.1.0.11.2-13", async () => {
  const { id } = await created(server(), { resourceType: "Practitioner", ...identifier("one") });
  const answer = bundleOf(await post("transaction", [conditional("Practitioner?identifier=urn:bundle|one")], { prefer: "return=representation" }));
  assert.deepEqual(answer.entry![0]!.resource!.performer, [{ reference: `Practitioner/${id}` }]);
});

states("http 3.1.0.11.2-14", async () => {
  for (let i = 0; i < 2; i++) await created(server(), { resourceType: "Practitioner", ...identifier("two") });
  const before = await rowCounts(server().node);
  for (const value of ["none", "two"]) {
    const answer = await post("transaction", [{ resource: patient, ...request("POST", "Patient") }, conditional(`Practitioner?identifier=urn:bundle|${value}`)]);
    assert.ok(answer.statusCode >= 400 && answer.statusCode < 500);
    assert.match(issuesOf(answer)[0]!.diagnostics, /Practitioner\?identifier/);
  }
  assert.deepEqual(await rowCounts(server().node), before);
});

states("http 3.1.0.11.3-1", async () => {
  for (const type of ["batch", "transaction"]) {
    const answer = bundleOf(await post(type, [request("GET", "Patient/ann"), { resource: patient, ...request("POST", "Patient") }, put(`ordered-${type}`), request("DELETE", "Patient/none")]));
    assert.equal(answer.type, `${type}-response`);
    assert.deepEqual(statuses(answer), ["200", "201", "201", "204"]);
  }
});

states("http 3.1.0.11.3-2", async () => {
  const answer = await post("transaction", [put("fails", { gender: "x" })]);
  assert.equal(answer.statusCode, 400);
  assert.deepEqual(issuesOf(answer)[0]!.expression, ["Bundle.entry[0].resource.gender"]);
});

states("http 3.1.0.11.3-3", async () => {
  for (const type of ["batch", "transaction"]) {
    const { entry } = bundleOf(await post(type, [{ resource: patient, ...request("POST", "Patient") }, put(`told-${type}`), request("GET", "Patient/ann"), request("DELETE", `Patient/none`), request("GET", "Patient/ann?_elements=name")]));
    const [posted, put_, read, deleted, part] = entry!.map(({ response }) => response!);
    for (const one of [posted!, put_!]) assert.deepEqual([/^Patient\/[^/]+\/_history\/1$/.test(one.location!), one.etag], [true, 'W/"1"']);
    assert.match(read!.etag!, /^W\/"\d+"$/);
    assert.deepEqual([part!.etag, entry![4]!.fullUrl], [read!.etag, entry![2]!.fullUrl]);
    assert.equal(deleted!.status, "204 No Content");
  }
});

states("http 3.1.0.11.3-4", async () => {
  for (const type of ["batch", "transaction"]) {
    const one = async (prefer?: string) => bundleOf(await post(type, [{ resource: patient, ...request("POST", "Patient") }], prefer ? { prefer } : {})).entry![0]!;
    for (const prefer of [undefined, "return=minimal"]) assert.deepEqual(Object.keys(await one(prefer)), ["response"]);
    const whole = await one("return=representation");
    assert.equal(pathOf(whole.response!.location), `Patient/${whole.resource!.id}`);
    const told = await one("return=OperationOutcome");
    assert.deepEqual([told.resource, told.response!.outcome!.issue[0]!.severity], [undefined, "information"]);
  }
});

test("a reference that is a search is resolved in a create and an update of its own too; a patch of its own brings none", async () => {
  const about = (reference: string, more: object = {}) => observation("ann", 5, { performer: [{ reference: "Practitioner/wang" }, { reference }], ...more });
  const { id, url } = await created(server(), observation("ann", 5));
  const before = await rowCounts(server().node);
  for (const [reference, status] of [["Practitioner?identifier=urn:bundle|none", 404], ["Patient?_id=ann,bob", 412], ["Practitioner?nonsense=1", 400]] as const)
    for (const [method, at, more, headers] of [["POST", "Observation", {}, {}], ["POST", "Observation", {}, { "if-none-exist": "identifier=none" }], ["PUT", url, { id }, {}], ["PUT", "Observation?identifier=none", {}, {}]] as [string, string, object, Record<string, string>][]) {
      const answer = await send(method, at, { body: about(reference, more), headers });
      assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [status, "error"], `${method} ${at} ${reference}`);
      assert.doesNotMatch(answer.body, /Bundle/);
    }
  const patch = await send("PATCH", url, { body: [{ op: "replace", path: "/subject/reference", value: "Patient?_id=ann" }], headers: { "content-type": "application/json-patch+json" } });
  assert.deepEqual([patch.statusCode, issuesOf(patch)[0]!.code], [422, "processing"]);
  assert.deepEqual({ ...await rowCounts(server().node), leaf: 0 }, { ...before, leaf: 0 });
  const told = async (answer: Answer): Promise<string[]> => ((answer.json() as { performer: { reference: string }[] }).performer.map(({ reference }) => reference));
  for (const [method, at, more, headers, status] of [["POST", "Observation", {}, {}, 201], ["PUT", url, { id }, { "if-match": 'W/"1"' }, 200], ["PUT", "Observation/new-one", { id: "new-one" }, { "if-none-match": "*" }, 201], ["PUT", "Observation?identifier=none", {}, {}, 201]] as [string, string, object, Record<string, string>, number][]) {
    const answer = await send(method, at, { body: about("Practitioner?_id=wang", more), headers });
    assert.equal(answer.statusCode, status, answer.body);
    assert.deepEqual(await told(answer), ["Practitioner/wang", "Practitioner/wang"]);
  }
  assert.equal((await send("PUT", url, { body: about("Practitioner?_id=wang", { id }), headers: { "if-match": 'W/"1"' } })).statusCode, 412);
  const xml = '<Observation xmlns="http://hl7.org/fhir"><status value="final"/><code><text value="x"/></code><subject><reference value="Patient?_id=ann"/></subject></Observation>';
  assert.equal(((await send("POST", "Observation", { body: xml, headers: { "content-type": "application/fhir+xml" } })).json() as { subject: { reference: string } }).subject.reference, "Patient/ann");
  // What is beyond reach is not found by a search in a reference either.
  assert.equal((await send("POST", "Observation", { as: "wang", body: observation("ann", 1, { focus: [{ reference: "Patient?identifier=urn:mrn|mrn-bob" }] }) })).statusCode, 404);
});
