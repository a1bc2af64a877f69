/** The JSON door, and what works on text that passed it: restamp, references, Bundle entries, number literals. */
import assert from "node:assert/strict";
import type { Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/json/"],
  seeds: [
    '{"resourceType":"Patient","id":"a","meta":{"versionId":"1","tag":[{"code":"x"}]},"name":[{"family":"\\u00c4 \\ud83d\\ude00","given":["b"]}],"contact":[]}',
    '{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"1"},"request":{"method":"PUT","url":"Patient/1","ifMatch":"W/\\"1\\""}},{"resource":{"resourceType":"Observation","subject":{"reference":"Patient/1"}},"request":{"method":"POST","url":"Observation","ifNoneExist":"a=b"}}]}',
    '{ "id" : "x",\n "resourceType" : "Observation", "valueQuantity": {"value": 1.50e-3, "unit":"mg"}, "text": {"div": "<div><a href=\\"Patient/1\\">x</a></div>"} }',
    '[1,-0.5,true,false,null,"\\n\\t\\\\"]', '\ufeff{"resourceType":"Basic","__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}', Uint8Array.of(0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d),
  ],
  words: ['"resourceType":', '"id":', '"meta":', '"entry":[', '"__proto__":', "\\u0000", "\\ud800", "e+", '"reference":"', ",", ":", "{}", "[]"],
  giants: () => [
    "[".repeat(5_000_000), '{"a":'.repeat(1_000_000), `${"[".repeat(60)}${"[],".repeat(1_000_000)}[]${"]".repeat(60)}`, `{"resourceType":"Basic","a":"${"x".repeat(10_000_000)}"}`, `{"resourceType":"Basic","a":"${"\\u00e4".repeat(1_500_000)}`, `{"resourceType":"Basic","a":${"9".repeat(1_000_000)}}`,
    `{"resourceType":"Basic",${Array.from({ length: 200_000 }, (_, i) => `"k${i}":0`).join(",")}}`, `{"resourceType":"Basic",${'"a":1,'.repeat(500_000)}"b":1}`, `{"resourceType":"Bundle","entry":[${'{"resource":{"resourceType":"Basic"}},'.repeat(100_000)}{}]}`, Buffer.alloc(5_000_000, 0xff), Buffer.concat([Buffer.alloc(5_000_000, 0x20), Uint8Array.of(0xc3)]), `{"resourceType":"Basic","reference":"${"#".repeat(5_000_000)}"}`,
    `{"resourceType":"Basic","text":{"div":"${"<a href='".repeat(500_000)}"}}`,
  ],
  async open() {
    const { parseDocument, parseJson } = await import("#fhir/json/document.ts");
    const { bundleEntries } = await import("#fhir/json/bundle.ts");
    const { parseLiterals, plain } = await import("#fhir/json/literals.ts");
    const { restamp } = await import("#fhir/json/restamp.ts");
    const { rewriteReferences } = await import("#fhir/json/references.ts");
    return (input) => {
      const any = parseJson(input);
      if (!any.ok) { assert.match(any.failure.text, /line \d+, column \d+|offset \d+|characters|bytes/); return; }
      const literals = parseLiterals(input);
      assert.ok(literals.ok, literals.ok ? "" : literals.failure.text);
      // Of what is large the texts are compared: deepEqual takes longer on a million lists than all that it judges.
      if (input.length > 1_000_000) assert.ok(JSON.stringify(plain(literals.value)) === JSON.stringify(any.value));
      else assert.deepEqual(plain(literals.value), any.value);
      const document = parseDocument(input);
      if (!document.ok) { assert.equal(document.failure.code, "structure"); return; }
      assert.deepEqual(document.value.value, any.value);
      const { text, value } = document.value;
      assert.equal(rewriteReferences(text, () => undefined), text);
      const moved = JSON.parse(rewriteReferences(text, (link) => `${link}-moved`)) as object;
      assert.deepEqual(Object.keys(moved), Object.keys(value));
      if (typeof value.meta !== "object" && value.meta !== undefined) return;
      const stamped = parseDocument(restamp(document.value, { id: "new", meta: { versionId: "7", lastUpdated: "2020-01-01T00:00:00Z" } }));
      assert.ok(stamped.ok, stamped.ok ? "" : stamped.failure.text);
      assert.equal(stamped.value.value.id, "new");
      bundleEntries(input);
    };
  },
};
