/** FHIRPath: any text is refused by place or gives items or a Failure, twice the same. */
import assert from "node:assert/strict";
import type { Resource } from "#fhir/resource.ts";
import { textOf, type Target } from "../target.ts";

const patient = {
  resourceType: "Patient", id: "p", active: true, birthDate: "1980-05-06", _birthDate: { extension: [{ url: "urn:x", valueString: "y" }] },
  name: [{ use: "official", family: "Li", given: ["Wei", "Hua"], period: { start: "2001", end: "2020-01-31" } }, { given: ["Mei"] }],
  telecom: [{ system: "phone", value: "1", rank: 1 }], multipleBirthInteger: 2, maritalStatus: { coding: [{ system: "urn:m", code: "M" }] },
  extension: [{ url: "urn:q", valueQuantity: { value: 5.5, unit: "kg", system: "http://unitsofmeasure.org", code: "kg" } }],
  generalPractitioner: [{ reference: "Practitioner/1" }, { reference: "#c" }], contained: [{ resourceType: "Practitioner", id: "c" }],
} as Resource;

export const target: Target = {
  rooms: ["src/fhir/fhirpath/"],
  seeds: [
    "Patient.name.where(use = 'official').given.first() & ' ' & name.family", "(1 | 2 | 3).aggregate($this + $total, 0) > 5", "birthDate + 3 months < today()", "name.given.select($this.length() + $index).sum()", "iif(active, 'a', 'b').matches('^[a-c]+$')", "extension('urn:q').value.ofType(Quantity) > 5000 'g'",
    "@2020-02-29T10:30:00.5+14:00 - 1 year = @T10:30", "defineVariable('v', name).select(%v.given | %context.id).sort(-$this)", "descendants().where($this is HumanName).repeat(children()).count() mod 3", "'a,b'.split(',').join(';').encode('base64').decode('base64').replaceMatches('(?<x>a)', '${x}')", "1.5.lowBoundary(8) ~ 1.50.highBoundary()", "generalPractitioner.resolve().id contains 'c' implies {}.exists() xor -1.abs() in (1|2)", "telecom.rank.toString().toQuantity('kg').convertsToInteger()", "name.trace('x', given).children()[1].type().name", "`name`.%`vs-x` // c\n /* d */",
  ],
  words: ["$this", "$index", "$total", "%context", "%resource", "@2020-01-01T10:00:00Z", "@T10:30", "1 'mg'", "3 days", "{}", "'(a+)+$'", "'\\u0041'", "1.0000000000000000000000000000001", "2147483647", "()", ".", "(", ")", "[0]", "name.given", "birthDate", "ofType(Quantity)"],
  lengthMax: 1024,
  giants: () => [
    "(".repeat(60_000), "a.".repeat(30_000), `${"-".repeat(60_000)}1`, `'${"x".repeat(10_000_000)}'`, "1+".repeat(30_000), `${"iif(true,".repeat(8000)}1`, "a[".repeat(20_000), `/*${"*".repeat(60_000)}`, `'${"\\u0041".repeat(10_000)}'`, `@${"2".repeat(60_000)}`, `${"9".repeat(60_000)}.${"9".repeat(60_000)}`,
    "'a'.replace('', '0123456789')".replace("'a'", "'0123456789'.replace('', '0123456789').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789')"), "(1|2|3|4|5|6|7|8|9).repeat($this | 0 | 10).aggregate($total & $this.toString() & $total)", "2.power(1000000)", "1.5.power(99999)", "(1.1).round(100000)", "1e0 * 10", "'x'.toQuantity()", "1 'm9'.power(2)",
  ],
  async open() {
    const { compile, Node } = await import("#fhir/fhirpath/compile.ts");
    const { evaluateWithPlaces } = await import("#fhir/fhirpath/places.ts");
    const now = new Date(0);
    return (input) => {
      const expression = textOf(input);
      const open = compile(expression);
      compile(expression, { type: "Patient", strict: true });
      const typed = compile(expression, { type: "Patient" });
      if (!typed.ok) { assert.match(typed.failure.text, /^FHIRPath( \d+:\d+)?: /); return; }
      assert.ok(open.ok, open.ok ? "" : open.failure.text);
      evaluateWithPlaces(typed.value, patient, { now });
      const items = typed.value.evaluate(patient, { now });
      assert.deepEqual(typed.value.evaluate(new Node(patient, "Patient"), { now }), items);
      if (items.ok) assert.deepEqual(open.value.evaluate(patient, { now }), items);
    };
  },
};
