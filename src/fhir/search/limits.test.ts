import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "#platform/result.ts";
import { customParameterOf, type CustomSearch } from "./custom.ts";
import { parseQuery } from "./query.ts";

function value<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return result.value;
}

const own = (code: string, type: string, expression: string, limits: object, base = "Observation") => value(customParameterOf({ resourceType: "SearchParameter", url: `http://a.example/${code}`, status: "active", code, base: [base], type, expression, ...limits }))!;
const parameters = [
  own("single", "token", "Observation.interpretation", { multipleOr: false, multipleAnd: false }), own("many", "token", "Observation.method", { multipleOr: true, multipleAnd: true, comparator: [], modifier: [] }),
  own("since", "date", "Observation.issued", { comparator: ["ge", "gt"] }), own("note", "string", "Observation.note.text", { modifier: ["exact"] }),
  own("author", "reference", "Observation.note.author as Reference", { chain: ["name"], modifier: ["type"], target: ["Patient", "Practitioner"] }), own("nick", "string", "Patient.name.given", { multipleAnd: false, multipleOr: false }, "Patient"),
];
const custom: CustomSearch = { of: (type) => parameters.filter(({ base }) => base.includes(type)), building: () => undefined };

for (const query of [
  "single=a", "single:not=a", "many=a,b&many=c&many:not=d", "since=ge2020&since=gt2020,2021", "since=eq2020", "since:missing=true", "note=a&note:exact=b,c", "author=Patient/1", "author:Patient=1", "author:Patient.name=x&author.name:exact=y", "author.gender=male", "author:Patient._has:Observation:patient:status=final",
  "subject:Patient.nick=a&patient.nick=b&encounter.subject:Patient.nick=c", "single=a&_filter=single eq b and single eq c", "_filter=since ge 2020 and author.name co \"x\"",
  // R4's own are as the page on search has them, whatever their SearchParameters state.
  "status=final,amended&status:not=x&date=sa2020,eb2021&code=a&code=b",
]) test(`taken: ${query}`, () => { const read = parseQuery("Observation", query, { custom }); assert.ok(read.ok, read.ok ? "" : read.failure.text); });

for (const [query, why] of [
  ["single=a,b", /single takes one value, .* \(multipleOr\); ask for each of the 2 by itself/], ["single=a&single=b", /single may be asked once, .* \(multipleAnd\)/], ["single=a&single:not=b", /asked once/],
  ["since=le2020", /since is not compared by le: its SearchParameter states the comparators ge, gt/], ["since=ge2020,ap2021", /by ap/], ["note:contains=a", /note:contains: .* states the modifier exact, and not this one/], ["note:missing=true", /note:missing/],
  ["author:identifier=a", /author:identifier/], ["subject:Patient.nick=a&subject:Patient.nick=b", /nick may be asked once/], ["subject.nick=a,b", /nick takes one value/],
  ["_has:Observation:has-member:single=a,b", /single takes one value/], ["_filter=since lt 2020", /_filter: since is not compared by lt/], ["_filter=subject.nick co \"a\" and note pr true", /_filter: note:missing/],
] as const) test(`beyond what the SearchParameter states: ${query}`, () => {
  const strict = parseQuery("Observation", query, { custom });
  assert.ok(!strict.ok && strict.failure.code === "not-supported", "refused");
  assert.match(strict.failure.text, why);
  if (query.startsWith("_filter")) return;
  const lenient = value(parseQuery("Observation", `status=final&${query}`, { custom, handling: "lenient" }));
  assert.equal(lenient.ignored.length, 1);
  assert.match(lenient.ignored[0]!.reason, why);
  assert.equal(lenient.searched.length, query.split("&").length);
});

for (const query of ["author:Group=1", "author:Group.name=x", "_filter=author:Group.name eq x", "_filter=subject:Medication.code eq x"])
  test(`a type that the SearchParameter does not state: ${query}`, () => {
    for (const handling of ["strict", "lenient"] as const) {
      const read = parseQuery("Observation", query, { custom, handling });
      assert.ok(!read.ok && read.failure.code === "value");
      assert.match(read.failure.text, /never refers to a (Group|Medication)/);
    }
  });
