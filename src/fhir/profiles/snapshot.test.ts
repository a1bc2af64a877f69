import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resource.ts";
import { createRegistry } from "./registry.ts";
import { listOf, type Branch } from "./tree.ts";

const base = "http://hl7.org/fhir/StructureDefinition/";

function profile(name: string, type: string, baseDefinition: string, element: object[]): Resource {
  return { resourceType: "StructureDefinition", url: `http://example.org/${name}`, name, kind: "resource", type, derivation: "constraint", baseDefinition, differential: { element } };
}

function treeOf(...profiles: Resource[]): Branch {
  const tree = createRegistry(profiles).tree(profiles[0]!.url as string);
  assert.ok(tree.ok, tree.ok ? "" : tree.failure.text);
  return tree.value;
}

function elementOf(tree: Branch, id: string) {
  const found = listOf(tree).find((element) => element.id === id);
  assert.ok(found, `${id} is not in the snapshot`);
  return found;
}

test("an element of the differential replaces what it says and keeps the rest", () => {
  const { min, max, types, mustSupport } = elementOf(treeOf(profile("p", "Patient", `${base}Patient`, [{ path: "Patient.name", min: 1, mustSupport: true }])), "Patient.name");
  assert.deepEqual({ min, max, types, mustSupport }, { min: 1, max: -1, types: [{ code: "HumanName" }], mustSupport: true });
});

test("a path into a datatype unfolds the datatype", () => {
  const tree = treeOf(profile("p", "Patient", `${base}Patient`, [{ path: "Patient.name.family", min: 1 }]));
  assert.equal(elementOf(tree, "Patient.name.family").min, 1);
  assert.equal(elementOf(tree, "Patient.name.given").max, -1);
});

test("slices start optional, inherit what holds for all, and have children of their own", () => {
  const tree = treeOf(profile("p", "Observation", `${base}Observation`, [
    { path: "Observation.component", slicing: { discriminator: [{ type: "pattern", path: "code" }], rules: "open" }, min: 2 },
    { path: "Observation.component.code", mustSupport: true },
    { path: "Observation.component", sliceName: "systolic", max: "1" },
    { path: "Observation.component.code", patternCodeableConcept: { coding: [{ code: "s" }] } },
    { path: "Observation.component", sliceName: "diastolic" },
    { path: "Observation.component.code", patternCodeableConcept: { coding: [{ code: "d" }] } },
  ]));
  assert.deepEqual([elementOf(tree, "Observation.component:systolic").min, elementOf(tree, "Observation.component:systolic").max], [0, 1]);
  const code = elementOf(tree, "Observation.component:systolic.code");
  assert.deepEqual([code.mustSupport, code.pattern?.value], [true, { coding: [{ code: "s" }] }]);
  assert.deepEqual(elementOf(tree, "Observation.component:diastolic.code").pattern?.value, { coding: [{ code: "d" }] });
  assert.equal(elementOf(tree, "Observation.component.code").pattern, undefined);
});

test("valueQuantity stands for the slice of value[x] with that type", () => {
  const tree = treeOf(profile("p", "Observation", `${base}Observation`, [{ path: "Observation.valueQuantity.unit", min: 1 }]));
  assert.deepEqual(elementOf(tree, "Observation.value[x]:valueQuantity").types?.map(({ code }) => code), ["Quantity"]);
  assert.equal(elementOf(tree, "Observation.value[x]:valueQuantity.unit").min, 1);
});

test("reslices lie in the slice they divide, and their ids name both", () => {
  const tree = treeOf(profile("p", "Patient", `${base}Patient`, [
    { path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "system" }], rules: "open" } },
    { path: "Patient.identifier", sliceName: "a", slicing: { discriminator: [{ type: "value", path: "type" }], rules: "open" } },
    { path: "Patient.identifier", sliceName: "a/b", max: "1" },
  ]));
  assert.equal(elementOf(tree, "Patient.identifier:a/b").max, 1);
});

test("a content reference holds what the base says of the element referred to, not what the profile asks of it there", () => {
  const tree = treeOf(profile("p", "Parameters", `${base}Parameters`, [
    { path: "Parameters.parameter.name", patternString: "x" },
    { path: "Parameters.parameter.part.name", min: 1 },
  ]));
  assert.equal(elementOf(tree, "Parameters.parameter.part.name").pattern, undefined);
});

test("a logical model adds elements to its base, and a profile narrows the model", () => {
  const model: Resource = {
    resourceType: "StructureDefinition", url: "http://example.org/Visit", name: "Visit", kind: "logical", type: "http://example.org/Visit", derivation: "specialization", baseDefinition: `${base}Element`,
    differential: { element: [
      { path: "Visit" }, { path: "Visit.when", min: 1, max: "1", type: [{ code: "dateTime" }] }, { path: "Visit.ward", min: 0, max: "*", type: [{ code: "BackboneElement" }] },
      { path: "Visit.ward.bed[x]", min: 0, max: "1", type: [{ code: "string" }, { code: "Reference" }] },
    ] },
  };
  assert.deepEqual(listOf(treeOf(model)).map(({ id }) => id), ["Visit", "Visit.id", "Visit.extension", "Visit.when", "Visit.ward", "Visit.ward.id", "Visit.ward.extension", "Visit.ward.modifierExtension", "Visit.ward.bed[x]"]);
  const tree = treeOf(profile("OneWard", "Visit", "http://example.org/Visit", [{ path: "Visit.ward", max: "1" }]), model);
  assert.deepEqual([elementOf(tree, "Visit.ward").max, elementOf(tree, "Visit.when").min], [1, 1]);
  const wrong = createRegistry([profile("NoSuch", "Visit", "http://example.org/Visit", [{ path: "Visit.bed", max: "1" }]), model]).tree("http://example.org/NoSuch");
  assert.ok(!wrong.ok && /has no element "bed"/.test(wrong.failure.text));
});

test("what cannot be generated says why and where", () => {
  const failure = (...profiles: Resource[]): string => {
    const tree = createRegistry(profiles).tree(profiles[0]!.url as string);
    return tree.ok ? "made" : tree.failure.text;
  };
  assert.match(failure(profile("a", "Patient", "http://example.org/b", []), profile("b", "Patient", "http://example.org/a", [])), /example\.org\/a → .*in a circle/);
  assert.match(failure(profile("a", "Patient", "http://example.org/gone", [])), /its base http:\/\/example\.org\/gone is not known/);
  assert.match(failure(profile("a", "Patient", `${base}Patient`, [{ path: "Patient.nmae" }])), /differential\.element\[0\].*no element "nmae"/);
  assert.match(failure(profile("a", "Patient", `${base}Patient`, [{ path: "Person.name" }])), /does not belong to Patient/);
  const deep = ["Extension", ...Array.from({ length: 59 }, () => "extension")].join(".");
  assert.match(failure(profile("a", "Extension", `${base}Extension`, [{ path: `${deep}.url` }])), /not known here|deep/);
  // A profile that unfolds itself ever deeper ends at a bound.
  const wide = Array.from({ length: 1200 }, (_, i) => ({ path: "Observation.component", sliceName: `s${i}` }));
  assert.match(failure(profile("w", "Observation", `${base}Observation`, [{ path: "Observation.component.code.coding.system", min: 1 }, { path: "Observation.component.valueQuantity.value", min: 1 }, { path: "Observation.component.referenceRange.low.value", min: 0 }, ...wide, ...wide.map(({ sliceName }) => ({ path: "Observation.component", sliceName: `${sliceName}/x` }))])), /grows beyond|made/);
});

test("member names of Object.prototype are no elements", () => {
  const tree = createRegistry([profile("a", "Patient", `${base}Patient`, [{ path: "Patient.constructor", min: 1 }, { path: "Patient.__proto__" }])]).tree("http://example.org/a");
  assert.ok(!tree.ok && /no element "constructor"/.test(tree.failure.text));
});
