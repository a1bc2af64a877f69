/** One row per way to be wrong; the rule stands on the R4 page named in the row's group. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FailureCode } from "#platform/result.ts";
import { validateResource } from "./validate.ts";

const observation = { resourceType: "Observation", status: "final", code: { text: "x" } };
const patient = { resourceType: "Patient" };
const div = (inner: string) => ({ text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>` } });
const extension = (more: object) => ({ extension: [{ url: "http://example.org/x", ...more }] });

type Row = [title: string, resource: unknown, ...faults: [code: FailureCode, expression: string][]];

const groups: Record<string, Row[]> = {
  "json.html": [
    ["unknown member", { ...patient, brithDate: "2000" }, ["structure", "Patient"]],
    ["unknown member deep", { ...patient, name: [{ family: "A" }, { familie: "B" }] }, ["structure", "Patient.name[1]"]],
    ["choice without its type", { ...observation, value: { value: 1 } }, ["structure", "Observation"]],
    ["choice of a type that is not offered", { ...observation, valueDecimal: 1 }, ["structure", "Observation"]],
    ["two of a choice", { ...observation, valueString: "a", valueInteger: 1 }, ["structure", "Observation.value"]],
    ["two of a choice through a twin", { ...observation, valueString: "a", _valueInteger: extension({ valueString: "x" }) }, ["structure", "Observation.value"]],
    ["list for one", { ...patient, birthDate: ["2000"] }, ["structure", "Patient.birthDate"]],
    ["object list for one", { ...observation, code: [{ text: "x" }] }, ["structure", "Observation.code"]],
    ["one for a list", { ...patient, name: { family: "A" } }, ["structure", "Patient.name"]],
    ["primitive for an object", { ...observation, code: "x" }, ["structure", "Observation.code"]],
    ["object for a primitive", { ...patient, birthDate: { value: "2000" } }, ["structure", "Patient.birthDate"]],
    ["empty list", { ...patient, name: [] }, ["structure", "Patient.name"]],
    ["empty object", { ...patient, name: [{}] }, ["invariant", "Patient.name[0]"]],
    ["an id alone", { ...patient, name: [{ id: "n" }] }, ["invariant", "Patient.name[0]"]],
    ["null", { ...patient, birthDate: null }, ["structure", "Patient.birthDate"]],
    ["null in a list of objects", { ...patient, name: [null] }, ["structure", "Patient.name[0]"]],
    ["null in a list of primitives without twin", { ...patient, name: [{ given: ["A", null] }] }, ["structure", "Patient.name[0].given[1]"]],
    ["null on both sides", { ...patient, name: [{ given: ["A", null], _given: [extension({ valueString: "x" }), null] }] }, ["structure", "Patient.name[0].given[1]"]],
    ["twin longer with null", { ...patient, name: [{ given: ["A"], _given: [null, null] }] }, ["structure", "Patient.name[0].given[1]"]],
    ["twin as a list where one is meant", { ...patient, _birthDate: [extension({ valueString: "x" })] }, ["structure", "Patient.birthDate"]],
    ["twin with a value", { ...patient, birthDate: "2000", _birthDate: { value: "2000" } }, ["structure", "Patient.birthDate"]],
    ["twin of no value with an id alone", { ...patient, _birthDate: { id: "b" } }, ["invariant", "Patient.birthDate"]],
    ["twin of an object", { ...observation, _code: extension({ valueString: "x" }) }, ["structure", "Observation"]],
    ["resourceType in a datatype", { ...patient, name: [{ resourceType: "HumanName", family: "A" }] }, ["structure", "Patient.name[0]"]],
  ],
  "datatypes.html": [
    ["number in quotes", { ...observation, valueInteger: "1" }, ["structure", "Observation.value"]],
    ["boolean in quotes", { ...patient, active: "true" }, ["structure", "Patient.active"]],
    ["string without quotes", { ...observation, valueString: 7 }, ["structure", "Observation.value"]],
    ["fraction for an integer", { ...observation, valueInteger: 1.5 }, ["value", "Observation.value"]],
    ["integer beyond 32 bits", { ...observation, valueInteger: 2147483648 }, ["value", "Observation.value"]],
    ["zero as positiveInt", { ...patient, telecom: [{ rank: 0 }] }, ["value", "Patient.telecom[0].rank"]],
    ["negative unsignedInt", { resourceType: "Media", status: "completed", content: { size: -1 } }, ["value", "Media.content.size"]],
    ["infinite decimal", { ...observation, valueQuantity: { value: Number.POSITIVE_INFINITY } }, ["value", "Observation.value.value"]],
    ["empty string", { ...observation, valueString: "" }, ["value", "Observation.value"]],
    ["control character", { ...observation, valueString: "a\u0007b" }, ["value", "Observation.value"]],
    ["code with double space", { ...patient, language: "a  b" }, ["value", "Patient.language"]],
    ["code with space at the end", { ...patient, language: "en " }, ["value", "Patient.language"]],
    ["id with underscore", { ...patient, id: "a_b" }, ["value", "Patient.id"]],
    ["id of 65", { ...patient, id: "a".repeat(65) }, ["too-long", "Patient.id"]],
    ["uri with a space", { ...patient, implicitRules: "http://a b" }, ["value", "Patient.implicitRules"]],
    ["30 February", { ...patient, birthDate: "2024-02-30" }, ["value", "Patient.birthDate"]],
    ["29 February of a common year", { ...patient, birthDate: "1900-02-29" }, ["value", "Patient.birthDate"]],
    ["month 13", { ...patient, birthDate: "2024-13" }, ["value", "Patient.birthDate"]],
    ["year 0000", { ...patient, birthDate: "0000" }, ["value", "Patient.birthDate"]],
    ["date with time", { ...patient, birthDate: "2024-01-01T00:00:00Z" }, ["value", "Patient.birthDate"]],
    ["dateTime without zone", { ...observation, effectiveDateTime: "2024-01-01T10:00:00" }, ["value", "Observation.effective"]],
    ["dateTime without seconds", { ...observation, effectiveDateTime: "2024-01-01T10:00Z" }, ["value", "Observation.effective"]],
    ["dateTime at 24:00", { ...observation, effectiveDateTime: "2024-01-01T24:00:00Z" }, ["value", "Observation.effective"]],
    ["zone beyond 14:00", { ...observation, effectiveDateTime: "2024-01-01T10:00:00+14:30" }, ["value", "Observation.effective"]],
    ["instant as a day", { ...observation, issued: "2024-01-01" }, ["value", "Observation.issued"]],
    ["time with zone", { ...observation, valueTime: "10:00:00Z" }, ["value", "Observation.value"]],
    ["base64 of five", { resourceType: "Binary", contentType: "text/plain", data: "abcde" }, ["value", "Binary.data"]],
    ["base64 with padding inside", { resourceType: "Binary", contentType: "text/plain", data: "ab==cdef" }, ["value", "Binary.data"]],
    ["oid without urn", { ...observation, extension: [{ url: "u", valueOid: "1.2.3" }] }, ["value", "Observation.extension[0].value"]],
    ["uuid in capitals", { ...observation, extension: [{ url: "u", valueUuid: "urn:uuid:C757873D-EC9A-4326-A141-556F43239520" }] }, ["value", "Observation.extension[0].value"]],
    ["comparator in a SimpleQuantity", { ...observation, referenceRange: [{ low: { value: 1, comparator: "<" } }] }, ["invariant", "Observation.referenceRange[0].low"]],
  ],
  "cardinality": [
    ["two required missing", { resourceType: "Observation" }, ["required", "Observation"], ["required", "Observation"]],
    ["required of a component", { ...observation, component: [{ code: { text: "a" } }, { code: { text: "b" } }, { valueString: "x" }] }, ["required", "Observation.component[2]"]],
    ["required choice", { resourceType: "MedicationRequest", status: "active", intent: "order", subject: { display: "x" } }, ["required", "MedicationRequest"]],
    ["content reference", { resourceType: "Questionnaire", status: "draft", item: [{ linkId: "1", type: "group", item: [{ linkId: "1.1", typ: "string" }] }] },
      ["structure", "Questionnaire.item[0].item[0]"], ["required", "Questionnaire.item[0].item[0]"]],
  ],
  "terminologies.html#required": [
    ["code", { ...observation, status: "done" }, ["code-invalid", "Observation.status"]],
    ["code in capitals", { ...patient, gender: "Male" }, ["code-invalid", "Patient.gender"]],
    ["code in a component of a datatype", { ...patient, name: [{ use: "home" }] }, ["code-invalid", "Patient.name[0].use"]],
    ["concept with another code", { resourceType: "Condition", subject: { display: "x" }, clinicalStatus: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "gone" }] } }, ["code-invalid", "Condition.clinicalStatus"]],
    ["concept with another system", { resourceType: "Condition", subject: { display: "x" }, clinicalStatus: { coding: [{ system: "http://example.org", code: "active" }] } }, ["code-invalid", "Condition.clinicalStatus"]],
    ["concept with text alone", { resourceType: "Condition", subject: { display: "x" }, clinicalStatus: { text: "active" } }, ["code-invalid", "Condition.clinicalStatus"]],
  ],
  "references.html": [
    ["type not allowed", { ...observation, subject: { reference: "Practitioner/1" } }, ["value", "Observation.subject"]],
    ["unknown type", { ...observation, subject: { reference: "Pation/1" } }, ["value", "Observation.subject"]],
    ["no shape", { ...observation, subject: { reference: "somebody" } }, ["value", "Observation.subject"]],
    ["type and reference disagree", { ...observation, subject: { reference: "Patient/1", type: "Group" } }, ["value", "Observation.subject"]],
    ["logical type not allowed", { ...observation, subject: { type: "Organization", display: "x" } }, ["value", "Observation.subject"]],
    ["contained is missing", { ...observation, subject: { reference: "#p" } }, ["invariant", "Observation.subject"]],
    ["contained of another type", { ...observation, contained: [{ resourceType: "Medication", id: "p" }], subject: { reference: "#p" } }, ["value", "Observation.subject"]],
    ["contained in contained", { ...observation, contained: [{ resourceType: "Patient", id: "p", contained: [{ resourceType: "Patient", id: "q" }] }], subject: { reference: "#p" } }, ["invariant", "Observation.contained[0]"]],
    ["contained without id", { ...observation, contained: [{ resourceType: "Patient", active: true }] }, ["required", "Observation.contained[0]"]],
    ["contained with a version", { ...observation, contained: [{ resourceType: "Patient", id: "p", meta: { versionId: "1" } }] }, ["invariant", "Observation.contained[0]"]],
    ["contained of no type", { ...observation, contained: [{ id: "p" }] }, ["structure", "Observation.contained[0]"]],
    ["fault in a contained resource", { ...observation, contained: [{ resourceType: "Patient", id: "p", gender: "x" }] }, ["code-invalid", "Observation.contained[0].gender"]],
    ["entry of a Bundle", { resourceType: "Bundle", type: "collection", entry: [{ resource: { ...observation, subject: { reference: "#p" } } }] }, ["invariant", "Bundle.entry[0].resource.subject"]],
  ],
  "extensibility.html": [
    ["without url", { ...patient, extension: [{ valueString: "x" }] }, ["required", "Patient.extension[0]"]],
    ["value and nested", { ...patient, extension: [{ url: "u", valueString: "x", extension: [{ url: "v", valueString: "y" }] }] }, ["invariant", "Patient.extension[0]"]],
    ["neither", { ...patient, extension: [{ url: "u" }] }, ["invariant", "Patient.extension[0]"]],
    ["nested one at fault", { ...patient, extension: [{ url: "u", extension: [{ url: "v", valueBoolean: "yes" }] }] }, ["structure", "Patient.extension[0].extension[0].value"]],
    ["modifierExtension in a datatype", { ...patient, name: [{ family: "A", modifierExtension: [{ url: "u", valueString: "x" }] }] }, ["structure", "Patient.name[0]"]],
    ["in a primitive's twin", { ...patient, birthDate: "2000", _birthDate: { extension: [{ valueString: "x" }] } }, ["required", "Patient.birthDate.extension[0]"]],
  ],
  "narrative.html": [
    ["script", { ...patient, ...div("<script>alert(1)</script>") }, ["invariant", "Patient.text.div"]],
    ["event handler", { ...patient, ...div('<p onclick="x()">a</p>') }, ["invariant", "Patient.text.div"]],
    ["javascript link", { ...patient, ...div('<a href="javascript:x()">a</a>') }, ["invariant", "Patient.text.div"]],
    ["javascript link with a blank", { ...patient, ...div('<a href="java\tscript:x()">a</a>') }, ["invariant", "Patient.text.div"]],
    ["javascript link with references", { ...patient, ...div('<a href="&#32;&#x6A;avascript&#58;x()">a</a>') }, ["invariant", "Patient.text.div"]],
    ["html entity", { ...patient, ...div("<p>a&nbsp;b</p>") }, ["invariant", "Patient.text.div"]],
    ["bare ampersand", { ...patient, ...div('<a href="x?a=1&b=2">a</a>') }, ["invariant", "Patient.text.div"]],
    ["another namespace", { ...patient, ...div('<p xmlns="http://www.w3.org/2000/svg">a</p>') }, ["invariant", "Patient.text.div"]],
    ["image without source", { ...patient, ...div('<img alt="x"/>') }, ["invariant", "Patient.text.div"]],
    ["unclosed", { ...patient, ...div("<p>a") }, ["invariant", "Patient.text.div"]],
    ["no content", { ...patient, ...div(" <p> </p>") }, ["invariant", "Patient.text.div"]],
    ["no namespace", { ...patient, text: { status: "generated", div: "<div>a</div>" } }, ["invariant", "Patient.text.div"]],
    ["no div", { ...patient, text: { status: "generated", div: "<p>a</p>" } }, ["invariant", "Patient.text.div"]],
    ["div missing", { ...patient, text: { status: "generated" } }, ["required", "Patient.text"]],
  ],
  "resource.html": [
    ["no type", { id: "1" }, ["structure", "Resource"]],
    ["unknown type", { resourceType: "Pacient" }, ["structure", "Pacient"]],
    ["abstract type", { resourceType: "DomainResource" }, ["structure", "DomainResource"]],
    ["a type of Medplum", { resourceType: "Bot" }, ["structure", "Bot"]],
    ["a datatype", { resourceType: "ParameterDefinition" }, ["structure", "ParameterDefinition"]],
    ["no object", [patient], ["structure", "Resource"]],
    ["nothing", null, ["structure", "Resource"]],
  ],
};

for (const [page, rows] of Object.entries(groups))
  for (const [title, resource, ...faults] of rows)
    test(`${page}: ${title}`, () => {
      const issues = validateResource(resource);
      assert.deepEqual(issues.map(i => [i.code, i.expression]), faults, issues.map(i => i.text).join("\n"));
      for (const issue of issues) assert.ok(issue.text.startsWith(issue.expression!), issue.text);
    });

const sound: [string, object][] = [
  ["primitive extension in place of a value", { ...patient, _birthDate: extension({ valueString: "x" }) }],
  ["required code absent with a reason", { resourceType: "Observation", _status: extension({ valueCode: "unknown" }), code: { text: "x" } }],
  ["null padding on both sides", { ...patient, name: [{ given: ["A", null, "C"], _given: [null, extension({ valueString: "x" }), null] }] }],
  ["twin with an id beside a value", { ...patient, birthDate: "2000", _birthDate: { id: "b" } }],
  ["leap day, leap second, fraction, zone", { ...observation, effectiveDateTime: "2000-02-29T23:59:60.123456+14:00" }],
  ["base64 with line breaks", { resourceType: "Binary", contentType: "text/plain", data: "YWJj\nZGU=\n" }],
  ["self and sister references of contained", {
    ...observation, contained: [{ resourceType: "Patient", id: "p", generalPractitioner: [{ reference: "#d" }] }, { resourceType: "Practitioner", id: "d" }],
    subject: { reference: "#p" }, hasMember: [{ reference: "#" }],
  }],
  ["references elsewhere", { ...observation, subject: { reference: "https://example.org/fhir/Patient/1" }, performer: [{ reference: "urn:uuid:c757873d-ec9a-4326-a141-556f43239520" }, { reference: "Practitioner?identifier=1" }, { reference: "Patient/1/_history/2" }, { display: "x" }] }],
  ["concept with a second coding", { resourceType: "Condition", subject: { display: "x" }, clinicalStatus: { coding: [{ system: "http://example.org", code: "x" }, { system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "remission" }] } }],
  ["narrative with numeric references and a link", { ...patient, ...div('<p>a&#160;b &apos;&#xE9;&apos; <a href="javascript-guide.html?a=1&amp;b=2">c</a></p>') }],
  ["narrative with entities, comment, image", { ...patient, ...div('<!-- c --><p class="a">&lt;b&gt; &amp; <img src="x.png" alt="x"/><br/></p>') }],
  ["a currency and a MIME type that no local value set lists", { resourceType: "Invoice", status: "draft", totalNet: { value: 1, currency: "CNY" } }],
  ["Bundle entry with its own contained", { resourceType: "Bundle", type: "collection", entry: [{ resource: { ...observation, contained: [{ resourceType: "Patient", id: "p" }], subject: { reference: "#p" } } }] }],
];
for (const [title, resource] of sound) test(`sound: ${title}`, () => assert.deepEqual(validateResource(resource), []));

test("messages say how to mend", () => {
  assert.match(validateResource({ ...patient, brithDate: "2000" })[0]!.text, /did you mean "birthDate"\?/);
  assert.match(validateResource({ ...observation, value: 1 })[0]!.text, /write its type too: valueQuantity/);
  assert.match(validateResource({ ...patient, gender: "m" })[0]!.text, /allowed: male, female, other, unknown/);
});

test("issues are bounded", () => {
  const many = { ...patient, name: Array.from({ length: 500 }, () => ({ family: 1 })) };
  assert.equal(validateResource(many).length, 100);
  assert.equal(validateResource(many, { issuesMax: 3 }).length, 3);
});

test("property: any JSON value gets an answer, never an exception", () => {
  const shape = fc.letrec<{ any: unknown }>(tie => ({
    any: fc.oneof({ depthSize: "small" }, fc.jsonValue(), fc.dictionary(fc.constantFrom("resourceType", "extension", "contained", "name", "given", "_given", "value", "valueQuantity", "text", "div", "entry", "resource", "reference", "url", "id"), tie("any"))),
  })).any;
  fc.assert(fc.property(fc.constantFrom("Patient", "Observation", "Bundle", "Parameters"), shape, (resourceType, body) => {
    const issues = validateResource(typeof body === "object" && body !== null ? { ...body, resourceType } : body);
    assert.ok(issues.length <= 100);
  }), { numRuns: 500 });
});

test("a tower of extensions ends with an issue", () => {
  let tower: object = { url: "u", valueString: "x" };
  for (let i = 0; i < 5000; i++) tower = { url: "u", extension: [tower] };
  assert.ok(validateResource({ ...patient, extension: [tower] }).some(issue => issue.code === "too-long"));
});
