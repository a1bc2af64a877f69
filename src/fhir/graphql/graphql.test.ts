import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cpuSeconds } from "#platform/cpu-time.ts";
import { fail, ok } from "#platform/result.ts";
import type { JsonObject, Resource } from "../resource.ts";
import { runGraphql, type GraphqlAnswer, type Limits, type Reader } from "./graphql.ts";

const patient: Resource = {
  resourceType: "Patient", id: "p", active: true, birthDate: "1980-05-06", _birthDate: { id: "b", extension: [{ url: "u", valueString: "x" }] },
  name: [{ use: "official", family: "Li", given: ["Wei", "Hua"] }, { use: "usual", given: ["Mei"] }, { use: "old", family: "Wu", given: ["Wei"] }],
  contact: [{ gender: "male", name: { text: "c" } }],
  contained: [{ resourceType: "Organization", id: "o", name: "Inside" }], managingOrganization: { reference: "#o" }, generalPractitioner: [{ reference: "Practitioner/d" }, { reference: "Practitioner/gone" }],
};
const practitioner: Resource = { resourceType: "Practitioner", id: "d", gender: "female" };

function readerOf(calls: string[] = []): Reader {
  const find = (type: string, id: string) => [patient, practitioner].find(resource => resource.resourceType === type && resource.id === id);
  return {
    read: async (type, id) => { calls.push(`read ${type}/${id}`); return ok(find(type, id)); },
    resolve: async reference => { calls.push(`resolve ${reference}`); const [type, id] = reference.split("/"); return ok(find(type!, id!)); },
    search: async (type, parameters) => {
      calls.push(`search ${type} ${new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString()}`);
      if (type === "Condition") return fail("not-supported", "no conditions here");
      return ok({ edges: type === "Patient" ? [{ resource: patient, mode: "match", score: 1 }, { resource: practitioner, mode: "include" }] : [], count: 1, offset: 0, pagesize: 20, next: "c2" });
    },
  };
}

async function run(query: string, variables: JsonObject = {}, resource: Resource | undefined = patient, limits: Partial<Limits> = {}): Promise<GraphqlAnswer> {
  return runGraphql({ query, variables }, readerOf(), resource, limits);
}

const answers: readonly [string, JsonObject][] = [
  ["{ id a: active __typename resourceType }", { id: "p", a: true, __typename: "Patient", resourceType: "Patient" }],
  ["{ name(use: official) { given } }", { name: [{ given: ["Wei", "Hua"] }] }],
  ["{ name(given: \"Wei\", _offset: 1) { family } }", { name: [{ family: "Wu" }] }],
  ["{ name(fhirpath: \"given.count() > 1\") { given(_count: 1) } }", { name: [{ given: ["Wei"] }] }],
  ["{ name(use: [usual, old]) { use } }", { name: [{ use: "usual" }, { use: "old" }] }],
  ["{ _birthDate { id extension { url valueString } } }", { _birthDate: { id: "b", extension: [{ url: "u", valueString: "x" }] } }],
  ["{ name { ...n } ...m } fragment n on HumanName { family } fragment m on Patient { name { use } }", { name: [{ family: "Li", use: "official" }, { use: "usual" }, { family: "Wu", use: "old" }] }],
  ["{ ... on Patient { id } ... on DomainResource { active } }", { id: "p", active: true }],
  ["{ managingOrganization { resource { ... on Organization { name } ... on Patient { id } } } }", { managingOrganization: { resource: { name: "Inside" } } }],
  ["{ contained { resourceType id } }", { contained: [{ resourceType: "Organization", id: "o" }] }],
  ["{ generalPractitioner { reference resource(optional: true) { gender birthDate } } }", { generalPractitioner: [{ reference: "Practitioner/d", resource: { gender: "female" } }, { reference: "Practitioner/gone" }] }],
  ["{ generalPractitioner @first { resource(type: Practitioner) { id } } }", { generalPractitioner: { resource: { id: "d" } } }],
  ["{ name @first { given @first } }", { name: { given: "Wei" } }],
  ["{ name @flatten { family given @first } }", { family: ["Li", "Wu"], given: ["Wei", "Mei", "Wei"] }],
  ["{ contact { __typename ...c name { __typename } } } fragment c on PatientContact { gender }", { contact: [{ __typename: "PatientContact", gender: "male", name: { __typename: "HumanName" } }] }],
  ["{ managingOrganization @flatten { reference } }", { reference: "#o" }],
  ["{ name @slice(path: \"use\") { given @singleton @first } }", { "name.official": [{ given: "Wei" }], "name.usual": [{ given: "Mei" }], "name.old": [{ given: "Wei" }] }],
  ["{ name(_count: 2) @flatten @slice(path: \"$index\") { given } }", { "given.0": ["Wei", "Hua"], "given.1": ["Mei"] }],
];

const repeated: readonly [string, JsonObject][] = [
  ["{ managingOrganization { reference } managingOrganization { resource { ... on Organization { name } } } }", { managingOrganization: [{ reference: "#o" }, { resource: { name: "Inside" } }] }],
  ["{ name(_count: 2) { use } name(_count: 2) { given } }", { name: [{ use: "official" }, { use: "usual" }, { given: ["Wei", "Hua"] }, { given: ["Mei"] }] }],
  ["{ o: managingOrganization { id } o: managingOrganization { reference } }", { o: [{}, { reference: "#o" }] }],
  ["{ contact { name { text } name { __typename } } }", { contact: [{ name: [{ text: "c" }, { __typename: "HumanName" }] }] }],
  ["{ name @first { use } name @first { family } }", { name: [{ use: "official" }, { family: "Li" }] }],
  ["{ communication { preferred } communication { id } id }", { id: "p" }],
];
const merged: readonly [string, JsonObject][] = [
  ["{ managingOrganization { reference } managingOrganization { reference } }", { managingOrganization: { reference: "#o" } }],
  ["{ managingOrganization { reference } managingOrganization @include(if: true) { reference } }", { managingOrganization: { reference: "#o" } }],
  ["{ managingOrganization { reference } managingOrganization @skip(if: true) { id } }", { managingOrganization: { reference: "#o" } }],
  ["{ managingOrganization { reference } ... on Patient { managingOrganization { __typename } } }", { managingOrganization: { reference: "#o", __typename: "Reference" } }],
  ["{ managingOrganization { reference } ...f } fragment f on Patient { managingOrganization { reference } managingOrganization { __typename } }", { managingOrganization: [{ reference: "#o" }, { __typename: "Reference" }] }],
  ["{ id id active active }", { id: "p", active: true }],
];

test("a field that stands twice in the same braces, with other things asked for, answers a list; all others merge", async () => {
  for (const [query, data] of [...repeated, ...merged]) assert.deepEqual(await run(query), { data }, query);
});

test("an empty list of arguments says nothing; parentheses elsewhere are refused", async () => {
  assert.deepEqual(await run("query q() { name() @first() { given } active # ()\n }"), await run("{ name @first { given } active }"));
  for (const query of ["{ () active }", "{ active()() }", "{ active(() }", "() { active }", "{ active }()"]) assert.equal((await run(query)).data, undefined, query);
});

test("fields, filters, fragments, references and directives", async () => {
  for (const [query, data] of answers) assert.deepEqual(await run(query), { data }, query);
});

test("variables: defaults, lists, missing values", async () => {
  const query = "query q($use: String = \"usual\", $no: Boolean!) { name(use: $use) @skip(if: $no) { use } id }";
  assert.deepEqual(await run(query, { no: false }), { data: { name: [{ use: "usual" }], id: "p" } });
  assert.deepEqual(await run(query, { no: true }), { data: { id: "p" } });
  assert.match((await run(query)).errors![0]!.message, /\$no needs a value/);
  assert.match((await run(query, { no: "yes" })).errors![0]!.message, /no Boolean!/);
});

test("system level: read, lists, connections; names of search parameters", async () => {
  const calls: string[] = [];
  const answer = await runGraphql({ query: `{ Patient(id: p) { id } PatientList(general_practitioner: "Practitioner/d", birthdate: ["ge1980", "lt1990"], _count: 5) { id }
    PatientConnection(_cursor: "c1") { count pagesize next previous edges { mode score resource { id } } } }` }, readerOf(calls));
  assert.deepEqual(answer, { data: {
    Patient: { id: "p" }, PatientList: [{ id: "p" }],
    PatientConnection: { count: 1, pagesize: 20, next: "c2", edges: [{ mode: "match", score: 1, resource: { id: "p" } }, { mode: "include", resource: { id: "d" } }] },
  } });
  assert.deepEqual(calls, ["read Patient/p", "search Patient general-practitioner=Practitioner%2Fd&birthdate=ge1980&birthdate=lt1990&_count=5", "search Patient _cursor=c1"]);
});

test("back references search for the resource", async () => {
  const calls: string[] = [];
  await runGraphql({ query: "{ ObservationList(_reference: subject, code: \"x\") { id } }" }, readerOf(calls), patient);
  assert.deepEqual(calls, ["search Observation subject=Patient%2Fp&code=x"]);
});

test("a reference is resolved once", async () => {
  const calls: string[] = [];
  await runGraphql({ query: "{ a: generalPractitioner(_count: 1) { resource { id } } b: generalPractitioner(_count: 1) { resource { gender } } }" }, readerOf(calls), patient);
  assert.deepEqual(calls, ["resolve Practitioner/d"]);
});

const faults: readonly [string, RegExp][] = [
  ["{", /Syntax Error.*line 1/],
  ["", /Syntax Error/],
  ["{ nonsense }", /Patient has no field "nonsense"/],
  ["{ brithDate }", /did you mean "birthDate"/],
  ["{ name }", /fields of its own/],
  ["{ name { } }", /fields of its own|Syntax/],
  ["{ active { x } }", /plain value/],
  ["{ name(nonsense: 1) { use } }", /no argument "nonsense"/],
  ["{ name(use: a, use: b) { use } }", /stands twice/],
  ["{ name(_count: -1) { use } }", /whole number/],
  ["{ name(fhirpath: \"((\") { use } }", /FHIRPath/],
  ["{ name(fhirpath: \"nonsense\") { use } }", /FHIRPath/],
  ["{ name @frob { use } }", /no directive @frob/],
  ["{ name @skip { use } }", /needs if/],
  ["{ id @flatten }", /have fields/],
  ["{ name @slice { use } }", /needs path/],
  ["{ ...f } fragment f on Patient { ...f }", /holds itself/],
  ["{ ...g }", /no fragment g/],
  ["{ ...f } fragment f on Observation { id }", /never apply/],
  ["{ ...f } fragment f on Nothing { id }", /no type Nothing/],
  ["{ id @include(if: $x) }", /not declared/],
  ["mutation { PatientCreate { id } }", /only queries/],
  ["{ __schema { types { name } } }", /introspection/],
  ["query a { id } query b { id }", /several operations/],
  ["{ a: id a: active }", /two ways/],
  ["{ name(use: usual) { use } name(use: old) { use } }", /two ways/],
  ["{ PatientList { id } }", /needs _reference/],
  ["{ ObservationList(_reference: nonsense) { id } }", /no search parameter "nonsense"/],
  ["{ ObservationList(_reference: subject, patiend: 1) { id } }", /did you mean "patient"/],
  ["{ ConditionList(_reference: patient) { id } }", /no conditions here/],
  ["{ generalPractitioner { resource { id } } }", /leads to no resource/],
  ["{ name @flatten { family @singleton } }", /@singleton: "family" has 2 values/],
];

test("faults say what and where, and give no data", async () => {
  for (const [query, reason] of faults) {
    const answer = await run(query);
    assert.ok(answer.errors?.length === 1 && !answer.data, `${query} ${JSON.stringify(answer)}`);
    assert.match(answer.errors[0]!.message, reason);
  }
  assert.deepEqual((await run("{ id\n  generalPractitioner { resource { id } } }")).errors, [{
    message: 'the reference "Practitioner/gone" leads to no resource; ask with optional: true where that may be', locations: [{ line: 2, column: 25 }], path: ["generalPractitioner", 1, "resource"] }]);
});

test("depth, size, cost are bounded", async () => {
  const deep = (levels: number) => `{ ${"extension { ".repeat(levels)} url ${"}".repeat(levels)} }`;
  assert.match((await run(deep(30))).errors![0]!.message, /deeper than 25/);
  assert.match((await run(deep(20_000))).errors![0]!.message, /characters|too deep/);
  assert.match((await run("{ id }", {}, patient, { lengthMax: 3 })).errors![0]!.message, /characters/);
  assert.match((await run("{ id active }", {}, patient, { valuesMax: 1 })).errors![0]!.message, /more than 1 values/);
  assert.match((await run("{ generalPractitioner { resource(optional: true) { id } } }", {}, patient, { resourcesMax: 1 })).errors![0]!.message, /more than 1 resources/);
  const fragments = Array.from({ length: 24 }, (_, i) => `fragment f${i} on Patient { ...f${i + 1} ...f${i + 1} a${i}: id }`).join(" ");
  const started = cpuSeconds();
  assert.ok((await run(`{ ...f0 } ${fragments} fragment f24 on Patient { id }`)).data);
  const nested = Array.from({ length: 20 }, (_, i) => `fragment e${i} on Extension { extension { ...e${i + 1} } extension { ...e${i + 1} url } }`).join(" ");
  assert.ok((await run(`{ extension { ...e0 } } ${nested} fragment e20 on Extension { url }`)).data);
  assert.ok(cpuSeconds() - started < 2);
  const deepData = Array.from({ length: 24 }).reduce<JsonObject>(inner => ({ url: "u", extension: [inner] }), { url: "u" });
  const flat = Array.from({ length: 20 }, (_, i) => `fragment e${i} on Extension { extension @flatten { ...e${i + 1} } extension @flatten { ...e${i + 1} id } }`).join(" ");
  assert.match((await run(`{ extension @flatten { ...e0 } } ${flat} fragment e20 on Extension { id }`, {}, { ...patient, extension: [deepData] }, { valuesMax: 10_000 })).errors![0]!.message, /more than 10000 values/);
});

test("names of JavaScript's own objects are no fields", async () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) assert.ok((await run(`{ ${name} }`)).errors);
  assert.deepEqual(await run("query q($constructor: String) { name(use: $constructor) { use } }"), { data: { name: [{ use: "official" }, { use: "usual" }, { use: "old" }] } });
});

test("no query makes it throw", async () => {
  const piece = fc.constantFrom("{", "}", "name", "given", "id", "resource", "managingOrganization", "...", "on", "Patient", "(", ")", ":", "$x", "@flatten", "@first", "@singleton", "@slice(path: \"use\")", "use", "usual", "fhirpath", "\"$this\"", "_count", "1", "query", "fragment", "f", "PatientList", "#", "\"", "\"\"\"", "[", "]", "!");
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async pieces => {
    for (const query of [pieces.join(" "), `{ name { ${pieces.join(" ")} } }`]) {
      const answer = await run(query);
      assert.ok(answer.errors !== undefined || answer.data);
    }
  }), { numRuns: 400 });
});
