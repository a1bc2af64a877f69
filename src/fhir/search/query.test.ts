import assert from "node:assert/strict";
import { test } from "node:test";
import { cpuSeconds } from "#platform/cpu-time.ts";
import type { SearchQuery } from "./query-model.ts";
import { countMax, sortKeysMax } from "./result-parameters.ts";
import { parametersMax, parseQuery, queryLengthMax, termsMax, type QueryOptions } from "./query.ts";

function read(query: string, type = "Observation", options: QueryOptions = {}): SearchQuery {
  const parsed = parseQuery(type, query, options);
  assert.ok(parsed.ok, parsed.ok ? "" : `${query}: ${parsed.failure.text}`);
  return parsed.value;
}

test("result parameters", () => {
  const asked = "_sort=-date,code,_lastUpdated,-_id&_count=20&_include=Observation:subject:Patient&_include:iterate=Patient:organization&_revinclude=Provenance:target&_total=accurate&_elements=status,valueQuantity";
  assert.deepEqual(read(asked), {
    type: "Observation", filters: [], ignored: [], searched: asked.split("&"), count: 20, total: "accurate", elements: ["status", "value"],
    sort: [
      { kind: "param", param: "date", searchType: "date", descending: true }, { kind: "param", param: "code", searchType: "token", descending: false },
      { kind: "lastUpdated", descending: false }, { kind: "id", descending: true },
    ],
    includes: [{ source: "Observation", param: "subject", target: "Patient", iterate: false }, { source: "Patient", param: "organization", iterate: true }],
    revincludes: [{ source: "Provenance", param: "target", iterate: false }],
  } satisfies SearchQuery);
  assert.deepEqual(read("").filters, []);
  assert.equal(read("_count=0").count, 0);
  assert.equal(read(`_count=1${"0".repeat(25)}`).count, countMax);
  for (const summary of ["true", "text", "data", "count", "false"]) assert.equal(read(`_summary=${summary}`).summary, summary);
});

test("parameters of every resource", () => {
  const kinds = read("_id=a,b&_lastUpdated=gt2020&_tag=urn:t|x&_security=R&_profile=http://p&_source=http://s").filters.map((filter) => filter.kind);
  assert.deepEqual(kinds, ["id", "lastUpdated", "token", "token", "uri", "uri"]);
});

test("faults are named, with near names, and all of them are told", () => {
  const table: [string, string, RegExp][] = [
    ["coed=1", "not-supported", /no search parameter "coed"; did you mean "code"/],
    ["code:exact=x", "not-supported", /code:exact is not supported; token parameters take :not, :text, :in, .*:missing/],
    ["date:contains=x", "not-supported", /date parameters take :missing/],
    ["subject.nmae=x", "not-supported", /none of the types that Observation.subject may refer to/], ["subject:Patient.nmae=x", "not-supported", /Patient has no search parameter "nmae"; did you mean "name"/],
    ["code.name=x", "invalid", /of type token and refers to nothing/], ["subject:Medication.code=x", "value", /never refers to a Medication/], ["subject:any.name=x", "not-supported", /resource type/],
    ["_has:Provenance:target=1", "invalid", /write _has:Type:reference:parameter/], ["_has:Nonsense:a:b=1", "value", /no resource type/], ["_has:Patient:organization:name=x", "value", /never refers to a Observation/],
    ["code-value-quantity=x", "invalid", /must give 2 values, code\$value-quantity/], ["_text=%22", "invalid", /a word is missing/], ["_content=(a", "invalid", /not closed/],
    ["_query=mine", "not-supported", /no named query "mine"/], ["_list=$current-drug-allergies", "not-supported", /functional list.*\$current-problems/], ["code:below=a", "invalid", /with its system/], ["subject:below=Patient/1", "not-supported", /form no hierarchy/],
    ["_filter=code", "invalid", /one of eq, ne/], ["_filter=code%20eq", "invalid", /one of eq/], ["_filter=code%20zz%20a", "invalid", /one of eq/], ["_filter=(code%20eq%20a", "invalid", /"\)"/], ["_filter=code%20gt%20a", "not-supported", /gt does not compare code/], ["_filter=date%20eq%20x", "invalid", /no date/], ["_filter=coed%20eq%20a", "not-supported", /did you mean/],
    ["code:missing=maybe", "value", /takes true or false/], ["_count=-1", "value", /whole number/], ["_count=1.5", "value", /whole number/],
    ["_sort=nonsense", "not-supported", /cannot be sorted by/], ["_sort:asc=date", "not-supported", /takes no modifier/],
    ["_include=Observation", "value", /must be Type:parameter/], ["_include=Observation:code", "value", /no reference parameter "code"/],
    ["_include=Nonsense:x", "value", /no resource type "Nonsense"/], ["_include=Observation:subject:Nonsense", "value", /no resource type/],
    ["_include:other=Observation:subject", "not-supported", /_include:iterate are/],
    ["_summary=text&_include=Observation:subject", "invalid", /does not go together/], ["_summary=true&_elements=code", "invalid", /leave one of them out/], ["_summary=x", "value", /none of/], ["_total=x", "value", /none of/],
    ["_elements=cod", "value", /no element "cod" at its top; did you mean "code"/], ["_contained=true", "not-supported", /contained/], ["_containedType=x", "value", /none of container, contained/], ["_contained=x", "value", /none of false, true, both/], ["_maxresults=5", "not-supported", /_count/], ["_score=true", "not-supported", /search\.score/], ["_id=bad%20id", "invalid", /no resource id/], ["_query=y", "not-supported", /no named query/], ["code=a%5Cb", "invalid", /escape/], ["value-string=a%5C", "invalid", /escape/],
    ["%zz=1", "invalid", /percent-encoded/], ["date=ge", "invalid", /no date/], ["code=a,,b", "invalid", /between commas is empty/],
  ];
  for (const [query, code, message] of table) {
    const parsed = parseQuery("Observation", query);
    assert.ok(!parsed.ok, query);
    assert.equal(parsed.failure.code, code, query);
    assert.match(parsed.failure.text, message, query);
  }
  const both = parseQuery("Observation", "coed=1&date=x");
  assert.ok(!both.ok);
  assert.equal(both.failure.issues?.length, 2);
  const many = parseQuery("Observation", Array.from({ length: 20 }, (_, i) => `x${i}=1`).join("&"));
  assert.ok(!many.ok && many.failure.issues?.length === 20 && / "x2"[^;]*; and 17 more$/.test(many.failure.text), many.ok ? "" : many.failure.text);
  const unknown = parseQuery("Nonsense", "");
  assert.ok(!unknown.ok && unknown.failure.code === "not-found");
});

test("lenient handling drops what is unknown or not supported, and says so; a wrong value stays a failure", () => {
  const query = read("coed=1&status=final&subject.nmae=x", "Observation", { handling: "lenient" });
  assert.deepEqual(query.filters.map((filter) => filter.kind), ["token"]);
  assert.deepEqual(query.ignored.map(({ name }) => name), ["coed", "subject.nmae"]);
  assert.ok(!parseQuery("Observation", "_query=y", { handling: "lenient" }).ok);
  assert.ok(!parseQuery("Observation", "date=x", { handling: "lenient" }).ok);
  assert.ok(!parseQuery("Observation", "code:exact=x", { handling: "lenient" }).ok);
});

test("a parameter without a value is ignored, and a fault in a condition", () => {
  const query = read("code=&status=final&date", "Observation");
  assert.deepEqual([query.filters.length, query.ignored, query.searched], [1, [], ["status=final"]]);
  assert.ok(!parseQuery("Observation", "code=&status=final", { refusesEmpty: true }).ok);
});

test("absurd nesting ends quickly, with a reason", () => {
  const started = cpuSeconds();
  const table: [string, RegExp][] = [
    [`subject${":Patient.link".repeat(4000)}.name=x`, /at most 16|no search parameter|never refers/], [`${"_has:Observation:has-member:".repeat(2000)}code=x`, /at most 16 references/],
    [`${"part-of.".repeat(17)}status=x`, /at most|lead to more/], [`_filter=${"(".repeat(20_000)}`, /nested deeper than 32/], [`_filter=${"not(".repeat(10_000)}`, /nested deeper/],
    [`_filter=${"a[".repeat(10_000)}`, /nested deeper/], [`_content=${"(".repeat(99)}`, /nested deeper/], [`_content=${"a%20".repeat(20_000)}`, /at most/], [`_filter=${Array.from({ length: 300 }, () => "code%20eq%20a").join("%20or%20")}`, /more than 200 comparisons/],
  ];
  for (const [query, message] of table) {
    const parsed = parseQuery("Observation", query);
    assert.ok(!parsed.ok, query.slice(0, 80));
    assert.match(parsed.failure.text, message, query.slice(0, 80));
    assert.ok(parsed.failure.text.length < 600);
  }
  assert.ok(cpuSeconds() - started < 5);
  assert.equal(read(`${"_has:Observation:has-member:".repeat(15)}code=x`).filters.length, 1);
  assert.equal(read(`_filter=${"(".repeat(32)}code eq a${")".repeat(32)}`).filters.length, 1);
});

test("bounds, both sides", () => {
  const repeat = (n: number, text: string, by: string) => Array.from({ length: n }, () => text).join(by);
  assert.ok(parseQuery("Observation", repeat(parametersMax, "status=final", "&")).ok);
  assert.ok(!parseQuery("Observation", repeat(parametersMax + 1, "status=final", "&")).ok);
  assert.ok(parseQuery("Observation", `code=${repeat(termsMax, "a", ",")}`).ok);
  assert.ok(!parseQuery("Observation", `code=${repeat(termsMax + 1, "a", ",")}`).ok);
  assert.ok(parseQuery("Observation", `_id=${repeat(termsMax, "a", ",")}`).ok);
  assert.ok(!parseQuery("Observation", `_id=${repeat(termsMax + 1, "a", ",")}`).ok);
  assert.ok(parseQuery("Observation", `_sort=${repeat(sortKeysMax, "date", ",")}`).ok);
  assert.ok(!parseQuery("Observation", `_sort=${repeat(sortKeysMax + 1, "date", ",")}`).ok);
  assert.equal(read(`_count=${countMax}`).count, countMax);
  assert.equal(read(`_count=${countMax + 1}`).count, countMax);
  assert.ok(parseQuery("Observation", `code=${"a".repeat(queryLengthMax - 5)}`).ok);
  assert.ok(!parseQuery("Observation", `code=${"a".repeat(queryLengthMax - 4)}`).ok);
});
