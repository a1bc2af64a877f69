import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json, JsonObject } from "../../resource.ts";
import { applyFhirPathPatch, fhirPathPatchText } from "./fhirpath-patch.ts";

const patient: JsonObject = {
  resourceType: "Patient", id: "p", active: true,
  name: [{ use: "official", family: "Li", given: ["Wei", "Hua"], _given: [null, { id: "h" }] }, { use: "usual", given: ["Mei"] }],
  deceasedBoolean: false, birthDate: "1980-05-06",
  contact: [{ name: { text: "a" } }],
  contained: [{ resourceType: "Organization", id: "o", name: "X" }],
};

function operation(type: string, path: string, more: Readonly<Record<string, JsonObject>> = {}): Json {
  return { name: "operation", part: [{ name: "type", valueCode: type }, { name: "path", valueString: path }, ...Object.entries(more).map(([name, value]) => ({ name, ...value }))] };
}

function apply(...operations: Json[]): JsonObject {
  const before = JSON.stringify(patient);
  const result = applyFhirPathPatch(patient, { resourceType: "Parameters", parameter: operations });
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  assert.equal(JSON.stringify(patient), before);
  return result.value as JsonObject;
}

test("choice elements: by element or by member name, and with another type", () => {
  assert.equal(apply(operation("add", "Patient", { name: { valueString: "multipleBirth" }, value: { valueInteger: 2 } })).multipleBirthInteger, 2);
  const dead = apply(operation("replace", "Patient.deceased", { value: { valueDateTime: "2020" } }));
  assert.deepEqual([dead.deceasedBoolean, dead.deceasedDateTime], [undefined, "2020"]);
  assert.equal(apply(operation("delete", "Patient.deceased"), operation("add", "Patient", { name: { valueString: "deceasedDateTime" }, value: { valueDateTime: "2021" } })).deceasedDateTime, "2021");
});

test("lists of primitives move with what stands beside them", () => {
  const names = apply(operation("move", "Patient.name[0].given", { source: { valueInteger: 1 }, destination: { valueInteger: 0 } }),
    operation("insert", "Patient.name[0].given", { index: { valueInteger: 1 }, value: { valueString: "X" } })).name as JsonObject[];
  assert.deepEqual(names[0], { use: "official", family: "Li", given: ["Hua", "X", "Wei"], _given: [{ id: "h" }, null, null] });
  assert.deepEqual((apply(operation("delete", "Patient.name[0].given[1]")).name as JsonObject[])[0], { use: "official", family: "Li", given: ["Wei"] });
  assert.deepEqual((apply(operation("replace", "Patient.name.where(use = 'usual').given.first()", { value: { valueString: "Y", _valueString: { id: "y" } } })).name as JsonObject[])[1], { use: "usual", given: ["Y"], _given: [{ id: "y" }] });
});

test("insert into a list that is not there yet; extensions of a primitive", () => {
  assert.deepEqual(apply(operation("insert", "Patient.identifier", { index: { valueInteger: 0 }, value: { valueIdentifier: { value: "1" } } })).identifier, [{ value: "1" }]);
  const extension = { name: { valueString: "extension" }, value: { valueExtension: undefined, part: [{ name: "url", valueUri: "http://u" }, { name: "value", valueCode: "x" }] as Json } } as unknown as Record<string, JsonObject>;
  const extended = apply(operation("add", "Patient.birthDate", extension));
  assert.deepEqual([extended.birthDate, extended._birthDate], ["1980-05-06", { extension: [{ url: "http://u", valueCode: "x" }] }]);
  assert.equal(apply(operation("add", "Patient.birthDate", extension), operation("delete", "Patient.birthDate.extension"))._birthDate, undefined);
  const given = apply(operation("add", "Patient.name[1].given[0]", extension)).name as JsonObject[];
  assert.deepEqual(given[1]!._given, [{ extension: [{ url: "http://u", valueCode: "x" }] }]);
});

test("delete prunes what is left empty, keeps quiet when nothing is there, reaches contained resources", () => {
  assert.equal(apply(operation("delete", "Patient.contact[0].name.text")).contact, undefined);
  assert.deepEqual(apply(operation("delete", "Patient.photo")), patient);
  assert.deepEqual(apply(operation("replace", "Patient.contained[0].name", { value: { valueString: "Y" } })).contained, [{ resourceType: "Organization", id: "o", name: "Y" }]);
  assert.equal((apply(operation("add", "Patient", { name: { valueString: "contained" }, value: { resource: { resourceType: "Basic", id: "b" } } })).contained as Json[]).length, 2);
});

const parameters = (...list: Json[]): Json => ({ resourceType: "Parameters", parameter: list });
const faults: readonly [Json, RegExp][] = [
  [{ resourceType: "Patient" }, /Parameters resource/],
  [parameters({ name: "x" }), /\[0\]: each parameter is named "operation"/],
  [parameters(operation("frob", "Patient")), /"type" is one of/],
  [parameters(operation("delete", "Patient.nonsense")), /\[0\] \(delete Patient.nonsense\).*no element "nonsense"/],
  [parameters(operation("delete", "Patient.((")), /FHIRPath/],
  [parameters(operation("delete", "Patient.active"), operation("delete", "Patient.name")), /operation \[1\].*finds 2 elements/],
  [parameters(operation("delete", "Patient")), /resource itself/],
  [parameters(operation("delete", "Patient.name.count()")), /computed value/],
  [parameters(operation("replace", "Patient.photo", { value: { valueString: "x" } })), /nothing to replace/],
  [parameters(operation("replace", "Patient.name[0]", { value: { valueString: "x" } })), /is a HumanName, the value is a string/],
  [parameters(operation("replace", "Patient.active", { value: { valueString: "true" } })), /is a boolean, the value is a string/],
  [parameters(operation("replace", "Patient.active")), /"value" is missing/],
  [parameters(operation("replace", "Patient.deceased", { value: { valueInteger: 1 } })), /does not take a integer/],
  [parameters(operation("add", "Patient", { name: { valueString: "birthDate" }, value: { valueDate: "1990" } })), /there already/],
  [parameters(operation("add", "Patient", { name: { valueString: "brithDate" }, value: { valueDate: "1990" } })), /did you mean "birthDate"/],
  [parameters(operation("add", "Patient", { name: { valueString: "__proto__" }, value: { valueDate: "1990" } })), /no element/],
  [parameters(operation("add", "Patient.photo", { name: { valueString: "url" }, value: { valueUrl: "x" } })), /nothing to add to/],
  [parameters(operation("insert", "Patient.name", { index: { valueInteger: 3 }, value: { valueHumanName: {} } })), /outside of the list, which has 2 items/],
  [parameters(operation("insert", "Patient.name.first()", { index: { valueInteger: 0 }, value: { valueHumanName: {} } })), /must name a list/],
  [parameters(operation("insert", "Patient.birthDate", { index: { valueInteger: 0 }, value: { valueDate: "1990" } })), /does not repeat/],
  [parameters(operation("move", "Patient.name", { source: { valueInteger: 0 }, destination: { valueInteger: 2 } })), /destination 2/],
  [parameters(operation("move", "Patient.name", { source: { valueInteger: 0 } })), /"destination" is missing/],
];

test("faults name the operation, the path and the reason", () => {
  for (const [patch, reason] of faults) {
    const result = applyFhirPathPatch(patient, patch);
    assert.ok(!result.ok, `${reason} ${JSON.stringify(result)}`);
    assert.match(result.failure.text, reason);
  }
});

test("depth is bounded", () => {
  let parts: Json[] = [{ name: "url", valueUri: "u" }];
  for (let i = 0; i < 14; i++) parts = [{ name: "url", valueUri: "u" }, { name: "extension", part: parts }];
  const path = (depth: number) => `Patient${".extension[0]".repeat(depth)}`;
  const list = Array.from({ length: 40 }, (_, i) => operation("add", path(15 * i), { name: { valueString: "extension" }, value: { part: parts } }));
  const result = applyFhirPathPatch({ resourceType: "Patient" }, parameters(...list));
  assert.ok(!result.ok && /too deep/.test(result.failure.text), JSON.stringify(result).slice(0, 300));
});

test("number literals are kept", () => {
  const source = '{"resourceType":"Observation","status":"final","valueQuantity":{"value":1.50,"unit":"x"}}';
  const result = fhirPathPatchText(source, JSON.stringify(parameters(operation("replace", "Observation.status", { value: { valueCode: "amended" } }))));
  assert.ok(result.ok && result.value === source.replace("final", "amended"));
});

test("no patch makes it throw", () => {
  const path = fc.constantFrom("Patient", "Patient.name", "Patient.name[0]", "Patient.name[0].given", "name.given[1]", "Patient.birthDate", "Patient.contact.name.text", "Patient.deceased", "Patient.contained[0]", "x", "");
  const value = fc.constantFrom<JsonObject>({ valueString: "x" }, { valueHumanName: { family: "y" } }, { part: [{ name: "text", valueString: "z" }] }, { part: [1] }, { valueInteger: -1 }, {});
  const one = fc.record({ type: fc.constantFrom("add", "insert", "delete", "replace", "move"), path, value, index: fc.integer({ min: -1, max: 3 }), name: fc.constantFrom("name", "given", "extension", "id", "deceased", "contained") });
  fc.assert(fc.property(fc.array(one, { maxLength: 5 }), list => {
    applyFhirPathPatch(patient, parameters(...list.map(({ type, path: at, value: v, index, name }) => operation(type, at, { value: v, index: { valueInteger: index }, source: { valueInteger: index }, destination: { valueInteger: 0 }, name: { valueString: name } }))));
  }), { numRuns: 300 });
});
