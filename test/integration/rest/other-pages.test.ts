/** https://hl7.org/fhir/R4/operations.html, async.html, bundle.html, compartmentdefinition.html. */
import assert from "node:assert/strict";
import { until } from "#platform/testing.ts";
import { bundleOf, created, issuesOf, observation, patient, type Answer } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server, found, stored } = withServer({}, [
  { ...observation("bob", 1, { performer: [{ reference: "Practitioner/wang" }] }), id: "performed" },
  { resourceType: "Appointment", id: "two", status: "booked", participant: [{ actor: { reference: "Patient/ann" }, status: "accepted" }, { actor: { reference: "Practitioner/wang" }, status: "accepted" }] },
]);

const expand = "ValueSet/$expand", gender = "http://hl7.org/fhir/ValueSet/administrative-gender";
const parameters = (...parameter: object[]): object => ({ resourceType: "Parameters", parameter });
const typeOf = (answer: Answer): string => (answer.json() as { resourceType: string }).resourceType;

states("operations #executing-1", async () => {
  for (const url of ["$meta", "Patient/$meta", "Patient/ann/$meta", "Patient/ann/$everything"]) assert.equal((await send("POST", url)).statusCode, 200, url);
});
states("operations #executing-2", async () => {
  for (const url of ["Patient/ann/$meta-add", "Patient/ann/$purge"]) {
    const answer = await send("GET", url);
    assert.equal(answer.statusCode, 405, url);
    assert.doesNotMatch(String(answer.headers.allow), /GET/);
  }
});
states("operations #response-5", async () => {
  for (const method of ["GET", "POST"]) for (const url of ["$nonsense", "Patient/$nonsense", "Patient/ann/$nonsense", "Patient/ann/%24nonsense", "Patient/ann/_history/1/$nonsense"]) {
    const answer = await send(method, url, method === "POST" ? { body: parameters() } : {});
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.code], [404, "not-found"], `${method} ${url}`);
  }
  assert.equal((await send("GET", "Patient/ann/%24everything?_count=1")).statusCode, 200);
});
states("operations #executing-3", async () => {
  assert.equal((await send("POST", "Patient/ann/$everything", { headers: { "content-length": "0" } })).statusCode, 200);
});
states("operations #executing-4", async () => {
  const [head, get] = [await send("HEAD", `${expand}?url=${gender}`), await send("GET", `${expand}?url=${gender}`)];
  assert.deepEqual([head.statusCode, head.body, head.headers["content-type"]], [get.statusCode, "", get.headers["content-type"]]);
});
states("operations #request-1", async () => {
  const [get, post] = [await send("GET", `${expand}?url=${gender}&filter=fem`), await send("POST", expand, { body: parameters({ name: "url", valueUri: gender }, { name: "filter", valueString: "fem" }) })];
  const codes = (answer: Answer) => (answer.json() as { expansion: { contains: { code: string }[] } }).expansion.contains.map(({ code }) => code);
  assert.deepEqual([codes(get), codes(post)], [["female"], ["female"]]);
});
states("operations #request-2", async () => {
  const answer = await send("GET", `CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=male&property=display&property=definition`);
  assert.equal(answer.statusCode, 200, answer.body);
});
states("operations #request-3", async () => {
  const codes = async (body: object) => (((await send("POST", "Patient/$validate", { body })).json()) as { issue: { severity: string; expression?: string[] }[] }).issue.filter(({ severity }) => severity === "error").map(({ expression }) => expression![0]);
  const wrong = { ...patient, gender: "x" };
  assert.deepEqual(await codes(wrong), await codes(parameters({ name: "resource", resource: wrong })));
  assert.ok((await codes(wrong)).includes("Patient.gender"));
});
states("operations #response-1", async () => {
  for (const [url, status] of [["ValueSet/$expand", 400], ["ValueSet/$expand?url=urn:none", 404], ["Patient/none/$everything", 404], ["Patient/ann/$nonsense", 404], [`${expand}?url=${gender}&nonsense=1`, 400]] as const) {
    const answer = await send("GET", url);
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [status, "error"], `${url} ${answer.body}`);
  }
});
states("operations #response-2", async () => {
  for (const [url, type] of [[`${expand}?url=${gender}`, "ValueSet"], ["Patient/ann/$everything", "Bundle"], ["CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=male", "Parameters"], ["Patient/ann/$meta", "Parameters"]] as const) assert.equal(typeOf(await send("GET", url)), type, url);
});
states("operations #response-4", async () => {
  assert.match((await send("GET", `${expand}?url=${gender}`, { headers: { accept: "application/fhir+xml" } })).body, /<ValueSet xmlns/);
  assert.equal((await send("GET", `${expand}?url=${gender}`, { headers: { accept: "text/turtle" } })).statusCode, 406);
});

const later = { prefer: "respond-async", accept: "application/fhir+json" };
const kickOff = async (url: string): Promise<{ answer: Answer; at: string }> => {
  const answer = await send("GET", url, { headers: later });
  return { answer, at: new URL(String(answer.headers["content-location"])).pathname };
};
async function finished(at: string): Promise<Answer> {
  return await until(async () => {
    const answer = await send("GET", at);
    return answer.statusCode !== 202 && answer;
  }, "the end of the job");
}

states("async #kick-off-1", async () => {
  const { answer, at } = await kickOff("Patient?_id=ann");
  assert.equal(answer.statusCode, 202);
  assert.equal((await finished(at)).statusCode, 200);
});
states("async #kick-off-2", async () => {
  assert.equal((await send("GET", "Patient?_id=ann", { as: undefined, headers: later })).statusCode, 401);
  assert.equal((await send("GET", "Nonsense", { headers: { ...later, accept: "text/turtle" } })).statusCode, 406);
  for (const [url, status] of [["Patient?nonsense=1", 400], ["Patient?birthdate=x", 400], ["Patient/ann/Observation?nonsense=1", 400], ["Pacient?name=x", 404], ["?_type=Pacient", 400]] as const) {
    const refused = await send("GET", url, { headers: later });
    assert.deepEqual([refused.statusCode, issuesOf(refused)[0]!.severity, refused.headers["content-location"]], [status, "error", undefined], url);
  }
  assert.equal((await send("POST", "Patient/_search", { body: "nonsense=1", headers: { ...later, "content-type": "application/x-www-form-urlencoded" } })).statusCode, 400);
  assert.equal((await send("GET", "Patient?nonsense=1&_id=ann", { headers: { ...later, prefer: "respond-async, handling=lenient" } })).statusCode, 202);
  const { error, output } = (await finished((await kickOff("Patient/none")).at)).json() as { error: object[]; output: object[] };
  assert.deepEqual([error.length, output.length], [1, 0], "what is found wrong later stands under error");
});
states("async #kick-off-3", async () => {
  for (const format of ["ndjson", "application/ndjson", "application/fhir+ndjson", "application/fhir%2Bndjson"]) for (const url of [`Patient?_id=ann&_outputFormat=${format}`, `Patient?_outputFormat=${format}&_id=ann`, `Patient/ann?_outputFormat=${format}`]) {
    const { output, request } = (await finished((await kickOff(url)).at)).json() as { output: { type: string }[]; request: string };
    assert.deepEqual([output.map(({ type }) => type), request.endsWith(url)], [[url.startsWith("Patient/") ? "Patient" : "Bundle"], true], url);
  }
  assert.equal((await send("GET", "Patient?_id=ann&_outputFormat=text/csv", { headers: later })).statusCode, 400);
  assert.equal((await send("GET", "Patient?_id=ann&_outputFormat=ndjson")).statusCode, 400, "a word of answers that come later");
});
states("async #delete-1", async () => {
  const { at } = await kickOff("Patient?_id=ann");
  assert.equal((await send("DELETE", at)).statusCode, 202);
  assert.equal((await send("GET", at)).statusCode, 404);
});
states("async #status-1", async () => {
  const { at } = await kickOff("_history?_count=1000");
  const answer = await send("GET", at);
  // It may have been done meanwhile.
  if (answer.statusCode === 202) assert.ok(String(answer.headers["x-progress"]).length < 100 && Number(answer.headers["retry-after"]) >= 1);
  assert.ok([200, 202].includes(answer.statusCode));
  await finished(at);
});
states("async #status-2", async () => {
  const answer = await finished((await kickOff("Patient?_id=ann")).at);
  const manifest = answer.json() as { transactionTime: string; request: string; requiresAccessToken: boolean; output: { type: string; url: string }[]; error: unknown[] };
  assert.match(String(answer.headers["content-type"]), /^application\/json/);
  assert.ok(!Number.isNaN(Date.parse(manifest.transactionTime)) && !Number.isNaN(Date.parse(String(answer.headers.expires))));
  assert.match(manifest.request, /\/fhir\/R4\/Patient\?_id=ann$/);
  assert.deepEqual([manifest.requiresAccessToken, manifest.output.map(({ type }) => type), manifest.error], [true, ["Bundle"], []]);
});
states("async #file-1", async () => {
  const { output } = (await finished((await kickOff("Patient?_id=ann")).at)).json() as { output: { url: string }[] };
  const at = new URL(output[0]!.url).pathname;
  const file = await send("GET", at);
  assert.deepEqual([file.statusCode, file.headers["content-type"], file.body.trimEnd().split("\n").length], [200, "application/fhir+ndjson", 1]);
  assert.equal(bundleOf(file).total, 1);
  assert.equal((await send("GET", at, { as: undefined })).statusCode, 401);
  assert.equal((await send("GET", at, { as: "ann" })).statusCode, 404);
});

states("bundle #rest-1", async () => {
  const before = (await found("Patient?_count=1000")).length;
  const bundle = { resourceType: "Bundle", type: "transaction", entry: [{ resource: patient, request: { method: "POST", url: "Patient" } }] };
  const { url } = await created(server(), bundle);
  const { id: _id, meta: _meta, ...stored } = (await send("GET", url)).json() as { id: string; meta: object };
  assert.deepEqual(stored, bundle);
  assert.equal((await found("Patient?_count=1000")).length, before);
});
states("bundle #bundle-unique-1", async () => {
  for (const url of ["Patient", "Patient/_history", "Patient/ann/$everything", "Observation?_include=Observation:subject"])
    for (const { fullUrl, resource } of bundleOf(await send("GET", url)).entry!) if (resource) assert.ok(fullUrl!.endsWith(`/fhir/R4/${resource.resourceType}/${resource.id}`), url);
});
states("bundle #bundle-unique-2", async () => {
  const urls = bundleOf(await send("GET", "Observation?_include=Observation:subject&_revinclude=Provenance:target&_count=100")).entry!.map(({ fullUrl }) => fullUrl);
  assert.equal(new Set(urls).size, urls.length);
  const entry = { fullUrl: "urn:uuid:0b6a1e0c-8d9f-4b57-8f0e-4a5b6c7d8e9f", resource: patient, request: { method: "POST", url: "Patient" } };
  assert.equal((await send("POST", "", { body: { resourceType: "Bundle", type: "transaction", entry: [entry, entry] } })).statusCode, 400);
});
states("bundle #fullUrl-1", async () => {
  const read = [{ request: { method: "GET", url: "Patient/ann" } }, { request: { method: "GET", url: "Patient/ann/_history/1" } }, { resource: patient, request: { method: "POST", url: "Patient" } }, { resource: { ...patient, id: "whole" }, request: { method: "PUT", url: "Patient/whole" } }];
  for (const type of ["batch", "transaction"]) {
    const { entry } = bundleOf(await send("POST", "", { body: { resourceType: "Bundle", type, entry: read }, headers: { prefer: "return=representation" } }));
    for (const { fullUrl, resource } of entry!) assert.ok(URL.canParse(fullUrl!) && fullUrl!.endsWith(`/fhir/R4/Patient/${resource!.id}`), `${type} ${fullUrl}`);
  }
  for (const url of ["Observation?_include=Observation:subject", "Patient/ann/$everything", "_history?_count=5", "Patient/ann/*"]) for (const { fullUrl, resource } of bundleOf(await send("GET", url)).entry!)
    if (resource) assert.ok(fullUrl!.endsWith(`/${resource.resourceType}/${resource.id}`), url);
  const told = bundleOf(await send("GET", "Patient?nonsense=1&_count=1", { headers: { prefer: "handling=lenient" } })).entry!.find(({ search }) => search!.mode === "outcome");
  assert.match(told!.fullUrl!, /^urn:uuid:/);
});
states("bundle #references-1", async () => {
  const answer = bundleOf(await send("POST", "", { body: { resourceType: "Bundle", type: "transaction", entry: [
    { fullUrl: "https://source.example/fhir/Patient/temp", resource: patient, request: { method: "POST", url: "Patient" } },
    { fullUrl: "https://source.example/fhir/Observation/x", resource: observation("temp", 1), request: { method: "POST", url: "Observation" } },
    { fullUrl: "https://other.example/fhir/Observation/y", resource: observation("temp", 2), request: { method: "POST", url: "Observation" } },
  ] } }));
  const [person, ours, theirs] = answer.entry!.map(({ response }) => response!.location!.split("/_history/")[0]!);
  const subject = async (url: string) => ((await send("GET", url)).json() as { subject: { reference: string } }).subject.reference;
  assert.deepEqual([await subject(ours!), await subject(theirs!)], [person, "Patient/temp"]);
});
states("bundle #search-2", async () => {
  for (const url of ["Patient?_id=ann,bob&_include=Patient:organization&_revinclude=Observation:patient", "Patient?_summary=text", "Patient?_elements=id"]) assert.ok(bundleOf(await send("GET", url)).entry!.every(({ resource }) => typeof resource?.resourceType === "string"), url);
});
states("bundle #search-1", async () => {
  const { id } = await created(server(), patient);
  for (const { fullUrl, search } of bundleOf(await send("GET", `Patient?_id=${id},ann&_include=Patient:organization`)).entry!) assert.ok(fullUrl && ["match", "include"].includes(search!.mode));
});

states("compartment #1", async () => {
  assert.deepEqual([await found("Patient/ann/Appointment"), await found("Practitioner/wang/Appointment"), await found("Practitioner/wang/Observation?_id=performed")], [["Appointment/two"], ["Appointment/two"], ["Observation/performed"]]);
  assert.deepEqual(await found("Patient/bob/Appointment"), []);
});
states("compartment #3", async () => {
  assert.deepEqual([await found("Patient/ann/Observation?code=2339-0"), await found("Patient/ann/Observation?code=1-0"), await found("Patient/ann/Condition?code:text=asthma")], [["Observation/ann-glucose"], [], ["Condition/ann-asthma"]]);
  for (const [id, as] of [["none", "operator"], ["bob", "wang"], ["none", "wang"]] as const) for (const url of [`Patient/${id}/Observation`, `Observation?patient=${id}`]) assert.deepEqual(await found(url, as), [], `${url} for ${as}`);
});
states("compartment #4", async () => {
  const message = (id: string, more: object) => ({ resourceType: "Communication", id, status: "completed", ...more });
  const ann = { reference: "Patient/ann" };
  await stored(message("about", { subject: ann }), message("from", { sender: ann }), message("to", { recipient: [{ reference: "Practitioner/wang" }, ann] }), message("other", { subject: { reference: "Patient/bob" } }));
  const each = await Promise.all(["subject", "sender", "recipient"].map((parameter) => found(`Communication?${parameter}=Patient/ann`)));
  assert.deepEqual(await found("Patient/ann/Communication"), each.flat().sort());
  assert.deepEqual(each.map((ids) => ids.length), [1, 1, 1]);
});
states("compartment #2", async () => {
  for (const url of ["Patient/ann/Organization", "Encounter/x/Patient", "Organization/clinic/Patient", "Group/g/*"]) assert.ok([400, 404].includes((await send("GET", url)).statusCode), url);
});
