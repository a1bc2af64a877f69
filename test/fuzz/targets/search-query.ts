/** The query of a search: its type is the text before the question mark. */
import assert from "node:assert/strict";
import { textOf, type Target } from "../target.ts";

export const target: Target = {
  rooms: ["src/fhir/search/", "src/fhir/compartment/"],
  seeds: [
    "Observation?code=http://loinc.org|1234-5,x&date=ge2020-01-01&date=lt2021&value-quantity=gt5.4|http://unitsofmeasure.org|mg&_sort=-date,code&_count=10&_include=Observation:subject", "Patient?name:exact=a\\,b&birthdate=eq1980-05&_has:Observation:patient:code=1-2&gender:not=male&identifier=|x&_total=accurate", "Observation?subject:Patient.name=li&patient.identifier=a|b&component-code-value-quantity=a$gt5&combo-code:missing=true&status:in=x",
    "Encounter?_id=1,2&_lastUpdated=ap2020-01-01T10:00:00Z&date-start=sa2020&_elements=id,status&_summary=count&_revinclude:iterate=Observation:encounter", "ValueSet?url=http://x/%E4%BD%A0&url:below=http://x&_text=a&_filter=name%20eq%20a&_cursor=abc", "RiskAssessment?probability=le0.8e-1&_tag=a|b&_profile=http://p&_security=x",
  ],
  words: ["&", "=", "|", ",", "\\,", "$", ":exact", ":contains", ":missing", ":not", ":below", ":of-type", ":text", ":identifier", "_has:", "_include", "_revinclude", "_sort", "_count", "__proto__", "constructor", "%00", "%ED%A0%80", "%", "+", "ge", "sa", "ap", "9999-12-31", "0000", ".", "Patient", "Observation"],
  lengthMax: 1024,
  giants: () => [
    `Observation?${"a&".repeat(2_000_000)}`, `Observation?code=${"x,".repeat(30_000)}`, `Observation?code=${"\\".repeat(60_000)}`, `Observation?code=${"%41".repeat(20_000)}`, `Observation?subject${":Patient.subject".repeat(4000)}=x`, `Observation?${"_has:Observation:patient:".repeat(2500)}code=x`, `Observation?date=${"2020-01-01T".repeat(5000)}`, `Observation?value-quantity=${"9".repeat(60_000)}`, `Observation?_sort=${"-date,".repeat(10_000)}`, `Observation?code=${"|".repeat(60_000)}`, `Patient?name=${"ä".repeat(30_000)}`, `Observation?value-quantity=5||${"m.".repeat(30_000)}`, `Observation?_include=${":".repeat(60_000)}`,
  ],
  async open() {
    const { parseQuery } = await import("#fhir/search/query.ts");
    return (input) => {
      const text = textOf(input), at = text.indexOf("?");
      const type = text.slice(0, Math.max(at, 0)), raw = text.slice(at + 1);
      for (const handling of ["strict", "lenient"] as const) {
        const parsed = parseQuery(type, raw, { handling });
        if (!parsed.ok) assert.ok(parsed.failure.text.length > 8 && parsed.failure.text.length < 100_000, parsed.failure.text); // one sentence a parameter, at most 100
      }
    };
  },
};
