import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { xmlPatchText } from "./xml-patch.ts";

const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p title=\'a\'>x&#160;<br></br></p></div>';
const patient = JSON.stringify({
  resourceType: "Patient", id: "p", text: { status: "generated", div }, name: [{ use: "official", family: "Li" }, { use: "usual", given: ["Mei"] }], birthDate: "1980",
  contained: [{ resourceType: "Organization", id: "o" }],
});

function patch(operations: string): string {
  return `<diff xmlns="http://hl7.org/fhir">${operations}</diff>`;
}

function patched(operations: string, source = patient): Record<string, unknown> {
  const result = xmlPatchText(source, patch(operations));
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return JSON.parse(result.value) as Record<string, unknown>;
}

test("values, elements and attributes of a resource; the narrative stays as written", () => {
  const value = patched(`<replace sel="f:Patient/f:birthDate/@value">1981</replace>
    <add sel="Patient"><active value="true"/></add>
    <remove sel="/f:Patient/f:name[f:use/@value='usual']/f:given[1]"/>
    <add sel="f:Patient/f:name[1]" type="@id">n1</add>
    <replace sel="f:Patient/f:name[2]"><name><text value="M"/></name></replace>
    <add sel="f:Patient/f:contained/f:Organization"><name value="Org"/></add>`);
  assert.deepEqual(value, { resourceType: "Patient", id: "p", text: { status: "generated", div }, contained: [{ resourceType: "Organization", id: "o", name: "Org" }], active: true, name: [{ id: "n1", use: "official", family: "Li" }, { text: "M" }], birthDate: "1981" });
});

test("the narrative can be patched too, with a prefix of its own", () => {
  const value = patched('<replace xmlns:h="http://www.w3.org/1999/xhtml" sel="f:Patient/f:text/h:div/h:p/text()[1]">new &lt; text</replace>');
  assert.equal((value.text as { div: string }).div, '<div xmlns="http://www.w3.org/1999/xhtml"><p title="a">new &lt; text<br/></p></div>');
});

test("number literals are kept", () => {
  const source = '{"resourceType":"Observation","status":"final","valueQuantity":{"value":1.50}}';
  const result = xmlPatchText(source, patch('<replace sel="f:Observation/f:status/@value">amended</replace>'));
  assert.ok(result.ok && result.value === source.replace("final", "amended"));
});

const faults: readonly [string, RegExp][] = [
  ["", /no operation/],
  ['<frob sel="f:Patient"/>', /\[0\] \(frob "f:Patient"\)/],
  ["<remove/>", /"sel" is missing/],
  ['<remove sel="f:Patient/f:photo"/>', /finds nothing/],
  ['<remove sel="f:Patient/f:birthDate"/><remove sel="f:Patient/f:name"/>', /operation \[1\].*finds 2 nodes/],
  ['<remove sel="f:Patient"/>', /root element/],
  ['<remove sel="x:Patient"/>', /prefix x is not declared/],
  ['<remove sel="//f:name"/>', /not expected/],
  ['<remove sel="id(\'x\')"/>', /not supported/],
  ['<remove sel="f:Patient/f:name[0]"/>', /count from 1/],
  ['<remove sel="f:Patient/f:name["/>', /too early/],
  ['<remove sel="f:Patient/f:name[1"/>', /expected "]"/],
  [`<remove sel="${"f:Patient[".repeat(300)}"/>`, /deeper than 20/],
  [`<remove sel="${"f:a/".repeat(1500)}"/>`, /at most 4000/],
  ['<remove sel="f:Patient/ancestor::f:x"/>', /axis ancestor/],
  ['<remove sel="f:Patient/f:birthDate" ws="before"/>', /no white space/],
  ['<add sel="f:Patient" pos="before"><Patient/></add>', /one root/],
  ['<add sel="f:Patient" pos="inside"><name/></add>', /"pos"/],
  ['<add sel="f:Patient/f:birthDate" type="@value">x</add>', /there already/],
  ['<replace sel="f:Patient/f:birthDate"><a/><b/></replace>', /exactly one/],
  ['<add sel="f:Patient"><nonsense value="1"/></add>', /no FHIR any more.*nonsense/],
  ['<replace sel="f:Patient"><Patient2/></replace>', /no R4 resource/],
  ['<remove sel="f:Patient/f:birthDate/@value"/>', /neither a value/],
];

test("faults name the operation, the selector and the reason", () => {
  for (const [operations, reason] of faults) {
    const result = xmlPatchText(patient, patch(operations));
    assert.ok(!result.ok, operations);
    assert.match(result.failure.text, reason);
  }
});

test("depth is bounded", () => {
  const nest = `${"<extension url='u'>".repeat(80)}${"</extension>".repeat(80)}`;
  const operations = Array.from({ length: 10 }, (_, i) => `<add sel="*${"/*[1]".repeat(80 * i)}">${nest}</add>`).join("");
  const result = xmlPatchText('{"resourceType":"Patient"}', patch(operations));
  assert.ok(!result.ok && /deeper than/.test(result.failure.text), JSON.stringify(result).slice(0, 300));
});

test("no selector makes it throw", () => {
  const piece = fc.constantFrom("f:Patient", "/", "f:name", "[1]", "[", "]", "@value", "@", "text()", "*", "'", "'x'", "=", "node()", "last()", "..", ".", "::", "f:", "(", "namespace::f", " ");
  fc.assert(fc.property(fc.array(piece, { maxLength: 10 }), pieces => {
    for (const operation of ["add", "replace", "remove"]) xmlPatchText(patient, patch(`<${operation} sel="${pieces.join("")}">x</${operation}>`));
  }), { numRuns: 300 });
});
