/** Terminology over HTTP: which content counts, for whom, at which level, and what is refused before anything is done. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { issuesOf, testServer, type Answer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => {
  server = await testServer();
  for (const resource of [
    { resourceType: "CodeSystem", id: "plants", url: "urn:plants", version: "1", status: "active", content: "complete", hierarchyMeaning: "is-a", concept: [{ code: "tree", display: "Tree", concept: [{ code: "oak", display: "Oak" }, { code: "elm", display: "Elm" }] }, { code: "moss", display: "Moss" }] },
    { resourceType: "ValueSet", id: "trees", url: "urn:trees", status: "active", compose: { include: [{ system: "urn:plants", filter: [{ property: "concept", op: "is-a", value: "tree" }] }] } },
    { resourceType: "ConceptMap", id: "wood", url: "urn:wood", status: "active", group: [{ source: "urn:plants", target: "urn:timber", element: [{ code: "oak", target: [{ code: "hard", equivalence: "equivalent" }] }] }] },
  ]) {
    const put = await send("PUT", `${resource.resourceType}/${resource.id}`, { body: resource });
    assert.equal(put.statusCode, 201, put.body);
  }
});
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

type Parameter = { name: string; part?: Parameter[]; [value: string]: unknown };
const parameters = (...parameter: Parameter[]): { resourceType: string; parameter: Parameter[] } => ({ resourceType: "Parameters", parameter });

function read(answer: Answer, name: string): unknown {
  assert.equal(answer.statusCode, 200, answer.body);
  const found = (answer.json() as { parameter: Parameter[] }).parameter.find((one) => one.name === name);
  return found && Object.entries(found).find(([member]) => member.startsWith("value"))?.[1];
}

function codes(answer: Answer): string[] {
  assert.equal(answer.statusCode, 200, answer.body);
  const out: string[] = [];
  const walk = (contains: { code: string; contains?: never[] }[]): void => { for (const one of contains) { out.push(one.code); walk(one.contains ?? []); } };
  walk((answer.json() as { expansion: { contains: { code: string }[] } }).expansion.contains);
  return out.sort();
}

test("valueset-operation-expand: by GET and POST, by url, by instance, with a value set brought along", async () => {
  const set = { resourceType: "ValueSet", status: "active", compose: { include: [{ system: "urn:plants", concept: [{ code: "moss" }] }] } };
  assert.deepEqual(codes(await send("GET", "ValueSet/$expand?url=urn:trees")), ["elm", "oak", "tree"]);
  assert.deepEqual(codes(await send("GET", "ValueSet/trees/$expand?filter=oa")), ["oak"]);
  assert.deepEqual(codes(await send("POST", "ValueSet/$expand", { body: parameters({ name: "valueSet", resource: set }) })), ["moss"]);
  // operations.html#request: the resource itself, where the operation takes one.
  assert.deepEqual(codes(await send("POST", "ValueSet/$expand", { body: set })), ["moss"]);
  assert.deepEqual(codes(await send("GET", `ValueSet/$expand?url=${encodeURIComponent("http://hl7.org/fhir/ValueSet/administrative-gender")}`)), ["female", "male", "other", "unknown"]);
  const page = await send("GET", "ValueSet/trees/$expand?count=1&offset=1&excludeNested=true");
  assert.equal(codes(page).length, 1);
});

test("codesystem-operation-lookup, -validate-code, -subsumes: on the type and on an instance", async () => {
  assert.equal(read(await send("GET", "CodeSystem/$lookup?system=urn:plants&code=oak"), "display"), "Oak");
  assert.equal(read(await send("POST", "CodeSystem/$lookup", { body: parameters({ name: "coding", valueCoding: { system: "urn:plants", code: "elm" } }) }), "display"), "Elm");
  assert.equal(read(await send("GET", "CodeSystem/$validate-code?url=urn:plants&code=fern"), "result"), false);
  assert.equal(read(await send("GET", "CodeSystem/plants/$validate-code?code=moss"), "result"), true);
  assert.equal(read(await send("GET", "CodeSystem/$subsumes?system=urn:plants&codeA=tree&codeB=oak"), "outcome"), "subsumes");
  assert.equal(read(await send("GET", "CodeSystem/plants/$subsumes?codeA=oak&codeB=tree"), "outcome"), "subsumed-by");
  assert.equal(read(await send("GET", "CodeSystem/plants/$subsumes?codeA=oak&codeB=moss"), "outcome"), "not-subsumed");
  assert.equal((await send("GET", "CodeSystem/$lookup?system=urn:plants&code=fern")).statusCode, 404);
});

test("valueset-operation-validate-code and conceptmap-operation-translate", async () => {
  assert.equal(read(await send("GET", "ValueSet/$validate-code?url=urn:trees&system=urn:plants&code=oak"), "result"), true);
  assert.equal(read(await send("GET", "ValueSet/trees/$validate-code?system=urn:plants&code=moss"), "result"), false);
  for (const url of ["ConceptMap/$translate?url=urn:wood&system=urn:plants&code=oak", "ConceptMap/$translate?system=urn:plants&code=oak", "ConceptMap/wood/$translate?system=urn:plants&code=oak"]) {
    const answer = await send("GET", url);
    assert.equal(read(answer, "result"), true, url);
    assert.match(answer.body, /"hard"/);
  }
  const batch = await send("POST", "ValueSet/$batch-validate-code", { body: parameters({ name: "url", valueUri: "urn:trees" },
    ...["oak", "moss"].map((code) => ({ name: "validation", resource: parameters({ name: "coding", valueCoding: { system: "urn:plants", code } }) }))) });
  const results = (batch.json() as { parameter: { resource: { parameter: Parameter[] } }[] }).parameter.map(({ resource }) => resource.parameter.find(({ name }) => name === "result")!.valueBoolean);
  assert.deepEqual(results, [true, false]);
});

test("what is stored counts from the next request on, and no longer once it is deleted", async () => {
  const set = (code: string): object => ({ resourceType: "ValueSet", id: "turn", url: "urn:turn", status: "active", compose: { include: [{ system: "urn:plants", concept: [{ code }] }] } });
  assert.equal((await send("GET", "ValueSet/$expand?url=urn:turn")).statusCode, 404);
  for (const code of ["oak", "elm"]) {
    await send("PUT", "ValueSet/turn", { body: set(code) });
    assert.deepEqual(codes(await send("GET", "ValueSet/$expand?url=urn:turn", { as: "ann" })), [code]);
  }
  await send("DELETE", "ValueSet/turn");
  assert.equal((await send("GET", "ValueSet/$expand?url=urn:turn")).statusCode, 404);
  assert.equal((await send("GET", "ValueSet/turn/$expand")).statusCode, 410);
});

test("operations.html#request: parameters are read against the definition before anything is done", async () => {
  const rows: [string, string, unknown, RegExp][] = [
    ["GET", "ValueSet/$expand?url=urn:trees&colour=red", undefined, /no parameter "colour"; it takes url/],
    ["GET", "ValueSet/$expand?url=urn:trees&url=urn:trees", undefined, /takes url once, found it 2 times/],
    ["GET", "ValueSet/$expand?url=urn:trees&count=many", undefined, /count must be integer, found "many"/],
    ["GET", "ValueSet/$expand?url=urn:trees&activeOnly=yes", undefined, /activeOnly must be boolean/],
    ["GET", "CodeSystem/$lookup?coding=urn:plants|oak", undefined, /coding is a Coding: send it with POST/],
    ["POST", "ValueSet/$expand", parameters({ name: "url", valueBoolean: true }), /url must be uri, found valueBoolean/],
    ["POST", "ValueSet/$expand", parameters({ name: "url", valueUri: "urn:trees", valueString: "x" }), /one value, found valueUri, valueString/],
    ["POST", "ValueSet/$expand", parameters({ name: "valueSet", resource: { resourceType: "Patient" } }), /must be a ValueSet, found a Patient/],
    ["POST", "ValueSet/$expand", { resourceType: "Patient" }, /takes a Parameters resource; the body is a Patient/],
    ["POST", "ValueSet/$expand", { resourceType: "Parameters", parameter: [null, { name: 1 }] }, /object with a name/],
  ];
  for (const [method, url, body, text] of rows) {
    const answer = await send(method, url, body === undefined ? {} : { body });
    assert.equal(answer.statusCode, 400, url);
    assert.match(issuesOf(answer)[0]!.diagnostics, text);
  }
  assert.equal((await send("PUT", "ValueSet/$expand", { body: {} })).statusCode, 405);
  assert.equal((await send("GET", "ValueSet/$expand?url=urn:trees", { as: undefined })).statusCode, 401);
});

test("a form is read like a query", async () => {
  const answer = await send("POST", "ValueSet/$expand", { body: "url=urn%3Atrees&filter=el", headers: { "content-type": "application/x-www-form-urlencoded" } });
  assert.deepEqual(codes(answer), ["elm"]);
});

test("http.html#capabilities: metadata?mode=terminology lists the systems that are here", async () => {
  const answer = await send("GET", "metadata?mode=terminology", { as: undefined });
  const { resourceType, codeSystem } = answer.json() as { resourceType: string; codeSystem: { uri: string }[] };
  assert.equal(resourceType, "TerminologyCapabilities");
  assert.ok(codeSystem.some(({ uri }) => uri === "http://hl7.org/fhir/administrative-gender"));
  assert.equal((await send("GET", "metadata?mode=other", { as: undefined })).statusCode, 400);
});
