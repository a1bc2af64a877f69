import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { compile, type Environment, type Items } from "./compile.ts";
import { evaluateWithPlaces } from "./places.ts";
import { Node, system } from "./values.ts";

const patient: Resource = {
  resourceType: "Patient", id: "p", gender: "male", birthDate: "1980-05", name: [{ family: "Li", given: ["Wei", "Hua"] }, { given: ["Mei"] }],
  maritalStatus: { coding: [{ system: "urn:m", code: "M" }, { system: "urn:n", code: "X" }] }, contained: [{ resourceType: "Organization", id: "o", name: "In" }],
  generalPractitioner: [{ reference: "#o" }], text: { status: "generated", div: "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>" },
  modifierExtension: [{ url: "urn:known", valueBoolean: true }],
};

function plain(items: Items): unknown[] {
  return items.map((item) => {
    const value = system(item);
    return value instanceof Node ? value.value : typeof value === "object" ? String(value) : value;
  });
}

function evaluate(expression: string, environment: Environment = {}, resource: Resource = patient): unknown[] | string {
  const compiled = compile(expression, { type: resource.resourceType });
  if (!compiled.ok) return compiled.failure.text;
  const result = compiled.value.evaluate(resource, environment);
  return result.ok ? plain(result.value) : result.failure.text;
}

function table(rows: readonly [string, unknown[] | RegExp][], environment?: Environment): void {
  for (const [expression, expected] of rows) {
    const found = evaluate(expression, environment);
    if (expected instanceof RegExp) assert.match(String(found), expected, expression);
    else assert.deepEqual(found, expected, expression);
  }
}

test("logarithms and roots that do not exist are empty", () => {
  table([["100.log(10)", ["2"]], ["8.log(2)", ["3"]], ["10.log(0)", []], ["10.log(1)", []], ["10.log(-2)", []], ["0.ln()", []], ["(-1).sqrt()", []], ["(-1).power(0.5)", []]]);
});

test("boundaries of decimals, quantities, dates and times", () => {
  table([
    ["0.lowBoundary()", ["-0.50000000"]], ["(-1.5).highBoundary(1)", ["-1.4"]], ["1.5.lowBoundary(28)", ["1.4500000000000000000000000000"]], ["1.5.lowBoundary(29)", []], ["1.lowBoundary({})", []], ["{}.lowBoundary()", []],
    ["2 'kg'.highBoundary(1)", ["2.5 'kg'"]], ["@2020.highBoundary()", ["2020-12-31"]], ["@2020-02.highBoundary()", ["2020-02-29"]], ["@2020.lowBoundary(5)", []],
    ["birthDate.highBoundary()", ["1980-05-31"]], ["@2020-01-31T10:30:05.lowBoundary(14)", ["2020-01-31T10:30:05+14:00"]], ["@2020-01-31T10:30:05.2Z.highBoundary()", ["2020-01-31T10:30:05.299Z"]],
    ["@2020T.highBoundary()", ["2020-12-31T23:59:59.999-12:00"]], ["@T10.highBoundary()", ["10:59:59.999"]], ["@T10:30.lowBoundary(6)", ["10:30:00"]], ["'a'.lowBoundary()", /takes a number, quantity, date or time/], ["name.lowBoundary()", /takes one item/],
  ]);
});

test("parts of dates and times", () => {
  table([
    ["@2020-01-31T10:30:05.25+05:30.select(yearOf() | monthOf() | dayOf() | hourOf() | minuteOf() | secondOf() | millisecondOf())", [2020, 1, 31, 10, 30, 5, 250]],
    ["@2020-01-31T10:30:05.25+05:30.timezoneOffsetOf()", ["5.5"]], ["@2020-01-31T10:30-02:00.timezoneOffsetOf()", ["-2.0"]], ["@2020-01-31T10:30.timezoneOffsetOf()", []],
    ["@2020-01-31T10:30Z.dateOf()", ["2020-01-31"]], ["@2020-01-31T10:30Z.timeOf()", ["10:30"]], ["@2020T.timeOf()", []], ["birthDate.monthOf()", [5]], ["birthDate.dayOf()", []], ["@T10.yearOf()", /takes a date or dateTime/],
  ]);
});

test("variables: defined in a chain, seen by what follows, not beside it", () => {
  table([
    ["name.defineVariable('n').select(%n.count() + $index)", [2, 3]], ["name.first().defineVariable('g', given).select(%g | %g.count())", ["Wei", "Hua", 2]],
    ["name.select(defineVariable('f', family).select(%f))", ["Li"]], ["name.select(defineVariable('f', family).exists()) | %f", /%f is not defined/], ["(name.defineVariable('x') | %x)", /%x is not defined/],
    ["defineVariable('a', 1).defineVariable('a', 2)", /%a is defined already/], ["defineVariable('ucum', 1)", /belongs to the environment/], ["defineVariable(gender, 1)", /a text in quotes/],
    ["%given", ["x"]], ["%context.gender | %resource.id | %rootResource.id", ["male", "p"]],
  ], { variables: { given: ["x"] } });
  const traced: unknown[] = [];
  table([["name.trace('n', given).count()", [2]], ["name.trace('all').count()", [2]]], { trace: (name, items) => traced.push([name, items.length]) });
  assert.deepEqual(traced, [["n", 3], ["all", 2]]);
});

test("profiles and codes through the ports; what they do not know is an error", () => {
  const environment: Environment = {
    conformsTo: (element, profile) => (profile === "urn:p" ? element.type === "Patient" : undefined),
    memberOf: (set, { code }) => (set === "urn:vs" ? code === "X" : undefined),
    subsumes: (a, b) => (a.system === "urn:m" ? a.code === "A" && b.code === "M" : undefined),
  };
  table([
    ["conformsTo('urn:p')", [true]], ["name.first().conformsTo('urn:p')", [false]], ["conformsTo('urn:q')", /profile urn:q is not known/],
    ["maritalStatus.memberOf('urn:vs')", [true]], ["maritalStatus.coding.first().memberOf('urn:vs')", [false]], ["gender.memberOf('urn:vs')", [false]], ["gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')", [true]],
    ["gender.memberOf('urn:none')", /value set urn:none is not known/], ["'X'.memberOf('urn:vs')", [true]], ["maritalStatus.coding.memberOf('urn:vs')", /takes one item/], ["{}.memberOf('urn:vs')", []],
    ["maritalStatus.coding[0].subsumedBy(%a)", [true]], ["%a.subsumes(%context.maritalStatus)", [true]], ["maritalStatus.coding[1].subsumes(%a)", [false]],
    ["checkModifiers('urn:known').id", ["p"]], ["checkModifiers('urn:other')", /modifier extension urn:known/], ["text.div.htmlChecks()", [true]], ["'<p onclick=\"x\"/>'.htmlChecks()", [false]], ["'a <b>b</b>'.htmlChecks()", [true]], ["active.htmlChecks()", []], ["1.htmlChecks()", []],
  ], { ...environment, variables: { a: [new Node({ system: "urn:m", code: "A" }, "Coding")] } });
  table([["conformsTo('urn:p')", /needs a validator/], ["elementDefinition()", /needs definitions/], ["name.slice('urn:p', 'x')", /needs profiles/], ["{}.slice('urn:p', 'x')", []]]);
  const slice: Environment["slice"] = (element, profile, name, path) => (profile === "urn:p" ? element.type === name && path === "Patient.name" : undefined);
  table([["name.slice('urn:p', 'HumanName').count()", [2]], ["name.given.slice('urn:p', 'string')", []], ["name.slice('urn:q', 'x')", /profile urn:q is not known/], ["elementDefinition().path", ["Patient"]], ["name[0].given.elementDefinition().path", ["HumanName.given", "HumanName.given"]]], { slice, elementDefinition: (path) => ({ path }) });
});

test("arithmetic: overflow is empty, quantities meet in the finer unit, toQuantity() converts", () => {
  table([
    ["2147483647 + 1", []], ["-2147483647 - 2", []], ["65536 * 65536", []], ["3 'm' + 3 'cm'", ["303 'cm'"]], ["1 'kg' - 1 'g'", ["999 'g'"]], ["1 'kg' + 1 's'", []], ["1 week - 1 day", ["6 days"]],
    ["'1000 \\'g\\''.toQuantity('kg')", ["1 'kg'"]], ["1 'kg'.convertsToQuantity('s')", [false]], ["1 week.toQuantity('days')", ["7 days"]], ["{}.convertsToQuantity('s')", []],
    ["(1 | 2 | 3).repeatAll(iif($this < 3, $this + 1))", [2, 3, 3]], ["(1 | 2 | 3).repeat(iif($this < 3, $this + 1))", [2, 3]], ["{}.coalesce({}, name.family, 'x')", ["Li"]],
    ["repeatAll($this)", /more than 100000/], ["'abc'.matches('(a+)+$')", [false]], ["'a.b'.replaceMatches('\\\\.', '-')", ["a-b"]],
  ]);
});

test("resolve() finds what the same Bundle holds", () => {
  const bundle: Resource = { resourceType: "Bundle", entry: [
    { fullUrl: "urn:uuid:1", resource: { resourceType: "Patient", id: "1", active: true } }, { fullUrl: "https://x.example/Organization/o", resource: { resourceType: "Organization", name: "H" } },
    { resource: { resourceType: "Observation", subject: { reference: "urn:uuid:1" }, performer: [{ reference: "Organization/o" }] } }, null, { fullUrl: 3 },
  ] };
  assert.deepEqual(evaluate("entry.resource.ofType(Observation).subject.resolve().active", {}, bundle), [true]);
  assert.deepEqual(evaluate("entry.resource.ofType(Observation).performer.resolve().name", {}, bundle), ["H"]);
  assert.deepEqual(evaluate("entry.resource.ofType(Observation).subject.where(resolve() is Patient).count()", {}, bundle), [1]);
});

test("strict mode says place, what is expected and what was found; what can be is let be", () => {
  const refused: [string, RegExp][] = [
    ["children().skip(1)", /1:12: skip\(\) expects a collection with an order/], ["(name | contact.name)[0]", /1:22: \[…\] expects/], ["Encounter.status", /1:1: expected Patient or an element of it, found Encounter/],
    ["name.given + 1", /1:12: \+ expects two numbers.*found string and System\.Integer/], ["birthDate > 5", /> expects .* found date and System\.Integer/], ["gender = 1", /= expects operands that can be equal, found code/],
    ["name.startsWith('x')", /startsWith\(\) expects string or date or time, found HumanName/], ["deceased as Quantity", /expected one of boolean \| dateTime, found Quantity/], ["active + true", /found boolean and System\.Boolean/],
    ["-birthDate", /a sign needs a number or quantity, not date/], ["birthDate * 2", /\* expects numbers/], ["name & 'x'", /& expects strings/], ["%nme", /no variable %nme; did you mean %name\?/], ["name.allTrue()", /allTrue\(\) expects boolean, found HumanName/],
    ["name.ofType(Patient)", /expected HumanName, found Patient/], ["1.yearOf()", /expects date, found System\.Integer/],
  ];
  for (const [expression, message] of refused) {
    const strict = compile(expression, { type: "Patient", strict: true, variables: ["name"] });
    assert.ok(!strict.ok, expression);
    assert.match(strict.failure.text, message, expression);
    assert.equal(strict.failure.code, "invalid");
    assert.ok(compile(expression, { type: "Patient" }).ok, `lax: ${expression}`);
  }
  for (const expression of ["name.given.first()", "children().count()", "(name.given | name.family).sort().first()", "birthDate + 1 month", "birthDate = @1980", "multipleBirth = 2", "extension.value > 5", "contained.where($this is Organization)[0]",
    "name.where(use = 'official').given", "descendants().ofType(Quantity).value + 1", "%name", "%context.name", "name.select(given.first() & ' ' & family)", "'1' = id", "telecom.rank.lowBoundary()", "1 = 1 'mg'"])
    assert.ok(compile(expression, { type: "Patient", strict: true, variables: ["name"] }).ok, expression);
});

test("places: the path of every element found", () => {
  const compiled = compile("name.given | contained.name | text.div | maritalStatus.coding | name.count()", { type: "Patient" });
  assert.ok(compiled.ok);
  const placed = evaluateWithPlaces(compiled.value, patient);
  assert.ok(placed.ok);
  assert.deepEqual(placed.value.map(({ path }) => path), ["Patient.name[0].given[0]", "Patient.name[0].given[1]", "Patient.name[1].given[0]", "Patient.contained[0].name", "Patient.text.div", "Patient.maritalStatus.coding[0]", "Patient.maritalStatus.coding[1]", undefined]);
});
