/** https://hl7.org/fhir/R4/http.html: search (3.1.0.9), capabilities (3.1.0.10), paging (3.1.0.14), HEAD (3.1.0.15), custom headers (3.1.0.16). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "#platform/testing.ts";
import { bundleOf, created, issuesOf, nextOf, observation, patient } from "../server.ts";
import { namesOf as ids, states, withServer } from "./states.ts";

const { send, server, found } = withServer();

const form = { "content-type": "application/x-www-form-urlencoded" };

states("http 3.1.0.9-1", async () => {
  for (const [url, body] of [["Patient/_search", "_id=ann"], ["Patient/_search?_id=ann", ""], ["_search", "_type=Patient&_id=ann"], ["Patient/ann/Observation/_search", "code=2339-0"]] as const)
    assert.deepEqual(ids(bundleOf(await send("POST", url, { body, headers: form }))), url.includes("Observation") ? ["Observation/ann-glucose"] : ["Patient/ann"], url);
  assert.deepEqual(ids(bundleOf(await send("POST", "Patient/_search", { body: "_id=ann", headers: { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" } }))), ["Patient/ann"]);
  assert.deepEqual(ids(bundleOf(await send("POST", "Patient/_search?_id=ann"))), ["Patient/ann"]);
});

states("http 3.1.0.9-2", async () => {
  const post = async (url: string, body: string): Promise<string[]> => ids(bundleOf(await send("POST", url, { body, headers: form })));
  assert.deepEqual(await post("Patient/_search?name=Andersen", "birthdate=1961-04-03"), await found("Patient?name=Andersen&birthdate=1961-04-03"));
  assert.deepEqual(await post("Patient/_search?name=Andersen", "name=Bobrowski"), []);
  assert.deepEqual(await post("Patient/_search?birthdate=1961-04-03", "name=Andersen,Bobrowski"), ["Patient/ann", "Patient/bob"]);
});

states("http 3.1.0.9-3", async () => {
  for (const [url, count] of [["Patient?_id=ann", 1], ["Patient?_id=none", 0]] as const) {
    const answer = await send("GET", url);
    assert.deepEqual([answer.statusCode, bundleOf(answer).type, bundleOf(answer).total, bundleOf(answer).entry?.length ?? 0], [200, "searchset", count, count]);
  }
});

states("http 3.1.0.9-4", async () => {
  const all = await found("Observation?_count=100");
  const paged: string[] = [];
  for (let next: string | undefined = "Observation?_count=1"; next !== undefined;) {
    const page = bundleOf(await send("GET", next));
    assert.equal(page.entry!.length, 1);
    paged.push(...ids(page));
    next = nextOf(page);
  }
  assert.deepEqual(paged.sort(), all);
});

states("http 3.1.0.9-5", async () => {
  const { entry } = bundleOf(await send("GET", "Patient?_id=ann&nonsense=1", { headers: { prefer: "handling=lenient" } }));
  const outcomes = entry!.filter(({ resource }) => resource!.resourceType === "OperationOutcome");
  assert.deepEqual(outcomes.map(({ search }) => search!.mode), ["outcome"]);
  for (const { resource } of outcomes) for (const { severity } of resource!.issue as { severity: string }[]) assert.ok(severity === "warning" || severity === "information");
});

states("http 3.1.0.9-6", async () => {
  for (const query of ["nonsense=1", "birthdate=yesterday", "_count=x", "_include=x", "gender:nonsense=male", "_cursor=x"]) {
    const answer = await send("GET", `Patient?${query}`);
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [400, "error"], query);
  }
  assert.equal((await send("GET", "Pacient?name=x")).statusCode, 404);
});

states("http 3.1.0.9.1-1", async () => {
  assert.deepEqual(await found("Patient/ann/Observation?code=http://loinc.org|2339-0"), ["Observation/ann-glucose"]);
  const all = await found("Patient/ann/*");
  for (const one of ["Observation/ann-glucose", "Condition/ann-asthma"]) assert.ok(all.includes(one), one);
  assert.ok(all.every((one) => !one.includes("bob")));
});

states("http 3.1.0.9.1-2", async () => {
  assert.deepEqual(await found("?_type=Observation,Condition&patient=ann"), ["Condition/ann-asthma", "Observation/ann-glucose"]);
  for (const query of ["_type=Condition,Observation&value-quantity=5", "_type=Patient,Condition&code=a", "_type=Nonsense"]) {
    const answer = await send("GET", `?${query}`);
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [400, "error"], query);
  }
});

states("http 3.1.0.9.1-3", async () => {
  assert.deepEqual(await found("?_id=ann"), ["Patient/ann"]);
  assert.equal((await send("GET", "?_lastUpdated=gt2020-01-01&_count=1")).statusCode, 200);
  assert.equal((await send("GET", "?name=ann")).statusCode, 400);
});

states("http 3.1.0.10-1", async () => {
  for (const [mode, type] of [["", "CapabilityStatement"], ["?mode=full", "CapabilityStatement"], ["?mode=normative", "CapabilityStatement"], ["?mode=terminology", "TerminologyCapabilities"]] as const) {
    const answer = await send("GET", `metadata${mode}`, { as: undefined });
    assert.deepEqual([answer.statusCode, (answer.json() as { resourceType: string }).resourceType], [200, type]);
  }
});

states("http 3.1.0.10-2", async () => {
  for (const mode of ["", "?mode=terminology"]) {
    const { headers: { etag } } = await send("GET", `metadata${mode}`);
    assert.match(String(etag), /^W\/"[0-9a-f]+"$/);
    const again = await send("GET", `metadata${mode}`, { headers: { "if-none-match": String(etag) } });
    assert.deepEqual([again.statusCode, again.body], [304, ""]);
  }
});

states("http 3.1.0.10-3", async () => {
  const tag = async (): Promise<unknown> => (await send("GET", "metadata")).headers.etag;
  const before = await tag();
  assert.equal(await tag(), before);
  await created(server(), { resourceType: "SearchParameter", url: "http://example.org/SearchParameter/multiple", name: "Multiple", status: "active", description: "d", code: "multiple", base: ["Patient"], type: "token", expression: "Patient.multipleBirth.ofType(boolean)" });
  await until(async () => await tag() !== before, "another statement");
});

states("http 3.1.0.10-4", async () => {
  assert.equal((await send("GET", "metadata", { headers: { accept: "application/fhir+json; fhirVersion=4.0" } })).statusCode, 200);
  assert.equal((await send("GET", "metadata", { headers: { accept: "application/fhir+json; fhirVersion=3.0" } })).statusCode, 406);
});

states("http 3.1.0.10-5", async () => {
  const part = async (word: string): Promise<string[]> => Object.keys((await send("GET", `metadata?${word}`)).json() as object);
  assert.deepEqual((await part("_elements=fhirVersion,software")).sort(), ["date", "fhirVersion", "format", "kind", "meta", "resourceType", "software", "status"]);
  assert.ok(!(await part("_summary=true")).includes("text"));
  assert.equal((await send("GET", "metadata?_summary=x")).statusCode, 400);
});

states("http 3.1.0.14-1", async () => {
  const seen: string[] = [];
  for (let next: string | undefined = "Observation?_count=2&_sort=-_lastUpdated"; next !== undefined;) {
    const page = bundleOf(await send("GET", next));
    seen.push(...ids(page));
    next = nextOf(page);
  }
  assert.deepEqual([...new Set(seen)].sort(), await found("Observation?_count=100"));
  assert.equal(seen.length, new Set(seen).size);
});

states("http 3.1.0.14-5", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const asked: [string, string, { body?: string; headers?: Record<string, string> }][] = [
    ["GET", "Observation?_count=1&_format=xml", {}], ["POST", "Observation/_search", { body: "_count=1&_format=xml", headers: form }], ["GET", "Observation/_history?_count=1&_format=xml", {}], ["GET", "Patient/ann/$everything?_count=1&_format=xml", {}],
  ];
  for (const [method, url, sent] of asked) {
    const first = (await send(method, url, sent)).body, next = /<relation value="next"\/>\s*<url value="([^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&");
    assert.ok(next, first.slice(0, 600));
    const page = await send("GET", next.slice(next.indexOf("/fhir/R4")));
    assert.equal(page.statusCode, 200, next);
    assert.match(page.body, /<Bundle xmlns/, next);
  }
});

states("http 3.1.0.14-2", async () => {
  for (const url of ["Patient", "Patient?_id=none", "Patient?_count=0", "Patient/ann/*", "?_id=ann", "Patient?_summary=count"]) {
    const self = bundleOf(await send("GET", url)).link.find(({ relation }) => relation === "self");
    assert.ok(self && URL.canParse(self.url), url);
  }
});

states("http 3.1.0.14-3", async () => {
  const first = bundleOf(await send("POST", "Observation/_search", { body: "_count=1", headers: form }));
  const next = nextOf(first)!;
  const [path, query] = next.split("?");
  const posted = bundleOf(await send("POST", `${path}/_search`, { body: query!, headers: form }));
  assert.deepEqual(ids(posted), await found(next));
});

states("http 3.1.0.15-1", async () => {
  for (const url of ["metadata", "Patient/ann", "Patient/ann/_history/1", "Patient/ann/_history", "Patient/_history", "_history?_count=3", "Patient?_id=ann", "?_id=ann", "Patient/ann/*", "Patient/ann/$everything", "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", "Patient/none-such", "Observation/ann-gone", "Patient?nonsense=1"]) {
    const [head, get] = [await send("HEAD", url), await send("GET", url)];
    assert.deepEqual([head.statusCode, head.body], [get.statusCode, ""], url);
    for (const name of ["content-type", "etag", "last-modified", "content-length"]) assert.equal(head.headers[name], get.headers[name], `${url} ${name}`);
  }
});

states("http 3.1.0.16-1", async () => {
  for (const url of ["Patient/ann", "Patient/none-such", "metadata"]) assert.equal((await send("GET", url, { headers: { "x-request-id": "a-1.B" } })).headers["x-request-id"], "a-1.B");
  assert.equal((await send("POST", "Observation", { body: observation("ann", 1), headers: { "x-request-id": "9b2f" } })).headers["x-request-id"], "9b2f");
});

states("http 3.1.0.16-4", async () => {
  const [plain, stamped] = [await send("GET", "Patient/ann"), await send("GET", "Patient/ann", { headers: { "x-intermediary": "proxy.example" } })];
  assert.deepEqual([stamped.statusCode, stamped.body], [plain.statusCode, plain.body]);
  assert.equal((await send("POST", "Patient", { body: patient, headers: { "x-intermediary": "proxy.example" } })).statusCode, 201);
});

test("GET to an address of _search is the search that POST is there", async () => {
  for (const [url, same] of [["Patient/_search?_id=ann", "Patient?_id=ann"], ["_search?_id=ann&_type=Patient", "?_id=ann&_type=Patient"], ["Patient/ann/Observation/_search?code=2339-0", "Patient/ann/Observation?code=2339-0"]] as const) {
    const [one, other] = [await send("GET", url), await send("GET", same)];
    assert.deepEqual([one.statusCode, one.json()], [200, other.json()], url);
    assert.equal((await send("HEAD", url)).statusCode, 200);
  }
  assert.equal((await send("GET", "Patient/_search?nonsense=1")).statusCode, 400);
});
