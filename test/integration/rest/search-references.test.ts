/** https://hl7.org/fhir/R4/search.html: references, versions, hierarchies, chains, _has (3.1.1.4.12 to 3.1.1.4.16). */
import assert from "node:assert/strict";
import { bundleOf } from "../server.ts";
import { states, withServer } from "./states.ts";

const about = (id: string, subject: object, more: object = {}) => ({ resourceType: "Observation", id, status: "final", code: { coding: [{ system: "urn:s", code: id }] }, subject, ...more });
const cared = (id: string, ...practitioners: string[]) => ({ resourceType: "Patient", id, name: [{ family: id }], generalPractitioner: practitioners.map((one) => ({ reference: `Practitioner/${one}` })) });
const response = (id: string, questionnaire: string) => ({ resourceType: "QuestionnaireResponse", id, status: "completed", questionnaire });
const place = (id: string, partOf?: string) => ({ resourceType: "Location", id, name: id, ...(partOf ? { partOf: { reference: `Location/${partOf}` } } : {}) });
const encounter = (id: string, partOf?: string) => ({ resourceType: "Encounter", id, status: "finished", class: { code: "AMB" }, ...(partOf ? { partOf: { reference: `Encounter/${partOf}` } } : {}) });

const { send, found } = withServer({}, [
  cared("peter", "joe", "jane"), cared("paul", "joe"), { resourceType: "Group", id: "peter", type: "person", actual: true },
  { resourceType: "Practitioner", id: "joe", name: [{ given: ["Joe"] }], address: [{ state: "CA" }] }, { resourceType: "Practitioner", id: "jane", name: [{ given: ["Jane"] }], address: [{ state: "MN" }] },
  about("of-patient", { reference: "Patient/peter" }), about("of-group", { reference: "Group/peter" }), about("elsewhere", { reference: "https://other.example/fhir/Patient/peter" }), about("by-identifier", { identifier: { system: "http://acme.org/mrn", value: "123456" } }),
  about("versioned", { reference: "Patient/paul" }, { derivedFrom: [{ reference: "Observation/of-patient/_history/1" }] }), about("of-paul", { reference: "Patient/paul" }),
  { resourceType: "DiagnosticReport", id: "report", status: "final", code: { text: "r" }, subject: { reference: "Patient/peter" }, result: [{ reference: "Observation/of-patient" }] },
  { resourceType: "AuditEvent", id: "audit", type: { code: "rest" }, recorded: "2026-01-01T00:00:00Z", agent: [{ who: { reference: "Practitioner/joe" }, requestor: true, altId: "MyUserId" }], source: { observer: { reference: "Practitioner/joe" } }, entity: [{ what: { reference: "Observation/of-patient" } }] },
  response("v1", "http://acme.com/some-profile|1.0"), response("v2", "http://acme.com/some-profile|2.0"), response("v0", "http://acme.com/some-profile"), response("other", "http://acme.com/other"),
  place("hospital"), place("ward", "hospital"), place("bed", "ward"), place("annex"),
  { resourceType: "Encounter", id: "in-bed", status: "finished", class: { code: "IMP" }, location: [{ location: { reference: "Location/bed" } }] },
  encounter("stay"), encounter("visit", "stay"), { resourceType: "Procedure", id: "during-stay", status: "completed", subject: { reference: "Patient/peter" }, encounter: { reference: "Encounter/stay" } }, { resourceType: "Procedure", id: "during-visit", status: "completed", subject: { reference: "Patient/peter" }, encounter: { reference: "Encounter/visit" } },
]);

const ids = async (url: string): Promise<string[]> => (await found(`${url}&_count=100`)).map((one) => one.split("/")[1]!);
const observations = (query: string): Promise<string[]> => ids(`Observation?${query}`);

states("search 3.1.1.4.12-1", async () => assert.deepEqual([await observations("subject=paul"), await observations("patient=peter")], [["of-paul", "versioned"], ["of-patient"]]));
states("search 3.1.1.4.12-2", async () => assert.deepEqual([await observations("subject=Patient/peter"), await observations("subject=Group/peter"), await observations("subject=Patient/none")], [["of-patient"], ["of-group"], []]));
states("search 3.1.1.4.12-3", async () => assert.deepEqual(await observations("subject=https://other.example/fhir/Patient/peter"), ["elsewhere"]));
states("search 3.1.1.4.12-4", async () => {
  const base = bundleOf(await send("GET", "Patient?_id=peter")).link[0]!.url.split("/Patient")[0]!;
  await send("PUT", "Observation/absolute", { body: about("absolute", { reference: `${base}/Patient/paul` }) });
  for (const value of ["Patient/paul", `${base}/Patient/paul`, encodeURIComponent(`${base}/Patient/paul`)]) assert.deepEqual(await observations(`subject=${value}`), ["absolute", "of-paul", "versioned"], value);
  const transaction = { resourceType: "Bundle", type: "transaction", entry: [{ resource: about("absolute-too", { reference: `${base}/Patient/paul` }), request: { method: "PUT", url: `${base}/Observation/absolute-too` } }] };
  assert.equal((await send("POST", "", { body: transaction })).statusCode, 200);
  assert.deepEqual(await observations("subject=Patient/paul&code=absolute-too"), ["absolute-too"]);
  await send("PATCH", "Observation/absolute-too", { body: [{ op: "replace", path: "/subject", value: { reference: `${base}/Patient/ann` } }], headers: { "content-type": "application/json-patch+json" } });
  assert.deepEqual(await observations("subject=Patient/ann&code=absolute-too"), ["absolute-too"]);
  assert.deepEqual(await ids(`Patient?_id=paul&_has:Observation:subject:code=absolute`), ["paul"]);
});
states("search 3.1.1.4.12-6", async () => assert.deepEqual([await observations("subject:Patient=peter"), await observations("subject:Group=peter")], [["of-patient"], ["of-group"]]));
states("search 3.1.1.4.12-7", async () => assert.deepEqual([await observations("subject:identifier=http://acme.org/mrn|123456"), await observations("subject:identifier=123456"), await observations("subject:identifier=http://acme.org/mrn|1")], [["by-identifier"], ["by-identifier"], []]));

states("search 3.1.1.4.13-1", async () => {
  const warnings = async (url: string) => bundleOf(await send("GET", url)).entry!.filter(({ search }) => search!.mode === "outcome").map(({ resource }) => (resource as unknown as { issue: { severity: string; diagnostics: string }[] }).issue[0]!).map(({ severity, diagnostics }) => `${severity} ${diagnostics}`);
  for (const query of ["derived-from.code=of-patient", "derived-from:Observation.code=of-patient", "derived-from.status:not=amended&_id=versioned", "_filter=not (derived-from.code eq x) and _id eq versioned"])
    assert.deepEqual(await warnings(`Observation?${query}`), ["warning chains look at resources as they are now, not at versions that are referred to: Observation/versioned refers to Observation/of-patient/_history/1"], query);
  for (const query of ["Observation?_id=versioned&subject.name=paul", "Observation?derived-from=Observation/of-patient", "DiagnosticReport?result.code=of-patient"]) assert.deepEqual(await warnings(query), [], query);
});
states("search 3.1.1.4.13-2", async () => {
  await send("PUT", "Observation/of-patient", { body: about("of-patient", { reference: "Patient/peter" }, { note: [{ text: "second" }] }) });
  const included = async (url: string) => bundleOf(await send("GET", url)).entry!.filter(({ search }) => search!.mode === "include").map(({ resource }) => [resource!.id, resource!.meta.versionId, resource!.note]);
  assert.deepEqual(await included("Observation?_id=versioned&_include=Observation:derived-from"), [["of-patient", "1", undefined]]);
  assert.deepEqual(await included("DiagnosticReport?_id=report&_include=DiagnosticReport:result"), [["of-patient", "2", [{ text: "second" }]]]);
});
states("search 3.1.1.4.13-3", async () => assert.deepEqual([await ids("QuestionnaireResponse?questionnaire=http://acme.com/some-profile|1.0"), await ids("QuestionnaireResponse?questionnaire=http://acme.com/some-profile"), await ids("QuestionnaireResponse?questionnaire=http://acme.com/some-profile|3.0")], [["v1"], ["v0", "v1", "v2"], []]));
states("search 3.1.1.4.13-4", async () => assert.deepEqual(await ids("QuestionnaireResponse?questionnaire:below=http://acme.com/some-profile"), ["v0", "v1", "v2"]));

states("search 3.1.1.4.14-1", async () => assert.deepEqual([await ids("Encounter?location:below=hospital"), await ids("Encounter?location:below=bed"), await ids("Encounter?location:below=annex")], [["in-bed"], ["in-bed"], []]));
states("search 3.1.1.4.14-2", async () => assert.deepEqual([await ids("Procedure?encounter:above=visit"), await ids("Procedure?encounter:above=stay")], [["during-stay", "during-visit"], ["during-stay"]]));

states("search 3.1.1.4.15-1", async () => assert.deepEqual([await ids("DiagnosticReport?subject.name=peter"), await ids("DiagnosticReport?result.subject:Patient.general-practitioner:Practitioner.name=jane"), await ids("DiagnosticReport?subject.name=paul")], [["report"], ["report"], []]));
states("search 3.1.1.4.15-2", async () => assert.deepEqual([await ids("DiagnosticReport?subject:Patient.name=peter"), await ids("DiagnosticReport?subject:Group.type=person")], [["report"], []]));
states("search 3.1.1.4.15-3", async () => assert.deepEqual(await ids("Patient?general-practitioner.name=Joe&general-practitioner.address-state=MN"), ["peter"]));

states("search 3.1.1.4.16-1", async () => assert.deepEqual([await ids("Patient?_has:Observation:patient:code=of-patient"), await ids("Patient?_has:Observation:patient:code=none")], [["peter"], []]));
states("search 3.1.1.4.16-2", async () => assert.deepEqual([await ids("Patient?_has:Observation:patient:code=of-patient,of-paul"), await ids("Patient?_has:Observation:patient:code=of-paul&_has:Observation:patient:code=versioned"), await ids("Patient?_has:Observation:patient:code=of-paul&_has:Observation:patient:code=of-patient")], [["paul", "peter"], ["paul"], []]));
states("search 3.1.1.4.16-3", async () => assert.deepEqual([await ids("Patient?_has:Observation:patient:_has:AuditEvent:entity:altid=MyUserId"), await ids("Practitioner?_has:Patient:general-practitioner:_has:Observation:patient:code=of-patient")], [["peter"], ["jane", "joe"]]));
