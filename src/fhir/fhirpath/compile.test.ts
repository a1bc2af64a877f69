import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes, searchParametersOf } from "../definitions/load.ts";
import type { Resource } from "../resource.ts";
import { compile } from "./compile.ts";
import { Node, system, type Items } from "./values.ts";

const patient: Resource = {
  resourceType: "Patient", id: "p1", birthDate: "1980-05-06", _birthDate: { extension: [{ url: "urn:x", valueString: "about" }] },
  name: [{ use: "official", family: "Li", given: ["Wei", "Hua"] }, { use: "usual", given: ["Mei"] }],
  telecom: [{ system: "phone", value: "1" }, { system: "email", value: "a@b" }, { value: "3" }],
  deceasedDateTime: "2020-01-01", managingOrganization: { reference: "Organization/o1" },
  generalPractitioner: [{ reference: "Practitioner/d1" }, { reference: "#c1" }, { reference: "https://x.example/fhir/PractitionerRole/r1" }, { type: "Organization", identifier: { value: "9" } }],
  contained: [{ resourceType: "Practitioner", id: "c1", active: true }],
};
const observation: Resource = {
  resourceType: "Observation", status: "final", code: { coding: [{ system: "http://loinc.org", code: "8480-6" }] },
  valueQuantity: { value: 120, unit: "mmHg", system: "http://unitsofmeasure.org", code: "mm[Hg]" },
  component: [{ code: { text: "a" }, valueString: "x" }, { code: { text: "b" }, valueQuantity: { value: 1, unit: "kg" } }],
};

function plain(items: Items): unknown[] {
  return items.map((item) => {
    const value = system(item);
    return value instanceof Node ? value.value : typeof value === "object" ? String(value) : value;
  });
}

function evaluate(expression: string, resource: Resource = patient): unknown[] {
  const compiled = compile(expression, { type: resource.resourceType });
  assert.ok(compiled.ok, compiled.ok ? "" : `${expression}: ${compiled.failure.text}`);
  const result = compiled.value.evaluate(resource);
  assert.ok(result.ok, result.ok ? "" : `${expression}: ${result.failure.text}`);
  return plain(result.value);
}

function table(rows: readonly [string, unknown[]][], resource: Resource): void {
  for (const [expression, expected] of rows) assert.deepEqual(evaluate(expression, resource), expected, expression);
}

test("§3 paths, root types, choices, primitives with extensions", () => {
  table([
    ["name.given", ["Wei", "Hua", "Mei"]], ["Patient.name.given", ["Wei", "Hua", "Mei"]], ["Resource.id", ["p1"]],
    ["Observation.code", []], ["Person.name | Patient.name.family", ["Li"]],
    ["deceased", ["2020-01-01"]], ["deceased as boolean", []], ["(Patient.deceased as dateTime)", ["2020-01-01"]], ["deceased.ofType(dateTime)", ["2020-01-01"]],
    ["deceased is dateTime", [true]], ["deceased.is(boolean)", [false]],
    ["birthDate.extension('urn:x').value", ["about"]], ["birthDate.extension.url", ["urn:x"]], ["extension('urn:x')", []],
    ["name[1].given", ["Mei"]], ["name[9]", []], ["contained.id", ["c1"]], ["contained.active", [true]],
  ], patient);
  table([
    ["value.unit", ["mmHg"]], ["(Observation.value as Quantity).unit", ["mmHg"]], ["component.value.unit", ["kg"]],
    ["(Observation.component.value as Quantity).value", ["1"]], ["component.value as string", ["x"]],
    ["code.coding.where(system = 'http://loinc.org').code", ["8480-6"]],
  ], observation);
});

test("§5 functions", () => {
  table([
    ["telecom.where(system = 'phone').value", ["1"]], ["telecom.where(system != 'phone').value", ["a@b"]],
    ["telecom.where(system.empty()).value", ["3"]], ["telecom.exists(system = 'email')", [true]], ["telecom.exists(system = 'fax')", [false]],
    ["telecom.all(value.exists())", [true]], ["telecom.all(system.exists())", [false]],
    ["name.count()", [2]], ["name.first().family", ["Li"]], ["name.last().use", ["usual"]], ["name.given.tail()", ["Hua", "Mei"]],
    ["name.given.skip(1).take(1)", ["Hua"]], ["link.exists()", [false]], ["link.empty()", [true]], ["active.not()", []],
    ["name.select(given.first())", ["Wei", "Mei"]], ["name.given.where($index = 1)", ["Hua"]],
    ["iif(name.exists(), 'y', 'n')", ["y"]], ["name.given.join('-')", ["Wei-Hua-Mei"]],
    ["name.given.sort()", ["Hua", "Mei", "Wei"]], ["name.given.sort(-$this)", ["Wei", "Mei", "Hua"]], ["name.sort(family).use", ["usual", "official"]], ["name.sort(-family).use", ["usual", "official"]],
    ["'测'.encode('base64')", ["5rWL"]], ["'5rWL'.decode('base64')", ["测"]], ["'zz'.decode('hex')", []], ["'a'.encode('rot13')", []],
    ["'<a>'.escape('html')", ["&lt;a&gt;"]], ["'a\\\\n'.unescape('json')", ["a\n"]], ["'\\\\x'.unescape('json')", []],
    ["birthDate.precision()", [8]], ["1.50.precision()", [2]], ["1 'mg'.comparable(1 'kg')", [true]], ["1 'mg'.comparable(1 's')", [false]],
    ["name.family | name.given | name.given", ["Li", "Wei", "Hua", "Mei"]],
  ], patient);
});

test("FHIR: resolve() knows types from the reference, contained resources whole", () => {
  table([
    ["generalPractitioner.where(resolve() is Practitioner).reference", ["Practitioner/d1", "#c1"]],
    ["generalPractitioner.where(resolve() is PractitionerRole).reference", ["https://x.example/fhir/PractitionerRole/r1"]],
    ["generalPractitioner.where(resolve() is Organization).identifier.value", ["9"]],
    ["managingOrganization.where(resolve() is Patient)", []],
    ["generalPractitioner[1].resolve().active", [true]],
  ], patient);
  const compiled = compile("managingOrganization.resolve().name", { type: "Patient" });
  assert.ok(compiled.ok);
  assert.deepEqual(plain(compiled.value.items(patient, { resolve: () => ({ resourceType: "Organization", name: "H" }) })), ["H"]);
  assert.deepEqual(compiled.value.items(patient), []);
});

test("§6.5 three-valued logic", () => {
  const value = { t: "true", f: "false", u: "{}" } as const;
  const rows: [keyof typeof value, keyof typeof value, ...string[]][] = [
    ["t", "t", "t", "t", "f", "t"], ["t", "f", "f", "t", "t", "f"], ["t", "u", "u", "t", "u", "u"],
    ["f", "t", "f", "t", "t", "t"], ["f", "f", "f", "f", "f", "t"], ["f", "u", "f", "u", "u", "t"],
    ["u", "t", "u", "t", "u", "t"], ["u", "f", "f", "u", "u", "u"], ["u", "u", "u", "u", "u", "u"],
  ];
  for (const [a, b, ...results] of rows)
    ["and", "or", "xor", "implies"].forEach((operator, i) => {
      const expected = results[i] === "u" ? [] : [results[i] === "t"];
      assert.deepEqual(evaluate(`${value[a]} ${operator} ${value[b]}`), expected, `${a} ${operator} ${b}`);
    });
});

test("§6 comparison and arithmetic", () => {
  table([
    ["0.1 + 0.2 = 0.3", [true]], ["1.10 = 1.1", [true]], ["5 div 2", [2]], ["-5 mod 2", [-1]], ["1 / 0", []], ["1 / 4", ["0.25"]],
    ["'a' + 'b'", ["ab"]], ["'a' & {}", ["a"]], ["'abc' in ('abc' | 'd')", [true]], ["(1 | 2) contains 3", [false]],
    ["@2020-01-31 + 1 month", ["2020-02-29"]], ["@2020 > @2019-12-31", [true]], ["@2020 = @2020-01", []], ["@2020 < @2020-06", []],
    ["birthDate < today()", [true]], ["birthDate <= @1980-05-06", [true]], ["birthDate < @1980-05-06", [false]],
    ["1 'kg' > 999 'g'", [true]], ["1 'kg' = 1000 'g'", [true]], ["1 'kg' > 1 's'", []], ["7 days = 1 week", [true]], ["1 year = 1 'a'", []], ["1 year ~ 1 'a'", [true]],
    ["{} = 1", []], ["(1 | 2) = (1 | 2)", [true]], ["(1 | 2) ~ (2 | 1)", [true]], ["'Ab' ~ 'aB'", [true]],
  ], patient);
});

test("errors are values: of the text when compiled, of the data when evaluated", () => {
  const refused: [string, RegExp][] = [
    ["nam.given", /1:1: Patient has no element "nam"; did you mean "name"/],
    ["name.givn", /HumanName has no element "givn"; did you mean "given"/],
    ["deceasedBoolean", /did you mean "deceased"/],
    ["name.wher(use)", /no function wher\(\); did you mean where\(\)/],
    ["name.where()", /where\(\) takes 1 argument, found 0/],
    ["deceased as Foo", /no type Foo/],
    ["@2020-13", /1:1: this date, time or number does not exist/], ["@2021-02-29", /does not exist/],
    ["'a' > 1", /a string and a number have no order/],
  ];
  for (const [expression, message] of refused) {
    const compiled = compile(expression, { type: "Patient" });
    assert.ok(!compiled.ok, expression);
    assert.match(compiled.failure.text, message);
  }
  for (const expression of ["name.single()", "name.given + 'x'", "(1 | 2) + 1", "%nothing", "name is HumanName", "'('.matches('(')"]) {
    const compiled = compile(expression, { type: "Patient" });
    assert.ok(compiled.ok, expression);
    const result = compiled.value.evaluate(patient);
    assert.ok(!result.ok, expression);
    assert.equal(result.failure.code, "processing");
    assert.deepEqual(compiled.value.items(patient), []);
    assert.equal(compiled.value.holds(patient), false);
  }
});

test("data of the wrong shape gives nothing and never throws", () => {
  const odd = { resourceType: "Patient", name: "text", telecom: [null, 3, { system: ["phone"] }], generalPractitioner: { reference: 5 }, deceasedBoolean: "no", contained: [null, { resourceType: 4 }] } as unknown as Resource;
  for (const expression of ["name.given", "telecom.where(system = 'phone').value", "generalPractitioner.where(resolve() is Patient)", "deceased = true", "contained.id", "descendants().count() > 0"]) {
    const compiled = compile(expression, { type: "Patient" });
    assert.ok(compiled.ok);
    compiled.value.items(odd);
  }
  assert.deepEqual(evaluate("name.given", { resourceType: "Patient" }), []);
});

test("every search parameter of R4 compiles on its own type", () => {
  const failed: string[] = [];
  let count = 0;
  for (const type of resourceTypes())
    for (const { code, expression } of searchParametersOf(type)) {
      if (expression === undefined) continue;
      count += 1;
      const compiled = compile(expression, { type });
      if (!compiled.ok) failed.push(`${type}.${code}: ${compiled.failure.text}`);
    }
  assert.ok(count > 2000, `${count} expressions`);
  // R4 gives DeviceDefinition a parameter over an element it does not have.
  assert.deepEqual(failed.filter((text) => !text.startsWith("DeviceDefinition.classification")), []);
});

test("open choices do not multiply: a long chain of extension.value compiles at once", () => {
  const compiled = compile(`Patient${".extension.value".repeat(40)}.extension.url`, { type: "Patient" });
  assert.ok(compiled.ok);
  assert.deepEqual(compiled.value.items(patient), []);
});

test("a fault of literals alone is told at every evaluation", () => {
  const compiled = compile("(1 | 2).single()");
  assert.ok(compiled.ok && compiled.value.fixed);
  const tell = () => { const done = compiled.value.evaluate({ resourceType: "Patient" }); return done.ok ? undefined : done.failure.text; };
  const first = tell();
  assert.ok(first !== undefined);
  assert.equal(tell(), first);
  assert.deepEqual(compiled.value.items({ resourceType: "Patient" }), []);
});

test("lambdas in each other compile once at every level", () => {
  // A level that compiled what is within twice would take 2^90 times as long.
  for (const name of ["where", "exists", "all", "select", "repeat"]) assert.ok(compile(`${`name.${name}(name.`.repeat(90)}exists()${")".repeat(90)}`).ok, name);
});
