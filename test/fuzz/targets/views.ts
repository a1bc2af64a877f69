/** ViewDefinitions: compiled or refused by place; rows of any kind into every format. */
import assert from "node:assert/strict";
import type { Resource } from "#fhir/resource.ts";
import { textOf, type Target } from "../target.ts";

const patients = [
  { resourceType: "Patient", id: "p", active: true, birthDate: "1980-05-06", multipleBirthInteger: 3, name: [{ use: "official", family: "Li", given: ["Wei", "Hua"], period: { start: "2001" } }, { given: ["Mei", null], _given: [null, { extension: [{ url: "u" }] }] }], extension: [{ url: "u", valueDecimal: 1.5 }], contact: [{ telecom: [{ value: "1", rank: 2 }] }], link: [{ other: { reference: "Patient/q" } }] },
  { resourceType: "Patient", id: 5, name: { family: ["x"] }, active: "yes", birthDate: null, multipleBirthInteger: 1e300, contact: [[{ telecom: "x" }]], extension: { url: "u" }, __proto__: { a: 1 } },
] as unknown as Resource[];

export const target: Target = {
  rooms: ["src/fhir/views/"],
  seeds: [
    '{"resource":"Patient","constant":[{"name":"c","valueString":"official"}],"where":[{"path":"active = true"}],"select":[{"column":[{"name":"id","path":"getResourceKey()"},{"name":"row","path":"%rowIndex"}]},{"forEach":"name","column":[{"name":"family","path":"family","type":"string"},{"name":"given","path":"given","collection":true}],"select":[{"forEachOrNull":"given","column":[{"name":"g","path":"$this"}]}]}]}',
    '{"resource":"Patient","select":[{"unionAll":[{"forEach":"name","column":[{"name":"a","path":"use"}]},{"column":[{"name":"a","path":"id"}]}]},{"repeat":["contact","telecom"],"column":[{"name":"v","path":"value.join(\',\')"},{"name":"r","path":"rank","type":"integer"}]}]}',
    '{"resourceType":"ViewDefinition","name":"v","status":"draft","resource":"Patient","select":[{"column":[{"name":"e","path":"extension(\'u\').value.ofType(decimal).lowBoundary()","type":"decimal","tag":[{"name":"ansi/type","value":"DECIMAL"}]},{"name":"k","path":"link.other.getReferenceKey(Patient)"},{"name":"w","path":"name.where(use = %resource.id).exists()"},{"name":"m","path":"multipleBirth.ofType(integer)"}]}]}',
  ],
  words: ['"select":[', '"column":[', '"forEach":"', '"forEachOrNull":"', '"unionAll":[', '"repeat":["', '"where":[{"path":"', '"constant":[{"name":"', '"collection":true', '"type":"boolean"', '"type":"base64Binary"', '"name":"__proto__"', '"name":"constructor"', "name.given", "descendants()", "$this", "%rowIndex", "%c", "first()"],
  giants: () => [
    `{"resource":"Patient","select":${'[{"select":'.repeat(3000)}[]${"}]".repeat(3000)}}`, `{"resource":"Patient","select":${'[{"unionAll":'.repeat(3000)}[]${"}]".repeat(3000)}}`, `{"resource":"Patient","select":[{"column":[${Array.from({ length: 5000 }, (_, i) => `{"name":"c${i}","path":"name.given"}`).join(",")}]}]}`, `{"resource":"Patient","select":[{"column":[{"name":"a","path":"${"name.".repeat(13_000)}"}]}]}`, `{"resource":"Patient","select":[{"column":[{"name":"a","path":"${"(".repeat(60_000)}"}]}]}`, `{"resource":"Patient","select":[${'{"forEach":"name.given","column":[]},'.repeat(12)}{"column":[{"name":"a","path":"id"}]}]}`, `{"resource":"Patient","select":[{"repeat":["$this"],"column":[{"name":"a","path":"id"}]}]}`, `{"resource":"Patient","constant":[${Array.from({ length: 20_000 }, (_, i) => `{"name":"c${i}","valueString":"x"}`).join(",")}],"select":[{"column":[{"name":"a","path":"%c1"}]}]}`, `{"resource":"Patient","select":[{"column":[{"name":"${"a".repeat(1_000_000)}","path":"id"}]}]}`,
  ],
  async open() {
    const { compileView } = await import("#fhir/views/compile.ts");
    const { encoder, EncodingFault, formats } = await import("#fhir/views/output/encoder.ts");
    return async (input) => {
      let json: unknown;
      try { json = JSON.parse(textOf(input)); } catch { return; }
      const view = compileView(json);
      if (!view.ok) { assert.ok((view.failure.issues ?? []).every(({ text, expression }) => text.length > 0 && expression !== undefined)); return; }
      for (const format of formats) {
        const out = await encoder(format, view.value.columns);
        let rows = 0, faults = 0;
        for (const resource of patients) {
          const failure = view.value.each(resource, (cells) => {
            rows++;
            try { out.row(cells); } catch (fault) { if (!(fault instanceof EncodingFault)) throw fault; faults++; }
          });
          if (failure) assert.ok(failure.text.startsWith("Patient"), failure.text);
        }
        const bytes = Buffer.concat([...out.take(), ...out.finish()]);
        if (format === "ndjson" && faults === 0) assert.equal(bytes.toString().split("\n").length - 1, rows);
      }
    };
  },
};
