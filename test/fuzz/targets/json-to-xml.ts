/** JSON → XML → JSON: what is written reads the same again; member order aside, which XML fixes. */
import assert from "node:assert/strict";
import { textOf, type Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/xml/"],
  seeds: [
    '{"resourceType":"Patient","id":"a","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">\\n <p>A &lt; B<br/>&#160;</p></div>"},"extension":[{"url":"http://e","valueDecimal":1.50}],"name":[{"id":"n","family":"Li","given":["Wei",null],"_given":[null,{"extension":[{"url":"u","valueCode":"m"}]}]}],"active":true,"birthDate":"1980","_birthDate":{"id":"b"},"multipleBirthInteger":2}',
    '{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:x","resource":{"resourceType":"List","contained":[{"resourceType":"Patient","id":"p"}],"status":"current","mode":"working"}}]}',
  ],
  words: ['"_given":[', "null", '"extension":[', '"valueString":', '"contained":[', "\\u0000", "\\n", "\\ud800", '"__proto__":', "1e400", "-0", '"div":"<div>'],
  giants: () => [
    `{"resourceType":"Patient","extension":${'[{"url":"u","extension":'.repeat(30)}[]${"}]".repeat(30)}}`, `{"resourceType":"Patient","language":"${"<".repeat(2_000_000)}"}`, `{"resourceType":"Patient","name":[${'{"given":["x"]},'.repeat(100_000)}{}]}`, `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'>${"<p>".repeat(300_000)}"}}`,
  ],
  async open() {
    const { jsonFromXml } = await import("#fhir/xml/from-xml.ts");
    const { xmlFromJson } = await import("#fhir/xml/to-xml.ts");
    return (input) => {
      const text = textOf(input);
      const xml = xmlFromJson(text);
      if (!xml.ok) return;
      const json = jsonFromXml(xml.value);
      assert.ok(json.ok, json.ok ? "" : `${json.failure.text}\n${xml.value}`);
      const second = xmlFromJson(json.value);
      assert.ok(second.ok, second.ok ? "" : second.failure.text);
      assert.equal(second.value, xml.value);
    };
  },
};
