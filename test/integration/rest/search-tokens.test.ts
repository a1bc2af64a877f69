/** https://hl7.org/fhir/R4/search.html: token (3.1.1.4.10), combinations, missing data, escapes, text, special, list, filter, type (3.1.1.4.17 to 3.1.1.4.24). */
import assert from "node:assert/strict";
import { bundleOf, issuesOf } from "../server.ts";
import { states, withServer } from "./states.ts";

const concept = (system: string | undefined, code: string, more: object = {}) => ({ coding: [{ ...(system === undefined ? {} : { system }), code, ...more }] });
const condition = (id: string, code: object, more: object = {}) => ({ resourceType: "Condition", id, subject: { reference: "Patient/ann" }, code, ...more });
const document = (id: string, contentType: string) => ({ resourceType: "DocumentReference", id, status: "current", content: [{ attachment: { contentType, data: "AA==" } }] });
const location = (id: string, latitude: number, longitude: number) => ({ resourceType: "Location", id, name: id, position: { latitude, longitude } });
const div = (words: string) => ({ status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>` });
const acme = "http://acme.org/codes";

const { send, found, stored } = withServer({}, [
  condition("one", { ...concept(acme, "ha125", { display: "Headache, tension" }), text: "Migraine" }), condition("two", concept("urn:other", "ha125")), condition("bare", concept(undefined, "ha125")), condition("textual", { text: "Headache of a kind" }),
  condition("comma", concept(acme, "a,b")), condition("pipe", concept(acme, "a|b")), condition("dollar", concept(acme, "a$b")), condition("slash", concept(acme, "a\\b")), condition("a", concept(acme, "a")), condition("b", concept(acme, "b")),
  { resourceType: "Patient", id: "he", gender: "male", active: true, communication: [{ language: concept("urn:ietf:bcp:47", "fr") }, { language: concept("urn:ietf:bcp:47", "nl") }], telecom: [{ system: "phone", value: "+1 555" }], identifier: [{ system: "urn:mrn2", value: "446053", type: { ...concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MR"), text: "Medical record" } }, { system: "urn:ssn", value: "446054", type: concept("http://terminology.hl7.org/CodeSystem/v2-0203", "SS") }] },
  { resourceType: "Patient", id: "she", gender: "female", active: false, communication: [{ language: concept("urn:ietf:bcp:47", "fr") }, { language: concept("urn:ietf:bcp:47", "en") }] },
  { resourceType: "Device", id: "udi", modelNumber: "AbC", deviceName: [{ name: "Pump", type: "model-name" }] },
  { resourceType: "CodeSystem", id: "acme", url: acme, status: "active", content: "complete", hierarchyMeaning: "is-a", concept: [{ code: "pain", concept: [{ code: "ha125" }] }, { code: "a,b" }, { code: "a" }, { code: "b" }] },
  { resourceType: "ValueSet", id: "heads", url: "http://acme.org/fhir/ValueSet/heads", status: "active", compose: { include: [{ system: acme, concept: [{ code: "ha125" }] }] } },
  { resourceType: "Observation", id: "low", status: "final", code: concept("http://loinc.org", "2823-3"), valueQuantity: { value: 3.9, system: "http://unitsofmeasure.org", code: "mmol/L" } },
  { resourceType: "Observation", id: "high", status: "final", code: concept("http://loinc.org", "2823-3"), valueQuantity: { value: 5.9, system: "http://unitsofmeasure.org", code: "mmol/L" } },
  { resourceType: "Observation", id: "sodium", status: "final", code: concept("http://loinc.org", "2951-2"), valueQuantity: { value: 140, system: "http://unitsofmeasure.org", code: "mmol/L" } },
  document("xml", "text/xml"), document("xml-utf8", "text/xml; charset=UTF-8"), document("html", "text/html"),
  location("near", 42.26, -83.69), location("far", 40, -80),
  { resourceType: "AllergyIntolerance", id: "with", patient: { reference: "Patient/ann" }, clinicalStatus: concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active") },
  { resourceType: "AllergyIntolerance", id: "without", patient: { reference: "Patient/ann" }, verificationStatus: concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "entered-in-error") },
  condition("narrated", { text: "n" }, { text: div("metastases of the liver") }), condition("narrated-bone", { text: "n" }, { text: div("bone metastases") }), condition("narrated-lung", { text: "n" }, { text: div("lung metastases") }),
  { resourceType: "List", id: "listed", status: "current", mode: "working", entry: [{ item: { reference: "Patient/he" } }, { item: { reference: "Patient/she" } }, { item: { reference: "Condition/a" } }] },
]);

const ids = async (url: string): Promise<string[]> => (await found(`${url}&_count=100`)).map((one) => one.split("/")[1]!);
const conditions = (query: string): Promise<string[]> => ids(`Condition?${query}`);

states("search 3.1.1.4.10-1", async () => assert.deepEqual(await conditions("code=ha125"), ["bare", "one", "two"]));
states("search 3.1.1.4.10-2", async () => assert.deepEqual([await conditions(`code=${acme}|ha125`), await conditions(`code=${acme}|none`)], [["one"], []]));
states("search 3.1.1.4.10-3", async () => assert.deepEqual(await conditions("code=|ha125"), ["bare"]));
states("search 3.1.1.4.10-4", async () => assert.deepEqual([await conditions("code=urn:other|"), await ids("Patient?identifier=urn:ssn|")], [["two"], ["he"]]));
states("search 3.1.1.4.10-7", async () => assert.deepEqual([await ids("Device?device-name=pump"), await ids("Device?device-name=PUMP")], [["udi"], ["udi"]]));
states("search 3.1.1.4.10-8", async () => {
  assert.deepEqual([await conditions("code:text=headache"), await conditions("code:text=migr"), await conditions("code:text=headache,migraine")], [["one", "textual"], ["one"], ["one", "textual"]]);
  assert.deepEqual(await ids("Patient?identifier:text=medical"), ["he"]);
});
states("search 3.1.1.4.10-9", async () => {
  assert.deepEqual(await ids("Patient?gender:not=male"), ["ann", "bob", "she"]);
  assert.deepEqual(await ids("Patient?language:not=nl"), ["ann", "bob", "she"], "negation is of the set, not of each of its members");
});
states("search 3.1.1.4.10-10", async () => {
  assert.deepEqual([await conditions(`code:below=${acme}|pain`), await conditions(`code:below=${acme}|ha125`)], [["one"], ["one"]]);
  assert.deepEqual(await conditions(`code:above=${acme}|ha125`), ["one"]);
});
states("search 3.1.1.4.10-11", async () => {
  assert.deepEqual(await conditions("code:in=http://acme.org/fhir/ValueSet/heads"), ["one"]);
  const others = await conditions("code:not-in=http://acme.org/fhir/ValueSet/heads");
  assert.deepEqual([others.includes("one"), others.includes("two"), others.includes("textual")], [false, true, true]);
  assert.equal((await send("GET", "Condition?code:in=http://acme.org/fhir/ValueSet/unknown")).statusCode, 400);
});
states("search 3.1.1.4.10-12", async () => {
  const type = "http://terminology.hl7.org/CodeSystem/v2-0203";
  assert.deepEqual([await ids(`Patient?identifier:of-type=${type}|MR|446053`), await ids(`Patient?identifier:of-type=${type}|SS|446053`)], [["he"], []]);
  for (const value of [`${type}|MR`, "446053", `${type}||446053`]) assert.equal((await send("GET", `Patient?identifier:of-type=${value}`)).statusCode, 400, value);
});
states("search 3.1.1.4.10-13", async () => {
  assert.deepEqual([await ids("Patient?active=true"), await ids("Patient?active=false"), await ids("Patient?active=http://hl7.org/fhir/special-values%7Ctrue"), await ids("Patient?gender=male"), await ids("Patient?gender=http://hl7.org/fhir/administrative-gender|male"), await ids("Patient?telecom=%2B1%20555")], [["he"], ["she"], ["he"], ["he"], ["he"], ["he"]]);
});
states("search 3.1.1.4.10.1-1", async () => assert.deepEqual([await ids("DocumentReference?contenttype=text/xml"), await ids("DocumentReference?contenttype:below=text/xml"), await ids("DocumentReference?contenttype:below=text/html,text/xml")], [["xml"], ["xml", "xml-utf8"], ["html", "xml", "xml-utf8"]]));

states("search 3.1.1.4.17-1", async () => assert.deepEqual([await ids("Patient?language=fr&language=nl"), await ids("Patient?gender=male&gender=female")], [["he"], []]));
states("search 3.1.1.4.17-2", async () => assert.deepEqual([await ids("Patient?language=nl,en"), await conditions("code:text=headache,nothing"), await ids("Patient?_id=he,she")], [["he", "she"], ["one", "textual"], ["he", "she"]]));
states("search 3.1.1.4.17-3", async () => assert.deepEqual(await ids("Patient?language=fr,nl&language=en"), ["she"]));
states("search 3.1.1.4.17-4", async () => {
  assert.deepEqual(await ids("Observation?code-value-quantity=http://loinc.org|2823-3$gt5.4|http://unitsofmeasure.org|mmol/L"), ["high"]);
  assert.deepEqual(await ids("Observation?code-value-quantity=2951-2$gt5.4"), ["sodium"]);
});
states("search 3.1.1.4.17-5", async () => {
  assert.deepEqual(await ids("Observation?code-value-quantity=2823-3$lt4,2951-2$gt100"), ["low", "sodium"]);
  assert.equal((await send("GET", "Observation?code-value-quantity:exact=2823-3$5")).statusCode, 400);
});
states("search 3.1.1.4.18-1", async () => {
  assert.deepEqual([await ids("AllergyIntolerance?clinical-status=active"), await ids("AllergyIntolerance?clinical-status:missing=true"), await ids("AllergyIntolerance?clinical-status=active&clinical-status:missing=true")], [["with"], ["without"], []]);
});

states("search 3.1.1.4.19-1", async () => {
  const coded = (code: string) => conditions(`code=${acme}|${encodeURIComponent(code)}`);
  assert.deepEqual([await coded("a\\,b"), await coded("a\\|b"), await coded("a\\$b"), await coded("a\\\\b")], [["comma"], ["pipe"], ["dollar"], ["slash"]]);
  assert.deepEqual(await conditions("code=a,b"), ["a", "b"]);
  const illegal = await send("GET", `Condition?code=${encodeURIComponent("a\\b")}`);
  assert.deepEqual([illegal.statusCode, issuesOf(illegal)[0]!.severity], [400, "error"]);
});
states("search 3.1.1.4.19-2", async () => {
  assert.deepEqual([await conditions("code=a%2Cb"), await conditions("code=a%5C%2Cb"), await conditions("%63ode=ha125")], [["a", "b"], ["comma"], ["bare", "one", "two"]]);
});
states("search 3.1.1.4.20-1", async () => {
  assert.deepEqual(await conditions(`_text=${encodeURIComponent("(bone OR liver) and metastases")}`), ["narrated", "narrated-bone"]);
  assert.deepEqual([await conditions("_text=lung"), await conditions("_content=migraine"), await conditions(`_content=${encodeURIComponent("metastases NOT lung")}`)], [["narrated-lung"], ["one"], ["narrated", "narrated-bone"]]);
});
states("search 3.1.1.4.21-1", async () => {
  assert.deepEqual([await ids("Location?near=42.25|-83.69|11.2|km"), await ids("Location?near=42.25|-83.69|100|m"), await ids("Location?near=42.25|-83.69|600|km"), await ids("Location?near=42.25|-83.69|7|[mi_us]")], [["near"], [], ["far", "near"], ["near"]]);
});
states("search 3.1.1.4.22-2", async () => {
  const list = (id: string, code: string, status: string, item: string) => ({ resourceType: "List", id, status, mode: "working", code: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/list-example-use-codes", code }] }, entry: [{ item: { reference: item } }] });
  await stored(list("now", "problems", "current", "Condition/a"), list("then", "problems", "retired", "Condition/b"), list("other", "medications", "current", "Condition/one"));
  assert.deepEqual([await conditions("_list=$current-problems"), await conditions("_list=$current-medications"), await conditions("_list=$current-allergies"), await conditions("_list=$current-problems&code:missing=true&_id=b")], [["a"], ["one"], [], []]);
  const answer = await send("GET", "AllergyIntolerance?_list=$current-drug-allergies");
  assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.code], [400, "not-supported"]);
});
states("search 3.1.1.4.22-1", async () => assert.deepEqual([await ids("Patient?_list=listed"), await ids("Patient?_list=listed&gender=female"), await conditions("_list=listed"), await ids("Patient?_list=none-such")], [["he", "she"], ["she"], ["a"], []]));
states("search 3.1.1.4.23-1", async () => {
  assert.deepEqual(await conditions(`_filter=${encodeURIComponent(`code eq ${acme}|ha125 and subject.name co "ander"`)}`), ["one"]);
  assert.deepEqual(await ids(`Patient?_filter=${encodeURIComponent("gender eq male or (active eq false and language eq en)")}`), ["he", "she"]);
});
states("search 3.1.1.4.24-1", async () => {
  assert.deepEqual(await found("?_type=Observation,Condition&code=2951-2,ha125"), ["Condition/bare", "Condition/one", "Condition/two", "Observation/sodium"]);
  assert.ok(bundleOf(await send("GET", "?_type=Location,Device&_count=1")).link.some(({ relation, url }) => relation === "self" && url.includes("_type=Location,Device")));
});
