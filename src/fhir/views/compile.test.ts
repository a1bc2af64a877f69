import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { compile } from "../fhirpath/compile.ts";
import { cellOf } from "./cell.ts";
import { compileView, type View } from "./compile.ts";
import { parseDigits } from "./read.ts";

function view(definition: object): View {
  const compiled = compileView({ resource: "Patient", ...definition });
  assert(compiled.ok, compiled.ok ? "" : compiled.failure.text);
  return compiled.value;
}

function rows(definition: object, ...resources: Resource[]): unknown[][] {
  const out: unknown[][] = [];
  const compiled = view(definition);
  for (const resource of resources) {
    const failure = compiled.each(resource, (cells) => { out.push([...cells]); });
    assert.equal(failure, undefined);
  }
  return out;
}

/** Data with what is rare in samples: twins, nulls in lists, values missing, elements of the wrong shape. */
const patients: Resource[] = [
  { resourceType: "Patient" },
  {
    resourceType: "Patient", id: "a", active: true, gender: "female", birthDate: "1980-05", deceasedBoolean: false, multipleBirthInteger: 2,
    name: [
      { use: "official", family: "Li", given: ["Wei", null, "Hua"], _given: [null, { extension: [{ url: "u", valueString: "x" }] }, null] },
      { use: "usual", _family: { extension: [{ url: "own", valueString: "van" }] }, given: ["Mei"] },
    ],
    telecom: [{ system: "phone", value: "1", rank: 2 }, { system: "email", value: "a@b" }, { system: "phone", value: "2", rank: 1 }],
    contact: [{ name: { given: ["K"] }, telecom: [{ system: "phone", value: "9" }] }, { gender: "male" }],
    extension: [{ url: "e1", valueCode: "F" }, { url: "e2", extension: [{ url: "in", valueCoding: { code: "c" } }] }],
    managingOrganization: { reference: "http://x.org/fhir/Organization/o1/_history/3" },
    generalPractitioner: [{ reference: "Practitioner/p1" }, { reference: "Organization/o2" }, { reference: "urn:uuid:1" }, { reference: "#c" }, { display: "none" }],
    link: [{ other: { reference: "Patient/a" }, type: "seealso" }],
  },
  { resourceType: "Patient", id: "b", _birthDate: { extension: [{ url: "z", valueBoolean: true }] }, deceasedDateTime: "2020-01-01", name: [{ given: ["X"] }], telecom: [{ system: "phone", value: "1" }] },
];

const paths = [
  "id", "Patient.id", "getResourceKey()", "active", "gender", "birthDate", "birthDate.extension('z').value.ofType(boolean)",
  "name.given", "name.given.first()", "name.family", "name.first().family", "name[0].given[2]", "name[1].family", "name[7].family", "name.given[1]", "name.where(use = 'official').family",
  "name.where(use = 'official' and family = 'Li').given.first()", "name.where(given.exists()).use", "name.where(family.empty()).use", "name.where(use != 'official').use", "name.where((use = 'usual').not()).given",
  "telecom.where(rank > 1).value", "telecom.where(rank <= 1).value", "telecom.where(1 < rank).value", "telecom.where(system = 'phone').first().value", "telecom.where(system = 'phone' or system = 'email').value",
  "deceased.ofType(boolean)", "deceased.ofType(dateTime)", "(deceased as boolean)", "multipleBirth.ofType(integer)", "multipleBirth.ofType(integer) > 1",
  "contact.telecom.value", "contact.name.given", "contact.where(telecom.exists(system = 'phone')).name.given", "contact.where(telecom.where(value = '9').exists()).gender",
  "extension('e1').value.ofType(code)", "extension('e2').extension('in').value.ofType(Coding).code", "extension.where(url = 'e1').value.ofType(code)",
  "managingOrganization.getReferenceKey()", "managingOrganization.getReferenceKey(Organization)", "managingOrganization.getReferenceKey(Patient)",
  "generalPractitioner.getReferenceKey()", "generalPractitioner.getReferenceKey(Practitioner)", "link.other.getReferenceKey(Patient)",
  "name.exists()", "name.empty()", "name.exists(use = 'official')", "gender = 'female'", "gender != 'female'", "name.family = 'Li'", "name.given = 'Wei'", "active = true", "active and deceased.ofType(boolean)",
  "name", "name.first()", "managingOrganization.reference", "getResourceKey() = link.other.getReferenceKey(Patient)", "name.count()", "name.given.count() + 1", "iif(active, 'y', 'n')", "birthDate.toString()", "today().exists()", "name.given.where($this = 'Wei')",
];

test("what is no element can be iterated too: decimals, quantities, texts", () => {
  const each = (path: string, ...inner: string[]): unknown[][] => rows({ select: [{ forEach: path, column: inner.map((column, i) => ({ name: `c${i}`, path: column })) }] }, patients[0]!);
  assert.deepEqual(each("0.10 | 2.5", "$this", "$this > 1"), [[0.1, false], [2.5, true]]);
  assert.deepEqual(each("5 'mg'", "value", "code", "$this"), [[5, "mg", { value: 5, system: "http://unitsofmeasure.org", code: "mg" }]]);
  assert.deepEqual(each("'a,b'.split(',')", "$this", "length()"), [["a", 1], ["b", 1]]);
});

test("walks find what FHIRPath finds", () => {
  for (const path of paths) {
    const compiled = compile(path, { type: "Patient" });
    assert(compiled.ok, path);
    for (const patient of patients) {
      const found = compiled.value.evaluate(patient);
      assert(found.ok, `${path}: ${found.ok ? "" : found.failure.text}`);
      assert.deepEqual(rows({ select: [{ column: [{ name: "c", path, collection: true }] }] }, patient), [[found.value.map(cellOf)]], `${path} of ${patient.id} as a list`);
      const single = view({ select: [{ column: [{ name: "c", path }] }] });
      const cells: unknown[] = [];
      const failure = single.each(patient, (row) => { cells.push(row[0]); });
      if (found.value.length > 1) assert.match(failure?.text ?? "", /column c: .* gave .*use first\(\)/, path);
      else { assert.equal(failure, undefined); assert.deepEqual(cells, [found.value.length === 0 ? null : cellOf(found.value[0]!)], `${path} of ${patient.id}`); }
    }
  }
});

test("the same below forEach, where elements have no resourceType", () => {
  for (const [each, path, wanted] of [
    ["name", "given.first()", ["Wei", "Mei"]], ["name.where(use = 'usual')", "family.extension('own').value.ofType(string)", ["van"]],
    ["name.given", "$this", ["Wei", null, "Hua", "Mei"]], ["name.given", "extension('u').value.ofType(string)", [null, "x", null, null]],
    ["contact.telecom", "system", ["phone"]], ["telecom.skip(1)", "value", ["a@b", "2"]], ["name.given.first().toChars()", "$this + '!'", ["W!", "e!", "i!"]],
    ["generalPractitioner.getReferenceKey()", "length()", [2, 2]], ["telecom.rank", "$this + 1", [3, 2]], ["name", "%resource.id", ["a", "a"]], ["contact", "%rowIndex * 10", [0, 10]],
  ] as const)
    assert.deepEqual(rows({ select: [{ forEach: each, column: [{ name: "c", path }] }] }, patients[1]!), wanted.map((value) => [value]), `${each} → ${path}`);
});

test("where keeps a known true only", () => {
  const kept = (path: string): unknown[] => rows({ where: [{ path }], select: [{ column: [{ name: "id", path: "id" }] }] }, ...patients).map(([id]) => id);
  assert.deepEqual(kept("active"), ["a"]);
  assert.deepEqual(kept("active.not()"), []);
  assert.deepEqual(kept("deceased.ofType(boolean) = false"), ["a"]);
  assert.deepEqual(kept("birthDate > @1970"), ["a"]);
  assert.deepEqual(kept("{}"), []);
  const two = view({ where: [{ path: "name.given.matches('W')" }], select: [{ column: [{ name: "id", path: "id" }] }] });
  assert.match(two.each(patients[1]!, () => {})?.text ?? "", /Patient\/a: ViewDefinition\.where\[0\]\.path/);
});

test("an empty forEachOrNull gives one row of nulls, whatever is nested in it", () => {
  const definition = { select: [{ column: [{ name: "id", path: "id" }] }, { forEachOrNull: "contact", column: [{ name: "i", path: "%rowIndex" }, { name: "k", path: "'k'" }, { name: "has", path: "name.exists()" }], select: [{ forEach: "telecom", column: [{ name: "v", path: "value" }] }] }] };
  assert.deepEqual(rows(definition, patients[1]!, patients[2]!), [["a", 0, "k", true, "9"], ["b", 0, null, null, null]]);
});

test("types are inferred; columns come in the standard's order", () => {
  const { columns } = view({ select: [{ column: [{ name: "a", path: "active" }, { name: "b", path: "multipleBirth.ofType(integer)" }], select: [{ forEach: "name", column: [{ name: "c", path: "given", collection: true }] }], unionAll: [{ column: [{ name: "d", path: "birthDate" }] }] }, { column: [{ name: "e", path: "maritalStatus" }, { name: "f", path: "name.count()" }, { name: "g", path: "iif(active, 1, 'x')" }, { name: "h", path: "%rowIndex" }, { name: "i", path: "id", type: "http://hl7.org/fhirpath/System.String" }] }] });
  assert.deepEqual(columns.map(({ name, type, kind, collection }) => [name, type, kind, collection]), [
    ["a", "boolean", "boolean", false], ["b", "integer", "integer", false], ["c", "string", "text", true], ["d", "date", "text", false],
    ["e", "CodeableConcept", "json", false], ["f", "integer", "integer", false], ["g", undefined, "text", false], ["h", "integer", "integer", false], ["i", "string", "text", false],
  ]);
});

test("constants are literals of their type", () => {
  const definition = { constant: [{ name: "n", valueInteger: -1 }, { name: "d", valueDecimal: 1 }, { name: "t", valueDate: "1980-05" }, { name: "s", valueString: "it's \\" }], select: [{ column: [{ name: "n", path: "%n + 1" }, { name: "d", path: "%d / 4" }, { name: "t", path: "birthDate = %t" }, { name: "s", path: "%s" }, { name: "u", path: "%ucum" }] }] };
  assert.deepEqual(rows(definition, patients[1]!), [[0, 0.25, true, "it's \\", "http://unitsofmeasure.org"]]);
});

test("repeat goes depth first, and a path that finds itself is stopped", () => {
  const response: Resource = { resourceType: "QuestionnaireResponse", id: "q", item: [{ linkId: "1", item: [{ linkId: "1.1", answer: [{ valueString: "x", item: [{ linkId: "1.1.1" }] }] }] }, { linkId: "2" }] };
  const definition = (repeat: string[]): object => ({ resource: "QuestionnaireResponse", select: [{ repeat, column: [{ name: "l", path: "linkId" }, { name: "i", path: "%rowIndex" }] }] });
  assert.deepEqual(rows(definition(["item", "answer.item"]), response), [["1", 0], ["1.1", 1], ["1.1.1", 2], ["2", 3]]);
  assert.match(view({ resource: "QuestionnaireResponse", select: [{ repeat: ["$this"], column: [{ name: "i", path: "id" }] }] }).each(response, () => {})?.text ?? "", /more than 200 levels/);
});

test("rows of one resource are bounded: siblings multiply", () => {
  const names = Array.from({ length: 200 }, (_, i) => ({ family: `f${i}` }));
  const each = (name: string): object => ({ forEach: "name", column: [{ name, path: "family" }] });
  let count = 0;
  const failure = view({ select: [each("a"), each("b"), each("c"), each("d")] }).each({ resourceType: "Patient", id: "x", name: names }, () => { count += 1; });
  assert.equal(failure?.code, "too-costly");
  assert.equal(count, 2_000_000);
});

test("digits reach boundaries when read with parseDigits", () => {
  const definition = { resource: "Observation", select: [{ column: [{ name: "low", path: "value.ofType(Quantity).value.lowBoundary()" }, { name: "q", path: "value.ofType(Quantity)" }] }] };
  const compiled = view(definition);
  assert(compiled.digits);
  assert.deepEqual(rows(definition, parseDigits('{"resourceType":"Observation","valueQuantity":{"value":1.0}}') as Resource), [[0.95, { value: 1 }]]);
});

test("other resource types make no rows; data named __proto__ does no harm", () => {
  assert.deepEqual(rows({ select: [{ column: [{ name: "id", path: "id" }, { name: "constructor", path: "gender" }] }] }, { resourceType: "Group", id: "g" }, JSON.parse('{"resourceType":"Patient","id":"p","__proto__":{"gender":"x"}}') as Resource), [["p", null]]);
});

test("data of absurd depth end in a failure, not in a crash", () => {
  const deep = JSON.parse(`{"resourceType":"Patient","id":"x","extension":${"[".repeat(200_000)}${"]".repeat(200_000)}}`) as Resource;
  const failure = view({ select: [{ column: [{ name: "e", path: "extension = extension" }] }] }).each(deep, () => {});
  assert.ok(failure === undefined || failure.code === "too-costly");
  const depth = (value: unknown): number => Array.isArray(value) ? 1 + depth(value[0]) : 0;
  const told = view({ select: [{ column: [{ name: "id", path: "id" }] }] }).each(deep, () => { depth(deep.extension); });
  assert.match(told?.text ?? "", /Patient\/x: the data nest \d+ levels deep/);
});
