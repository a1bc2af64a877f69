/** SearchParameter resources take effect: https://hl7.org/fhir/R4/searchparameter.html, https://hl7.org/fhir/R4/search.html */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { bundleOf, issuesOf, observation, testServer, type Answer, type TestServer } from "./server.ts";

let server: TestServer;
before(async () => { server = await testServer(); });
after(() => server.close());

const device = { resourceType: "SearchParameter", url: "http://salus.example/SearchParameter/performing-device", name: "performing-device", status: "active", description: "x", code: "made-by", base: ["Observation"], type: "reference", target: ["Device"], expression: "Observation.device" };

async function searched(query: string): Promise<Answer> {
  return await until(async () => {
    const answer = await server.send("GET", query);
    if (answer.statusCode === 200) return answer;
    assert.match(issuesOf(answer)[0]!.diagnostics, /index is being built|no search parameter|cannot be sorted/);
    return undefined;
  }, "the index of the parameter");
}
const idsOf = (answer: Answer): string[] => (bundleOf(answer).entry ?? []).map(({ resource }) => resource!.id).sort();
type Statement = { rest: { resource: { type: string; searchParam: { name: string; definition: string }[]; searchInclude: string[] }[] }[] };
const stated = async () => ((await server.send("GET", "metadata")).json() as Statement).rest[0]!.resource.find(({ type }) => type === "Observation")!;

test("a POSTed SearchParameter: searched by, sorted by, included by, missing; claimed in the CapabilityStatement only while it answers", async () => {
  for (const [i, by] of ["d1", "d1", "d2"].entries()) await server.send("PUT", `Observation/by${i}`, { body: { ...observation("ann", i), id: `by${i}`, device: { reference: `Device/${by}` } } });
  await server.send("PUT", "Device/d1", { body: { resourceType: "Device", id: "d1" } });
  assert.match(issuesOf(await server.send("GET", "Observation?made-by=d1"))[0]!.diagnostics, /no search parameter "made-by"/);
  const made = await server.send("POST", "SearchParameter", { body: device });
  assert.equal(made.statusCode, 201, made.body);
  assert.deepEqual(idsOf(await searched("Observation?made-by=Device/d1")), ["by0", "by1"]);
  assert.deepEqual(idsOf(await searched("Observation?made-by:missing=true")), ["ann-glucose", "bob-glucose"]);
  assert.deepEqual(idsOf(await searched("Observation?made-by=d1&patient=ann&code=2339-0&_include=Observation:made-by")), ["by0", "by1", "d1"]);
  assert.deepEqual(idsOf(await server.send("GET", "Observation?made-by=d1", { as: "nobody" })), [], "the caller's filter holds");
  const twice = await server.send("POST", "Observation", { body: { ...observation("ann", 9), device: { reference: "Device/d2" } }, headers: { "if-none-exist": "made-by=Device/d2" } });
  assert.deepEqual([twice.statusCode, (twice.json() as { id: string }).id], [200, "by2"], "conditions of conditional requests too");
  assert.ok((await stated()).searchParam.some(({ name, definition }) => name === "made-by" && definition === device.url));
  assert.ok((await stated()).searchInclude.includes("Observation:made-by"));
  const at = String(made.headers.location).split("/").slice(-3)[0]!;
  assert.equal((await server.send("PUT", `SearchParameter/${at}`, { body: { ...device, id: at, status: "retired" } })).statusCode, 200);
  assert.match(issuesOf(await server.send("GET", "Observation?made-by=d1"))[0]!.diagnostics, /no search parameter/);
  assert.ok(!(await stated()).searchParam.some(({ name }) => name === "made-by"));
});

test("a definition that conflicts with R4's, or cannot be evaluated, is refused and says which element", async () => {
  for (const [change, element, status] of [[{ code: "code" }, "code", 409], [{ expression: "Observation.(" }, "expression", 400], [{ base: ["Wizard"] }, "base", 400], [{ type: "special" }, "type", 400]] as const) {
    const answer = await server.send("POST", "SearchParameter", { body: { ...device, ...change } });
    assert.equal(answer.statusCode, status, answer.body);
    assert.ok(issuesOf(answer)[0]!.expression![0]!.startsWith(`SearchParameter.${element}`), answer.body);
  }
  assert.equal((await server.send("POST", "SearchParameter", { as: "wang", body: device })).statusCode, 403);
});

test("search.html#composite: a composite of one's own holds for one element; R4's composites may be asked by _filter too", async () => {
  const lipids = (id: string, ...values: [string, number][]) => ({ ...observation("ann", 1), id, component: values.map(([code, value]) => ({ code: { coding: [{ system: "http://loinc.org", code }] }, valueQuantity: { value, unit: "mg/dL", system: "http://unitsofmeasure.org", code: "mg/dL" }, interpretation: [{ coding: [{ code: value > 150 ? "H" : "N" }] }] })) });
  for (const one of [lipids("lip1", ["2571-8", 200], ["2085-9", 50]), lipids("lip2", ["2571-8", 100], ["2085-9", 180])]) await server.send("PUT", `Observation/${one.id}`, { body: one });
  const definition = "http://hl7.org/fhir/SearchParameter/";
  const made = await server.send("POST", "SearchParameter", { body: {
    resourceType: "SearchParameter", url: "http://salus.example/SearchParameter/flagged", name: "flagged", status: "active", description: "x", code: "code-flag", base: ["Observation"], type: "composite", expression: "Observation.component",
    component: [{ definition: `${definition}Observation-component-code`, expression: "code" }, { definition: `${definition}clinical-code`, expression: "interpretation" }],
  } });
  assert.equal(made.statusCode, 201, made.body);
  assert.deepEqual(idsOf(await searched("Observation?code-flag=2571-8$H")), ["lip1"]);
  assert.deepEqual(idsOf(await searched("Observation?code-flag=http://loinc.org|2085-9$H,2571-8$N&patient=ann")), ["lip2"]);
  assert.ok((await stated()).searchParam.some(({ name }) => name === "code-flag"));
  assert.match(issuesOf(await server.send("GET", "Observation?code-flag=2571-8"))[0]!.diagnostics, /must give 2 values/);
  const filter = (text: string) => `Observation?_filter=${encodeURIComponent(text)}`;
  assert.deepEqual(idsOf(await searched(filter("component-code-value-quantity eq \"2571-8$gt150\" or code-flag eq \"2085-9$H\""))), ["lip1", "lip2"]);
  assert.deepEqual(idsOf(await searched(filter("component-code-value-quantity pr true and not (component-code-value-quantity eq \"2571-8$gt150\")"))), ["lip2"]);
  assert.match(issuesOf(await server.send("GET", filter("component-code-value-quantity gt \"2571-8$150\"")))[0]!.diagnostics, /type composite; eq and pr do/);
});
