import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryCodeSystem } from "./code-system.ts";
import type { CodeSystem } from "./resources.ts";
import { supplementOf, withSupplements } from "./supplement.ts";

const uri = "http://hl7.org/fhir/concept-properties#";
const resource: CodeSystem = {
  resourceType: "CodeSystem", url: "urn:cs", version: "2", content: "complete", caseSensitive: false, property: [{ code: "grouper", uri: `${uri}notSelectable` }, { code: "weight", type: "integer" }],
  concept: [
    { code: "A", display: "Alpha", property: [{ code: "grouper", valueBoolean: true }], concept: [{ code: "B", property: [{ code: "parent", valueCode: "D" }, { code: "weight", valueInteger: 3 }] }, { code: "C", property: [{ code: "status", valueCode: "retired" }] }] },
    { code: "D", property: [{ code: "child", valueCode: "A" }] }, { code: "E", property: [{ code: "deprecated", valueBoolean: true }] }, { code: "F", property: [{ code: "parent", valueCode: "G" }] }, { code: "G", property: [{ code: "parent", valueCode: "F" }] }, { code: "A", display: "again" },
  ],
};
const system = new MemoryCodeSystem(resource);

test("state comes from properties by their uri, else by their customary code", () => {
  assert.deepEqual([...system.all()].map(({ code, abstract, inactive, status }) => [code, abstract, inactive, status]),
    [["A", true, false, undefined], ["B", false, false, undefined], ["C", false, true, "retired"], ["D", false, false, undefined], ["E", false, false, "deprecated"], ["F", false, false, undefined], ["G", false, false, undefined]]);
});

test("hierarchies by nesting, parent and child; a circle is walked once", () => {
  assert.deepEqual(system.concept("B")!.parents, ["A", "D"]);
  assert.ok(system.subsumes("D", "C") && system.subsumes("A", "b") && !system.subsumes("B", "A") && system.subsumes("F", "G") && system.subsumes("G", "F"));
  assert.deepEqual(system.children("D"), ["B", "A"]);
  const codes = (op: "is-a" | "descendent-of" | "descendent-leaf", value: string): string[] => { const page = system.select({ filters: [{ property: "concept", op, value }], count: 10 }); return page.ok ? page.value.concepts.map(({ code }) => code) : []; };
  assert.deepEqual(codes("is-a", "D"), ["A", "B", "C", "D"]);
  assert.deepEqual(codes("descendent-of", "A"), ["B", "C"]);
  assert.deepEqual(codes("descendent-leaf", "D"), ["B", "C"]);
  assert.deepEqual(codes("is-a", "none"), []);
});

test("pages go on by place or after a code; filters that mean nothing here are named", () => {
  const page = (more: object): unknown => { const found = system.select({ filters: [], count: 2, ...more }); return found.ok ? [found.value.concepts.map(({ code }) => code), found.value.more, found.value.total] : found.failure.text; };
  assert.deepEqual(page({ skip: 1 }), [["B", "C"], true, 7]);
  assert.deepEqual(page({ after: "E" }), [["F", "G"], false, undefined]);
  assert.deepEqual(page({ activeOnly: true, skip: 1 }), [["B", "D"], true, 6]);
  assert.deepEqual(page({ text: "alph" }), [["A"], false, 1]);
  assert.deepEqual(page({ filters: [{ property: "weight", op: "=", value: "3" }] }), [["B"], false, 1]);
  assert.match(String(page({ filters: [{ property: "colour", op: "=", value: "x" }] })), /no property "colour"; it has concept, display, grouper, weight/);
  assert.match(String(page({ filters: [{ property: "weight", op: "is-a", value: "x" }] })), /goes with the property "concept"/);
  // Patterns on which backtracking would explode run on the linear machine.
  assert.deepEqual(page({ filters: [{ property: "code", op: "regex", value: "(A+)+" }] }), [["A"], false, 1]);
});

test("supplements add designations, properties and extensions, and say where they came from", () => {
  const dressed = withSupplements(system, [{ resourceType: "CodeSystem", url: "urn:supplement", version: "1", content: "supplement", supplements: "urn:cs", concept: [{ code: "A", designation: [{ language: "fr", value: "Alphe" }], property: [{ code: "rank", valueInteger: 1 }] }] }]);
  const [a, b] = dressed.concepts(["A", "B"]) as ReturnType<MemoryCodeSystem["concepts"]>;
  assert.equal(a!.designation![0]!.value, "Alphe");
  assert.equal(supplementOf(a!.designation![0]!), "urn:supplement|1");
  assert.deepEqual(a!.property!.map(({ code }) => code), ["grouper", "rank"]);
  assert.equal(b, system.concept("B"));
});
