/** https://hl7.org/fhir/R4/search.html: contexts, errors, parameters of all resources, modifiers (3.1.1.1 to 3.1.1.4.4), server conformance (3.1.1.6, 3.1.1.7). */
import assert from "node:assert/strict";
import { bundleOf, issuesOf, observation } from "../server.ts";
import { states, withServer } from "./states.ts";

const { send, found } = withServer({}, [
  { resourceType: "Basic", id: "Tagged", code: { text: "a" }, meta: { tag: [{ system: "urn:tag", code: "review" }], security: [{ system: "urn:label", code: "R" }], profile: ["http://example.org/StructureDefinition/lipid"], source: "http://example.org/source" } },
  { resourceType: "Basic", id: "plain", code: { text: "b" } },
  { resourceType: "Condition", id: "coded", subject: { reference: "Patient/ann" }, code: { coding: [{ system: "urn:s", code: "c1" }] }, onsetDateTime: "2011-02-03" },
  { resourceType: "Condition", id: "spanning", subject: { reference: "Patient/ann" }, code: { text: "x" }, onsetPeriod: { start: "2012-01-01", end: "2012-03-01" } },
  { resourceType: "RiskAssessment", id: "risk", status: "final", subject: { reference: "Patient/ann" }, prediction: [{ probabilityDecimal: 0.85 }] },
  { ...observation("ann", 5, { component: [{ code: { coding: [{ system: "urn:s", code: "in-component" }] }, valueInteger: 1 }] }), id: "component" },
]);

const lenient = { prefer: "handling=lenient" }, strict = { prefer: "handling=strict" };

states("search 3.1.1.1-1", async () => {
  const { rest } = (await send("GET", "metadata")).json() as { rest: { resource: { type: string; searchParam?: { name: string }[] }[] }[] };
  for (const { type, searchParam = [] } of rest[0]!.resource) assert.equal(new Set(searchParam.map(({ name }) => name.toLowerCase())).size, searchParam.length, type);
});

states("search 3.1.1.2-1", async () => {
  assert.deepEqual(await found("?_type=Condition,Observation&patient=ann&code=urn:s|c1"), ["Condition/coded"]);
  assert.equal((await send("GET", "?_type=Condition,Observation&onset-date=2011")).statusCode, 400);
});

states("search 3.1.1.2-2", async () => {
  assert.deepEqual(await found("?_tag=urn:tag|review"), ["Basic/Tagged"]);
  assert.equal((await send("GET", "?code=urn:s|c1")).statusCode, 400);
});

states("search 3.1.1.3-1", async () => {
  for (const query of ["nonsense=1", "onset-date=x", "code:exact=a", "_sort=nonsense", "_include=Condition:nonsense", "encounter.nonsense=x"]) {
    const answer = await send("GET", `Condition?${query}`);
    assert.equal(answer.statusCode, 400, query);
    assert.ok(issuesOf(answer).every(({ severity, diagnostics }) => severity === "error" && diagnostics.length > 10), answer.body);
  }
});

states("search 3.1.1.3-2", async () => {
  for (const headers of [{}, strict, lenient] as Record<string, string>[]) for (const query of ["code=&_id=coded", "_id=coded&code", "_id=coded&onset-date=&subject="]) {
    const answer = bundleOf(await send("GET", `Condition?${query}`, { headers }));
    assert.deepEqual([answer.total, answer.entry!.length], [1, 1], query);
    assert.match(answer.link[0]!.url, /\?_id=coded&_count=20$/);
  }
});

states("search 3.1.1.3-3", async () => {
  for (const query of ["onset-date=23%20May%202009", "onset-date=2009-13", "_id=a%20b", "code=a|b|c", "onset-date:missing=perhaps"]) assert.equal((await send("GET", `Condition?${query}`)).statusCode, 400, query);
});

states("search 3.1.1.3-4", async () => {
  for (const query of ["subject=Patient/none-such", "subject=none-such", "patient.identifier=urn:mrn|none", "code=urn:s|none", "code=urn:none|c1", "onset-date=le1995", "_id=none-such", "_tag=urn:none|x"]) assert.deepEqual(await found(`Condition?${query}`), [], query);
});

states("search 3.1.1.3-6", async () => {
  const answer = await send("GET", "Condition?nonsense=1", { headers: strict });
  assert.deepEqual([answer.statusCode, /nonsense/.test(issuesOf(answer)[0]!.diagnostics)], [400, true]);
});

states("search 3.1.1.3-7", async () => {
  const bundle = bundleOf(await send("GET", "Condition?_id=coded&nonsense=1&odd:exact=2", { headers: lenient }));
  assert.equal(bundle.entry![0]!.resource!.id, "coded");
  assert.match(bundle.link[0]!.url, /Condition\?_id=coded&_count=20$/);
});

states("search 3.1.1.4.1-1", async () => {
  assert.deepEqual(await found("Basic?_id=Tagged"), ["Basic/Tagged"]);
  assert.deepEqual(await found("Basic?_id=Tagged,plain"), ["Basic/Tagged", "Basic/plain"]);
  for (const id of ["tagged", "Tagge", "Tagged1"]) assert.deepEqual(await found(`Basic?_id=${id}`), [], id);
});

states("search 3.1.1.4.1-2", async () => {
  const { meta } = (await send("GET", "Basic/plain")).json() as { meta: { lastUpdated: string } };
  assert.deepEqual(await found(`Basic?_lastUpdated=gt2010-10-01&_id=plain`), ["Basic/plain"]);
  assert.deepEqual(await found(`Basic?_lastUpdated=${meta.lastUpdated}&_id=plain`), ["Basic/plain"]);
  assert.deepEqual(await found(`Basic?_lastUpdated=lt${meta.lastUpdated}&_id=plain`), []);
  assert.deepEqual(await found("Basic?_lastUpdated=lt2010&_id=plain"), []);
});

states("search 3.1.1.4.1-3", async () => {
  for (const query of ["_tag=urn:tag|review", "_tag=review", "_tag=urn:tag|", "_security=urn:label|R"]) assert.deepEqual(await found(`Basic?${query}`), ["Basic/Tagged"], query);
  assert.deepEqual(await found("Basic?_tag=urn:other|review"), []);
  assert.deepEqual(await found("Basic?_tag:not=urn:tag|review"), ["Basic/plain"]);
});

states("search 3.1.1.4.1-4", async () => {
  assert.deepEqual(await found("Basic?_profile=http://example.org/StructureDefinition/lipid"), ["Basic/Tagged"]);
  assert.deepEqual(await found("Basic?_profile=http://example.org/StructureDefinition/other"), []);
  assert.deepEqual(await found("Basic?_source=http://example.org/source"), ["Basic/Tagged"]);
});

states("search 3.1.1.4.2-1", async () => {
  assert.deepEqual(await found("Observation?combo-code=urn:s|in-component"), ["Observation/component"]);
  assert.deepEqual(await found("Observation?combo-code=2339-0&_id=component"), ["Observation/component"]);
  assert.deepEqual(await found("Condition?onset-date=2012-02"), []);
  assert.deepEqual(await found("Condition?onset-date=ge2011"), ["Condition/coded", "Condition/spanning"]);
});

states("search 3.1.1.4.3-1", async () => {
  assert.deepEqual(await found("RiskAssessment?probability=0.85"), ["RiskAssessment/risk"]);
  for (const value of ["high", "0.8.5", "1%20", "0x1", "--1"]) assert.equal((await send("GET", `RiskAssessment?probability=${value}`)).statusCode, 400, value);
});

states("search 3.1.1.4.4-1", async () => {
  for (const [type, with_, without, params] of [["Condition", "coded", "none", ["code", "subject", "onset-date"]], ["Basic", "Tagged", "plain", ["_tag", "_security", "_profile", "_source"]]] as const)
    for (const param of params) {
      assert.ok((await found(`${type}?${param}:missing=false`)).includes(`${type}/${with_}`), param);
      assert.ok(!(await found(`${type}?${param}:missing=true`)).includes(`${type}/${with_}`), param);
      if (without !== "none") assert.deepEqual(await found(`${type}?${param}:missing=true`), [`${type}/${without}`], param);
    }
  assert.deepEqual(await found("Patient?name:missing=false"), ["Patient/ann", "Patient/bob"]);
  assert.deepEqual(await found("Patient?gender:missing=true"), ["Patient/ann", "Patient/bob"]);
  assert.deepEqual(await found("RiskAssessment?probability:missing=false"), ["RiskAssessment/risk"]);
  assert.ok((await found("Observation?value-quantity:missing=false")).includes("Observation/component"));
});

states("search 3.1.1.4.4-2", async () => {
  for (const headers of [{}, lenient] as Record<string, string>[]) for (const query of ["Patient?name:below=a", "Condition?code:exact=a", "Condition?onset-date:text=1995", "RiskAssessment?probability:not=1", "Observation?value-quantity:exact=1", "ValueSet?url:contains=a", "Patient?_id:text=a", "Patient?name:nonsense=a", "Condition?subject:Medication=1"]) {
    const answer = await send("GET", query, { headers });
    assert.deepEqual([answer.statusCode, issuesOf(answer)[0]!.severity], [400, "error"], query);
  }
});

states("search 3.1.1.6-1", async () => {
  const self = async (url: string, headers: Record<string, string> = {}): Promise<string> => bundleOf(await send("GET", url, { headers })).link.find(({ relation }) => relation === "self")!.url.split("/fhir/R4/")[1]!;
  assert.equal(await self("Condition?code=urn:s|c1&onset-date=ge2011&_sort=-onset-date&_count=5&_include=Condition:subject"), "Condition?code=urn:s|c1&onset-date=ge2011&_sort=-onset-date&_count=5&_include=Condition:subject");
  assert.equal(await self("Condition?code=urn:s|c1&nonsense=1&_format=json", lenient), "Condition?code=urn:s|c1&_count=20");
  assert.equal(await self("Condition?_count=99999999"), "Condition?_count=1000");
});

states("search 3.1.1.6-3", async () => {
  const order = async (sort: string): Promise<string[]> => bundleOf(await send("GET", `Condition?_id=coded,spanning&_sort=${sort}`)).entry!.map(({ resource }) => resource!.id);
  assert.deepEqual([await order("onset-date"), await order("-onset-date")], [["coded", "spanning"], ["spanning", "coded"]]);
});

states("search 3.1.1.7-1", async () => {
  for (const headers of [{}, lenient] as Record<string, string>[]) assert.equal((await send("GET", "Patient?_query=current-high-risk", { headers })).statusCode, 400);
});
