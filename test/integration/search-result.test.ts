/** What a search answers besides its matches: links, totals, parts, includes, other places to look. Source: https://hl7.org/fhir/R4/search.html, http.html#search */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { operator } from "#server/node.ts";
import { base, type Bundle, bundleOf, issuesOf, leavesFrom, nextOf, observation, testServer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => {
  server = await testServer();
  const resources: { resourceType: string; id: string; [name: string]: unknown }[] = [
    { resourceType: "Encounter", id: "visit", status: "finished", class: { code: "AMB" }, subject: { reference: "Patient/ann" }, participant: [{ individual: { reference: "Practitioner/wang" } }] },
    { resourceType: "Device", id: "meter" }, { resourceType: "RelatedPerson", id: "sister", patient: { reference: "Patient/ann" } },
    { ...observation("ann", 5.50, { encounter: { reference: "Encounter/visit" }, device: { reference: "Device/meter" }, note: [{ text: "n" }], text: { status: "generated", div: "<div xmlns=\"http://www.w3.org/1999/xhtml\">five</div>" } }), id: "at-visit" },
    { ...observation("ann", 6, { performer: [{ reference: "RelatedPerson/sister" }], hasMember: [{ reference: "Observation/at-visit" }] }), id: "by-sister" },
    { resourceType: "Questionnaire", id: "q1", url: "http://a.example/q", version: "1", status: "active" }, { resourceType: "Questionnaire", id: "q2", url: "http://a.example/q", version: "2", status: "active" },
    { resourceType: "QuestionnaireResponse", id: "qr1", questionnaire: "http://a.example/q|1", status: "completed", subject: { reference: "Patient/ann" } },
    { resourceType: "QuestionnaireResponse", id: "qr", questionnaire: "http://a.example/q", status: "completed", subject: { reference: "Patient/ann" } },
    { resourceType: "Organization", id: "a", partOf: { reference: "Organization/b" }, name: "A" }, { resourceType: "Organization", id: "b", partOf: { reference: "Organization/a" }, name: "B" },
    ...Array.from({ length: 20 }, (_, i) => ({ resourceType: "Location", id: `l${i}`, name: `L${i}`, ...i ? { partOf: { reference: `Location/l${i - 1}` } } : {} })),
  ];
  const made = await server.node.record.commit(operator, resources.map((resource) => ({ kind: "update", type: resource.resourceType, id: resource.id, text: JSON.stringify(resource).replace('"value":5.5,', '"value":5.50,') })));
  if (!made.ok) throw new Error(made.failure.text);
});
after(() => server.close());

const send: TestServer["send"] = (...args) => server.send(...args);
const form = { "content-type": "application/x-www-form-urlencoded" };
const found = async (url: string, as: "operator" | "ann" | "wang" = "operator"): Promise<Bundle> => bundleOf(await send("GET", url, { as }));
const names = ({ entry = [] }: Bundle, mode = "match"): string[] => entry.filter(({ search }) => search!.mode === mode).map(({ resource }) => `${resource!.resourceType}/${resource!.id}`).sort();
const link = (bundle: Bundle, relation: string): string | undefined => bundle.link.find((one) => one.relation === relation)?.url.split(base)[1];

test("3.1.1.1.5: servers SHALL return the parameters that were actually used: the self link leaves out what was dropped and shows the page size taken", async () => {
  const lenient = { prefer: "handling=lenient" };
  assert.equal(link(bundleOf(await send("GET", "Patient?nonsense=1&family=andersen&name=", { headers: lenient })), "self"), "/Patient?family=andersen&_count=20");
  assert.equal(link(await found("Patient?_count=5000000000"), "self"), "/Patient?_count=1000");
  assert.equal(link(await found("Patient?_count=7&_format=json"), "self"), "/Patient?_count=7");
  const dropped = bundleOf(await send("GET", "Patient?nonsense=1", { headers: lenient }));
  assert.equal(dropped.entry!.at(-1)!.search!.mode, "outcome");
});

test("http.html#paging: self, first, previous and next; the self link of a later page names that page", async () => {
  const first = await found("Observation?_count=2&_sort=_id");
  assert.deepEqual(first.link.map(({ relation }) => relation), ["self", "first", "next"]);
  assert.equal(link(first, "first"), "/Observation?_count=2&_sort=_id");
  const next = await found(nextOf(first)!);
  assert.equal(base + link(next, "self")!, nextOf(first));
  assert.equal(link(next, "first"), "/Observation?_count=2&_sort=_id");
  assert.deepEqual(next.link.map(({ relation }) => relation), ["self", "first", "previous"]);
});

test("a page link is good for an hour, then 410 and a word on how to go on; one that was tampered with is 400", async () => {
  const next = nextOf(await found("Observation?_count=2&_sort=_id"))!;
  const [address, cursor] = next.split("_cursor=") as [string, string];
  const [snapshot, issued, ...place] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as [string, number, ...string[]];
  const at = (...values: unknown[]): string => `${address}_cursor=${Buffer.from(JSON.stringify(values)).toString("base64url")}`;
  const late = await send("GET", at(snapshot, issued - 61 * 60_000, ...place));
  assert.equal(late.statusCode, 410);
  assert.match(issuesOf(late)[0]!.diagnostics, /start again from the first page/);
  for (const strange of [...["1:2:x", "2:1:", "5:9:7,6", "5:9:9", "0:1:", "1:9999999999999999999:", "'; drop table resource"].map((text) => at(text, issued, ...place)), at("not-a-uuid", 3, "")]) assert.equal((await send("GET", strange)).statusCode, 400, strange);
  assert.equal((await send("GET", at("00000000-0000-4000-8000-000000000000", 0, ""))).statusCode, 410);
});

test("http.html#search: POST _search in every place searches as GET does, and its links are GETs", async () => {
  for (const [path, query] of [["Observation", "status=final"], ["", "_type=Observation,Patient&_id=ann"], ["Patient/ann/Observation", "code=2339-0"]] as const) {
    const posted = bundleOf(await send("POST", `${path === "" ? "" : `${path}/`}_search`, { body: query, headers: form }));
    const got = await found(`${path}?${query}`);
    assert.deepEqual(names(posted), names(got), path);
    assert.equal(link(posted, "self"), link(got, "self"));
    assert.ok(names(got).length > 0);
  }
});

test("search.html#3.1.1.1.1: a search at the base looks through all types, or those of _type; only parameters of all of them hold", async () => {
  assert.deepEqual(names(await found("?_id=ann,wang,clinic")), ["Organization/clinic", "Patient/ann", "Practitioner/wang"]);
  assert.deepEqual(names(await found("_search?_id=ann,wang,clinic&_type=Patient,Organization")), ["Organization/clinic", "Patient/ann"]);
  assert.deepEqual(names(await found(`${base}?_id=ann,wang&_type=Practitioner`)), ["Practitioner/wang"]);
  assert.match(issuesOf(await send("GET", "?_type=Patient,Observation&code=x"))[0]!.diagnostics, /Patient has no search parameter "code"/);
  assert.match(issuesOf(await send("GET", "?_type=Patient,Group&_sort=birthdate"))[0]!.diagnostics, /cannot be sorted/);
  const all: string[] = [];
  for (let next: string | undefined = "?_lastUpdated=gt2020&_count=4"; next !== undefined;) { const page = await found(next); all.push(...names(page)); next = nextOf(page); }
  assert.equal(new Set(all).size, all.length);
  assert.equal((await found("?_summary=count")).total, all.length);
});

test("a search at the base keeps to the caller's reach", async () => {
  assert.deepEqual(names(await found("?_id=ann,bob", "ann")), ["Patient/ann"]);
  assert.equal((await found("?_type=Patient,Observation&_summary=count", "ann")).total, names(await found("?_type=Patient,Observation&_count=1000", "ann")).length);
});

test("http.html: GET [base]/[Compartment]/[id]/[type] and /*; each compartment by its definition", async () => {
  assert.deepEqual(names(await found("Patient/ann/Observation?code=2339-0")), ["Observation/ann-glucose", "Observation/at-visit", "Observation/by-sister"]);
  assert.deepEqual(names(await found("Encounter/visit/Observation")), ["Observation/at-visit"]);
  assert.deepEqual(names(await found("Encounter/visit/*")), ["Encounter/visit", "Observation/at-visit"]);
  assert.deepEqual(names(await found("Practitioner/wang/Encounter")), ["Encounter/visit"]);
  assert.deepEqual(names(await found("Practitioner/wang/Patient")), ["Patient/ann"]);
  assert.deepEqual(names(await found("RelatedPerson/sister/*")), ["Observation/by-sister", "RelatedPerson/sister"]);
  assert.deepEqual(names(await found("Device/meter/Observation?_include=Observation:subject")), ["Observation/at-visit"]);
  assert.deepEqual(names(await found("Patient/ann/Patient")), ["Patient/ann"]);
  const all = names(await found("Patient/ann/*?_count=100"));
  for (const one of ["Patient/ann", "Encounter/visit", "Condition/ann-asthma", "QuestionnaireResponse/qr", "RelatedPerson/sister"]) assert.ok(all.includes(one), one);
  assert.ok(!all.some((one) => one.includes("bob")));
});

test("compartments keep to the caller's reach, and refuse by name what is none", async () => {
  assert.deepEqual(names(await found("Patient/bob/*", "wang")), names(await found("Patient/nobody/*", "wang")));
  assert.deepEqual(names(await found("Practitioner/wang/*", "ann")).filter((one) => one.includes("bob")), []);
  assert.match(issuesOf(await send("GET", "Patient/ann/Organization"))[0]!.diagnostics, /never in the compartment/);
  const none = await send("GET", "Organization/clinic/Patient");
  assert.equal(none.statusCode, 404);
  assert.match(issuesOf(none)[0]!.diagnostics, /no compartment of Organization/);
});

test("search.html#summary: true, text, data, count, false; tagged SUBSETTED; number literals stay", async () => {
  const of = async (query: string): Promise<Record<string, unknown>> => (await found(`Observation?_id=at-visit&${query}`)).entry![0]!.resource!;
  const whole = await of("_summary=false");
  assert.ok("note" in whole && "text" in whole && !JSON.stringify(whole.meta).includes("SUBSETTED"));
  const summary = await of("_summary=true");
  assert.ok(!("note" in summary) && !("text" in summary) && "valueQuantity" in summary && JSON.stringify(summary.meta).includes("SUBSETTED"));
  const text = await of("_summary=text");
  assert.deepEqual(Object.keys(text).sort(), ["code", "id", "meta", "resourceType", "status", "text"]);
  const data = await of("_summary=data");
  assert.ok(!("text" in data) && "note" in data);
  assert.match((await send("GET", "Observation?_id=at-visit&_summary=true")).body, /"value":5\.50/);
});

test("search.html#elements: named and mandatory elements; includes come whole", async () => {
  const bundle = await found("Observation?_id=at-visit&_elements=valueQuantity&_include=Observation:subject");
  assert.deepEqual(Object.keys(bundle.entry![0]!.resource!).sort(), ["code", "id", "meta", "resourceType", "status", "valueQuantity"]);
  assert.ok("birthDate" in bundle.entry![1]!.resource!);
  assert.equal((await send("GET", "Observation?_elements=nonsense")).statusCode, 400);
});

test("search.html#total: none, estimate and accurate, through the caller's filter", async () => {
  assert.equal((await found("Observation?_total=none")).total, undefined);
  for (const kind of ["estimate", "accurate"] as const) {
    assert.equal((await found(`Observation?_count=1&_total=${kind}`)).total, 4);
    assert.equal((await found(`Observation?_count=1&_total=${kind}`, "ann")).total, 3);
  }
});

test("search.html#include: by type, by *, canonical with version, iterate round a circle; each resource once", async () => {
  assert.deepEqual(names(await found("Observation?_id=at-visit&_include=Observation:subject:Patient"), "include"), ["Patient/ann"]);
  assert.deepEqual(names(await found("Observation?_id=at-visit&_include=Observation:subject:Group"), "include"), []);
  assert.deepEqual(names(await found("Observation?_id=at-visit&_include=*"), "include"), ["Device/meter", "Encounter/visit", "Patient/ann"]);
  assert.deepEqual(names(await found("Observation?_id=at-visit&_include=Observation:*"), "include"), ["Device/meter", "Encounter/visit", "Patient/ann"]);
  assert.deepEqual(names(await found("QuestionnaireResponse?_id=qr1&_include=QuestionnaireResponse:questionnaire"), "include"), ["Questionnaire/q1"]);
  assert.deepEqual(names(await found("QuestionnaireResponse?_id=qr&_include=QuestionnaireResponse:questionnaire"), "include"), ["Questionnaire/q1", "Questionnaire/q2"]);
  assert.deepEqual(names(await found("Questionnaire?_id=q2&_revinclude=QuestionnaireResponse:questionnaire"), "include"), ["QuestionnaireResponse/qr"]);
  const circle = await found("Organization?_id=a&_include:iterate=Organization:partof");
  assert.deepEqual(names(circle, "include"), ["Organization/b"]);
  assert.equal(circle.entry!.length, 2);
  assert.deepEqual(names(await found("Patient?_id=ann&_revinclude=Observation:subject&_include:iterate=Observation:encounter&_revinclude:iterate=Provenance:target"), "include"),
    ["Encounter/visit", "Observation/ann-glucose", "Observation/at-visit", "Observation/by-sister", "Provenance/ann-origin"]);
});

test("a chain of includes that is cut says so in an OperationOutcome entry", async () => {
  const far = await found("Location?_id=l19&_include:iterate=Location:partof");
  assert.equal(names(far, "include").length, 16);
  const outcome = far.entry!.at(-1)!;
  assert.equal(outcome.search!.mode, "outcome");
  assert.match(JSON.stringify(outcome.resource), /16 steps/);
  assert.ok((await found("Location?_id=l16&_include:iterate=Location:partof")).entry!.every(({ search }) => search!.mode !== "outcome"));
});

test("includes keep to the caller's reach", async () => {
  assert.deepEqual(names(await found("Organization?_id=clinic&_revinclude=Patient:organization", "ann"), "include"), ["Patient/ann"]);
  assert.deepEqual(names(await found("Organization?_id=clinic&_revinclude=Patient:organization", "wang"), "include"), ["Patient/ann"]);
});

test("_explain shows SQL, own values and plan to an administrator alone", async () => {
  for (const url of ["Observation?code=2339-0&patient=ann&_explain=true", "Patient/ann/*?_explain=true", "Observation?_sort=date&_explain=true"]) {
    const shown = (await send("GET", url, { as: "admin" })).json() as { resourceType: string; parameter: { name: string; valueString: string }[] };
    assert.equal(shown.resourceType, "Parameters");
    assert.match(shown.parameter.find(({ name }) => name === "sql")!.valueString, /^select/);
    assert.ok(shown.parameter.some(({ name, valueString }) => name === "plan" && /Index|Citus/.test(valueString)), url);
  }
  for (const as of ["wang", "ann"] as const) assert.equal((await send("GET", "Observation?_explain=true", { as })).statusCode, 403);
});

test("_sort by a quantity: UCUM units are brought together, other numbers are compared as written; the same over pages", async () => {
  const amount = (id: string, value: number, unit: string, more: object = { system: "http://unitsofmeasure.org", code: unit }) => ({ resourceType: "Observation", id, status: "final", code: { text: "amount" }, subject: { reference: "Patient/ann" }, method: { coding: [{ system: "urn:m", code: "weighed" }] }, valueQuantity: { value, unit, ...more } });
  const all = [amount("w-1g", 1, "g"), amount("w-500mg", 500, "mg"), amount("w-2kg", 2, "kg"), amount("w-750", 0.75, "g"), amount("w-own", 600, "spoons", {})];
  for (const resource of all) assert.equal((await send("PUT", `Observation/${resource.id}`, { body: resource })).statusCode, 201);
  const order = async (sort: string): Promise<string[]> => {
    const seen: string[] = [];
    for (let url: string | undefined = `Observation?method=urn:m|weighed&_sort=${sort}&_count=2`; url !== undefined;) {
      const page = await found(url);
      seen.push(...page.entry!.map(({ resource }) => resource!.id));
      url = nextOf(page);
    }
    return seen;
  };
  assert.deepEqual([await order("value-quantity"), await order("-value-quantity")], [["w-500mg", "w-750", "w-1g", "w-own", "w-2kg"], ["w-2kg", "w-own", "w-1g", "w-750", "w-500mg"]]);
});

test("parameters that are not taken are refused by name", async () => {
  for (const name of ["_maxresults=3", "_score=true"]) {
    const answer = await send("GET", `Patient?${name}`);
    assert.equal(answer.statusCode, 400, name);
    assert.match(issuesOf(answer)[0]!.diagnostics, new RegExp(name.split("=")[0]!));
  }
  assert.match(issuesOf(await send("GET", "Observation?_sort=code-value-quantity"))[0]!.diagnostics, /pairs several values; sort by one of them/);
  assert.match(issuesOf(await send("GET", "Location?_sort=near"))[0]!.diagnostics, /type special and has no order/);
});

test("the leaf of a search covers the versions shown, those of the first moment too", async () => {
  const count = async (): Promise<number | undefined> => (await leavesFrom(server.node, 0)).findLast(({ kind }) => kind === "search")?.count;
  const first = bundleOf(await send("GET", "Observation?patient=ann&_sort=_id&_count=2", { as: "wang" }));
  assert.equal(await count(), 2);
  const next = bundleOf(await send("GET", nextOf(first)!, { as: "wang" }));
  assert.equal(await count(), next.entry!.length);
});
