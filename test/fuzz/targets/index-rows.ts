/** Index rows of any JSON that calls itself a resource. */
import assert from "node:assert/strict";
import type { Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/search/"],
  seeds: [
    '{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1-2","display":"x"}],"text":"y"},"subject":{"reference":"Patient/1","identifier":{"value":"z"}},"effectivePeriod":{"start":"2020-01-01T10:00:00+08:00","end":"2020-02"},"valueQuantity":{"value":5.50,"comparator":"<","unit":"mg","system":"http://unitsofmeasure.org","code":"mg/dL"},"component":[{"code":{"text":"c"},"valueSampledData":{"origin":{"value":0}}}]}',
    '{"resourceType":"Patient","name":[{"family":"Ärz","given":["a","b"],"text":"t"}],"birthDate":"1980-05","deceasedBoolean":true,"telecom":[{"system":"phone","value":"1"}],"address":[{"line":["x"],"city":"y"}],"identifier":[{"system":"s","value":"v","type":{"coding":[{"code":"MR"}]}}],"generalPractitioner":[{"reference":"http://x/Practitioner/1/_history/2"}]}',
    '{"resourceType":"ActivityDefinition","url":"http://x","useContext":[{"code":{"code":"a"},"valueRange":{"low":{"value":1},"high":{"value":2}}}],"effectivePeriod":{"start":"2020"}}', '{"resourceType":"Appointment","start":"2020-01-01T10:00:00Z","participant":[{"actor":{"reference":"#x"}}],"contained":[{"resourceType":"Patient","id":"x"}]}',
  ],
  words: ['"valueDateTime":', '"repeat":{"boundsPeriod":', '"event":[', '"2020-13-45"', '"24:00:00"', "1e308", "null", "[]", '"reference":'],
  giants: () => [
    `{"resourceType":"Patient","name":[${'{"family":"x"},'.repeat(100_000)}{}]}`, `{"resourceType":"Patient","name":[{"family":"${"e\u0301".repeat(1_000_000)}"}]}`, `{"resourceType":"Observation","valueQuantity":{"value":${"9".repeat(100_000)},"code":"${"m.".repeat(100_000)}","system":"http://unitsofmeasure.org"}}`, `{"resourceType":"Observation","effectiveDateTime":"${"2020-".repeat(1_000_000)}","subject":{"reference":"${"Patient/".repeat(500_000)}"}}`,
    `{"resourceType":"Patient","name":[{"family":"${"a-".repeat(500_000)}"}]}`,
    `{"resourceType":"MedicationRequest","contained":[${Array.from({ length: 20_000 }, (_, i) => `{"resourceType":"Organization","id":"${i}","partOf":{"reference":"#${i + 1}"}}`).join(",")}]}`,
    `{"resourceType":"Questionnaire","item":${'[{"item":'.repeat(30)}[]${"}]".repeat(30)}}`, `{"resourceType":"Observation","component":[${'{"code":{"coding":[{"code":"a"}]},"valueQuantity":{"value":1}},'.repeat(20_000)}{}]}`,
  ],
  async open() {
    const { parseDocument } = await import("#fhir/json/document.ts");
    const { indexRows } = await import("#fhir/search/index-rows.ts");
    return (input) => {
      const document = parseDocument(input);
      if (!document.ok) return;
      const rows = indexRows(document.value.value);
      // Some texts stand under several parameters, and family names under their parts; nothing grows as a square.
      // Contained resources know each other.
      const laidOut = { ...rows, contained: rows.contained.map(({ rows: own }) => ({ ...own, contained: undefined })) };
      assert.ok(JSON.stringify(laidOut).length <= 10_000 + 100 * input.length, "the rows are out of proportion");
    };
  },
};
