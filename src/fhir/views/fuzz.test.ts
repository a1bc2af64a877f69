/** Whatever comes in, a Result or a named fault comes out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Resource } from "../resource.ts";
import { compile, Node, type Item } from "../fhirpath/compile.ts";
import { cellOf, type Cell } from "./cell.ts";
import { compileView } from "./compile.ts";
import { NdjsonReader } from "./read.ts";

const runs = { numRuns: 400 };
const paths = fc.constantFrom("id", "name", "name.given", "given.first()", "family", "$this", "%rowIndex", "%c", "contact.telecom", "extension('u').value", "name.where(use = 'x').family", "value.ofType(Quantity).value", "link.other.getReferenceKey(Patient)", "name.exists()", "((", "", "nmae", "name[1]", "%resource.id", "descendants()", "name = name", "name.first().given.join(',')");
const odd = fc.oneof(fc.jsonValue(), paths);
const columns = fc.array(fc.record({ name: fc.oneof(fc.constantFrom("a", "b", "c", "__proto__", "constructor"), odd), path: fc.oneof({ weight: 4, arbitrary: paths }, odd), collection: fc.oneof(fc.boolean(), odd), type: fc.oneof(fc.constantFrom("string", "integer"), odd) }, { requiredKeys: [] }), { maxLength: 3 });
const { select } = fc.letrec<{ select: Record<string, unknown> }>((tie) => ({
  select: fc.record({
    column: fc.oneof({ weight: 5, arbitrary: columns }, odd), forEach: paths, forEachOrNull: paths, repeat: fc.array(paths, { maxLength: 2 }),
    select: fc.array(tie("select"), { maxLength: 2, depthIdentifier: "s" }), unionAll: fc.array(tie("select"), { maxLength: 2, depthIdentifier: "s" }),
  }, { requiredKeys: [] }) as fc.Arbitrary<Record<string, unknown>>,
}));
const views = fc.record({ resource: fc.constantFrom("Patient", "Observation", "Nothing"), select: fc.array(select, { maxLength: 2 }), where: fc.array(fc.record({ path: paths }), { maxLength: 1 }), constant: fc.oneof(fc.constant([{ name: "c", valueString: "x" }]), odd) }, { requiredKeys: ["resource", "select"] });

/** Sound views: selects made of these parts, columns named in the order they come. */
const parts: Record<string, { iterations: object[]; paths: string[] }> = {
  Patient: { iterations: [{ forEach: "name" }, { forEachOrNull: "name" }, { forEach: "name.where(use = 'x')" }, { forEachOrNull: "name.first()" }, { forEach: "name.skip(1)" }, { repeat: ["name", "given"] }], paths: ["id", "name.given", "name.family.first()", "name[1].given[0]", "%rowIndex", "%c", "name.where(use = 'x' or family = 'F').family", "name.exists(given.exists())", "getResourceKey()", "link.other.getReferenceKey(Patient)", "name.given.join(',')", "extension('u').value.ofType(string)", "name = name", "name.given.count()", "contact.telecom.rank > 1"] },
  name: { iterations: [{ forEach: "given" }, { forEachOrNull: "given" }], paths: ["family", "use", "given", "given.first()", "$this", "%rowIndex", "given.exists() and use = 'x'", "%resource.id", "period.start", "family.extension('u').url"] },
};
const soundSelect = (at: "Patient" | "name", depth: number): fc.Arbitrary<object> => {
  const { iterations, paths: own } = parts[at]!;
  const column = fc.record({ path: fc.constantFrom(...own), collection: fc.boolean() });
  const body = (inside: "Patient" | "name" | undefined): fc.Arbitrary<object> => fc.record({
    column: inside === undefined ? fc.constant([{ path: "$this", collection: true }]) : fc.array(fc.record({ path: fc.constantFrom(...parts[inside]!.paths), collection: fc.boolean() }), { minLength: 1, maxLength: 3 }),
    select: inside === undefined || depth === 0 ? fc.constant([]) : fc.array(soundSelect(inside, depth - 1), { maxLength: 2 }),
  });
  const plain = fc.record({ column: fc.array(column, { minLength: 1, maxLength: 3 }) });
  const iterated = fc.constantFrom(...iterations).chain((iteration) => body(at === "Patient" && !("repeat" in iteration) ? "name" : undefined).map((rest) => ({ ...iteration, ...rest })));
  return fc.oneof(plain, iterated, iterated.map((select) => ({ unionAll: [select, structuredClone(select)] })));
};
type Named = { column?: { name?: string; path: string; collection?: boolean }[]; select?: Named[]; unionAll?: Named[]; forEach?: string; forEachOrNull?: string; repeat?: string[] };
function named(selects: Named[], from = 0): number {
  for (const select of selects) {
    for (const column of select.column ?? []) column.name = `c${from++}`;
    from = named(select.select ?? [], from);
    const start = from;
    for (const branch of select.unionAll ?? []) from = named([branch], start);
  }
  return from;
}
const sound = fc.array(soundSelect("Patient", 1), { minLength: 1, maxLength: 3 }).map((select) => {
  const own = structuredClone(select) as Named[];
  named(own);
  return { resource: "Patient", constant: [{ name: "c", valueInteger: 7 }], select: own };
});

const elements = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.array(fc.record({ use: fc.constantFrom("x", "y"), family: fc.oneof(fc.string(), fc.jsonValue({ maxDepth: 1 })), given: fc.array(fc.option(fc.string())), _given: fc.jsonValue({ maxDepth: 2 }) }, { requiredKeys: [] }), { maxLength: 3 }));
const patients = fc.record({ id: elements, name: elements, contact: elements, extension: elements, link: elements, _id: elements }, { requiredKeys: [] }).map((body): Resource => ({ ...body, resourceType: "Patient" }) as Resource);

function runsOver(definition: unknown, resources: readonly Resource[]): boolean {
  const compiled = compileView(definition);
  if (!compiled.ok) {
    assert.ok(compiled.failure.issues!.every(({ expression, text }) => expression !== undefined && text.length > 0));
    return false;
  }
  const width = compiled.value.columns.length;
  for (const resource of resources) {
    const failure = compiled.value.each(resource, (cells) => {
      assert.equal(cells.length, width);
      for (const cell of cells) assert.notEqual(cell, undefined);
    });
    if (failure) assert.match(failure.text, /^Patient/);
  }
  return true;
}

test("any view is compiled or refused by place", () => {
  fc.assert(fc.property(fc.oneof({ weight: 6, arbitrary: views }, fc.jsonValue()), fc.array(patients, { maxLength: 2 }), (definition, resources) => { runsOver(definition, resources); }), runs);
});

test("a sound view is compiled, and runs over any resource or fails by name", () => {
  fc.assert(fc.property(sound, fc.array(patients, { maxLength: 3 }), (definition, resources) => { assert.ok(runsOver(definition, resources), JSON.stringify(compileView(definition))); }), runs);
});

/** Data of the right shape; texts, nulls and twins at will. What is of the wrong shape walks pass over, FHIRPath may not. */
const text = fc.option(fc.constantFrom("F", "x", "", "é"), { nil: undefined });
const twin = fc.option(fc.constant({ extension: [{ url: "u", valueString: "t" }] }), { nil: null });
const name = fc.record({ use: fc.constantFrom("x", "y"), family: text, _family: fc.option(fc.constant({ extension: [{ url: "u", valueString: "t" }] }), { nil: undefined }), given: fc.array(fc.option(fc.constantFrom("g", "h"), { nil: null }), { maxLength: 3 }), _given: fc.array(twin, { maxLength: 3 }), period: fc.constant({ start: "2020-01" }) }, { requiredKeys: [] });
const shaped = fc.record({
  id: fc.constantFrom("a", "b"), name: fc.array(name, { maxLength: 3 }), extension: fc.array(fc.constantFrom({ url: "u", valueString: "s" }, { url: "v", valueCode: "c" }), { maxLength: 2 }),
  link: fc.array(fc.constantFrom({ other: { reference: "Patient/a" } }, { other: { reference: "RelatedPerson/a" } }, { other: {} }), { maxLength: 2 }), contact: fc.constant([{ telecom: [{ rank: 2 }] }]),
}, { requiredKeys: [] }).map((body): Resource => JSON.parse(JSON.stringify({ resourceType: "Patient", ...body })) as Resource);

type Row = Readonly<Record<string, Cell>>;

/** The standard's processing model, word by word, on the general engine. Throws where the view must fail. */
function model(selects: readonly Named[], resource: Resource): Row[] {
  const find = (path: string, on: Resource | Node, index: number): readonly Item[] => {
    const compiled = compile(path);
    assert.ok(compiled.ok);
    const found = compiled.value.evaluate(on, { resource, variables: { c: [7], rowIndex: [index] } });
    if (!found.ok) throw new Error(found.failure.text);
    return path.endsWith("join(',')") && found.value.length === 0 ? [""] : found.value;
  };
  const cell = ({ path, collection }: { path: string; collection?: boolean }, on: Resource | Node, index: number): Cell => {
    const items = find(path, on, index);
    if (collection) return items.map(cellOf);
    if (items.length > 1) throw new Error("several values");
    return items.length === 0 ? null : cellOf(items[0]!);
  };
  const crossed = (lists: readonly Row[][]): Row[] => lists.reduce<Row[]>((left, right) => left.flatMap((a) => right.map((b) => ({ ...a, ...b }))), [{}]);
  const names = (select: Named): string[] => [...(select.column ?? []).map(({ name }) => name!), ...(select.select ?? []).flatMap(names), ...(select.unionAll ?? []).slice(0, 1).flatMap(names)];
  const below = (paths: readonly string[], on: Resource | Node): Node[] => paths.flatMap((path) => find(path, on, 0).flatMap((item) => [item as Node, ...below(paths, item as Node)]));
  const rowsOf = (select: Named, on: Resource | Node, index: number): Row[] => {
    const { forEach, forEachOrNull, repeat } = select;
    const path = forEach ?? forEachOrNull;
    const foci = path !== undefined ? find(path, on, index) as readonly Node[] : repeat ? below(repeat, on) : undefined;
    const rows = (foci ?? [on]).flatMap((focus, i) => {
      const at = foci ? i : index;
      const own: Row = Object.fromEntries((select.column ?? []).map((column) => [column.name!, cell(column, focus, at)]));
      return crossed([[own], ...(select.select ?? []).map((inner) => rowsOf(inner, focus, at)), ...(select.unionAll ? [select.unionAll.flatMap((branch) => rowsOf(branch, focus, at))] : [])]);
    });
    if (rows.length > 0 || forEachOrNull === undefined || foci!.length > 0) return rows;
    const indexes = (inner: Named): string[] => [...(inner.column ?? []).filter((column) => column.path === "%rowIndex").map(({ name }) => name!), ...[...(inner.select ?? []), ...(inner.unionAll ?? []).slice(0, 1)].filter((next) => !(next.forEach ?? next.forEachOrNull ?? next.repeat)).flatMap(indexes)];
    return [{ ...Object.fromEntries(names(select).map((name) => [name, null])), ...Object.fromEntries(indexes(select).map((name) => [name, 0])) }];
  };
  return crossed(selects.map((select) => rowsOf(select, resource, 0)));
}

test("rows are those of the standard's processing model", () => {
  let compared = 0;
  fc.assert(fc.property(sound, shaped, (definition, resource) => {
    const compiled = compileView(definition);
    assert.ok(compiled.ok);
    const rows: Row[] = [];
    const failure = compiled.value.each(resource, (cells) => { rows.push(Object.fromEntries(compiled.value.columns.map(({ name }, i) => [name, cells[i]!]))); });
    let expected: Row[];
    // A sibling without rows hides a failure from the runner, which never gets there; the model meets every failure.
    try { expected = model(definition.select, resource); } catch { return; }
    assert.equal(failure, undefined);
    assert.deepEqual(rows, expected);
    compared += rows.length;
  }), { numRuns: 1000 });
  assert.ok(compared > 500, `${compared} rows compared`);
});

test("any bytes, in any pieces, give the same resources and faults", () => {
  const line = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.json().map((text) => Buffer.from(text)), fc.constantFrom('{"resourceType":"Patient","id":"é"}', '{"resourceType":"Group"}', '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}},null,{}]}', "\r", "").map((text) => Buffer.from(text)));
  fc.assert(fc.property(fc.array(line, { maxLength: 8 }), fc.integer({ min: 1, max: 50 }), (lines, pieceBytes) => {
    const bytes = Buffer.concat(lines.flatMap((one) => [one, Buffer.from("\n")]));
    const read = (size: number): unknown[] => {
      const seen: unknown[] = [];
      const reader = new NdjsonReader({ resource: "Patient", each: ({ id }, at) => { seen.push([id, at]); }, fault: (fault) => { seen.push(fault); } });
      for (let at = 0; at < bytes.length; at += size) reader.push(Uint8Array.from(bytes.subarray(at, at + size)));
      reader.end();
      return seen;
    };
    assert.deepEqual(read(pieceBytes), read(bytes.length + 1));
  }), runs);
});
