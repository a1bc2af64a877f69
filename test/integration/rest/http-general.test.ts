/** https://hl7.org/fhir/R4/http.html, general considerations: 3.1.0, 3.1.0.1. */
import assert from "node:assert/strict";
import { bundleOf, created, issuesOf, observation, patient, type Answer } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, server } = withServer({ sharedWith: ["https://app.example"] });

type Resource = { resourceType: string; id: string; meta: { versionId: string; lastUpdated: string }; [name: string]: unknown };

/** An address of each interaction that GET asks for, and what it answers. */
const addresses: [string, number][] = [
  ["metadata", 200], ["metadata?mode=terminology", 200], ["Patient/ann", 200], ["Patient/ann/_history/1", 200], ["Patient/ann/_history", 200], ["Patient/_history", 200], ["_history?_count=3", 200],
  ["Patient?_id=ann", 200], ["Patient/ann/$everything", 200], ["Patient/none-such", 404], ["Observation/ann-gone", 410], ["Patient?nonsense=1", 400], ["Pacient/1", 404],
];
const typeOf = (answer: Answer): string => String(answer.headers["content-type"]).split(";")[0]!;

states("http 3.1.0-1", async () => {
  const statement = (await send("GET", "metadata", { as: undefined })).json() as { resourceType: string; rest: { mode: string; resource: { type: string; interaction: { code: string }[] }[] }[] };
  assert.deepEqual([statement.resourceType, statement.rest[0]!.mode], ["CapabilityStatement", "server"]);
  for (const type of ["Patient", "Observation", "Binary"]) assert.ok(statement.rest[0]!.resource.find((one) => one.type === type)!.interaction.some(({ code }) => code === "read"), type);
});

states("http 3.1.0.1.2-1", async () => {
  for (const url of ["patient/ann", "PATIENT/ann", "Patient/ANN", "Patient/ann/_HISTORY", "Metadata"]) assert.ok((await send("GET", url)).statusCode >= 400, url);
});

states("http 3.1.0.1.2-3", async () => {
  const { id } = await created(server(), { ...patient, name: [{ family: "Müller-李" }] });
  assert.equal(bundleOf(await send("GET", `Patient?name=${encodeURIComponent("Müller-李")}`)).entry![0]!.resource!.id, id);
});

states("http 3.1.0.1.2-4", async () => {
  const { host } = new URL(bundleOf(await send("GET", "Patient?_id=ann")).link[0]!.url);
  for (const protocol of ["http", "https"]) {
    const reference = `${protocol}://${host}/fhir/R4/Patient/ann`;
    const { id } = await created(server(), observation("x", 1, { subject: { reference } }));
    for (const value of [reference, "Patient/ann"]) assert.equal(bundleOf(await send("GET", `Observation?_id=${id}&subject=${value}`)).total, 1, value);
  }
});

states("http 3.1.0.1.3-1", async () => {
  for (const url of ["Patient/ann", "Patient/ann/_history/1", "Organization/clinic"]) {
    const answer = await send("GET", url);
    const { meta } = answer.json() as Resource;
    assert.ok(String(answer.headers.etag).includes(`"${meta.versionId}"`));
    assert.equal(answer.headers["last-modified"], new Date(meta.lastUpdated).toUTCString());
  }
});

states("http 3.1.0.1.3-2", async () => {
  for (const url of ["Patient/ann", "Observation/ann-gone", "metadata"]) assert.match(String((await send("GET", url)).headers.etag), /^W\/"[^"]+"$/, url);
});

states("http 3.1.0.1.4-2", async () => {
  const ask = { origin: "https://app.example", "access-control-request-method": "PUT", "access-control-request-headers": "authorization,content-type,if-match" };
  const preflight = await send("OPTIONS", "Patient/ann", { as: undefined, headers: ask });
  assert.equal(preflight.statusCode, 204);
  assert.equal(preflight.headers["access-control-allow-origin"], "https://app.example");
  assert.match(String(preflight.headers["access-control-allow-methods"]), /PUT/);
  assert.equal(preflight.headers["access-control-allow-headers"], "authorization,content-type,if-match");
  assert.equal(preflight.headers["access-control-allow-credentials"], undefined, "cookies never count");
  const read = await send("GET", "Patient/ann", { headers: { origin: "https://app.example" } });
  assert.deepEqual([read.headers["access-control-allow-origin"], read.headers.vary], ["https://app.example", "Origin"]);
  assert.match(String(read.headers["access-control-expose-headers"]), /ETag.*Location/);
  assert.equal((await send("GET", "Patient/ann", { as: undefined, headers: { origin: "https://app.example" } })).headers["access-control-allow-origin"], "https://app.example", "a page may read why it was refused");
  for (const origin of ["https://other.example", "https://app.example.org", "null"]) assert.equal((await send("OPTIONS", "Patient", { as: undefined, headers: { ...ask, origin } })).headers["access-control-allow-origin"], undefined, origin);
  const { rest } = (await send("GET", "metadata")).json() as { rest: { security: { cors: boolean } }[] };
  assert.equal(rest[0]!.security.cors, true);
});

states("http 3.1.0.1.5-1", async () => {
  for (const [url, status] of addresses) assert.equal((await send("GET", url)).statusCode, status, url);
  assert.equal((await send("GET", "Patient/ann", { as: undefined })).statusCode, 401);
  assert.equal((await send("PUT", "Patient/ann", { as: "ann", body: { ...patient, id: "ann" } })).statusCode, 403);
  assert.equal((await send("DELETE", "metadata")).statusCode, 405);
});

states("http 3.1.0.1.6-1", async () => {
  for (const [url] of addresses) assert.match(String((await send("GET", url)).headers.date), / GMT$/, url);
});

states("http 3.1.0.1.7-2", async () => {
  const { url } = await created(server(), patient);
  const modified = String((await send("GET", url)).headers["last-modified"]);
  for (const headers of [{ "if-none-match": 'W/"1"' } as Record<string, string>, { "if-none-match": '"9", W/"1"' }, { "if-none-match": "*" }, { "if-modified-since": modified }]) {
    const answer = await send("GET", url, { headers });
    assert.deepEqual([answer.statusCode, answer.body, answer.headers.etag], [304, "", 'W/"1"'], JSON.stringify(headers));
  }
  for (const headers of [{ "if-none-match": 'W/"2"' } as Record<string, string>, { "if-none-match": 'W/"2"', "if-modified-since": modified }, { "if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT" }, { "if-modified-since": "yesterday" }])
    assert.equal((await send("GET", url, { headers })).statusCode, 200, JSON.stringify(headers));
});

states("http 3.1.0.1.8-1", async () => {
  const post = (prefer: string) => send("POST", "Patient", { body: patient, headers: { prefer } });
  const minimal = await post("return=minimal");
  assert.deepEqual([minimal.statusCode, minimal.body], [201, ""]);
  assert.ok(minimal.headers.location && minimal.headers.etag && minimal.headers["last-modified"]);
  assert.equal(((await post("handling=strict; return=representation")).json() as Resource).resourceType, "Patient");
  // RFC 7240: preferences are told apart without regard to case.
  assert.equal((await post("Return=Minimal")).body, "");
  const outcome = await post("return=OperationOutcome");
  assert.deepEqual([outcome.statusCode, issuesOf(outcome)[0]!.severity], [201, "information"]);
  assert.match(issuesOf(outcome).find(({ severity }) => severity === "warning")!.diagnostics, /dom-6/, "hints and warnings");
  const { id, url } = await created(server(), patient);
  assert.equal((await send("PUT", url, { body: { ...patient, id, active: true }, headers: { prefer: "return=minimal" } })).body, "");
  const deleted = await send("DELETE", url, { headers: { prefer: "return=OperationOutcome" } });
  assert.deepEqual([deleted.statusCode, issuesOf(deleted)[0]!.severity], [200, "information"]);
});

states("http 3.1.0.1.8-2", async () => {
  for (const headers of [{}, { prefer: "handling=strict" }] as Record<string, string>[]) assert.equal(((await send("POST", "Patient", { body: patient, headers })).json() as Resource).resourceType, "Patient");
});

states("http 3.1.0.1.8-3", async () => {
  for (const prefer of ["return=minimal", "return=representation", "return=OperationOutcome"]) {
    const answer = await send("POST", "Patient", { body: { ...patient, gender: "x" }, headers: { prefer } });
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [400, "error"], prefer);
  }
  for (const [url, status] of addresses.filter(([, status]) => status >= 400)) {
    const answer = await send("GET", url);
    assert.ok(issuesOf(answer).every(({ severity, code, diagnostics }) => severity === "error" && code !== "" && diagnostics.length > 10), `${status} ${url}`);
  }
});

states("http 3.1.0.1.9-1", async () => {
  for (const accept of ["application/fhir+json", "application/fhir+xml"]) for (const [url] of addresses) assert.equal(typeOf(await send("GET", url, { headers: { accept } })), accept, url);
});

states("http 3.1.0.1.9-2", async () => {
  for (const [accept, type] of [["application/fhir+xml;q=0.9, application/fhir+json;q=0.1", "application/fhir+xml"], ["text/html, application/fhir+json;q=0.5", "application/fhir+json"], ["*/*", "application/fhir+json"], ["application/*", "application/fhir+json"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml"], ["application/fhir+json; charset=utf-8", "application/fhir+json"], ["application/json+fhir", "application/fhir+json"], ["application/xml+fhir", "application/fhir+xml"]] as const)
    assert.equal(typeOf(await send("GET", "Patient/ann", { headers: { accept } })), type, accept);
});

states("http 3.1.0.1.9-3", async () => {
  for (const [accept, type] of [["application/json", "application/json"], ["text/json", "application/json"], ["application/xml", "application/xml"], ["text/xml", "application/xml"]] as const)
    assert.equal(typeOf(await send("GET", "Patient/ann", { headers: { accept } })), type, accept);
});

states("http 3.1.0.1.9-4", async () => {
  for (const accept of ["application/fhir+turtle", "text/turtle", "application/pdf", "text/html"]) assert.equal((await send("GET", "Patient/ann", { headers: { accept } })).statusCode, 406, accept);
});

states("http 3.1.0.1.9-5", async () => {
  for (const type of ["text/plain", "application/fhir+turtle", "application/pdf", "multipart/form-data; boundary=a"]) {
    const answer = await send("POST", "Patient", { body: "x", headers: { "content-type": type } });
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [415, "error"], type);
  }
  for (const type of ["application/fhir+json", "application/json", "application/fhir+json;charset=UTF-8", "application/json+fhir", "application/fhir+json; fhirVersion=4.0"]) assert.equal((await send("POST", "Patient", { body: patient, headers: { "content-type": type } })).statusCode, 201, type);
});

states("http 3.1.0.1.9-6", async () => {
  for (const [url] of addresses) assert.match(String((await send("GET", url)).headers["content-type"]), /; charset=utf-8$/, url);
  assert.equal((await send("POST", "Patient", { body: patient, headers: { "content-type": "application/fhir+json; charset=iso-8859-1" } })).statusCode, 415);
  assert.equal((await send("POST", "Patient", { body: Buffer.from('{"resourceType":"Patient","name":[{"family":"M\xfcller"}]}', "latin1") })).statusCode, 400);
});

states("http 3.1.0.1.10-1", async () => {
  for (const version of ["4.0", "4.0.1", '"4.0"']) {
    assert.equal((await send("GET", "Patient/ann", { headers: { accept: `application/fhir+json; fhirVersion=${version}` } })).statusCode, 200, version);
    assert.equal((await send("POST", "Patient", { body: patient, headers: { "content-type": `application/fhir+json; fhirVersion=${version}` } })).statusCode, 201, version);
  }
  for (const version of ["1.0", "3.0", "5.0"]) {
    assert.equal((await send("GET", "Patient/ann", { headers: { accept: `application/fhir+json; fhirVersion=${version}` } })).statusCode, 406, version);
    assert.equal((await send("POST", "Patient", { body: patient, headers: { "content-type": `application/fhir+json; fhirVersion=${version}` } })).statusCode, 415, version);
  }
});

states("http 3.1.0.1.10-2", async () => {
  const both = (accept: string, sent: string) => send("POST", "Patient", { body: patient, headers: { accept: `application/fhir+json; fhirVersion=${accept}`, "content-type": `application/fhir+json; fhirVersion=${sent}` } });
  assert.deepEqual([(await both("4.0", "4.0")).statusCode, (await both("3.0", "4.0")).statusCode, (await both("4.0", "3.0")).statusCode], [201, 406, 415]);
});

states("http 3.1.0.1.11-1", async () => {
  assert.equal(typeOf(await send("GET", "Patient/ann?_format=xml", { headers: { accept: "application/fhir+json" } })), "application/fhir+xml");
  assert.equal(typeOf(await send("GET", "Patient/ann?_format=json", { headers: { accept: "application/pdf" } })), "application/fhir+json");
});

states("http 3.1.0.1.11-2", async () => {
  for (const format of ["xml", "text/xml", "application/xml", "application/fhir+xml", "application/fhir%2Bxml"]) for (const url of ["Patient/ann", "Patient", "Patient/_history", "metadata"])
    assert.match((await send("GET", `${url}?_format=${format}`)).body, /^(?:<\?xml[^>]*>\s*)?<(?:Patient|Bundle|CapabilityStatement) xmlns="http:\/\/hl7\.org\/fhir"/, `${url} ${format}`);
});

states("http 3.1.0.1.11-3", async () => {
  for (const format of ["json", "application/json", "application/fhir+json", "application/fhir%2Bjson"]) for (const url of ["Patient/ann", "Patient", "Patient/_history", "metadata"])
    assert.match((await send("GET", `${url}?_format=${format}`, { headers: { accept: "application/fhir+xml" } })).body, /^\{"resourceType":"(?:Patient|Bundle|CapabilityStatement)"/, `${url} ${format}`);
});

states("http 3.1.0.1.11-4", async () => {
  for (const format of ["ttl", "text/turtle", "application/fhir+turtle"]) assert.equal((await send("GET", `Patient/ann?_format=${format}`)).statusCode, 406, format);
});

states("http 3.1.0.1.11-5", async () => {
  const answer = await send("POST", "Patient?_format=xml", { body: patient });
  assert.deepEqual([answer.statusCode, typeOf(answer)], [201, "application/fhir+xml"]);
});

states("http 3.1.0.1.11-6", async () => {
  for (const url of ["Patient/ann", "Patient?_id=ann", "Patient/ann/_history"]) {
    const mark = url.includes("?") ? "&" : "?";
    const [pretty, plain] = [await send("GET", `${url}${mark}_pretty=true`), await send("GET", `${url}${mark}_pretty=false`)];
    assert.match(pretty.body, /^\{\n {2}"/, url);
    assert.doesNotMatch(plain.body, /\n/);
    assert.deepEqual(pretty.json(), plain.json());
  }
});

states("http 3.1.0.1.12-1", async () => {
  const { rest } = (await send("GET", "metadata")).json() as { rest: { resource: { versioning: string; readHistory: boolean }[] }[] };
  assert.ok(rest[0]!.resource.every(({ versioning, readHistory }) => versioning === "versioned" && readHistory));
  const { id, url } = await created(server(), patient);
  for (let version = 2; version <= 3; version++) assert.equal(((await send("PUT", url, { body: { ...patient, id, birthDate: `199${version}-01-01` }, headers: { "if-match": `W/"${version - 1}"` } })).json() as Resource).meta.versionId, String(version));
  for (const version of [1, 2, 3]) assert.equal((await send("GET", `${url}/_history/${version}`)).statusCode, 200);
});
