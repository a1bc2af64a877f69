/** The CapabilityStatement tells the truth: each claim is tried, and what is not claimed is refused. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CapabilityStatement, CapabilityStatementRestResource } from "@medplum/fhirtypes";
import { resourceTypes, searchParameterByUrl } from "#fhir/definitions/load.ts";
import type { Resource } from "#fhir/resource.ts";
import { operations } from "#server/fhir/operations/list.ts";
import { validateResource } from "#fhir/validate/validate.ts";
import { base, bundleOf, issuesOf, testServer, type TestServer } from "./server.ts";

let server: TestServer;
let statement: CapabilityStatement;
let resources: CapabilityStatementRestResource[];
before(async () => {
  server = await testServer();
  const answer = await server.send("GET", "metadata", { as: undefined });
  assert.equal(answer.statusCode, 200);
  statement = answer.json() as CapabilityStatement;
  resources = statement.rest![0]!.resource!;
});
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);

test("it is a valid CapabilityStatement of this base, FHIR 4.0.1, in JSON and XML", () => {
  const faults = validateResource(statement as unknown as Resource).filter(({ severity }) => severity === "error" || severity === "fatal");
  assert.deepEqual(faults, []);
  assert.equal(statement.fhirVersion, "4.0.1");
  assert.match(statement.implementation!.url!, new RegExp(`^http://[^/]+${base}$`));
  assert.deepEqual(statement.format, ["application/fhir+json", "application/fhir+xml", "json", "xml"]);
  assert.deepEqual(statement.patchFormat, ["application/json-patch+json", "application/xml-patch+xml", "application/fhir+json", "application/fhir+xml"]);
});

test("both statements are sound by $validate", async () => {
  for (const query of ["", "?mode=terminology", "?_summary=true"]) {
    const text = (await send("GET", `metadata${query}`)).body;
    const told = await send("POST", `${(JSON.parse(text) as Resource).resourceType}/$validate`, { body: text });
    assert.deepEqual(issuesOf(told).filter(({ severity }) => severity === "error"), [], query);
  }
});

test("every resource type of R4 that can be stored is listed once", () => {
  assert.deepEqual(resources.map(({ type }) => type).sort(), resourceTypes().filter((type) => type !== "Parameters").sort());
});

test("every claimed interaction of every type is served, with the status of its specification", async () => {
  const tries: Record<string, (type: string) => Promise<[number, number]>> = {
    read: async (type) => [(await send("GET", `${type}/none`)).statusCode, 404],
    vread: async (type) => [(await send("GET", `${type}/none/_history/1`)).statusCode, 404],
    update: async (type) => [(await send("PUT", `${type}/none`, { body: { resourceType: type, id: "other" } })).statusCode, 400],
    patch: async (type) => [(await send("PATCH", `${type}/none`, { body: [], headers: { "content-type": "application/json-patch+json" } })).statusCode, 404],
    delete: async (type) => [(await send("DELETE", `${type}/none`)).statusCode, 204],
    "history-instance": async (type) => [(await send("GET", `${type}/none/_history`)).statusCode, 404],
    "history-type": async (type) => [(await send("GET", `${type}/_history?_count=1`)).statusCode, 200],
    create: async (type) => [(await send("POST", type, { body: { resourceType: type, nonsense: 1 } })).statusCode, 400],
    "search-type": async (type) => [(await send("GET", `${type}?_count=1`)).statusCode, 200],
  };
  for (const { type, interaction } of resources) {
    assert.equal(interaction!.length, Object.keys(tries).length, `${type} claims what is tried here`);
    for (const { code } of interaction!) {
      const [status, expected] = await tries[code]!(type);
      assert.equal(status, expected, `${type} ${code}`);
    }
  }
});

test("each type that needs no more than its name is created, read, searched and deleted", async () => {
  let stored = 0;
  for (const { type } of resources) {
    const resource = { resourceType: type };
    if (validateResource(resource).some(({ severity }) => severity === "error" || severity === "fatal")) continue;
    const created = await send("POST", type, { body: resource });
    assert.equal(created.statusCode, 201, `${type} ${created.body}`);
    const { id } = created.json() as { id: string };
    assert.equal((await send("GET", `${type}/${id}`)).statusCode, 200, type);
    assert.equal(bundleOf(await send("GET", `${type}?_id=${id}`)).total, 1, type);
    assert.equal((await send("DELETE", `${type}/${id}`)).statusCode, 204, type);
    stored += 1;
  }
  assert.ok(stored > 10, `${stored} types`);
});

test("every claimed search parameter and include is understood by GET", async () => {
  const values: Record<string, string> = { number: "5", date: "ge2026-01-01", string: "a", token: "a", reference: "a", quantity: "5", uri: "urn:a", special: "1|2" };
  // A composite takes a value a component, each as its own type writes it.
  const valueOf = ({ definition, type }: { definition?: string; type?: string }): string => {
    const parts = searchParameterByUrl(definition ?? "")?.component?.map((part) => values[searchParameterByUrl(part.definition)!.type]!);
    return parts ? parts.join("$") : values[type!]!;
  };
  let count = 0;
  for (const { type, searchParam = [], searchInclude = [] } of resources) {
    // All at once is one search a type: a parameter that were not known would be named.
    for (let i = 0; i < searchParam.length; i += 5) {
      const query = searchParam.slice(i, i + 5).map((one) => `${one.name}=${valueOf(one)}`).join("&");
      const answer = await send("GET", `${type}?_count=1&${query}`);
      assert.equal(answer.statusCode, 200, `${type}?${query} ${answer.body.slice(0, 300)}`);
    }
    if (searchInclude.length > 0) {
      const answer = await send("GET", `${type}?_count=1&${searchInclude.map((include) => `_include=${include}`).join("&")}`);
      assert.equal(answer.statusCode, 200, `${type} ${answer.body.slice(0, 300)}`);
    }
    count += searchParam.length;
  }
  assert.ok(count > 1000, `${count} parameters`);
});

test("a search parameter that is not claimed is refused by name", async () => {
  for (const query of ["_query=a", "_has:Observation:patient:code=1", "phonetic=a", "nonsense=1"]) {
    const answer = await send("GET", `Location?${query}`);
    assert.equal(answer.statusCode, 400, query);
    assert.ok(issuesOf(answer)[0]!.diagnostics.includes(query.split(/[:=]/)[0]!), answer.body);
  }
});

test("the system level: transaction, batch, history, search and compartments are served as claimed", async () => {
  assert.deepEqual(statement.rest![0]!.interaction!.map(({ code }) => code).sort(), ["batch", "history-system", "search-system", "transaction"]);
  for (const type of ["transaction", "batch"]) assert.equal(bundleOf(await send("POST", "", { body: { resourceType: "Bundle", type, entry: [{ request: { method: "GET", url: "Patient?_count=1" } }] } })).type, `${type}-response`);
  assert.equal(bundleOf(await send("GET", "_history?_count=1")).type, "history");
  assert.equal(bundleOf(await send("GET", "?_type=Patient")).type, "searchset");
  const compartments = (statement.rest![0] as { compartment?: string[] }).compartment!.map((url) => url.slice(url.lastIndexOf("/") + 1));
  assert.deepEqual(compartments.toSorted(), ["device", "encounter", "patient", "practitioner", "relatedPerson"]);
  for (const compartment of compartments) assert.equal((await send("GET", `${compartment[0]!.toUpperCase()}${compartment.slice(1)}/1/Observation`)).statusCode, 200);
});

test("claims of versioning and conditions, for each type: versioned, updateCreate, conditional create, read, update, delete of several", async () => {
  for (const one of resources) {
    const { versioning, readHistory, updateCreate, conditionalCreate, conditionalRead, conditionalUpdate, conditionalDelete } = one;
    assert.deepEqual({ versioning, readHistory, updateCreate, conditionalCreate, conditionalRead, conditionalUpdate, conditionalDelete },
      { versioning: "versioned", readHistory: true, updateCreate: true, conditionalCreate: true, conditionalRead: "full-support", conditionalUpdate: true, conditionalDelete: "multiple" });
  }
  // What they mean is tried in rest.test.ts on Patient; here on a type without a person and without tables of its own.
  const body = { resourceType: "Basic", code: { text: "a" }, identifier: [{ system: "urn:t", value: "1" }] };
  assert.equal((await send("PUT", "Basic/chosen", { body: { ...body, id: "chosen" } })).statusCode, 201);
  assert.equal((await send("POST", "Basic", { body, headers: { "if-none-exist": "identifier=urn:t|1" } })).statusCode, 200);
  assert.equal((await send("GET", "Basic/chosen", { headers: { "if-none-match": 'W/"1"' } })).statusCode, 304);
  assert.equal((await send("PUT", "Basic?identifier=urn:t|1", { body: { ...body, code: { text: "b" } } })).headers.etag, 'W/"2"');
  assert.equal((await send("GET", "Basic/chosen/_history/1")).statusCode, 200);
  assert.equal((await send("DELETE", "Basic?identifier=urn:t|1")).statusCode, 204);
  assert.equal((await send("GET", "Basic/chosen")).statusCode, 410);
});

test("operations: each is claimed with its canonical url where it is offered, and served there; others are refused", async () => {
  const claims = [...resources.map(({ type, operation = [] }) => ({ type, operation })), { type: "", operation: statement.rest![0]!.operation ?? [] }];
  for (const { definition: { code, url, resource, levels, affectsState, documentation } } of operations) {
    for (const { type, operation } of claims) {
      const offered = type === "" ? levels.includes("system") : levels.some((level) => level !== "system") && (resource === "any" || resource.includes(type));
      assert.deepEqual(operation.filter(({ definition, name }) => definition === url && name === code), offered ? [{ name: code, definition: url, ...(documentation === undefined ? {} : { documentation }) }] : [], `${type}/$${code}`);
    }
    assert.match(url, /^https?:\/\/.+\/OperationDefinition\/\$?[A-Za-z]/);
    const type = resource === "any" ? "Basic" : resource[0]!;
    for (const level of levels) {
      const at = { system: "", type: `${type}/`, instance: `${type}/none-such/`, version: `${type}/none-such/_history/1/` }[level];
      // No such address is 404 with a text of its own; a method that is not offered 405.
      const answer = await send(affectsState ? "POST" : "GET", `${at}$${code}`);
      assert.doesNotMatch(answer.body, /no operation offered|not offered at this address/, `${at}$${code}`);
      assert.equal((await send("DELETE", `${at}$${code}`)).headers.allow, affectsState ? "POST, OPTIONS" : "GET, HEAD, POST, OPTIONS", `${at}$${code}`);
    }
  }
  for (const url of ["Patient/$match", "Patient/ann/$nonsense", "$nonsense", "ValueSet/$everything"]) assert.equal((await send("GET", url)).statusCode, 404, url);
});

test("it needs no sign-in, stays the same from one asking to the next, and says so to HEAD too", async () => {
  const [a, b] = [await send("GET", "metadata", { as: undefined }), await send("GET", "metadata", { as: "ann" })];
  assert.equal(a.body, b.body);
  assert.equal((await send("HEAD", "metadata", { as: undefined })).statusCode, 200);
});

test("$versions: as Parameters, or in the short forms for plain JSON and XML; without sign-in, in a batch too", async () => {
  const ask = (accept: string) => send("GET", "$versions", { as: undefined, headers: { accept } });
  const told = [{ name: "version", valueCode: "4.0" }, { name: "default", valueCode: "4.0" }];
  for (const accept of ["application/fhir+json", "*/*", ""]) assert.deepEqual((await ask(accept)).json(), { resourceType: "Parameters", parameter: told }, accept);
  assert.deepEqual((await ask("application/json")).json(), { versions: ["4.0"], default: "4.0" });
  assert.match((await ask("application/fhir+xml")).body, /<Parameters xmlns="http:\/\/hl7\.org\/fhir">/);
  assert.equal((await ask("application/xml")).body, "<versions><version>4.0</version><default>4.0</default></versions>");
  assert.equal((await ask("application/pdf")).statusCode, 406);
  assert.equal((await send("GET", "$versions?_format=json", { as: undefined })).statusCode, 200);
  assert.ok(statement.rest![0]!.operation!.some(({ name, definition }) => name === "versions" && definition === "http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions"));
  const batch = bundleOf(await send("POST", "", { body: { resourceType: "Bundle", type: "batch", entry: [{ request: { method: "GET", url: "$versions" } }] } }));
  assert.deepEqual(batch.entry![0]!.resource?.parameter, told);
});

test("profiles that are stored are supportedProfile of their type, until they are retired or gone", async () => {
  const url = "http://example.org/StructureDefinition/careful-patient";
  const profile = (more: object) => ({ resourceType: "StructureDefinition", id: "careful", url, name: "Careful", status: "active", kind: "resource", abstract: false, type: "Patient", baseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient", derivation: "constraint", differential: { element: [{ id: "Patient", path: "Patient" }] }, ...more });
  const supported = async (): Promise<string[]> => ((await send("GET", "metadata")).json() as CapabilityStatement).rest![0]!.resource!.flatMap(({ type, supportedProfile = [] }) => supportedProfile.map((one) => `${type} ${one}`)).filter((one) => one.includes("example.org"));
  assert.deepEqual(await supported(), []);
  assert.equal((await send("PUT", "StructureDefinition/careful", { body: profile({ version: "1.0.0" }) })).statusCode, 201);
  assert.deepEqual(await supported(), [`Patient ${url}`]);
  const extension = { ...profile({ id: "coat", url: "http://example.org/StructureDefinition/coat", kind: "complex-type", type: "Extension", baseDefinition: "http://hl7.org/fhir/StructureDefinition/Extension", context: [{ type: "element", expression: "Patient" }], differential: { element: [{ id: "Extension", path: "Extension" }] } }) };
  assert.equal((await send("PUT", "StructureDefinition/coat", { body: extension })).statusCode, 201);
  assert.deepEqual(await supported(), [`Patient ${url}`], "an extension is no profile of a resource");
  await send("PUT", "StructureDefinition/careful", { body: profile({ status: "retired" }) });
  assert.deepEqual(await supported(), []);
  await send("PUT", "StructureDefinition/careful", { body: profile({}) });
  assert.deepEqual(await supported(), [`Patient ${url}`]);
  await send("DELETE", "StructureDefinition/careful");
  assert.deepEqual(await supported(), []);
  const many = Array.from({ length: 120 }, (_, i) => profile({ id: `many-${i}`, url: `${url}-${i}` }));
  const entry = many.map((resource) => ({ resource, request: { method: "PUT", url: `StructureDefinition/${resource.id}` } }));
  assert.equal((await send("POST", "", { body: { resourceType: "Bundle", type: "transaction", entry } })).statusCode, 200);
  assert.deepEqual(await supported(), many.map((one) => `Patient ${one.url}`).sort());
});
