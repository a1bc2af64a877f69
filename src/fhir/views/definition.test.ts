import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuSeconds } from "#platform/cpu-time.ts";
import { compileView } from "./compile.ts";

const column = { name: "id", path: "id" };
const patient = (select: unknown, more: object = {}): unknown => ({ resource: "Patient", select: [select], ...more });

/** What is wrong, the place and words of the first issue. */
const refused: [string, unknown, string, RegExp][] = [
  ["nothing", null, "ViewDefinition", /must be an object/],
  ["a list", [], "ViewDefinition", /not a list/],
  ["another resource", { resourceType: "Patient", resource: "Patient", select: [{ column: [column] }] }, "ViewDefinition.resourceType", /no ViewDefinition/],
  ["no resource", { select: [{ column: [column] }] }, "ViewDefinition.resource", /is missing/],
  ["a misspelt resource", { resource: "Pateint", select: [{ column: [column] }] }, "ViewDefinition.resource", /did you mean Patient/],
  ["no select", { resource: "Patient" }, "ViewDefinition.select", /is missing/],
  ["select that is an object", { resource: "Patient", select: { column: [column] } }, "ViewDefinition.select", /must be a list/],
  ["no columns", patient({ forEach: "name" }), "ViewDefinition.select", /no columns/],
  ["a misspelt member", patient({ columns: [column] }), "ViewDefinition.select[0]", /no element "columns"; did you mean "column"/],
  ["a column without name", patient({ column: [{ path: "id" }] }), "ViewDefinition.select[0].column[0].name", /is missing/],
  ["a column without path", patient({ column: [{ name: "id" }] }), "ViewDefinition.select[0].column[0].path", /is missing/],
  ["__proto__ as a name", patient({ column: [{ name: "__proto__", path: "id" }] }), "ViewDefinition.select[0].column[0].name", /no column name/],
  ["a name with a quote", patient({ column: [{ name: "a\"; drop", path: "id" }] }), "ViewDefinition.select[0].column[0].name", /no column name/],
  ["two columns of a name", patient({ column: [column, column] }), "ViewDefinition.select", /two columns are named "id"/],
  ["an unknown type", patient({ column: [{ ...column, type: "text" }] }), "ViewDefinition.select[0].column[0].type", /no type "text"/],
  ["an unknown element", patient({ column: [{ name: "a", path: "nmae.family" }] }), "ViewDefinition.select[0].column[0].path", /did you mean "name"/],
  ["an element unknown below forEach", patient({ forEach: "name", column: [{ name: "a", path: "familly" }] }), "ViewDefinition.select[0].column[0].path", /did you mean "family"/],
  ["a path that does not parse", patient({ forEach: "name.", column: [column] }), "ViewDefinition.select[0].forEach", /FHIRPath 1:6/],
  ["forEach and forEachOrNull", patient({ forEach: "name", forEachOrNull: "name", column: [{ name: "f", path: "family" }] }), "ViewDefinition.select[0]", /takes one of them/],
  ["an undefined constant", patient({ column: [{ name: "a", path: "id = %who" }] }), "ViewDefinition.select[0].column[0].path", /%who is not defined/],
  ["a constant without value", patient({ column: [column] }, { constant: [{ name: "c" }] }), "ViewDefinition.constant[0]", /has no value/],
  ["a constant with two values", patient({ column: [column] }, { constant: [{ name: "c", valueString: "a", valueCode: "b" }] }), "ViewDefinition.constant[0]", /valueString and valueCode/],
  ["a date that is none", patient({ column: [column] }, { constant: [{ name: "c", valueDate: "2020-13-45" }] }), "ViewDefinition.constant[0].valueDate", /is no date/],
  ["a constant twice", patient({ column: [column] }, { constant: [{ name: "c", valueCode: "a" }, { name: "c", valueCode: "b" }] }), "ViewDefinition.constant[1].name", /defined twice/],
  ["a where that is no condition", patient({ column: [column] }, { where: [{ path: "name.family" }] }), "ViewDefinition.where[0].path", /takes true or false/],
  ["a where without path", patient({ column: [column] }, { where: [{}] }), "ViewDefinition.where[0].path", /is missing/],
  ["branches with other columns", patient({ unionAll: [{ column: [column] }, { column: [{ name: "other", path: "id" }] }] }), "ViewDefinition.select[0].unionAll[1]", /gives the columns other/],
  ["branches with other types", patient({ unionAll: [{ column: [column] }, { column: [{ name: "id", path: "active" }] }] }), "ViewDefinition.select[0].unionAll[1].column[0]", /boolean here and (id|string) in another/],
];

for (const [what, view, place, words] of refused)
  test(`refused: ${what}`, () => {
    const compiled = compileView(view);
    assert(!compiled.ok);
    const [issue] = compiled.failure.issues ?? [];
    assert.equal(issue?.expression, place);
    assert.match(issue.text, words);
  });

test("every fault is told, not only the first", () => {
  const compiled = compileView(patient({ column: [{ name: "a b", path: "idd" }, { path: "id" }] }, { constant: [{}] }));
  assert(!compiled.ok);
  assert.equal(compiled.failure.issues?.length, 3);
  assert.match(compiled.failure.text, /and 2 more/);
});

test("a view that contains itself, and one that is too large, end in a fault", () => {
  const loop: { column: unknown[]; select: unknown[]; unionAll: unknown[] } = { column: [column], select: [], unionAll: [] };
  loop.select.push(loop, loop);
  loop.unionAll.push(loop);
  const started = cpuSeconds();
  const cyclic = compileView(patient(loop));
  assert(!cyclic.ok);
  assert.match(cyclic.failure.text, /32 deep/);
  const huge = compileView(patient({ column: Array.from({ length: 20_000 }, (_, i) => ({ name: `c${i}`, path: "id" })) }));
  assert(!huge.ok);
  assert.match(huge.failure.text, /more than 10000/);
  assert(cpuSeconds() - started < 5);
});
