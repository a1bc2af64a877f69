/** Expansion, membership and validation of random value sets against a naive evaluation of the standard's rules. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MemoryCodeSystem } from "./code-system.ts";
import { expandOperation } from "./operations/expand.ts";
import { validateCodeOperation } from "./operations/validate-code.ts";
import type { Parameter } from "./parameters.ts";
import { runAsync, runSync, type CodeSystemProvider, type TerminologySource } from "./provider.ts";
import type { CodeSystem, CodeSystemConcept, Compose, Contains, Include, ValueSet } from "./resources.ts";
import { Terminology } from "./terminology.ts";

const stamp = { identifier: "urn:uuid:5f0f4a7e-30cf-4f0c-9a43-0c9d3a9f9a01", timestamp: "2026-01-01T00:00:00Z" };
const url = "urn:cs";

/** Concept i stands under `parents[i]`, an earlier one; -1 is a root. `extra`: a second parent. */
type Drawn = { parent: number; extra: number; inactive: boolean; colour: string | undefined };

const colours = ["red", "green", "blue"];
const drawn: fc.Arbitrary<Drawn[]> = fc.array(fc.record({ parent: fc.integer({ min: -1, max: 9 }), extra: fc.integer({ min: -3, max: 9 }), inactive: fc.boolean(), colour: fc.option(fc.constantFrom(...colours), { nil: undefined }) }), { minLength: 1, maxLength: 10 })
  .map((all) => all.map((one, i) => ({ ...one, parent: one.parent < i ? one.parent : -1, extra: one.extra >= 0 && one.extra < i && one.extra !== one.parent ? one.extra : -1 })));

const code = (i: number): string => `c${i}`;

function systemOf(all: readonly Drawn[]): CodeSystem {
  const nested = (parent: number): CodeSystemConcept[] => all.flatMap((one, i): CodeSystemConcept[] => {
    if (one.parent !== parent) return [];
    const property = [
      ...(one.inactive ? [{ code: "inactive", valueBoolean: true }] : []), ...(one.colour === undefined ? [] : [{ code: "colour", valueCode: one.colour }]), ...(one.extra < 0 ? [] : [{ code: "parent", valueCode: code(one.extra) }]),
    ];
    const inner = nested(i);
    return [{ code: code(i), display: `Concept ${i}`, ...(property.length > 0 ? { property } : {}), ...(inner.length > 0 ? { concept: inner } : {}) }];
  });
  return { resourceType: "CodeSystem", url, version: "1", status: "active", content: "complete", property: [{ code: "colour", type: "code" }], concept: nested(-1) };
}

const anyCode = fc.integer({ min: 0, max: 11 }).map(code);
const filter = fc.oneof(
  fc.record({ property: fc.constant("concept"), op: fc.constantFrom("is-a", "descendent-of", "is-not-a", "generalizes", "child-of", "="), value: anyCode }),
  fc.record({ property: fc.constant("colour"), op: fc.constantFrom("=", "in", "not-in", "exists"), value: fc.constantFrom("red", "green", "red,blue") }).map((one) => (one.op === "exists" ? { ...one, value: "true" } : one)),
  fc.record({ property: fc.constant("code"), op: fc.constant("regex"), value: fc.constantFrom("c[0-4]", "c.*", "c1|c2", "x") }),
);
const include = fc.oneof<fc.Arbitrary<Include>[]>(
  fc.constant({ system: url }),
  fc.record({ system: fc.constant(url), concept: fc.array(anyCode.map((one) => ({ code: one })), { minLength: 1, maxLength: 4 }) }),
  fc.record({ system: fc.constant(url), filter: fc.array(filter, { minLength: 1, maxLength: 2 }) }),
  fc.record({ system: fc.constant(url), filter: fc.array(filter, { minLength: 1, maxLength: 1 }), valueSet: fc.constant(["urn:vs:0"]) }),
  fc.constant({ valueSet: ["urn:vs:0"] }),
);
const firstInclude = include.filter(({ valueSet }) => valueSet === undefined);
const composeOf = (one: fc.Arbitrary<Include>): fc.Arbitrary<Compose> => fc.record({ include: fc.array(one, { minLength: 1, maxLength: 3 }), exclude: fc.array(one, { maxLength: 2 }), inactive: fc.boolean() });
const arbitrary = fc.record({ concepts: drawn, base: composeOf(firstInclude), main: composeOf(include), activeOnly: fc.boolean() });

/** The rules of https://hl7.org/fhir/R4/valueset.html#compositions, one code at a time. */
function naive(all: readonly Drawn[], sets: readonly Compose[], at: number): (i: number) => boolean {
  const isBelow = (i: number, above: number): boolean => [all[i]!.parent, all[i]!.extra].some((parent) => parent >= 0 && (parent === above || isBelow(parent, above)));
  const passes = (i: number, { property, op, value = "" }: { property: string; op: string; value?: string }): boolean => {
    const other = Number(value.slice(1));
    const known = property !== "colour" && other < all.length;
    switch (op) {
      case "is-a": return known && (i === other || isBelow(i, other));
      case "descendent-of": return known && isBelow(i, other);
      case "is-not-a": return !(known && (i === other || isBelow(i, other)));
      case "generalizes": return known && (i === other || isBelow(other, i));
      case "child-of": return known && [all[i]!.parent, all[i]!.extra].includes(other);
      case "regex": return new RegExp(`^(?:${value})$`).test(code(i));
      case "=": return property === "colour" ? all[i]!.colour === value : code(i) === value;
      case "in": return value.split(",").includes(all[i]!.colour ?? "");
      case "not-in": return !value.split(",").includes(all[i]!.colour ?? "");
      default: return all[i]!.colour !== undefined;
    }
  };
  const compose = sets[at]!;
  const inInclude = ({ system, concept, filter: filters, valueSet }: Include, i: number): boolean =>
    (system === undefined || ((!concept || concept.some((one) => one.code === code(i))) && (filters ?? []).every((one) => passes(i, one)))) && (valueSet ?? []).every(() => naive(all, sets, 0)(i));
  return (i) => (compose.include ?? []).some((one) => inInclude(one, i)) && !(compose.exclude ?? []).some((one) => inInclude(one, i)) && !(compose.inactive === false && all[i]!.inactive);
}

const emptySource: TerminologySource = { codeSystems: () => [], supplements: () => [], supplementByUrl: () => undefined, valueSets: () => [], conceptMaps: () => [] };

function flat(contains: readonly Contains[] = []): string[] {
  return contains.flatMap((one) => [one.code!, ...flat(one.contains)]);
}

function later(source: TerminologySource): TerminologySource {
  return {
    codeSystems: async (of) => (await source.codeSystems(of)).map((one) => ({ ...one, header: one.header, concepts: async (codes) => one.concepts(codes), select: async (query) => one.select(query), matches: async (filters, codes) => one.matches(filters, codes), filterFault: (filter_) => one.filterFault(filter_), subsumes: async (a, b) => one.subsumes(a, b), children: async (of_) => one.children(of_) })),
    supplements: async (of) => source.supplements(of), supplementByUrl: async (of) => source.supplementByUrl(of), valueSets: async (of) => source.valueSets(of), conceptMaps: async (query) => source.conceptMaps(query),
  };
}

test("random hierarchies and composes: expansion, pages, membership and validation agree with the rules", async () => {
  await fc.assert(fc.asyncProperty(arbitrary, async ({ concepts, base, main, activeOnly }) => {
    const sets: ValueSet[] = [base, main].map((compose, i) => ({ resourceType: "ValueSet", url: `urn:vs:${i}`, status: "active", compose }));
    const terminology = Terminology.of([systemOf(concepts), ...sets]);
    const inSet = naive(concepts, [base, main], 1);
    const members = concepts.map((_, i) => i).filter(inSet).map(code);
    const expected = members.filter((one) => !(activeOnly && concepts[Number(one.slice(1))]!.inactive)).sort();
    const expand = (...more: Parameter[]): ValueSet => {
      const { status, body } = runSync(expandOperation({ source: terminology, parameters: { resourceType: "Parameters", parameter: [{ name: "url", valueUri: "urn:vs:1" }, { name: "activeOnly", valueBoolean: activeOnly }, ...more] }, stamp }));
      assert.equal(status, 200, JSON.stringify(body));
      return body as ValueSet;
    };
    const whole = expand();
    assert.deepEqual(flat(whole.expansion!.contains).sort(), expected);
    assert.equal(whole.expansion!.total, expected.length);
    const pages: string[] = [];
    for (let offset = 0; offset <= expected.length; offset += 2) {
      const { expansion } = expand({ name: "offset", valueInteger: offset }, { name: "count", valueInteger: 2 });
      assert.equal(expansion!.total, expected.length);
      pages.push(...flat(expansion!.contains));
    }
    assert.deepEqual(pages.sort(), expected, "pages joined are the whole");
    const asked = { parameters: { resourceType: "Parameters" as const, parameter: [{ name: "url", valueUri: "urn:vs:1" }] }, stamp };
    assert.deepEqual(await runAsync(expandOperation({ ...asked, source: later(terminology) })), runSync(expandOperation({ ...asked, source: terminology })), "a source that answers later gives the same");
    for (let i = 0; i < 12; i++) {
      const is = members.includes(code(i));
      assert.equal(terminology.memberOf("urn:vs:1", { system: url, code: code(i) }).kind, is ? "member" : "not-member", code(i));
      const { body } = runSync(validateCodeOperation({ source: terminology, parameters: { resourceType: "Parameters", parameter: [{ name: "url", valueUri: "urn:vs:1" }, { name: "system", valueUri: url }, { name: "code", valueCode: code(i) }] } }));
      assert.equal((body.parameter as Parameter[]).find(({ name }) => name === "result")!.valueBoolean, is, `${code(i)}: ${JSON.stringify(body)}`);
    }
  }), { numRuns: 300 });
});

test("a source that does not count: pages go without a total, or with the one it counts when asked", () => {
  const system = new MemoryCodeSystem({ resourceType: "CodeSystem", url, status: "active", content: "complete", concept: Array.from({ length: 9 }, (_, i) => ({ code: code(i) })) });
  const uncounted = (counts: boolean): CodeSystemProvider => ({
    header: system.header, concepts: (codes) => system.concepts(codes), filterFault: (one) => system.filterFault(one), matches: (filters, codes) => system.matches(filters, codes), subsumes: (a, b) => system.subsumes(a, b), children: (of) => system.children(of),
    select: (query) => { const page = system.select(query); return page.ok ? { ok: true, value: { concepts: page.value.concepts, more: page.value.more } } : page; },
    ...(counts ? { count: () => ({ ok: true as const, value: 9 }) } : {}),
  });
  const set: ValueSet = { resourceType: "ValueSet", url: "urn:all", status: "active", compose: { include: [{ system: url }] } };
  const pages = (counts: boolean): unknown[] => [0, 4, 8, 12].map((offset) => {
    const source: TerminologySource = { ...emptySource, codeSystems: () => [uncounted(counts)], valueSets: () => [set] };
    const { expansion } = runSync(expandOperation({ source, parameters: { resourceType: "Parameters", parameter: [{ name: "url", valueUri: "urn:all" }, { name: "offset", valueInteger: offset }, { name: "count", valueInteger: 4 }] }, stamp })).body as ValueSet;
    return [flat(expansion!.contains).join(""), expansion!.total];
  });
  assert.deepEqual(pages(false), [["c0c1c2c3", undefined], ["c4c5c6c7", undefined], ["c8", 9], ["", undefined]]);
  assert.deepEqual(pages(true), [["c0c1c2c3", 9], ["c4c5c6c7", 9], ["c8", 9], ["", 9]]);
});

test("a system too large for one answer is refused, its pages are not; a cut by a small value set is looked at from there", () => {
  const concept = Array.from({ length: 5000 }, (_, i) => ({ code: code(i), display: `Concept ${i}` }));
  const set = (name: string, ...include: Include[]): ValueSet => ({ resourceType: "ValueSet", url: `urn:${name}`, status: "active", compose: { include } });
  const source = Terminology.of([
    { resourceType: "CodeSystem", url, status: "active", content: "complete", concept },
    set("all", { system: url }), set("few", { system: url, concept: [{ code: "c7" }, { code: "c4999" }] }), set("cut", { system: url, valueSet: ["urn:few"] }),
  ]);
  const expand = (name: string, ...more: Parameter[]): { status: number; body: { [member: string]: unknown } } => runSync(expandOperation({ source, parameters: { resourceType: "Parameters", parameter: [{ name: "url", valueUri: `urn:${name}` }, ...more] }, stamp }));
  const refused = expand("all");
  assert.equal(refused.status, 422);
  assert.match(JSON.stringify(refused.body), /too-costly.*count and offset/);
  const page = (expand("all", { name: "offset", valueInteger: 4990 }, { name: "count", valueInteger: 100 }).body as unknown as ValueSet).expansion!;
  assert.deepEqual([page.total, flat(page.contains).length, flat(page.contains)[0]], [5000, 10, "c4990"]);
  assert.deepEqual(flat((expand("cut").body as unknown as ValueSet).expansion!.contains), ["c7", "c4999"]);
  assert.deepEqual(flat((expand("all", { name: "filter", valueString: "499 con" }).body as unknown as ValueSet).expansion!.contains).length, 11);
});

test("cycles, missing imports and broken filters end with an outcome that names the place", () => {
  const set = (name: string, ...include: Include[]): ValueSet => ({ resourceType: "ValueSet", url: `urn:${name}`, status: "active", compose: { include } });
  const source = Terminology.of([
    systemOf([{ parent: -1, extra: -1, inactive: false, colour: undefined }]), set("a", { valueSet: ["urn:b"] }), set("b", { system: url }, { valueSet: ["urn:a"] }), set("c", { valueSet: ["urn:none"] }),
    set("d", { system: url, filter: [{ property: "size", op: "=", value: "1" }] }), set("e", { system: url, filter: [{ property: "code", op: "regex", value: "(" }] }), set("f", { system: "urn:nowhere" }), set("g", { system: url, filter: [{ property: "concept", op: "like", value: "1" }] }),
  ]);
  for (const [name, status, words] of [
    ["a", 422, /urn:a → urn:b → urn:a/], ["c", 422, /urn:none could not be found/], ["d", 400, /include\[0\]\.filter\[0\].*|no property .size.; it has concept/], ["e", 400, /cannot be read/], ["f", 422, /urn:nowhere.*could not be found/], ["g", 400, /no filter operation/], ["none", 404, /could not be found/],
  ] as const) {
    const answer = runSync(expandOperation({ source, parameters: { resourceType: "Parameters", parameter: [{ name: "url", valueUri: `urn:${name}` }] }, stamp }));
    assert.equal(answer.status, status, name);
    assert.match(JSON.stringify(answer.body), words);
  }
  // Diamonds are no cycles, and forty of them in a row cost nothing.
  const diamonds = Array.from({ length: 40 }, (_, i) => set(`x${i}`, ...(i === 0 ? [{ system: url }] : [{ valueSet: [`urn:x${i - 1}`] }, { valueSet: [`urn:x${i - 1}`, `urn:x${i - 1}`] }])));
  const deep = Terminology.of([systemOf([{ parent: -1, extra: -1, inactive: false, colour: undefined }]), ...diamonds]);
  const asked = (name: string, ...parameter: Parameter[]) => ({ source: deep, parameters: { resourceType: "Parameters" as const, parameter: [{ name: "url", valueUri: name }, ...parameter] }, stamp });
  const coded = (one: string): Parameter[] => [{ name: "system", valueUri: url }, { name: "code", valueCode: one }];
  assert.equal(deep.memberOf("urn:x39", { system: url, code: "c0" }).kind, "member");
  assert.deepEqual(flat((runSync(expandOperation(asked("urn:x39"))).body as unknown as ValueSet).expansion!.contains), ["c0"]);
  assert.match(JSON.stringify(runSync(validateCodeOperation(asked("urn:x39", ...coded("c0")))).body), /"result","valueBoolean":true/);
  // What is in none of them has to be asked on every way: refused, where the ways are too many.
  assert.match(JSON.stringify(runSync(validateCodeOperation(asked("urn:x5", ...coded("c1")))).body), /"result","valueBoolean":false/);
  assert.match(JSON.stringify(runSync(validateCodeOperation(asked("urn:x39", ...coded("c1")))).body), /too-costly.*more than 20000 ways/);
  assert.equal(Terminology.of(diamonds).memberOf("urn:x39", { system: url, code: "c0" }).kind, "unknown");
});
