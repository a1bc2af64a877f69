import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { testDatabase, type TestDatabase } from "#platform/database/testing.ts";
import { fail, ok } from "#platform/result.ts";
import type { Resource } from "#fhir/resource.ts";
import { openRecord, type OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import { isMarkedStale } from "#findings/from-fhir.ts";
import type { Finding, Urgency } from "#findings/finding.ts";
import { findingToFhir } from "#findings/to-fhir.ts";
import { assessPerson, markStale } from "./assess.ts";
import { composeDraft, draftsOf, readDraft } from "./draft.ts";
import { keepFresh } from "./freshness.ts";
import { nodeCaller } from "./node-caller.ts";
import { editDraft, rejectDraft, signDraft, signatureOf, type Signer, type Verifier } from "./sign.ts";
import { worklist } from "./worklist.ts";

let database: TestDatabase, record: OpenRecord;
const asOf = "2024-06-01T12:00:00Z";
const doctor: Caller = { agent: "Practitioner/doc", display: "Dr Doc", role: "practitioner", filter: { kind: "practitioner", practitioner: "doc" }, canWrite: true };
const stranger: Caller = { ...doctor, agent: "Practitioner/other", filter: { kind: "practitioner", practitioner: "other" } };
const patient: Caller = { agent: "Patient/af", display: "Af", role: "patient", filter: { kind: "patient", patient: "af" }, canWrite: false };

const concept = (system: string, code: string, text: string) => ({ coding: [{ system, code }], text });
const person = (id: string, family: string): Resource => ({ resourceType: "Patient", id, name: [{ family, given: ["A"] }], gender: "female", birthDate: "1950-01-15", generalPractitioner: [{ reference: "Practitioner/doc" }] });
const quantity = (id: string, subject: string, code: string, value: number, unit: string, at = "2024-05-20T09:00:00Z"): Resource => ({
  resourceType: "Observation", id, status: "final", category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }], code: concept("http://loinc.org", code, code), subject: { reference: `Patient/${subject}` }, effectiveDateTime: at,
  valueQuantity: { value, unit, system: "http://unitsofmeasure.org", code: unit },
});
const condition = (id: string, subject: string, code: string, text: string): Resource => ({
  resourceType: "Condition", id, subject: { reference: `Patient/${subject}` }, code: concept("http://snomed.info/sct", code, text), onsetDateTime: "2015-03-01",
  clinicalStatus: concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "active"), verificationStatus: concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", "confirmed"),
});

async function put(...resources: Resource[]): Promise<void> {
  const done = await record.commit(nodeCaller, resources.map((resource) => ({ kind: "update", type: resource.resourceType, id: resource.id!, text: JSON.stringify(resource) })));
  assert.ok(done.ok, done.ok ? "" : JSON.stringify(done.failure));
}

before(async () => {
  database = await testDatabase();
  const opened = await openRecord({ url: database.url });
  assert.ok(opened.ok, opened.ok ? "" : opened.failure.text);
  record = opened.value;
  await put({ resourceType: "Practitioner", id: "doc", name: [{ family: "Doc" }] }, person("af", "Zhao"), person("well", "An"), { ...person("dead", "Old"), deceasedDateTime: "2020-01-01" },
    condition("c1", "af", "49436004", "Atrial fibrillation"), condition("c2", "af", "38341003", "Hypertension"), condition("c3", "dead", "49436004", "Atrial fibrillation"),
    quantity("cr", "af", "2160-0", 1.1, "mg/dL"), quantity("w", "well", "29463-7", 60, "kg"), quantity("h", "well", "8302-2", 165, "cm"));
});
after(async () => { await record.close(); await database.close(); });

test("assess stores Findings with Provenance once; unchanged inputs write nothing", async () => {
  const first = await assessPerson(record, doctor, "af", { asOf });
  assert.ok(first.ok, first.ok ? "" : JSON.stringify(first.failure));
  assert.deepEqual(first.value.failed, []);
  const score = first.value.findings.find((finding) => finding.method.id === "cha2ds2-vasc")!;
  assert.deepEqual(score.value, { kind: "quantity", value: 3, unit: "points", code: "{score}" }); // hypertension 1, age 74 1, female 1
  assert.ok(first.value.stored > 0);
  const again = await assessPerson(record, doctor, "af", { asOf });
  assert.ok(again.ok);
  assert.equal(again.value.stored, 0);
  assert.equal(again.value.unchanged, first.value.stored);
  const provenance = await record.search(doctor, "Provenance", "agent=Device/method-cha2ds2-vasc");
  assert.ok(provenance.ok);
  assert.equal(provenance.value.entries.length, 1);
  assert.match(provenance.value.entries[0]!.stored.text, /Condition\/c2\/_history\/1/);
});

test("a changed input marks stale, a rerun supersedes the same resource", async () => {
  await put(quantity("cr2", "af", "2160-0", 2.0, "mg/dL", "2024-05-30T09:00:00Z"));
  const changed = (await record.compartment(nodeCaller, "af")).find((resource) => resource.id === "cr2")!;
  const marked = await markStale(record, "af", [{ reference: "Observation/cr2", version: "1", resource: changed }]);
  assert.ok(marked.ok && marked.value >= 1);
  const egfr = (await record.compartment(nodeCaller, "af")).filter((resource) => resource.resourceType === "Observation" && JSON.stringify(resource["code"]).includes("98979-8"));
  assert.equal(egfr.length, 1);
  assert.ok(isMarkedStale(egfr[0]!));
  const rerun = await assessPerson(record, doctor, "af", { asOf });
  assert.ok(rerun.ok);
  const now = (await record.compartment(nodeCaller, "af")).filter((resource) => resource.id === egfr[0]!.id);
  assert.equal(now.length, 1);
  assert.ok(!isMarkedStale(now[0]!));
  assert.equal(now[0]!.meta?.versionId, "3");
});

test("what no longer applies is cancelled and leaves the worklist", async () => {
  const list = await worklist(record, doctor);
  assert.ok(list.ok, list.ok ? "" : JSON.stringify(list.failure));
  assert.equal(list.value.rows[0]!.patient.id, "af");
  assert.equal(list.value.rows[0]!.urgency, "urgent");
  assert.match(list.value.rows[0]!.reason.en, /no anticoagulant is recorded/);
  assert.deepEqual(list.value.rows.map((row) => row.patient.id).sort(), ["af", "dead", "well"]);
  assert.deepEqual(list.value.counts, { emergency: 0, urgent: 1, soon: 0, routine: 2 });
  await put({ ...condition("c1", "af", "49436004", "Atrial fibrillation"), verificationStatus: concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error", "x"), clinicalStatus: undefined });
  const rerun = await assessPerson(record, doctor, "af", { asOf });
  assert.ok(rerun.ok);
  assert.equal(rerun.value.cancelled, 1);
  const after = await worklist(record, doctor);
  assert.ok(after.ok && !after.value.rows.some((row) => /anticoag/.test(row.reason.en)));
});

test("a deceased person is not scored; somebody else's doctor sees nothing; a patient may not run", async () => {
  const dead = await assessPerson(record, doctor, "dead", { asOf });
  assert.ok(dead.ok);
  assert.deepEqual(dead.value.findings, []);
  const beyond = await assessPerson(record, stranger, "af", { asOf });
  assert.ok(!beyond.ok && beyond.failure.code === "not-found");
  const own = await assessPerson(record, patient, "af", { asOf });
  assert.ok(!own.ok && own.failure.code === "forbidden");
  const theirs = await worklist(record, stranger);
  assert.ok(theirs.ok);
  assert.deepEqual(theirs.value.rows, []);
});

test("the worklist pages through everybody once", async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await worklist(record, doctor, { count: 1, cursor });
    assert.ok(page.ok);
    seen.push(...page.value.rows.map((row) => row.patient.id!));
    cursor = page.value.next;
  } while (cursor !== undefined && seen.length < 10);
  assert.deepEqual(seen.sort(), ["af", "dead", "well"]);
  const wrong = await worklist(record, doctor, { cursor: "x'y" });
  assert.ok(!wrong.ok);
});

const keys = generateKeyPairSync("ed25519");
const signer: Signer = async (bytes, { when }) => ok({ jws: "j", keyId: "k1", when: when.toISOString(), signature: {
  type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1", display: "Author's Signature" }], when: when.toISOString(), who: { reference: doctor.agent, display: doctor.display },
  targetFormat: "application/fhir+json", sigFormat: "application/jose", data: Buffer.from(sign(null, bytes, keys.privateKey).toString("base64url")).toString("base64") } });
const verifier: Verifier = async (jws, bytes) => verify(null, bytes, keys.publicKey, Buffer.from(jws, "base64url"))
  ? ok({ keyId: "k1", accountId: "a", agent: doctor.agent, when: asOf, retired: false }) : fail("invalid", "the signature does not fit the content");

test("a draft cites versions, is edited, signed and verified; then it is closed", async () => {
  const composed = await composeDraft(record, doctor, "af", { language: "zh", asOf });
  assert.ok(composed.ok, composed.ok ? "" : JSON.stringify(composed.failure));
  assert.equal(composed.value.status, "preliminary");
  const problems = composed.value.sections.find((section) => section.code === "11450-4")!;
  assert.equal(problems.sentences.length, 1); // the fibrillation was entered in error
  assert.deepEqual(problems.sentences[0]!.evidence, [{ reference: "Condition/c2", version: "1" }]);
  const read = await readDraft(record, doctor, composed.value.id);
  assert.ok(read.ok);
  assert.deepEqual(read.value, composed.value);

  const row = (await worklist(record, doctor)) as { ok: true; value: { rows: { patient: Resource; draft?: { reference: string } }[] } };
  assert.equal(row.value.rows.find((one) => one.patient.id === "af")!.draft?.reference, `Composition/${composed.value.id}`);

  const edited = await editDraft(record, doctor, read.value.id, read.value.version, [{ code: "11450-4", sentences: [{ text: problems.sentences[0]!.text }, { text: "Walks <well> & far.", evidence: [{ reference: "Condition/c2" }, { reference: "Condition/never-shown" }] }] }]);
  assert.ok(edited.ok, edited.ok ? "" : JSON.stringify(edited.failure));
  const sentences = edited.value.sections.find((section) => section.code === "11450-4")!.sentences;
  assert.deepEqual(sentences.map((one) => one.human), [false, true]);
  assert.deepEqual(sentences[1]!.evidence, [{ reference: "Condition/c2", version: "1" }]);

  const late = await signDraft(record, doctor, read.value.id, read.value.version, signer, new Date(asOf));
  assert.ok(!late.ok && late.failure.code === "precondition");
  const notTheirs = await signDraft(record, patient, read.value.id, edited.value.version, signer, new Date(asOf));
  assert.ok(!notTheirs.ok && notTheirs.failure.code === "forbidden");
  const signed = await signDraft(record, doctor, read.value.id, edited.value.version, signer, new Date(asOf));
  assert.ok(signed.ok, signed.ok ? "" : JSON.stringify(signed.failure));
  const signature = await signatureOf(record, doctor, read.value.id, verifier);
  assert.deepEqual(signature, { agent: "Practitioner/doc", display: "Dr Doc", when: new Date(asOf).toISOString(), keyId: "k1", valid: true });
  for (const refused of [await signDraft(record, doctor, read.value.id, signed.value.version, signer, new Date(asOf)), await rejectDraft(record, doctor, read.value.id, signed.value.version, "no", new Date(asOf)), await editDraft(record, doctor, read.value.id, signed.value.version, [])])
    assert.ok(!refused.ok && refused.failure.code === "conflict");
});

test("a changed final summary shows an invalid signature", async () => {
  const [draft] = ((await draftsOf(record, doctor, "af")) as { ok: true; value: { id: string; version: string }[] }).value;
  const stored = await record.read(nodeCaller, { type: "Composition", id: draft!.id });
  assert.equal(stored.kind, "current");
  const forged = JSON.parse((stored as { stored: { text: string } }).stored.text.replaceAll("Walks", "Runs")) as Resource;
  const pretend = { ...record, read: async () => ({ kind: "current" as const, stored: { ...(stored as { stored: { type: string; id: string; version: number; lastUpdated: string; text: string } }).stored, text: JSON.stringify(forged) } }) };
  const signature = await signatureOf(pretend, doctor, draft!.id, verifier);
  assert.equal(signature?.valid, false);
});

test("a rejected draft keeps its reason and needs one", async () => {
  const composed = await composeDraft(record, doctor, "well", { language: "en", asOf });
  assert.ok(composed.ok);
  const none = await rejectDraft(record, doctor, composed.value.id, composed.value.version, "  ", new Date(asOf));
  assert.ok(!none.ok && none.failure.code === "required");
  const rejected = await rejectDraft(record, doctor, composed.value.id, composed.value.version, "Wrong person in the room", new Date(asOf));
  assert.ok(rejected.ok, rejected.ok ? "" : JSON.stringify(rejected.failure));
  const read = await readDraft(record, doctor, composed.value.id);
  assert.ok(read.ok);
  assert.equal(read.value.status, "rejected");
  assert.equal(read.value.rejection?.reason, "Wrong person in the room");
  const beyond = await readDraft(record, stranger, composed.value.id);
  assert.ok(!beyond.ok && beyond.failure.code === "not-found");
});


test("following the outbox marks by itself: a new value, then a deleted one; machine results mark nothing", async () => {
  const bmi = async () => (await record.compartment(nodeCaller, "well")).find((resource) => resource.resourceType === "Observation" && JSON.stringify(resource["identifier"] ?? "").includes("\"bmi\""))!;
  await record.settleLedger();
  const follower = await keepFresh(record, { onError: (error) => { throw error; } });
  assert.ok((await assessPerson(record, doctor, "well", { asOf })).ok);
  await record.settleLedger();
  await follower.settle();
  assert.equal(isMarkedStale(await bmi()), false);
  await put(quantity("w2", "well", "29463-7", 64, "kg", "2024-05-28T09:00:00Z"));
  await record.settleLedger();
  await follower.settle();
  assert.equal(isMarkedStale(await bmi()), true);
  assert.ok((await assessPerson(record, doctor, "well", { asOf })).ok);
  assert.equal(isMarkedStale(await bmi()), false);
  assert.ok((await record.commit(nodeCaller, [{ kind: "delete", type: "Observation", id: "w2" }])).ok);
  await record.settleLedger();
  await follower.settle();
  assert.equal(isMarkedStale(await bmi()), true);
  await follower.stop();
});

test("an abnormal ECG that a newer one does not repeat is on the worklist as earlier, with what was found since", async () => {
  const ecg = (subject: string, day: string, urgency: Urgency): Resource => findingToFhir({
    method: { id: "ecg-rhythm", version: "1.0.0", title: { en: "ECG rhythm", zh: "心电节律" } }, outcome: "computed", form: "measure", part: `rhythm:Observation/${subject}-${day}`, subject: `Patient/${subject}`,
    stage: "diagnosis", code: { system: "http://loinc.org", code: "8884-9", label: { en: "Heart rhythm (ECG)", zh: "心律（心电）" } }, urgency,
    value: { kind: "coded", coding: { system: "urn:salus:ecg-rhythm", code: urgency }, label: { en: urgency, zh: urgency } },
    statement: urgency === "routine" ? { en: "Regular at 70/min.", zh: "规整，70 次/分。" } : { en: "As in atrial fibrillation.", zh: "疑似房颤。" }, contributions: [], evidence: [], limits: [], effective: `${day}T08:00:00Z`,
  } satisfies Finding);
  const risk = findingToFhir({ // a risk with parts beside it: its type has no search by code
    method: { id: "prevent", version: "1.0.0", title: { en: "PREVENT", zh: "PREVENT" } }, outcome: "computed", form: "risk", part: "cvd", subject: "Patient/comes", stage: "prevention", code: { code: "cvd", label: { en: "CVD", zh: "心血管病" } },
    urgency: "soon", probability: 0.1, statement: { en: "10 %.", zh: "10 %。" }, contributions: [], evidence: [], limits: [], effective: "2024-04-01",
  });
  await put(risk, person("comes", "Kong"), person("stays", "Shen"), ecg("comes", "2024-05-01", "urgent"), ecg("comes", "2024-05-20", "routine"), ecg("stays", "2024-05-01", "routine"), ecg("stays", "2024-05-20", "urgent"));
  const list = await worklist(record, doctor);
  assert.ok(list.ok);
  const row = (id: string) => list.value.rows.find(({ patient: { id: each } }) => each === id)!;
  assert.deepEqual([row("comes").urgency, row("comes").reason.en, row("comes").at], ["soon", "Earlier, 2024-05-01: As in atrial fibrillation. Since, 2024-05-20: Regular at 70/min.", "2024-05-01T08:00:00Z"]);
  assert.deepEqual([row("stays").urgency, row("stays").reason.en], ["urgent", "As in atrial fibrillation."]);
  assert.equal(list.value.counts.soon + list.value.counts.urgent + list.value.counts.emergency, list.value.rows.filter(({ urgency }) => urgency !== "routine").length);
});
