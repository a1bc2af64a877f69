import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { evaluateEcl } from "./evaluate.ts";
import { implicitValueSet, postCoordinated } from "./implicit.ts";
import { parseEcl } from "./parse.ts";
import { sampleStore, type Sample } from "./testing.ts";

/** Animals and what they eat: ids by name, so that expressions can be read. */
const ids = {
  thing: "100001", animal: "100002", bird: "100003", duck: "100004", fish: "100005", trout: "100006", flyingFish: "100007", plant: "100008", grass: "100009", oldDuck: "100010", legs: "100011",
  attribute: "100020", eats: "100021", likes: "100022", weight: "100023", label: "100024", tame: "100025", refsets: "100030", pets: "100031", sameAs: "900000000000527005", us: "900000000000509007", mapping: "100032",
} as const;
type Name = keyof typeof ids;
const concept = (name: Name, ...parents: Name[]) => ({ id: ids[name], parents: parents.map((parent) => ids[parent]) });
const eats = (source: Name, group: number, attribute: Name, value: Name | { number: string } | { text: string } | { truth: boolean }) => ({ source: ids[source], group, attribute: ids[attribute], value: typeof value === "string" ? ids[value] : value });

const sample: Sample = {
  concepts: [
    concept("thing"), concept("animal", "thing"), { ...concept("bird", "animal"), definitionStatus: "900000000000073002" }, concept("duck", "bird"), concept("fish", "animal"), concept("trout", "fish"),
    concept("flyingFish", "fish", "bird"), concept("plant", "thing"), concept("grass", "plant"), { ...concept("oldDuck"), active: false, effectiveTime: "20200131", module: "999000000" }, concept("legs", "thing"),
    concept("attribute", "thing"), concept("eats", "attribute"), concept("likes", "attribute"), concept("weight", "attribute"), concept("label", "attribute"), concept("tame", "attribute"), concept("refsets", "thing"), concept("pets", "refsets"), concept("sameAs", "refsets"), concept("us", "refsets"), concept("mapping", "refsets"),
  ],
  relationships: [
    eats("duck", 1, "eats", "grass"), eats("duck", 1, "likes", "trout"), eats("duck", 2, "eats", "trout"), eats("duck", 0, "weight", { number: "1.50" }), eats("duck", 0, "label", { text: "Daisy" }), eats("duck", 0, "tame", { truth: true }),
    eats("trout", 1, "eats", "fish"), eats("trout", 0, "weight", { number: "12" }), eats("flyingFish", 1, "eats", "plant"), eats("flyingFish", 2, "likes", "plant"), eats("fish", 0, "eats", "grass"),
  ],
  descriptions: [
    { concept: ids.duck, term: "Duck (animal)", type: "900000000000003001" }, { concept: ids.duck, term: "Common duck", id: "555019", acceptability: { [ids.us]: "900000000000548007" } }, { concept: ids.duck, term: "Änt", language: "sv" },
    { concept: ids.trout, term: "Brown river trout", acceptability: { [ids.us]: "900000000000549004" } }, { concept: ids.trout, term: "Duck food", active: false }, { concept: ids.flyingFish, term: "Flying fish" }, { concept: ids.flyingFish, term: "飞鱼", language: "zh" },
  ],
  members: [
    { refset: ids.pets, component: ids.duck }, { refset: ids.pets, component: ids.oldDuck }, { refset: ids.pets, component: ids.trout, active: false },
    { refset: ids.sameAs, component: ids.oldDuck, fields: { targetComponentId: ids.duck } },
    { refset: ids.mapping, component: ids.duck, fields: { mapTarget: "J45.9", mapPriority: "1" } }, { refset: ids.mapping, component: ids.trout, fields: { mapTarget: "J46", mapPriority: "2" } },
  ],
};
const store = sampleStore(sample);

/** Names in braces become ids: `< {bird}` → `< 100003`. */
function filled(text: string): string {
  return text.replaceAll(/\$(\w+)/g, (_, name: Name) => ids[name]);
}

function names(text: string): string[] {
  const expression = parseEcl(filled(text));
  assert.ok(expression.ok, expression.ok ? "" : expression.failure.text);
  const found = evaluateEcl(expression.value, store);
  assert.ok(found.ok, found.ok ? "" : found.failure.text);
  const nameOf = new Map(Object.entries(ids).map(([name, id]) => [id as string, name]));
  return [...found.value].map((one) => nameOf.get(store.idOf(one))!).sort();
}

const cases: readonly [expression: string, ...expected: Name[]][] = [
  ["$duck |Duck|", "duck"],
  ["999999999"],
  ["< $bird", "duck", "flyingFish"], ["<<$bird|Bird|", "bird", "duck", "flyingFish"], ["<! $animal", "bird", "fish"], ["<<! $animal", "animal", "bird", "fish"],
  ["> $flyingFish", "animal", "bird", "fish", "thing"], [">> $grass", "grass", "plant", "thing"], [">! $flyingFish", "bird", "fish"], [">>! $flyingFish", "bird", "fish", "flyingFish"],
  ["descendantOf $bird", "duck", "flyingFish"], ["descendantOrSelfOf $bird", "bird", "duck", "flyingFish"], ["CHILDOF $animal", "bird", "fish"], ["parentOf $flyingFish", "bird", "fish"], ["ancestorOrSelfOf $grass", "grass", "plant", "thing"],
  ["!!> (<< $bird OR << $plant)", "bird", "plant"], ["!!< (>> $duck)", "duck"], ["top (<< $fish)", "fish"], ["bottom (>> $trout)", "trout"],
  ["^ $pets", "duck", "oldDuck"], ["memberOf $pets", "duck", "oldDuck"], ["^ * AND < $bird", "duck"], ["> (^ $pets)", "animal", "bird", "thing"], ["^ (< $refsets)", "duck", "oldDuck", "trout"],
  ["< $bird AND < $fish", "flyingFish"], ["<$bird,<$fish", "flyingFish"], ["< $bird OR < $fish", "duck", "flyingFish", "trout"], ["< $animal MINUS < $bird", "bird", "fish", "trout"], ["(< $bird OR < $fish) AND ^ $pets", "duck"],
  // Attributes
  ["* : $eats = $grass", "duck", "fish"], ["* : $eats = << $plant", "duck", "fish", "flyingFish"], ["< $animal : * = $trout", "duck"], ["*: $likes = *", "duck", "flyingFish"], ["*: << $attribute = $fish", "trout"],
  ["* : $eats != << $plant", "duck", "trout"], ["* : [0..0] $eats = * , $weight = #12"], ["< $animal : [0..0] $eats != << $plant", "bird", "fish", "flyingFish"],
  ["* : [2..*] $eats = *", "duck"], ["< $animal : [0..1] $eats = *", "bird", "fish", "flyingFish", "trout"], ["* : [1..1] $eats = *", "fish", "flyingFish", "trout"], ["* : [2 to many] $eats = any", "duck"],
  ["* : $eats = $grass, $likes = $trout", "duck"], ["* : $eats = $trout OR $likes = $plant", "duck", "flyingFish"],
  ["* : { $eats = $grass, $likes = $trout }", "duck"], ["* : { $eats = $trout, $likes = $trout }"], ["* : { $eats = $grass }", "duck"], ["* : [2..2] { $eats = * }", "duck"], ["* : [0..0] { $eats = * }, $eats = *", "fish"],
  ["* : { [0..0] $likes = *, $eats = * }", "duck", "flyingFish", "trout"], ["* : { [0..0] $likes = *, $eats = $grass }"],
  ["* : ($eats = $grass AND $likes = $trout) OR $eats = $plant", "duck", "flyingFish"], ["* : ( << $eats OR $likes ) = $plant", "flyingFish"],
  ["* : R $eats = $duck", "grass", "trout"], ["*:R$likes=*", "plant", "trout"], ["* : [2..*] reverseOf $eats = *", "grass"], ["* : R $eats != $duck", "fish", "grass", "plant"],
  ["$duck . $eats", "grass", "trout"], ["< $bird . $eats . $eats", "fish"], ["($duck . $eats) AND < $fish", "trout"],
  ["< $animal : $eats = ( * : $weight > #2 )", "duck"],
  // Concrete values
  ["* : $weight = #1.5", "duck"], ["* : $weight >= #1.50", "duck", "trout"], ["* : $weight < #12", "duck"], ["* : $weight != #12", "duck"], ["* : $weight <> #+12.0", "duck"],
  ['* : $label = "Daisy"', "duck"], ['* : $label = "daisy"'], ['* : $label = wild:"d*y"', "duck"], ['* : $label != ("Donald" "Daisy")'], ["* : $tame = true", "duck"], ["* : $tame NOT = TRUE"],
  // Filters
  ['* {{ term = "duck" }}', "duck"], ['* {{ D term = "du com" }}', "duck"], ['* {{ term = "uck" }}'], ['* {{ term = wild:"*trout" }}', "trout"], ['* {{ term = ("fly" wild:"brown*") }}', "flyingFish", "trout"], ['* {{ term = "ant" }}', "duck"], ['* {{ term = "飞" }}', "flyingFish"],
  ['* {{ term = "duck", active = 0 }}', "trout"], ['* {{ term = "duck", type = fsn }}', "duck"], ['* {{ term = "common", type = fsn }}'], ['* {{ term = "duck" }} {{ term = "common" }}', "duck"], ["* {{ language = sv }}", "duck"], ["* {{ typeId = ( 900000000000003001 900000000000550004 ) }}", "duck"],
  ["* {{ dialect = en-us }}", "duck", "trout"], ["* {{ dialect = en-us (prefer) }}", "duck"], ["* {{ dialect = (en-us (accept) en-gb) }}", "trout"], ["* {{ dialectId = $us }}", "duck", "trout"], ["* {{ D id = 555019 }}", "duck"], ['*{{Dterm="quack duck",active=1}}'], ["*{{cactive=0}}", "oldDuck"],
  ["< $animal {{ C definitionStatus = defined }}", "bird"], ["* {{ C active = false }}", "oldDuck"], ["^ $pets {{ C active = 1 }}", "duck"], ['* {{ C effectiveTime < "20210101" }}', "oldDuck"], ['^ $pets {{ C effectiveTime = ("20240101" "20250101") }}', "duck"], ["* {{ C moduleId = 999000000 }}", "oldDuck"],
  ['* {{ C moduleId != 900000000000207008, active = 0 }}', "oldDuck"],
  ["^ $pets {{ M active = 0 }}", "trout"], ['^ $mapping {{ M mapTarget = "J45.9" }}', "duck"], ['^ $mapping {{ M mapPriority < #2, mapTarget = wild:"J*" }}', "duck"], ["^ [targetComponentId] $sameAs {{ M referencedComponentId = $oldDuck }}", "duck"],
  ["$duck {{ + HISTORY-MIN }}", "duck", "oldDuck"], ["$duck {{ + HISTORY ( $sameAs ) }}", "duck", "oldDuck"], ["$trout {{ + HISTORY_MOD }}", "trout"],
  ["/* of ducks */ $duck /* here */", "duck"],
];

describe("expression constraints", () => {
  for (const [expression, ...expected] of cases) it(expression, () => assert.deepEqual(names(expression), expected.sort()));

  const faults: readonly [string, RegExp][] = [
    ["", /character 1 \(the end\): a concept/], ["< $bird AND < $fish OR $duck", /character 23 \("OR .*bracket one side/], ["$duck MINUS $duck MINUS $duck", /MINUS takes two sides/], ["< > $duck", /bracket the inner one/],
    ["* : [3..2] $eats = *", /character 5 .*at least 3 and at most 2/], ["* : $eats", /comparison .* expected/], ["12345", /6 to 18 digits/], ["(($duck)", /"\(" is never closed/], ["$duck)", /closes nothing/], ["$duck |Duck", /term that is never closed/],
    ["* {{ colour = 1 }}", /filter of descriptions is expected/], ['$duck {{ M active = 1 }}', /follows the members/], ['* {{ C effectiveTime = "2024" }}', /a day is expected/], ["* : { R $eats > $duck }", /compares numbers/], ["* : { $eats = *", /never closed/], ["* {{ dialect = klingon }}", /a dialect is expected/], ["$duck ~", /"~" has no meaning/],
    ["^ [a, b] $pets", /name one field/],
  ];
  for (const [expression, expected] of faults) it(`fault: ${expression}`, () => {
    const found = parseEcl(filled(expression));
    assert.ok(!found.ok);
    assert.match(found.failure.text, expected);
  });

  it("bounds size and depth", () => {
    const deep = parseEcl("(".repeat(5000) + "100001" + ")".repeat(5000));
    assert.equal(deep.ok ? "" : deep.failure.code, "too-costly");
    assert.equal(parseEcl("1".repeat(300_000)).ok, false);
    const long = Array.from({ length: 5000 }, (_, i) => `<< ${100_000 + i}`).join(" OR ");
    assert.ok(parseEcl(long).ok);
  });

  it("refuses what a store cannot answer, by name", () => {
    const { descriptions: _, members: __, ...bare } = store;
    for (const [text, said] of [['* {{ term = "x" }}', /descriptions/], ["^ 100031", /reference sets/], ["* : { R 100021 = * }", /reversed attribute within a group/], ["LOINC#1234-5", /LOINC#1234-5/]] as const) {
      const parsed = parseEcl(text);
      assert.ok(parsed.ok);
      const found = evaluateEcl(parsed.value, bare);
      assert.ok(!found.ok && said.test(found.failure.text));
    }
  });

  it("never throws on any text", () => {
    const piece = fc.constantFrom("<", "<<!", "!!>", "^", "(", ")", "[", "]", "{", "}", "{{", "}}", ":", ",", ".", "..", "*", "+", "=", "!=", "#1.5", "#", '"a"', '"', "|x|", "|", "100001", "R", "AND", "or", "MINUS", "term", "C", "M", "D", "active", "HISTORY-MIN", "match", "LOINC#1-8", "0", "/*", "*/", " ", "é");
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const found = parseEcl(pieces.join(" "));
      return found.ok || found.failure.text.length > 10;
    }), { numRuns: 3000 });
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => typeof parseEcl(text).ok === "boolean"), { numRuns: 2000 });
  });
});

describe("implicit value sets", () => {
  const read = (url: string) => {
    const found = implicitValueSet(url);
    return found?.ok ? found.value : found?.failure.text;
  };
  it("reads those of SNOMED CT", () => {
    assert.deepEqual(read("http://snomed.info/sct?fhir_vs"), { system: "http://snomed.info/sct" });
    const version = "http://snomed.info/sct/900000000000207008/version/20240101";
    assert.deepEqual(read(`${version}?fhir_vs=isa/100002`), { system: "http://snomed.info/sct", version, filter: { property: "concept", op: "is-a", value: "100002" } });
    assert.deepEqual(read("http://snomed.info/sct?fhir_vs=refset/100002"), { system: "http://snomed.info/sct", filter: { property: "concept", op: "in", value: "100002" } });
    assert.deepEqual(read("http://snomed.info/sct?fhir_vs=refset"), { system: "http://snomed.info/sct", filter: { property: "members", op: "exists", value: "true" } });
    assert.deepEqual(read("http://snomed.info/sct?fhir_vs=ecl/%3C100002%20OR%20100003"), { system: "http://snomed.info/sct", filter: { property: "constraint", op: "=", value: "<100002 OR 100003" } });
    assert.match(String(read("http://snomed.info/sct?fhir_vs=isa/12")), /no SNOMED CT identifier/);
    assert.match(String(read("http://snomed.info/sct?fhir_vs=equals/100002")), /isa\/ID/);
    assert.match(String(read("http://snomed.info/sct?vs=1")), /no implicit value set/);
    assert.match(String(read("http://snomed.info/sct?fhir_vs=ecl/%E0%A4%A")), /percent/);
  });
  it("reads those of LOINC", () => {
    assert.deepEqual(read("http://loinc.org/vs/LL715-4"), { system: "http://loinc.org", filter: { property: "LIST", op: "=", value: "LL715-4" } });
    assert.deepEqual(read("http://loinc.org/vs"), { system: "http://loinc.org" });
    assert.match(String(read("http://loinc.org/vs/8480-6")), /answer list/);
    assert.equal(read("http://example.org/vs"), undefined);
  });
  it("refuses post-coordinated expressions clearly", () => {
    assert.equal(postCoordinated("100002"), undefined);
    assert.match(postCoordinated("100002:100021=100009")!, /post-coordinated/);
    assert.match(postCoordinated("duck")!, /no SNOMED CT identifier/);
  });
});
