/** https://hl7.org/fhir/R4/search.html, managing returned resources: 3.1.1.5. */
import assert from "node:assert/strict";
import { bundleOf, issuesOf, nextOf, type Bundle } from "../server.ts";
import { namesOf, states, withServer } from "./states.ts";

const person = (id: string, family: string, birthDate: string, more: object = {}) => ({ resourceType: "Patient", id, name: [{ family }], birthDate, ...more });
const prescribed = (id: string, more: object = {}) => ({ resourceType: "MedicationRequest", id, status: "active", intent: "order", subject: { reference: "Patient/p1" }, medicationCodeableConcept: { text: "m" }, ...more });
const div = '<div xmlns="http://www.w3.org/1999/xhtml">n</div>';

const { send, found, stored } = withServer({}, [
  person("p1", "anders", "1970-01-01", { gender: "male", text: { status: "generated", div }, photo: [{ title: "p" }], active: true, contact: [{ relationship: [{ text: "c" }] }] }), person("p2", "Berg", "1980-01-01", { gender: "female" }), person("p3", "Åse", "1975-01-01"), person("p4", "berger", "1970-06-01", { name: [{ family: "zzz" }, { family: "Adam" }] }),
  { resourceType: "Practitioner", id: "dr", name: [{ family: "Dr" }] }, { resourceType: "Organization", id: "org", name: "Org" }, { resourceType: "Device", id: "dev" }, { resourceType: "Organization", id: "maker", name: "Maker of all" }, { resourceType: "Medication", id: "pills" },
  prescribed("rx", { requester: { reference: "Practitioner/dr" }, reportedReference: { reference: "Practitioner/dr" } }), prescribed("rx-nowhere", { requester: { reference: "Practitioner/gone" }, performer: { reference: "https://other.example/Practitioner/1" } }), prescribed("rx-performed", { performer: { reference: "Practitioner/dr" } }),
  prescribed("rx-device", { requester: { reference: "Device/dev" } }),
  { resourceType: "MedicationDispense", id: "given", status: "completed", subject: { reference: "Patient/p1" }, medicationCodeableConcept: { text: "m" }, authorizingPrescription: [{ reference: "MedicationRequest/rx-performed" }] },
  { resourceType: "Provenance", id: "origin", target: [{ reference: "MedicationRequest/rx" }], recorded: "2026-01-01T00:00:00Z", agent: [{ who: { reference: "Organization/org" } }] },
  prescribed("holder", { contained: [{ resourceType: "Medication", id: "m1", code: { coding: [{ system: "urn:m", code: "abc" }] }, manufacturer: { reference: "#o1" } }, { resourceType: "Medication", id: "m2", manufacturer: { reference: "Organization/maker" } }, { resourceType: "Organization", id: "o1", name: "Maker" }], supportingInformation: [{ reference: "#m2" }], medicationCodeableConcept: undefined, medicationReference: { reference: "#m1" } }),
  { resourceType: "Observation", id: "o1", status: "final", code: { coding: [{ system: "urn:s", code: "o" }] }, subject: { reference: "Patient/p1" } }, { resourceType: "Observation", id: "o2", status: "final", code: { coding: [{ system: "urn:s", code: "o" }] }, subject: { reference: "Patient/p1" } },
  { resourceType: "Observation", id: "o3", status: "final", code: { coding: [{ system: "urn:s", code: "o" }] }, hasMember: [{ reference: "Observation/o2" }] }, { resourceType: "Observation", id: "o4", status: "final", code: { coding: [{ system: "urn:s", code: "o" }] }, hasMember: [{ reference: "Observation/o3" }] },
]);

const bundle = async (url: string): Promise<Bundle> => bundleOf(await send("GET", url));
const order = async (url: string): Promise<string[]> => (await bundle(url)).entry!.map(({ resource }) => resource!.id);
const included = async (url: string): Promise<string[]> => namesOf(await bundle(url), "include");
const people = "Patient?_id=p1,p2,p3,p4";
const members = async (url: string): Promise<string[]> => Object.keys((await bundle(url)).entry![0]!.resource!);
const tagsOf = async (url: string): Promise<string[]> => ((await bundle(url)).entry![0]!.resource!.meta as { tag?: { code: string }[] }).tag?.map(({ code }) => code) ?? [];

states("search 3.1.1.5.1-1", async () => {
  assert.deepEqual([await order(`${people}&_sort=birthdate`), await order(`${people}&_sort=-birthdate`)], [["p1", "p4", "p3", "p2"], ["p2", "p3", "p4", "p1"]]);
  assert.deepEqual(await order("Patient?_id=p1,p2&_sort=-gender,birthdate"), ["p1", "p2"]);
  assert.deepEqual(await order("Patient?_id=p3,p4,p1&_sort=gender,-birthdate"), ["p1", "p3", "p4"], "what has no value comes last");
});
states("search 3.1.1.5.1-2", async () => assert.deepEqual([await order(`${people}&_sort=family`), (await order(`${people}&_sort=-family`))[0]], [["p4", "p1", "p3", "p2"], "p4"]));
states("search 3.1.1.5.1-3", async () => assert.deepEqual(await order("Patient?_id=p1,p2&_sort=family"), ["p1", "p2"]));

states("search 3.1.1.5.1-4", async () => {
  await stored(...[["s1", "liver once among many other words"], ["s2", "liver liver liver"], ["s3", "kidney"]].map(([id, words]) => ({ resourceType: "Basic", id, code: { text: "b" }, text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>` } })));
  for (const word of ["_text", "_content"]) assert.deepEqual(await order(`Basic?${word}=liver&_sort=_score`), ["s2", "s1"]);
  assert.equal((await send("GET", "Basic?_sort=_score")).statusCode, 400);
});

states("search 3.1.1.5.2-1", async () => {
  assert.equal((await bundle(`${people}&_count=1&_total=accurate`)).total, 4);
  assert.equal((await bundle("MedicationRequest?_id=rx&_include=MedicationRequest:requester")).total, 1);
  assert.equal((await bundle(`${people}&_total=none`)).total, undefined);
  assert.equal(typeof (await bundle(`${people}&_count=1&_total=estimate`)).total, "number");
});

states("search 3.1.1.5.3-1", async () => {
  for (const count of [1, 2, 3]) assert.equal((await bundle(`${people}&_count=${count}`)).entry!.length, count);
});
states("search 3.1.1.5.3-2", async () => {
  for (const { url } of (await bundle(`${people}&_count=1`)).link) assert.match(url, /[?&]_count=1(&|$)/);
});
states("search 3.1.1.5.3-3", async () => {
  for (const word of ["_count=0", "_summary=count"]) {
    const { total, entry, link } = await bundle(`${people}&${word}`);
    assert.deepEqual([total, entry, link.filter(({ relation }) => relation === "next" || relation === "previous")], [4, undefined, []], word);
  }
});
states("search 3.1.1.5.3-4", async () => {
  const page = await bundle("MedicationRequest?_id=rx,rx-device&_count=2&_include=MedicationRequest:subject&_include=MedicationRequest:requester");
  assert.deepEqual([namesOf(page).length, namesOf(page, "include").length, nextOf(page)], [2, 3, undefined]);
});

states("search 3.1.1.5.4-1", async () => assert.deepEqual([await included("MedicationRequest?_id=rx&_include=MedicationRequest:patient"), await found("MedicationRequest?_id=rx&_include=MedicationRequest:patient")], [["Patient/p1"], ["MedicationRequest/rx"]]));
states("search 3.1.1.5.4-2", async () => assert.deepEqual(await included("MedicationRequest?_id=rx&_revinclude=Provenance:target"), ["Provenance/origin"]));
states("search 3.1.1.5.4-3", async () => assert.deepEqual([await included("MedicationRequest?_id=rx,rx-device&_include=MedicationRequest:requester"), await included("MedicationRequest?_id=rx,rx-device&_include=MedicationRequest:requester:Device")], [["Device/dev", "Practitioner/dr"], ["Device/dev"]]));
states("search 3.1.1.5.4-4", async () => assert.deepEqual(await included("MedicationRequest?_id=rx-nowhere&_include=MedicationRequest:requester&_include=MedicationRequest:intended-performer"), []));
states("search 3.1.1.5.4-5", async () => {
  assert.deepEqual(await included("MedicationDispense?_id=given&_include=MedicationDispense:prescription&_include:iterate=MedicationRequest:intended-performer"), ["MedicationRequest/rx-performed", "Practitioner/dr"]);
  assert.deepEqual(await included("MedicationDispense?_id=given&_include=MedicationDispense:prescription&_include=MedicationRequest:intended-performer"), ["MedicationRequest/rx-performed"]);
  assert.deepEqual([await included("Observation?_id=o4&_include=Observation:has-member"), await included("Observation?_id=o4&_include:iterate=Observation:has-member")], [["Observation/o3"], ["Observation/o2", "Observation/o3"]]);
});
states("search 3.1.1.5.4-6", async () => {
  for (const wild of ["MedicationRequest:*", "*", "*:*"]) assert.deepEqual(await included(`MedicationRequest?_id=rx&_include=${wild}`), ["Patient/p1", "Practitioner/dr"], wild);
  for (const wild of ["Provenance:*", "*", "*:*"]) assert.deepEqual(await included(`MedicationRequest?_id=rx&_revinclude=${wild}`), ["Provenance/origin"], wild);
});

states("search 3.1.1.5.5-1", async () => {
  for (const query of ["code=abc", "code=abc&_contained=false"]) assert.deepEqual(await found(`Medication?${query}`), [], query);
});
states("search 3.1.1.5.5-2", async () => {
  for (const query of ["medication.code=urn:m|abc", "medication:Medication.code=abc", "medication.manufacturer.name=Maker", "medication.manufacturer:Organization.name=maker", "medication.code:not=xyz", "medication.ingredient-code:missing=true", "_filter=medication.code eq abc"])
    assert.deepEqual(await found(`MedicationRequest?_id=holder,rx&${query}`), ["MedicationRequest/holder"], query);
  for (const query of ["medication.code=xyz", "medication.status=active", "medication:missing=true"]) assert.deepEqual(await found(`MedicationRequest?_id=holder&${query}`), [], query);
});
states("search 3.1.1.5.5-3", async () => {
  const { entry = [], total } = await bundle("Medication?code=abc&_contained=true&_containedType=container");
  assert.deepEqual(entry.map(({ fullUrl, resource, search }) => [fullUrl!.split("/R4/")[1], resource!.resourceType, search!.mode]), [["MedicationRequest/holder", "MedicationRequest", "match"]]);
  assert.equal(total, 1);
  assert.deepEqual(entry, (await bundle("Medication?code=abc&_contained=true")).entry, "containers where nothing else is said");
});
states("search 3.1.1.5.5-4", async () => {
  assert.deepEqual([await found("Medication?_contained=true"), await found("Medication?_contained=both"), await found("Medication?_contained=false"), await found("Medication?code=abc&_contained=both")],
    [["MedicationRequest/holder"], ["Medication/pills", "MedicationRequest/holder"], ["Medication/pills"], ["MedicationRequest/holder"]]);
  assert.deepEqual(await found("Organization?name=maker&_contained=true"), ["MedicationRequest/holder"]);
  assert.deepEqual(await found("Substance?_contained=true"), []);
  for (const query of ["Medication?_contained=yes", "Medication?_contained=true&_content=x", "Medication?_contained=true&_sort=code", "?_contained=true&_id=x", "Patient/p1/MedicationRequest?_contained=true", "Medication?_containedType=x"]) assert.equal((await send("GET", query)).statusCode, 400, query);
});
states("search 3.1.1.5.5-5", async () => {
  const shown = async (url: string) => (await bundle(url)).entry!.map(({ fullUrl, resource, search }) => `${search!.mode} ${fullUrl!.split("/R4/")[1]} ${resource!.resourceType}/${resource!.id}`).toSorted();
  assert.deepEqual(await shown("Medication?code=abc&_contained=true&_containedType=contained"), ["match MedicationRequest/holder#m1 Medication/m1"]);
  assert.deepEqual(await shown("Medication?manufacturer.name=maker&_contained=true&_containedType=contained"), ["match MedicationRequest/holder#m1 Medication/m1", "match MedicationRequest/holder#m2 Medication/m2"]);
  assert.deepEqual(await shown("Medication?_contained=both&_containedType=contained"), ["match Medication/pills Medication/pills", "match MedicationRequest/holder#m1 Medication/m1", "match MedicationRequest/holder#m2 Medication/m2"]);
  const first = await bundle("Medication?_contained=both&_containedType=contained&_sort=_id&_count=2&_total=accurate"), second = await bundle(nextOf(first)!);
  assert.deepEqual([first.total, first.entry!.map(({ resource }) => resource!.id), second.entry!.map(({ resource }) => resource!.id)], [3, ["m1", "m2"], ["pills"]]);
  assert.deepEqual((await send("GET", "Medication?_contained=true&_containedType=contained&_summary=count")).json(), { ...(await bundle("Medication?_contained=true&_containedType=contained&_summary=count")), total: 2 });
});

states("search 3.1.1.5.7-1", async () => {
  const first = await bundle("Observation?_id=o1,o2&_sort=_id&_count=1&_include=Observation:subject");
  const second = await bundle(nextOf(first)!);
  for (const page of [first, second]) assert.deepEqual([namesOf(page).length, namesOf(page, "include")], [1, ["Patient/p1"]]);
});

states("search 3.1.1.5.8-1", async () => {
  const kept = await members("Patient?_id=p1&_summary=true");
  assert.deepEqual([kept.includes("name"), kept.includes("birthDate"), kept.includes("photo"), kept.includes("contact"), kept.includes("text")], [true, true, false, false, false]);
});
states("search 3.1.1.5.8-2", async () => {
  assert.deepEqual((await members("Patient?_id=p1&_summary=text")).sort(), ["id", "meta", "resourceType", "text"]);
  assert.deepEqual((await members("Observation?_id=o1&_summary=text")).sort(), ["code", "id", "meta", "resourceType", "status"]);
});
states("search 3.1.1.5.8-3", async () => {
  const kept = await members("Patient?_id=p1&_summary=data");
  assert.deepEqual([kept.includes("text"), kept.includes("photo"), kept.includes("name")], [false, true, true]);
});
states("search 3.1.1.5.8-4", async () => assert.deepEqual([(await bundle(`${people}&_summary=count`)).total, (await bundle(`${people}&_summary=count`)).entry], [4, undefined]));
states("search 3.1.1.5.8-5", async () => assert.deepEqual((await bundle("Patient?_id=p1&_summary=false")).entry, (await bundle("Patient?_id=p1")).entry));
states("search 3.1.1.5.8-6", async () => {
  for (const word of ["true", "text", "data"]) assert.deepEqual(await tagsOf(`Patient?_id=p1&_summary=${word}`), ["SUBSETTED"], word);
  assert.deepEqual(await tagsOf("Patient?_id=p1&_summary=false"), []);
});
states("search 3.1.1.5.8-7", async () => {
  for (const also of ["_include=MedicationRequest:subject", "_revinclude=Provenance:target"]) {
    const answer = await send("GET", `MedicationRequest?_summary=text&${also}`);
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [400, "error"], also);
  }
});

states("search 3.1.1.5.9-1", async () => {
  const { entry } = await bundle("MedicationRequest?_id=rx&_elements=requester&_include=MedicationRequest:subject");
  assert.deepEqual([entry!.find(({ search }) => search!.mode === "match")!.resource!.requester !== undefined, "medicationCodeableConcept" in entry![1]!.resource!, "photo" in entry!.find(({ search }) => search!.mode === "include")!.resource!], [true, false, true]);
  assert.deepEqual((await members("Patient?_id=p1&_elements=active,birthDate")).sort(), ["active", "birthDate", "id", "meta", "resourceType"]);
  // No element, but what clients of JSON ask for.
  for (const word of ["resourceType,id", "id,resourceType", "resourceType"]) assert.deepEqual((await members(`Patient?_id=p1&_elements=${word}`)).sort(), ["active", "id", "meta", "resourceType"], word);
});
states("search 3.1.1.5.9-2", async () => assert.deepEqual((await members("Observation?_id=o1&_elements=subject")).sort(), ["code", "id", "meta", "resourceType", "status", "subject"]));
states("search 3.1.1.5.9-3", async () => assert.deepEqual(await tagsOf("Patient?_id=p1&_elements=active"), ["SUBSETTED"]));

states("search 3.1.1.5.10-1", async () => {
  const note = (id: string, words: string) => ({ resourceType: "Communication", id, status: "completed", subject: { reference: "Patient/p1" }, note: [{ text: words }] });
  await stored(note("once", `thyroid ${"other words of a long letter ".repeat(40)}`), note("often", "thyroid, thyroid nodule, thyroid scan"), note("never", "knee"));
  const scores = async (url: string): Promise<Record<string, number | undefined>> => Object.fromEntries((await bundle(url)).entry!.map(({ resource, search }) => [resource!.id, (search as { score?: number }).score]));
  const { once, often, ...others } = await scores("Communication?_content=thyroid");
  assert.deepEqual([once! > 0, often! > once!, often! <= 1, others], [true, true, true, {}]);
  // On every page, in searches of several types, and beside other conditions; never where no words are asked for.
  const page = await bundle("Communication?_content=thyroid&_count=1&_sort=_id");
  const next = bundleOf(await send("GET", nextOf(page)!));
  assert.deepEqual([page, next].map(({ entry }) => (entry![0]!.search as { score?: number }).score), [often, once]);
  assert.deepEqual(await scores("?_type=Communication,Basic&_content=thyroid"), { once, often });
  assert.deepEqual(await scores("Communication?status=completed&_content=thyroid"), { once, often });
  assert.deepEqual(await scores("Communication?_id=never"), { never: undefined });
  assert.deepEqual(await scores("Communication?_content=NOT%20thyroid"), { never: undefined });
});
