import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { administrator, node, patientCaller, put, testRecord, value, type TestRecord } from "../testing.ts";

let db: TestRecord;
before(async () => {
  db = await testRecord();
  await put(db.record, { resourceType: "Patient", id: "a" }, { resourceType: "Patient", id: "b" }, ...["maker", "other", "top"].map((id) => ({ resourceType: "Organization", id, name: id, ...(id === "maker" ? { partOf: { reference: "Organization/top" } } : {}) })),
    { resourceType: "Questionnaire", id: "q", url: "http://a.example/q", version: "2", status: "active" }, { resourceType: "Medication", id: "own", manufacturer: { reference: "Organization/other" } }, { resourceType: "Medication", id: "grain", code: { text: "grain" } });
  await put(db.record, {
    resourceType: "MedicationRequest", id: "r", status: "active", intent: "order", subject: { reference: "Patient/a" }, medicationReference: { reference: "#m" },
    contained: [{ resourceType: "Medication", id: "m", code: { text: "m" }, manufacturer: { reference: "Organization/maker" }, ingredient: [{ itemReference: { reference: "Medication/grain" } }, { itemReference: { reference: "#n" } }] }, { resourceType: "Medication", id: "n", code: { text: "n" } }],
  }, { resourceType: "Provenance", id: "v", target: [{ reference: "MedicationRequest/r" }], recorded: "2020-01-01T00:00:00Z", agent: [{ who: { display: "x" } }] },
    { resourceType: "Observation", id: "e", status: "final", code: { text: "x" }, contained: [{ resourceType: "QuestionnaireResponse", id: "answers", status: "completed", questionnaire: "http://a.example/q|2" }], derivedFrom: [{ reference: "#answers" }] });
});
after(async () => { await db.close(); });

/** Matches in their order, what is included after them by name. */
async function shown(type: string, query: string, caller = node): Promise<string[]> {
  const all = value(await db.record.search(caller, type, query)).entries.map(({ mode, stored, container }) => `${mode === "match" ? "" : "+"}${container ? `${container.id}#` : ""}${stored.id}`);
  return [...all.filter((one) => !one.startsWith("+")), ...all.filter((one) => one.startsWith("+")).sort()];
}

test("_contained with _include: of what holds them, where that is shown; of contained resources, where these are", async () => {
  assert.deepEqual(await shown("Medication", "_contained=true&code:text=m&_include=MedicationRequest:subject&_include=Medication:manufacturer&_revinclude=Provenance:target"), ["r", "+a", "+v"]);
  assert.deepEqual(await shown("Medication", "_contained=true&_containedType=contained&_include=MedicationRequest:subject&_include=Medication:manufacturer&_include:iterate=Organization:partof&_revinclude=Provenance:target"), ["r#m", "r#n", "+maker", "+top"]);
  assert.deepEqual(await shown("Medication", "_contained=true&_containedType=contained&_include=Medication:*&code:text=m"), ["r#m", "+grain", "+maker"]);
  assert.deepEqual(await shown("Medication", "_contained=true&_containedType=contained&_include=Medication:ingredient:Substance"), ["r#m", "r#n"]);
  assert.deepEqual(await shown("Medication", "_contained=both&_containedType=contained&_include=Medication:manufacturer").then((all) => all.sort()), ["+maker", "+other", "grain", "own", "r#m", "r#n"]);
  assert.deepEqual(await shown("QuestionnaireResponse", "_contained=true&_containedType=contained&_include=QuestionnaireResponse:questionnaire"), ["e#answers", "+q"]);
  assert.deepEqual(await shown("Medication", "_contained=true&_containedType=contained&_include=Medication:manufacturer", patientCaller("b")), []);
  assert.ok((await shown("Medication", "_contained=true&_containedType=contained&_include=Medication:manufacturer", patientCaller("a"))).includes("r#m"));
});

test("_lastUpdated of contained resources is that of what holds them, in chains too", async () => {
  const at = value(await db.record.search(node, "MedicationRequest", "_id=r")).entries[0]!.stored.lastUpdated, before = new Date(Date.parse(at) - 1).toISOString();
  assert.deepEqual(await shown("Medication", `_contained=true&_containedType=contained&_lastUpdated=${at}`), ["r#m", "r#n"]);
  assert.deepEqual(await shown("Medication", `_contained=true&_lastUpdated=gt${before}&code:text=n`), ["r"]);
  assert.deepEqual(await shown("Medication", `_contained=true&_lastUpdated=le${before}`), []);
  assert.deepEqual(await shown("MedicationRequest", `medication._lastUpdated=ge${at}`), ["r"]);
  assert.deepEqual(await shown("MedicationRequest", `medication._lastUpdated=gt${at}`), []);
});

test("own reference parameters are included: by canonical url, and by *", async () => {
  const own = (id: string, expression: string, base: string) => ({ resourceType: "SearchParameter", id, url: `http://a.example/${id}`, name: id, status: "active", description: id, code: id, base: [base], type: "reference", expression });
  for (const one of [own("asks", "Encounter.extension('http://a.example/asks').value as canonical", "Encounter"), own("rival", "Medication.extension('http://a.example/rival').value as Reference", "Medication")])
    value(await db.record.commit(administrator, [{ kind: "update", type: one.resourceType, id: one.id, text: JSON.stringify(one) }]));
  await put(db.record, { resourceType: "Encounter", id: "e2", status: "finished", class: { code: "AMB" }, extension: [{ url: "http://a.example/asks", valueCanonical: "http://a.example/q|2" }] }, { resourceType: "Medication", id: "m2", extension: [{ url: "http://a.example/rival", valueReference: { reference: "Organization/top" } }] });
  for (let i = 0; !(await db.record.search(node, "Encounter", "asks:missing=true")).ok || !(await db.record.search(node, "Medication", "rival:missing=true")).ok; i++) { assert.ok(i < 500); await sleep(20); }
  assert.deepEqual(await shown("Encounter", "_id=e2&_include=Encounter:asks"), ["e2", "+q"]);
  assert.deepEqual(await shown("Encounter", "_id=e2&_include=Encounter:asks:Questionnaire"), ["e2", "+q"]);
  assert.deepEqual(await shown("Encounter", "_id=e2&_include=*"), ["e2", "+q"]);
  assert.deepEqual(await shown("Medication", "_id=m2&_include=Medication:*"), ["m2", "+top"]);
  assert.deepEqual(await shown("Organization", "_id=top&_revinclude=Medication:*"), ["top", "+m2"]);
  assert.deepEqual(await shown("Questionnaire", "_id=q&_revinclude=Encounter:asks"), ["q", "+e2"]);
});
