/**
 * A small world of random resources for the property tests of search: few ids, codes and names, so that queries of the
 * same few find something, and every type of index row, contained resources and parameters of the record's own among them.
 */
import fc from "fast-check";
import type { Resource } from "#fhir/resource.ts";

export type Stored = Resource & { id: string };

export const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** Mostly there. */
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined, freq: 3 });
const few = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[] | undefined> => some(fc.array(arbitrary, { minLength: 1, maxLength: 2 }));
const refer = (type: string, count: number, letter = type[0]!.toLowerCase()) => fc.nat(count).map((i) => ({ reference: `${type}/${letter}${i}` }));

export const loinc = "http://loinc.org", snomed = "http://snomed.info/sct", ucum = "http://unitsofmeasure.org";
export const codes = ["8480-6", "8462-4", "a b", "x,y"] as const;
export const names = ["Ann", "anna", "ÅNNA", "Björn", "王小明", "O'Brien", "100% \\x", "a_b", "von der Ann", "Ann-Björn", "ﬁnn", "が王"] as const;
export const moments = ["2020", "2020-02", "2020-02-29", "2020-03-01", "2020-02-29T12:00:00Z", "2020-02-29T23:30:00+08:00", "2020-02-29T12:00:00.5Z", "2020-02-29T12:00:00.000123Z", "1999-12-31T23:59:59.999Z", "2019-12-31T23:30:00-01:00"] as const;
/** UCUM and others: of one kind in several units, without code, without unit. */
export const units = [{ system: ucum, code: "mg", unit: "mg" }, { system: ucum, code: "g" }, { system: ucum, code: "kg", unit: "kilo" }, { system: ucum, code: "Cel" }, { system: ucum, code: "[degF]" }, { system: ucum, code: "a" }, { system: ucum, code: "mo" }, { system: ucum, code: "nonsense" }, { unit: "mg" }, { system: "s", code: "mg" }, {}] as const;
export const identifiers: readonly { system?: string; value?: string; type?: object }[] = [{ system: "s", value: "7" }, { value: "7" }, { system: "s", value: "8", type: { coding: [{ system: "ty", code: "MR" }], text: "Record number" } }, { system: "t", value: "7", type: { coding: [{ code: "MR" }, { system: "ty", code: "SS" }] } }, { system: "t" }, { value: "X y", type: { text: "Other" } }];
export const urls = ["http://a.example/q", "http://a.example/q/1", "http://a.example/qq", "http://a.example/", "urn:x:1"] as const;

const name = pick(...names), moment = pick(...moments), identifier = pick(...identifiers);
const coding = fc.record({ system: pick(loinc, snomed, undefined), code: pick(...codes, undefined), display: some(pick("Systolic pressure", "收缩压", "Été Blood")) });
const concept = fc.record({ coding: some(fc.array(coding, { minLength: 1, maxLength: 2 })), text: some(pick("blood  pressure", "Ätna", "Systolic pressure")) }).filter(({ coding: codings, text }) => codings !== undefined || text !== undefined);
const amount = pick(1, 1.5, 2, 100, -3, 0.001, 37.5, 1000);
const quantity = fc.tuple(amount, pick(...units), some(pick("<", "<=", ">", ">=")), fc.nat(3)).map(([value, unit, comparator, rare]) => ({ value, ...unit, ...(comparator && rare === 0 ? { comparator } : {}) }));
const range = fc.tuple(some(amount), some(amount), pick(...units)).map(([a, b, unit]) => ({ ...(a === undefined ? {} : { low: { value: Math.min(a, b ?? a), ...unit } }), ...(b === undefined ? {} : { high: { value: Math.max(a ?? b, b), ...unit } }) }));
const period = fc.tuple(some(moment), some(moment)).map(([start, end]) => ({ ...(start ? { start } : {}), ...(end ? { end } : {}) }));
const timing = fc.oneof(fc.record({ event: fc.array(moment, { minLength: 1, maxLength: 2 }) }), period.map((boundsPeriod) => ({ repeat: { boundsPeriod } })));
const meta = some(fc.record({
  tag: few(coding), security: some(fc.array(pick({ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }, { code: "R" }), { minLength: 1, maxLength: 1 })),
  profile: few(pick("http://a.example/p", "http://a.example/p|1", "http://a.example/p/x")), source: some(pick(...urls, "http://a.example/q#frag")),
}));
const narrative = some(pick("The <b>blood</b> pressure&#x20;was high", "收缩压升高，随访", "Café &amp; walk-in", "血压 normal follow up").map((inner) => ({ status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${inner}</p></div>` })));
const oneOf = (choices: Readonly<Record<string, fc.Arbitrary<unknown>>>) => fc.oneof(fc.constant({}), ...Object.entries(choices).map(([key, arbitrary]) => arbitrary.map((value) => ({ [key]: value }))));
/** All members of both; what a choice leaves out is absent. */
const joined = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<object> => fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);

const patientRef = pick({ reference: "Patient/p0" }, { reference: "Patient/p0" }, { reference: "Patient/p1" }, { reference: "Patient/p1/_history/1" }, { reference: "https://other.example/Patient/p0" }, { reference: "Patient/gone" }, { type: "Patient", identifier: identifiers[0] }, { reference: "Patient/p2", identifier: identifiers[2] });
const subject = fc.oneof(patientRef, pick({ reference: "Group/g0" }, { identifier: { value: "7" } }, { reference: "https://other.example/Group/g0" }, { reference: "urn:uuid:7c1d4f1e-0000-4000-8000-000000000001", type: "Patient" }));
const component = joined(fc.record({ code: concept }), oneOf({ valueQuantity: quantity, valueCodeableConcept: concept }), fc.record({ dataAbsentReason: some(concept) }));
const observation = joined(fc.record({
  meta, text: narrative, status: pick("final", "amended", "preliminary"), code: concept, category: few(concept), subject: some(subject), identifier: few(identifier), method: some(concept), dataAbsentReason: some(concept),
  encounter: some(refer("Encounter", 12)), hasMember: few(refer("Observation", 60)), derivedFrom: few(refer("Observation", 60)), component: few(component), performer: few(pick({ reference: "Practitioner/d1" }, { reference: "Organization/o1" }, { reference: "Patient/p0" })),
  interpretation: few(concept), note: few(joined(fc.record({ text: name }), oneOf({ authorReference: pick({ reference: "Practitioner/d1" }, { reference: "Patient/p1" }, { reference: "Organization/o2" }) }))),
  issued: some(pick("2020-02-29T12:00:00Z", "2020-02-29T23:30:00+08:00")), referenceRange: few(joined(fc.record({ low: some(quantity), text: pick("normal") }), fc.record({ type: some(concept) }))),
}), oneOf({ effectiveDateTime: moment, effectivePeriod: period, effectiveInstant: pick("2020-02-29T12:00:00.5Z"), effectiveTiming: timing }), oneOf({ valueQuantity: quantity, valueCodeableConcept: concept, valueString: name, valueDateTime: moment, valuePeriod: period }));
const human = fc.record({ family: some(name), given: few(name), text: some(name), prefix: some(fc.constant(["Dr."])) });
const address = fc.record({ city: some(name), country: some(pick("CN", "cn", "Österreich")), line: some(fc.array(name, { minLength: 1, maxLength: 2 })), postalCode: some(pick("1010", "10100")), use: some(pick("home", "work")) });
const person = joined(fc.record({
  meta, name: few(human), address: few(address), telecom: few(fc.record({ system: some(pick("phone", "email")), value: pick("+43 1 5", "a@b.example", "A@b.example"), use: some(pick("home", "old")) })), gender: some(pick("male", "female", "other")),
  birthDate: some(pick("1950", "1950-06", "1980-01-31", "2020-02-29")), active: some(fc.boolean()), identifier: few(identifier), generalPractitioner: few(pick({ reference: "Practitioner/d1" }, { reference: "Organization/o1" }, { reference: "Organization/o3" })),
  managingOrganization: some(refer("Organization", 4)), link: few(refer("Patient", 20).map((other) => ({ other, type: "seealso" }))), communication: few(concept.map((language) => ({ language }))),
}), oneOf({ deceasedBoolean: fc.boolean(), deceasedDateTime: moment }), oneOf({ multipleBirthInteger: pick(1, 2, 3), multipleBirthBoolean: fc.boolean() }));
const encounter = fc.record({
  meta, status: pick("finished", "planned"), class: pick({ code: "AMB" }, { system: "c", code: "IMP" }), type: few(concept), subject: some(subject), partOf: some(refer("Encounter", 12)), period: some(period), length: some(quantity), serviceProvider: some(refer("Organization", 4)),
  participant: few(pick({ individual: { reference: "Practitioner/d1" } }, { individual: { reference: "PractitionerRole/r1" } })), location: few(refer("Location", 20).map((location) => ({ location }))), diagnosis: few(refer("Condition", 30).map((condition) => ({ condition }))),
});
const condition = joined(fc.record({ meta, subject, code: some(concept), clinicalStatus: some(concept), encounter: some(refer("Encounter", 12)), recordedDate: some(moment), bodySite: few(concept) }),
  oneOf({ onsetAge: quantity, onsetRange: range, onsetDateTime: moment, onsetPeriod: period, onsetString: name }), oneOf({ abatementAge: quantity, abatementRange: range, abatementDateTime: moment }));
const risk = fc.record({ status: pick("final"), subject: patientRef, prediction: few(oneOf({ probabilityDecimal: pick(0.1, 0.15, 0.5, 1, 100), probabilityRange: range })) });
const organization = fc.record({ meta, name: some(name), alias: few(name), partOf: some(refer("Organization", 4)), type: few(concept), address: few(address), identifier: few(identifier), active: some(fc.boolean()) });
const place = fc.record({ name: some(name), position: some(fc.record({ latitude: pick(31.2, 31.25, 48.1, -89.9, 0), longitude: pick(121.4, 121.9, 179.9, -179.9, 0) })), partOf: some(refer("Location", 20)), managingOrganization: some(refer("Organization", 4)), address: some(address) });
const context = joined(fc.record({ code: coding }), oneOf({ valueQuantity: quantity, valueRange: range, valueCodeableConcept: concept }));
const questionnaire = fc.record({ meta, title: some(name), version: some(pick("1", "2.0-Draft", "2.0-draft")), status: pick("draft", "active"), url: some(pick(...urls)), useContext: few(context), effectivePeriod: some(period), identifier: few(identifier), item: some(pick([{ linkId: "1", type: "string", definition: "http://a.example/q#x" }])) });
const answers = fc.record({ status: pick("completed", "amended"), subject: some(patientRef), authored: some(moment), questionnaire: some(pick("http://a.example/q", "http://a.example/q|1", "http://a.example/q|2.0-Draft", "http://a.example/q/1|2.0-draft", "http://a.example/qq", "urn:x:1|9", "Questionnaire/q1", "Questionnaire/q2|1")) });
const group = fc.record({ type: pick("person"), actual: pick(true), member: few(refer("Patient", 20).map((entity) => ({ entity }))), characteristic: few(joined(fc.record({ code: concept, exclude: fc.boolean() }), oneOf({ valueBoolean: fc.boolean(), valueCodeableConcept: concept }))) });
const list = fc.record({ status: pick("current", "retired"), mode: pick("working"), code: some(pick("problems", "medications").map((code) => ({ coding: [{ system: "http://terminology.hl7.org/CodeSystem/list-example-use-codes", code }] }))), subject: some(patientRef),
  entry: few(fc.oneof(refer("Observation", 60), refer("Condition", 30)).map((item) => ({ item }))) });
const medication = fc.record({ code: some(concept), status: some(pick("active", "inactive")), manufacturer: some(refer("Organization", 4)), identifier: few(identifier), batch: some(fc.record({ lotNumber: name, expirationDate: some(moment) })), ingredient: few(oneOf({ itemCodeableConcept: concept, itemReference: refer("Medication", 8) })) });
const request = joined(fc.record({ status: pick("active", "stopped"), intent: pick("order", "plan"), subject: patientRef, authoredOn: some(moment), requester: some(pick({ reference: "Practitioner/d1" }, { reference: "Organization/o1" })), encounter: some(refer("Encounter", 12)), dosageInstruction: few(fc.record({ timing })) }),
  oneOf({ medicationCodeableConcept: concept, medicationReference: refer("Medication", 8) }));
const document = fc.record({ status: pick("current", "superseded"), subject: some(patientRef), type: some(concept), content: fc.array(pick("text/xml", "text/xml; charset=UTF-8", "TEXT/XML", "application/pdf").map((contentType) => ({ attachment: { contentType, language: "de-AT" } })), { minLength: 1, maxLength: 2 }), relatesTo: few(fc.record({ code: pick("replaces", "appends"), target: refer("DocumentReference", 20) })), securityLabel: few(concept) });

/** The generated resource with some that it contains, by their ids; references lead there where something is. */
function holding(holder: fc.Arbitrary<object>, parts: Readonly<Record<string, readonly [type: string, body: fc.Arbitrary<object>]>>, leading: (reference: (id: string) => { reference: string } | undefined) => object): fc.Arbitrary<object> {
  const contained = fc.record(Object.fromEntries(Object.entries(parts).map(([id, [resourceType, body]]) => [id, some(body.map((one) => ({ resourceType, id, ...one })))])));
  return fc.tuple(holder, fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: contained })).map(([own, found]) => {
    const all = Object.entries(found).filter(([, one]) => one !== undefined), ids = new Set(all.map(([id]) => id));
    const references = Object.entries(leading((id) => ids.has(id) ? { reference: `#${id}` } : undefined)).filter(([, value]) => JSON.stringify(value)?.includes("#"));
    return all.length ? { ...own, contained: all.map(([, one]) => one), ...Object.fromEntries(references) } : own;
  });
}
const within = (body: fc.Arbitrary<object>, members: object) => fc.tuple(body, fc.boolean()).map(([own, there]) => there ? { ...own, ...members } : own);
const heldPatient = within(person, { managingOrganization: { reference: "#g" } }), heldEncounter = within(encounter, { subject: { reference: "#p" }, serviceProvider: { reference: "#g" } });
const observations = fc.boolean().chain((led) => holding(observation, { p: ["Patient", heldPatient], e: ["Encounter", heldEncounter], g: ["Organization", organization], m: ["Observation", observation] },
  (to) => ({ ...(led ? { subject: to("p") } : {}), encounter: to("e"), performer: [to("g"), { reference: "Practitioner/d1" }], hasMember: [to("m"), { reference: "Observation/o1" }] })));
const encounters = holding(encounter, { p: ["Patient", heldPatient], l: ["Location", place] }, (to) => ({ subject: to("p"), location: [{ location: to("l") }] }));
const allAnswers = holding(answers, { q: ["Questionnaire", questionnaire] }, (to) => ({ questionnaire: to("q")?.reference }));
const requests = holding(request, { m: ["Medication", within(medication, { manufacturer: { reference: "#g" }, ingredient: [{ itemReference: { reference: "#i" } }] })], i: ["Medication", medication], g: ["Organization", organization] }, (to) => ({ medicationCodeableConcept: undefined, medicationReference: to("m") }));

const kinds: readonly (readonly [type: string, body: fc.Arbitrary<object>, count: number])[] = [
  ["Observation", observations, 240], ["Patient", person, 60], ["Encounter", encounters, 24], ["Condition", condition, 60], ["RiskAssessment", risk, 40], ["Organization", organization, 6], ["Location", place, 30], ["Questionnaire", questionnaire, 40],
  ["QuestionnaireResponse", allAnswers, 60], ["Group", group, 20], ["List", list, 24], ["Medication", medication, 10], ["MedicationRequest", requests, 50], ["DocumentReference", document, 40],
];
export const types: readonly string[] = kinds.map(([type]) => type);

/** Own parameters of every kind. */
export const ownParameters: readonly Stored[] = [
  ["own-interpretation", "token", "Observation", "Observation.interpretation"], ["own-note", "string", "Observation", "Observation.note.text"], ["own-issued", "date", "Observation", "Observation.issued"], ["own-low", "quantity", "Observation", "Observation.referenceRange.low"],
  ["own-author", "reference", "Observation", "Observation.note.author as Reference"], ["own-birth", "number", "Patient", "Patient.multipleBirth as integer"], ["own-system", "uri", "Patient", "Patient.identifier.system"], ["own-definition", "uri", "Questionnaire", "Questionnaire.item.definition"],
].map(([code, type, base, expression]) => ({ resourceType: "SearchParameter", id: code!, url: `http://a.example/${code}`, name: code, status: "active", description: code, code, base: [base], type, expression }) as Stored).concat({
  resourceType: "SearchParameter", id: "own-range", url: "http://a.example/own-range", name: "range", status: "active", description: "range", code: "own-range", base: ["Observation"], type: "composite", expression: "Observation.referenceRange",
  component: [{ definition: "http://hl7.org/fhir/SearchParameter/clinical-code", expression: "type" }, { definition: "http://hl7.org/fhir/SearchParameter/Observation-value-quantity", expression: "low" }],
} as Stored);

/** "8480-6" stands over "8462-4" and "a b"; the other system has no hierarchy. */
const codeSystem = { resourceType: "CodeSystem", id: "tree", url: loinc, status: "active", content: "complete", hierarchyMeaning: "is-a", version: "99", concept: [{ code: "8480-6", display: "top", concept: [{ code: "8462-4" }, { code: "a b" }] }, { code: "x,y" }] };
const valueSets = [
  { resourceType: "ValueSet", id: "under", url: "http://vs.example/under", status: "active", compose: { include: [{ system: loinc, filter: [{ property: "concept", op: "is-a", value: "8480-6" }] }] } },
  { resourceType: "ValueSet", id: "mixed", url: "http://vs.example/mixed", status: "active", compose: { include: [{ system: loinc, concept: [{ code: "x,y" }] }, { system: snomed, concept: [{ code: "8480-6" }] }] } },
];

/** The same for the same seed. Two people and a practitioner have ids of their own: p0, p1, d1. */
export function worldOfSeed(seed: number): Stored[] {
  const made = kinds.flatMap(([type, body, count]) => fc.sample(body, { numRuns: count, seed }).map((one, i) => ({ resourceType: type, id: `${type[0]!.toLowerCase()}${i}`, ...one })));
  return [...made, { resourceType: "Practitioner", id: "d1", name: [{ family: "Björn" }], gender: "female" }, codeSystem, ...valueSets].map((one) => settled(one) as Stored).map((one) => one.resourceType === "Observation" && !("code" in one) ? { ...one, code: { text: "none" } } : one);
}

/** Without empty objects and lists, which FHIR does not know. */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(settled).filter((item) => item !== undefined);
    return items.length ? items : undefined;
  }
  if (typeof value !== "object" || value === null) return value === null ? undefined : value;
  const members = Object.entries(value).map(([key, item]) => [key, settled(item)] as const).filter(([, item]) => item !== undefined);
  return members.length ? Object.fromEntries(members) : undefined;
}
