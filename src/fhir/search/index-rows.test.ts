import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { resourceTypes, searchParametersOf } from "../definitions/load.ts";
import type { Resource } from "../resource.ts";
import { indexRows, isIndexed } from "./index-rows.ts";

const typeOfList = { tokens: "token", strings: "string", dates: "date", numbers: "number", quantities: "quantity", references: "reference", uris: "uri" } as const;
const lists = Object.keys(typeOfList) as (keyof typeof typeOfList)[];

test("rows are distinct, and one path feeds every parameter that names it", () => {
  const code = { coding: [{ system: "s", code: "c" }] };
  const { tokens } = indexRows({ resourceType: "Observation", code, component: [{ code }, { code }] });
  assert.deepEqual(tokens.map((row) => row.param).sort(), ["code", "combo-code", "component-code"]);
});

test("many rows stay distinct too", () => {
  const component = Array.from({ length: 200 }, (_, i) => ({ code: { coding: [{ code: `c${i % 50}` }] } }));
  assert.equal(indexRows({ resourceType: "Observation", component }).tokens.filter((row) => row.param === "component-code").length, 50);
});

test("_id and _lastUpdated have no rows; an unknown type has none at all", () => {
  const rows = indexRows({ resourceType: "Patient", id: "1", meta: { lastUpdated: "2020-01-01T00:00:00Z", profile: ["http://p"], source: "http://s" } });
  assert.deepEqual(rows.uris, [{ param: "_profile", value: "http://p" }, { param: "_source", value: "http://s" }]);
  assert.deepEqual([...rows.tokens, ...rows.dates].map((row) => row.param), ["deceased"]);
  const { words, ...others } = indexRows({ resourceType: "Nonsense", status: "x" });
  assert.deepEqual([...Object.values(others).flat(), ...words.content], []);
});

test("choices by type: value-string, value-date, value-concept", () => {
  const params = (member: string, value: unknown) => {
    const rows = indexRows({ resourceType: "Observation", [member]: value });
    return lists.flatMap((list) => rows[list].map((row) => row.param)).sort();
  };
  assert.deepEqual(params("valueString", "x"), ["value-string"]);
  assert.deepEqual(params("valueDateTime", "2020"), ["value-date"]);
  assert.deepEqual(params("valuePeriod", { start: "2020" }), ["value-date"]);
  assert.deepEqual(params("valueCodeableConcept", { text: "x" }), ["combo-value-concept", "value-concept", "value-string"]);
  assert.deepEqual(params("valueBoolean", true), []);
});

test("every row belongs to a parameter of its type, for every resource type and any JSON", () => {
  const members = ["code", "status", "subject", "name", "identifier", "effectiveDateTime", "period", "valueQuantity", "telecom", "meta", "extension", "contained", "url", "component"];
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom<unknown>({ reference: "Patient/1" }, { coding: [{ code: "a" }, null] }, ["x"], [{ family: 3, given: "a" }], { start: "x", end: "2020" }, { value: "5" }));
  fc.assert(fc.property(fc.constantFrom(...resourceTypes()), fc.dictionary(fc.constantFrom(...members), value), (type, content) => {
    const rows = indexRows({ ...content, resourceType: type } as Resource);
    for (const list of lists)
      for (const row of rows[list])
        assert.ok(searchParametersOf(type).some((p) => p.code === row.param.replace(/:(?:of-type|below)$/, "") && p.type === typeOfList[list] && isIndexed(p)), `${type}.${row.param}`);
  }), { numRuns: 300 });
});

test("elements keep what belongs together, and only what fills two components", () => {
  const component = [{ code: { coding: [{ code: "a" }] }, valueQuantity: { value: 1 } }, { code: { coding: [{ code: "b" }] } }];
  const { elements } = indexRows({ resourceType: "Observation", component });
  assert.equal(elements.length, 1);
  assert.deepEqual(elements[0]!.rows.tokens.map(({ code }) => code), ["a"]);
  assert.deepEqual(elements[0]!.rows.quantities.map(({ low }) => low), [1]);
});

test("mime types give rows of their base part for :below", () => {
  const content = ["text/xml; charset=UTF-8", "text/HTML"].map((contentType) => ({ attachment: { contentType } }));
  const { tokens } = indexRows({ resourceType: "DocumentReference", content } as Resource);
  assert.deepEqual(tokens.filter(({ param }) => param === "contenttype:below").map(({ code }) => code), ["text/xml", "text/html"]);
});

test("identifiers with a type give rows for :of-type", () => {
  const identifier = [{ type: { coding: [{ system: "t", code: "MR" }] }, system: "s", value: "7" }, { value: "8" }];
  const { tokens } = indexRows({ resourceType: "Patient", identifier });
  assert.deepEqual(tokens.filter(({ param }) => param === "identifier:of-type"), [{ param: "identifier:of-type", system: "t", code: "MR|7" }]);
});
