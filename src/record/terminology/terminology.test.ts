import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type postgres from "postgres";
import { fail, ok } from "#platform/result.ts";
import { evaluateEcl } from "#fhir/terminology/ecl/evaluate.ts";
import { parseEcl } from "#fhir/terminology/ecl/parse.ts";
import { sampleStore, type Sample } from "#fhir/terminology/ecl/testing.ts";
import { snomedSystem } from "#fhir/terminology/ecl/snomed.ts";
import { testRecord, value, type TestRecord } from "../testing.ts";
import { removeEdition, tidyEditions, tables } from "./edition.ts";
import { DatabaseTerminology, terminologyPool } from "./open.ts";
import { releaseOf, rowsOf, sampleVersion } from "./testing.ts";
import { loadEdition, type EditionRow, type Release } from "./write.ts";

const now = new Date("2026-01-01");
let node: TestRecord, db: postgres.Sql;
before(async () => {
  node = await testRecord();
  db = terminologyPool(node.url);
});
after(async () => {
  await db.end();
  await node.close();
});

/** Ids that expressions may name; the last is in no sample. */
const ids = [...Array.from({ length: 14 }, (_, i) => String(100_001 + i)), "900000000000527005", "999999"];
const concepts = ids.slice(0, -1);
const some = fc.constantFrom(...concepts);

/** Parents come earlier in the list, so that no hierarchy leads back to itself. */
const sampleOf: fc.Arbitrary<Sample> = fc.record({
  parents: fc.array(fc.array(fc.nat(13), { maxLength: 3 }), { minLength: concepts.length, maxLength: concepts.length }),
  states: fc.array(fc.record({ active: fc.boolean(), definitionStatus: fc.constantFrom("900000000000074008", "900000000000073002"), module: some, effectiveTime: fc.constantFrom("20200131", "20230731", "") }), { minLength: concepts.length, maxLength: concepts.length }),
  relationships: fc.uniqueArray(fc.record({ source: some, attribute: some, group: fc.nat(2), value: fc.oneof({ weight: 4, arbitrary: some }, fc.record({ number: fc.constantFrom("1", "1.50", "-2", "10") }), fc.record({ text: fc.constantFrom("Abc", "b_c") }), fc.record({ truth: fc.boolean() })) }), { maxLength: 30, selector: (one) => JSON.stringify(one) }),
  descriptions: fc.array(fc.record({ concept: some, term: fc.constantFrom("Heart attack", "Héart valve", "100% _x", "心肌 MI", "attic"), active: fc.boolean(), language: fc.constantFrom("en", "sv"), type: some, acceptability: fc.dictionary(some, fc.constantFrom("900000000000548007", "900000000000549004"), { maxKeys: 2 }) }), { maxLength: 20 }),
  members: fc.array(fc.record({ refset: some, component: some, active: fc.boolean(), fields: fc.record({ targetComponentId: some, mapGroup: fc.constantFrom("1", "2"), mapTarget: fc.constantFrom("J45.9", "J46") }) }), { maxLength: 20 }),
}).map(({ parents, states, ...rest }) => ({
  concepts: concepts.map((id, i) => ({ id, ...states[i]!, parents: [...new Set(parents[i]!.filter((parent) => parent < i).map((parent) => concepts[parent]!))] })),
  ...rest,
}));

/** Text of expressions, most of them within reach of the sample. */
const { expression } = fc.letrec<{ expression: string; sub: string; refinement: string; attribute: string; attributes: string }>((tie) => {
  const id = fc.constantFrom(...ids);
  const operator = fc.constantFrom("", "<", "<<", "<!", "<<!", ">", ">>", ">!", ">>!", "!!>", "!!<");
  const cardinality = fc.constantFrom("", "", "[0..0]", "[0..1]", "[1..1]", "[2..*]", "[0..*]", "[1..2]");
  const comparison = fc.oneof({ weight: 4, arbitrary: fc.tuple(fc.constantFrom("=", "!="), tie("sub")).map((one) => one.join(" ")) }, fc.constantFrom("= #1.5", ">= #1", "!= #10", "< #1.50", '= "Abc"', '!= "Abc"', '= wild:"*_c"', "= true", "!= true"));
  const filter = fc.constantFrom(
    '{{ term = "hea" }}', '{{ term != "hea" }}', '{{ term = "att hea" }}', '{{ term = wild:"*_x" }}', '{{ term = ("心" "mi") }}', "{{ active = 0 }}", "{{ language = sv }}", "{{ typeId = (100003 100004) }}", "{{ typeId = << 100002 }}", "{{ dialectId = 100005 }}", "{{ dialectId = (100005 (accept) 100006) }}", "{{ dialectId != << 100002 (prefer) }}", "{{ id = 111111 }}", '{{ effectiveTime = "20240101" }}',
    "{{ C active = 1 }}", "{{ C active = 0 }}", "{{ C definitionStatus = primitive }}", "{{ C definitionStatus != primitive }}", '{{ C effectiveTime > "20210101" }}', '{{ C effectiveTime = ("" "20200131") }}', '{{ C effectiveTime != "" }}', "{{ C moduleId = 100003 }}", "{{ C moduleId != << 100002 }}",
    "{{ + HISTORY-MIN }}", "{{ + HISTORY (100005) }}");
  const memberFilter = fc.constantFrom("", "", "{{ M active = 0 }}", '{{ M mapTarget = "J45.9" }}', '{{ M mapTarget != wild:"J4*" }}', "{{ M mapGroup > #1 }}", "{{ M targetComponentId = << 100002 }}", "{{ M targetComponentId != 100003 }}", "{{ M referencedComponentId = 100004 }}");
  const group = fc.tuple(cardinality, tie("attributes")).map(([of, inner]) => `${of} { ${inner} }`);
  return {
    attribute: fc.tuple(cardinality, tie("sub"), comparison).map((one) => one.join(" ")),
    attributes: fc.oneof({ weight: 3, arbitrary: tie("attribute") }, fc.tuple(tie("attribute"), fc.constantFrom(" , ", " OR "), tie("attribute")).map((one) => one.join(""))),
    refinement: fc.oneof(tie("attributes"), group, fc.tuple(group, fc.constantFrom(" , ", " OR "), tie("attribute")).map((one) => one.join("")), fc.tuple(cardinality, tie("sub"), fc.constantFrom("=", "!="), tie("sub")).map(([of, name, is, sources]) => `${of} R ${name} ${is} ${sources}`)),
    sub: fc.oneof({ maxDepth: 3, depthIdentifier: "ecl" },
      fc.tuple(operator, id).map((one) => one.join(" ")), fc.constant("*"),
      fc.tuple(fc.constantFrom("^", "< ^", "^ [targetComponentId]"), id, memberFilter).map((one) => one.join(" ")), fc.tuple(fc.constant("^ *"), memberFilter).map((one) => one.join(" ")),
      fc.tuple(operator, id, filter).map((one) => one.join(" ")), filter.map((one) => `* ${one}`),
      fc.tuple(operator, tie("expression")).map(([of, inner]) => `${of} (${inner})`)),
    expression: fc.oneof({ maxDepth: 3, depthIdentifier: "ecl" }, tie("sub"),
      fc.tuple(tie("sub"), fc.constantFrom(" AND ", " OR ", " MINUS "), tie("sub")).map((one) => one.join("")), fc.tuple(tie("sub"), tie("sub"), tie("sub")).map((parts) => parts.join(" OR ")),
      fc.tuple(tie("sub"), tie("refinement")).map((one) => one.join(" : ")), fc.tuple(tie("sub"), tie("sub")).map((one) => one.join(" . "))),
  };
});

const strings = (found: readonly { code: string }[]): string[] => found.map(({ code }) => code);

async function load(release: Release): Promise<DatabaseTerminology> {
  value(await loadEdition(db, release, { now }));
  return new DatabaseTerminology(db);
}

describe("expression constraints over the database", () => {
  it("answers as the evaluation in memory does", async () => {
    let round = 0;
    await fc.assert(fc.asyncProperty(sampleOf, fc.array(expression, { minLength: 60, maxLength: 60 }), async (sample, expressions) => {
      const version = `${sampleVersion}-${++round}`;
      const [system] = await (await load(releaseOf(rowsOf(sample), { version }))).systems(snomedSystem);
      const store = sampleStore(sample);
      for (const text of expressions) {
        const parsed = value(parseEcl(text));
        const expected = evaluateEcl(parsed, store);
        const found = await system!.select({ filters: [{ property: "constraint", op: "=", value: text }], count: 1000 });
        assert.equal(found.ok, expected.ok, text);
        if (found.ok && expected.ok) assert.deepEqual(strings(found.value.concepts), [...expected.value].sort((a, b) => a - b).map((one) => store.idOf(one)), text);
      }
      await removeEdition(db, snomedSystem, version);
    }), { numRuns: 6 });
    await tidyEditions(db);
  });
});

const animals: EditionRow[] = [
  { kind: "concept", code: "100001", definition: "All there is" }, { kind: "concept", code: "100002" }, { kind: "concept", code: "100003", inactive: true }, { kind: "concept", code: "100004" }, { kind: "concept", code: "100005" },
  { kind: "parent", child: "100002", parent: "100001" }, { kind: "parent", child: "100004", parent: "100002" }, { kind: "parent", child: "100005", parent: "100002" }, { kind: "parent", child: "100005", parent: "100001" }, { kind: "parent", child: "100005", parent: "424242" },
  { kind: "designation", concept: "100002", term: "Animal", language: "en" }, { kind: "designation", concept: "100002", term: "动物", language: "zh" }, { kind: "designation", concept: "100004", term: "Water\tbird \\ \n two", language: "en", type: "900000000000013009" },
  { kind: "display", concept: "100002", display: "Animal" }, { kind: "relationship", source: "100004", attribute: "100005", group: 0, value: { target: "100001" } }, { kind: "property", concept: "100004", property: "note", type: "integer", value: "3" },
];

describe("a loaded edition", () => {
  const version = `${sampleVersion}-animals`;
  it("gives concepts, in order, with what was said of them", async () => {
    const terminology = await load(releaseOf(animals, { version }));
    const [system] = await terminology.systems(snomedSystem);
    assert.equal(system!.header.size, 5);
    assert.equal((await terminology.editions())[0]!.counts.dangling, 1);
    const [first, absent, bird] = await system!.concepts(["100001", "777777", "100004"]);
    assert.equal(first!.definition, "All there is");
    assert.equal(absent, undefined);
    assert.deepEqual(bird, {
      code: "100004", parents: ["100002"], abstract: false, inactive: false,
      designation: [{ language: "en", use: { system: snomedSystem, code: "900000000000013009", display: "Synonym" }, value: "Water\tbird \\ \n two" }],
      property: [{ code: "inactive", valueBoolean: false }, { code: "sufficientlyDefined", valueBoolean: false }, { code: "note", valueInteger: 3 }, { code: "100005", valueCode: "100001" }],
    });
    assert.deepEqual(await system!.children("100002"), ["100004", "100005"]);
    assert.equal(await system!.subsumes("100001", "100004"), true);
    assert.equal(await system!.subsumes("100004", "100001"), false);
  });

  it("selects by filters, text, pages", async () => {
    const [system] = await new DatabaseTerminology(db).systems(snomedSystem);
    const codes = async (query: Partial<Parameters<NonNullable<typeof system>["select"]>[0]>) => strings(value(await system!.select({ filters: [], count: 100, ...query })).concepts);
    const filtered = (property: string, op: string, of: string) => codes({ filters: [{ property, op: op as "=", value: of }] });
    assert.deepEqual(await codes({}), ["100001", "100002", "100003", "100004", "100005"]);
    assert.deepEqual(await codes({ activeOnly: true, skip: 1, count: 2 }), ["100002", "100004"]);
    assert.deepEqual(await codes({ after: "100003" }), ["100004", "100005"]);
    assert.deepEqual(await codes({ text: "bird WAT" }), ["100004"]);
    assert.deepEqual(await codes({ text: "动" }), ["100002"]);
    assert.deepEqual(await codes({ text: "10000" }), ["100001", "100002", "100003", "100004", "100005"]);
    assert.deepEqual(await filtered("concept", "is-a", "100002"), ["100002", "100004", "100005"]);
    assert.deepEqual(await filtered("concept", "descendent-of", "100002"), ["100004", "100005"]);
    assert.deepEqual(await filtered("concept", "is-not-a", "100002"), ["100001", "100003"]);
    assert.deepEqual(await filtered("concept", "generalizes", "100004"), ["100001", "100002", "100004"]);
    assert.deepEqual(await filtered("concept", "child-of", "100001"), ["100002", "100005"]);
    assert.deepEqual(await filtered("concept", "descendent-leaf", "100001"), ["100004", "100005"]);
    assert.deepEqual(await filtered("code", "regex", "10000[12]"), ["100001", "100002"]);
    assert.deepEqual(await filtered("parent", "=", "100001"), ["100002", "100005"]);
    assert.deepEqual(await filtered("ancestor", "=", "100002"), ["100004", "100005"]);
    assert.deepEqual(await filtered("100005", "=", "100001"), ["100004"]);
    assert.deepEqual(await filtered("100005", "exists", "false"), ["100001", "100002", "100003", "100005"]);
    assert.deepEqual(await filtered("inactive", "=", "true"), ["100003"]);
    assert.deepEqual(await system!.matches([{ property: "constraint", op: "=", value: "<< 100002" }], ["100004", "100001", "nought"]), [true, false, false]);
    const page = value(await system!.select({ filters: [{ property: "concept", op: "is-a", value: "100001" }], skip: 1, count: 2 }));
    assert.deepEqual([strings(page.concepts), page.total, page.more], [["100002", "100004"], 4, true]);
    assert.deepEqual([(await new DatabaseTerminology(db).systems("http://example.org/none")).length, value(await system!.select({ filters: [], skip: 9, count: 2 })).total], [0, 5]);
    assert.match(system!.filterFault({ property: "constraint", op: "=", value: "<<" })!, /character 3/);
    assert.match(system!.filterFault({ property: "constraint", op: "=", value: "LOINC#1-8" })!, /Alternate/);
    assert.match(system!.filterFault({ property: "colour", op: "=", value: "red" })!, /no property "colour"/);
  });

  it("takes the place of the same version at once, and leaves nothing of the old", async () => {
    const terminology = await load(releaseOf(animals.slice(0, 2), { version }));
    assert.equal((await terminology.systems(snomedSystem))[0]!.header.size, 2);
    for (const table of tables) {
      const rows = await db.unsafe(`select distinct edition from ${table} where edition not in (select edition from terminology_edition)`);
      assert.equal(rows.length, 0, table);
    }
  });

  it("a load that fails leaves nothing", async () => {
    const before = await new DatabaseTerminology(db).editions();
    const broken: readonly [string, Release, RegExp][] = [
      ["reader", releaseOf([], { async *rows() { yield ok(animals); yield fail("invalid", "file.txt, line 7: cut off"); } }), /line 7/],
      ["circle", releaseOf([...animals, { kind: "parent", child: "100001", parent: "100004" }]), /leads back to itself: 100001 is a 100004 is a 100002 is a 100001/],
      ["empty", releaseOf([]), /no concepts/],
    ];
    for (const [name, release, said] of broken) {
      const found = await loadEdition(db, { ...release, version: "broken" }, { now });
      assert.ok(!found.ok, name);
      assert.match(found.failure.text, said);
    }
    await assert.rejects(loadEdition(db, releaseOf([], { version: "broken", async *rows() { yield ok(animals); throw new Error("power cut"); } }), { now }), /power cut/);
    assert.deepEqual(await new DatabaseTerminology(db).editions(), before);
    const [left] = await db.unsafe<{ count: string }[]>("select count(*) as count from terminology_concept where edition not in (select edition from terminology_edition)");
    assert.equal(Number(left!.count), 0);
  });

  it("folds case where the system says so", async () => {
    const header = { name: "Loud", title: "Loud", language: "en", caseSensitive: false, hierarchy: false, properties: [{ code: "unit", type: "string" }] };
    const terminology = await load(releaseOf([{ kind: "concept", code: "AbC-1", display: "Loud" }, { kind: "property", concept: "AbC-1", property: "unit", type: "string", value: "mg".repeat(90) }], { system: "http://example.org/loud", version: "1", header }));
    const [system] = await terminology.systems("http://example.org/loud");
    const [found] = await system!.concepts(["abc-1"]);
    assert.equal(found?.code, "AbC-1");
    assert.equal(found?.designation, undefined);
    assert.deepEqual(await system!.matches([], ["ABC-1", "x"]), [true, false]);
    assert.deepEqual(strings(value(await system!.select({ filters: [{ property: "unit", op: "=", value: "mg".repeat(90) }], text: "lou", count: 5 })).concepts), ["AbC-1"]);
  });

  it("gives implicit value sets with the newest version of a module", async () => {
    const terminology = new DatabaseTerminology(db);
    const [set] = await terminology.valueSets("http://snomed.info/sct/900000000000207008?fhir_vs=ecl/%3C100001");
    assert.deepEqual(set!.compose!.include, [{ system: snomedSystem, version, filter: [{ property: "constraint", op: "=", value: "<100001" }] }]);
    assert.deepEqual(await terminology.valueSets("http://example.org/vs"), []);
  });
});
