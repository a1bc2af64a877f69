/** Validation, structural and against a resource's own invariants: any JSON gives issues, each with its words and place. */
import assert from "node:assert/strict";
import type { Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/validate/"],
  seeds: [
    '{"resourceType":"Observation","id":"o","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/vitalsigns"]},"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p class=\\"x\\">a <b>b</b></p><img src=\\"#c\\"/></div>"},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2020-02-29","valueQuantity":{"value":5.5,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"},"contained":[{"resourceType":"Patient","id":"c"}],"extension":[{"url":"http://x","valueString":"y"}],"modifierExtension":[{"url":"http://m","valueBoolean":true}]}',
    '{"resourceType":"Bundle","type":"document","identifier":{"system":"urn:x","value":"1"},"timestamp":"2020-01-01T00:00:00Z","entry":[{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"Composition","status":"final","type":{"text":"t"},"date":"2020","author":[{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1"}],"title":"x"}},{"fullUrl":"http://x/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1","birthDate":"1980-02-30","_birthDate":{"extension":[{"url":"u","valueCode":"c"}]},"name":[{"given":["a",null],"_given":[null,{"id":"g"}]}]}}]}',
    '{"resourceType":"StructureDefinition","url":"http://x/p","name":"P","status":"draft","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient.name","path":"Patient.name","min":1,"slicing":{"discriminator":[{"type":"value","path":"use"}],"rules":"open"}},{"id":"Patient.name:o","path":"Patient.name","sliceName":"o","constraint":[{"key":"k","severity":"error","human":"h","expression":"given.exists()"}]}]}}',
    '{"resourceType":"QuestionnaireResponse","questionnaire":"#q","status":"completed","contained":[{"resourceType":"Questionnaire","id":"q","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"1.1","type":"integer","required":true,"enableWhen":[{"question":"1.2","operator":"exists","answerBoolean":true}]}]}]}],"item":[{"linkId":"1","item":[{"linkId":"1.1","answer":[{"valueInteger":5}]}]}]}',
    '{"resourceType":"ValueSet","status":"draft","compose":{"include":[{"system":"http://x","concept":[{"code":"a"}],"filter":[{"property":"p","op":"is-a","value":"v"}]},{"valueSet":["http://y"]}]}}',
  ],
  words: ['"resourceType":"', '"extension":[', '"url":"', '"reference":"#', '"_id":', "null", "[]", "{}", '"valueCodeableConcept":', '"contained":[', "<script>", "onclick", "javascript:", '"status":"', '"profile":["', '"linkId":"', '"path":"Patient.'],
  giants: () => [
    `{"resourceType":"Patient","name":[${'{"given":["x"],"period":{"start":"2020"}},'.repeat(20_000)}{}]}`, `{"resourceType":"Patient","extension":${'[{"url":"u","extension":'.repeat(30)}[]${"}]".repeat(30)}}`, `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'>${"<p a='".repeat(200_000)}"}}`, `{"resourceType":"Patient","text":{"status":"generated","div":"${"<!--".repeat(500_000)}"}}`, `{"resourceType":"Patient","birthDate":"${"1980-".repeat(1_000_000)}","id":"${"a".repeat(1_000_000)}"}`,
    `{"resourceType":"Observation","contained":[${Array.from({ length: 2000 }, (_, i) => `{"resourceType":"Patient","id":"p${i}"}`).join(",")}]}`, `{"resourceType":"Basic","meta":{"profile":[${'"http://x/y",'.repeat(5000)}"z"]}}`,
  ],
  async open() {
    const { parseDocument } = await import("#fhir/json/document.ts");
    const { createValidator } = await import("#fhir/validate/validator.ts");
    const { validateResource } = await import("#fhir/validate/validate.ts");
    const validator = createValidator();
    return (input) => {
      const document = parseDocument(input);
      if (!document.ok) return;
      const issues = [...validateResource(document.value.value), ...validator.validate(document.value.value).issues];
      for (const { text, expression } of issues) assert.ok(text.length > 5 && expression !== undefined && expression !== "", JSON.stringify({ text, expression }));
    };
  },
};
