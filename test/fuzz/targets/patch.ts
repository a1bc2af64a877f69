/** JSON Patch, FHIRPath Patch and XML Patch: the patch, a line "---", then the resource. */
import assert from "node:assert/strict";
import { partsOf, type Target } from "../target.ts";

const patient = '{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"Li","given":["Wei","Hua"]},{"given":["Mei"]}],"birthDate":"1980","_birthDate":{"id":"b"}}';
const parameters = (type: string, path: string, rest: string): string => `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"${type}"},{"name":"path","valueString":"${path}"}${rest}]}]}\n---\n${patient}`;

export const target: Target = {
  rooms: ["src/fhir/patch/"],
  seeds: [
    `[{"op":"test","path":"/id","value":"p"},{"op":"add","path":"/name/-","value":{"family":"x"}},{"op":"move","from":"/name/0","path":"/name/1"},{"op":"copy","from":"/name/0/given","path":"/name/1/given"},{"op":"replace","path":"/active","value":false},{"op":"remove","path":"/birthDate"}]\n---\n${patient}`,
    `[{"op":"add","path":"/__proto__/polluted","value":1},{"op":"add","path":"/constructor/prototype/x","value":1},{"op":"copy","from":"","path":"/a~0b~1c"}]\n---\n${patient}`,
    parameters("replace", "Patient.name[0].given[1]", ',{"name":"value","valueString":"x"}'), parameters("add", "Patient", ',{"name":"name","valueString":"contact"},{"name":"value","part":[{"name":"name","part":[{"name":"text","valueString":"a"}]}]}'), parameters("insert", "Patient.name", ',{"name":"index","valueInteger":1},{"name":"value","valueHumanName":{"family":"y"}}'), parameters("move", "Patient.name", ',{"name":"source","valueInteger":0},{"name":"destination","valueInteger":1}'), parameters("delete", "Patient.birthDate", ""),
    `<diff xmlns:f="http://hl7.org/fhir"><add sel="f:Patient/f:name[1]" pos="after"><name xmlns="http://hl7.org/fhir"><family value="z"/></name></add><replace sel="f:Patient/f:active/@value">false</replace><remove sel="/f:Patient/f:name[f:family/@value='Li']/f:given[2]"/></diff>\n---\n${patient}`,
    `<diff xmlns="http://hl7.org/fhir"><add sel="*/name[2]" type="@id">q</add><remove sel="id('b')" ws="both"/><replace sel="Patient/*[last()]"><gender value="male"/></replace><add sel="Patient/text()[1]" pos="prepend"><!-- c --></add></diff>\n---\n${patient}`,
  ],
  words: ['"op":"', '"path":"', '"from":"', "/-", "~0", "~1", "__proto__", "constructor", "/name/0", "[1]", "[last()]", "@value", "text()", "comment()", "namespace::x", " pos=", " type=", "Patient.", ".where(true)", '"valueInteger":', '"part":['],
  giants: () => [
    `[${'{"op":"test","path":"/id","value":"p"},'.repeat(100_000)}{}]\n---\n${patient}`, `[${'{"op":"copy","from":"","path":"/x"},'.repeat(60)}{"op":"copy","from":"","path":"/x"}]\n---\n${patient}`, `[{"op":"add","path":"${"/a".repeat(1_000_000)}","value":1}]\n---\n${patient}`, `[{"op":"add","path":"/a","value":"${"x".repeat(10_000_000)}"}]\n---\n${patient}`, `[{"op":"move","from":"/name/${"0".repeat(1_000_000)}","path":"/a"}]\n---\n${patient}`,
    parameters("replace", `Patient${".name".repeat(20_000)}`, ',{"name":"value","valueString":"x"}'), parameters("delete", `${"(".repeat(50_000)}`, ""), `<diff xmlns="http://hl7.org/fhir">${'<remove sel="Patient/name[1]"/>'.repeat(50_000)}</diff>\n---\n${patient}`, `<diff xmlns="http://hl7.org/fhir"><remove sel="${"Patient/".repeat(200_000)}"/></diff>\n---\n${patient}`, `<diff xmlns="http://hl7.org/fhir"><remove sel="Patient${"[name]".repeat(50_000)}"/></diff>\n---\n${patient}`, `<diff xmlns="http://hl7.org/fhir">${"<add sel='Patient'><name><text value='x'/></name></add>".repeat(900)}</diff>\n---\n${patient}`,
  ],
  async open() {
    const { jsonPatchText } = await import("#fhir/patch/json/json-patch.ts");
    const { fhirPathPatchText } = await import("#fhir/patch/fhirpath/fhirpath-patch.ts");
    const { xmlPatchText } = await import("#fhir/patch/xml/xml-patch.ts");
    const { parseJson } = await import("#fhir/json/document.ts");
    return (input) => {
      const [patch, resource] = partsOf(input);
      // A patch is applied to a stored resource, so to one that has passed the door.
      if (!parseJson(resource).ok) return;
      for (const apply of patch.trimStart().startsWith("<") ? [xmlPatchText] : [jsonPatchText, fhirPathPatchText]) {
        const patched = apply(resource, patch);
        if (!patched.ok) { assert.ok(patched.failure.text.length > 8); continue; }
        const result = parseJson(patched.value, { depthMax: 128 }); // a patch may nest what the caller's door then refuses
        assert.ok(result.ok, result.ok ? "" : result.failure.text);
      }
    };
  },
};
