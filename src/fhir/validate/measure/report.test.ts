import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../profiles/registry.ts";
import { createValidator } from "../validator.ts";

const code = (text: string): object => ({ coding: [{ system: "urn:m", code: text }] });
const criteria = { language: "text/cql", expression: "x" };
const measure = {
  resourceType: "Measure", url: "http://example.org/m", status: "active", scoring: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/measure-scoring", code: "proportion" }] },
  group: [{ code: code("g"), population: [{ code: code("all"), criteria }, { code: code("some"), criteria }], stratifier: [{ code: code("sex"), criteria }] }],
};
const validator = createValidator({ registry: createRegistry([measure]) });

function errors(group: object): string[] {
  const report = { resourceType: "MeasureReport", status: "complete", type: "summary", measure: "http://example.org/m", period: { start: "2021" }, group: [group] };
  return validator.validate(report).issues.filter(({ severity }) => severity === "error").map(({ text }) => text);
}

test("groups, populations and stratifiers answer those of the Measure by code", () => {
  const good = { code: code("g"), population: [{ code: code("all"), count: 2 }, { code: code("some"), count: 1 }], stratifier: [{ code: [code("sex")] }] };
  assert.deepEqual(errors(good), []);
  assert.match(errors({ ...good, code: code("h") })[0]!, /^MeasureReport\.group\[0\]: the Measure has no group with this code/);
  assert.match(errors({ ...good, population: good.population.slice(1) })[0]!, /^MeasureReport\.group\[0\]: the population urn:m\|all of the Measure is not reported/);
  assert.match(errors({ ...good, population: [...good.population, { code: code("none") }] })[0]!, /population\[2\]: no population of the Measure's group has this code/);
  assert.match(errors({ ...good, stratifier: [{ code: [code("age")] }] })[0]!, /stratifier\[0\]: no stratifier of the Measure has its code/);
  assert.match(errors({ ...good, measureScore: { unit: "%" } })[0]!, /measureScore: a proportion has a number/);
});
