/** Any text and any data: an answer or a Failure, never another error, never without end. Bounded in time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cpuSeconds } from "#platform/cpu-time.ts";
import type { Resource } from "../resource.ts";
import { compile } from "./compile.ts";
import { functions } from "./functions/registry.ts";
import { parse } from "./parser.ts";
import { parseRegex } from "./regex/parse.ts";
import { Node } from "./values.ts";

const bounded = { interruptAfterTimeLimit: 4000, markInterruptAsFailure: false } as const;

const patient: Resource = {
  resourceType: "Patient", id: "p", active: true, birthDate: "1980-05-06", _birthDate: { extension: [{ url: "urn:x", valueString: "y" }] },
  name: [{ use: "official", family: "Li", given: ["Wei", "Hua"], period: { start: "2001", end: "2020-01-31" } }, { given: ["Mei"] }],
  telecom: [{ system: "phone", value: "1", rank: 1 }], multipleBirthInteger: 2, maritalStatus: { coding: [{ system: "urn:m", code: "M" }] },
  extension: [{ url: "urn:q", valueQuantity: { value: 5.5, unit: "kg", system: "http://unitsofmeasure.org", code: "kg" } }],
  generalPractitioner: [{ reference: "Practitioner/1" }, { reference: "#c" }], contained: [{ resourceType: "Practitioner", id: "c" }],
};

const leaves = [
  "name", "given", "Patient", "birthDate", "active", "telecom", "extension.value", "generalPractitioner", "$this", "$index", "$total", "{}", "true", "false", "1", "0", "-1", "2.50", "2147483648", "''", "'a'", "'(a+)+$'", "'2020-01'", "'1 \\'mg\\''",
  "@2020", "@2020-02-29", "@2020-02-30", "@2020-02-29T10", "@2020-02-29T10:30:00.5+14:00", "@T10:30", "1 'mg'", "3 days", "1 year", "5 'nonsense'", "%context", "%resource", "%ucum", "%`vs-x`", "%none", "multipleBirth", "contained",
];
const operators = ["+", "-", "*", "/", "div", "mod", "&", "|", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "in", "contains", "and", "or", "xor", "implies"];
const types = ["Quantity", "System.String", "FHIR.string", "Patient", "HumanName", "Any"];
const names = [...functions.keys()];

const expressions = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof({ maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(...leaves),
    fc.tuple(tie("any"), fc.constantFrom(...operators), tie("any")).map(([a, operator, b]) => `(${a}) ${operator} (${b})`),
    fc.tuple(tie("any"), fc.constantFrom(...names), fc.array(tie("any"), { maxLength: 2 })).map(([on, name, args]) => `(${on}).${name}(${args.join(", ")})`),
    fc.tuple(tie("any"), fc.constantFrom("ofType", "as", "is"), fc.constantFrom(...types)).map(([on, name, type]) => `(${on}).${name}(${type})`),
    fc.tuple(tie("any"), tie("any")).map(([on, index]) => `(${on})[${index}]`),
    fc.tuple(tie("any"), tie("any"), tie("any")).map(([on, value, then]) => `(${on}).defineVariable('v', ${value}).select(%v | ${then})`),
    tie("any").map((inner) => `-(${inner})`))})).any;

test("any text parses or is refused with its place", () => {
  const pieces = [...leaves, ...operators, ...names, ".", "(", ")", "[", "]", ",", "'", "`", "\\", "//", "/*", "*/", "@", "%", "$", "\u0000", "\ud800", "é", "\n", " "];
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((list) => list.join(""))), (text) => {
    const parsed = parse(text);
    if (!parsed.ok) assert.match(parsed.failure.text, /^FHIRPath (\d+:\d+: .*|: .*)/s);
  }), { numRuns: 20_000, ...bounded });
});

test("any expression on a Patient gives items or a Failure; the same twice; strict refuses more, never less", () => {
  let answered = 0;
  fc.assert(fc.property(expressions, (expression) => {
    const lax = compile(expression, { type: "Patient" });
    const strict = compile(expression, { type: "Patient", strict: true });
    if (!lax.ok) {
      assert.match(lax.failure.text, /^FHIRPath \d+:\d+: /);
      assert.ok(!strict.ok, expression);
      return;
    }
    const now = new Date(0);
    const first = lax.value.evaluate(patient, { now });
    const second = lax.value.evaluate(patient, { now });
    assert.deepEqual(second, first, expression);
    // Without knowing the type the same is found.
    const open = compile(expression);
    if (open.ok && first.ok) assert.deepEqual(open.value.evaluate(patient, { now }), first, expression);
    if (first.ok) answered += 1;
    lax.value.holds(patient, { now });
  }), { numRuns: 20_000, ...bounded });
  assert.ok(answered > 100, `${answered} gave items`);
});

const odd = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof({ maxDepth: 4 }, fc.constantFrom<unknown>(null, true, 0, -1.5, 1e300, "", "x", "2020-13-45", "2020-01-01", "#c", "Patient/1", "__proto__", "constructor"),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("name", "given", "_given", "family", "value", "valueQuantity", "code", "extension", "url", "contained", "resourceType", "id", "reference", "birthDate", "_birthDate", "__proto__", "constructor", "toString"), tie("json"), { maxKeys: 5 })),
})).json;

test("any data: expressions that read deep give items or a Failure", () => {
  const compiled = ["descendants()", "children().children()", "name.given.where($this = 'x')", "repeat(children())", "descendants() | descendants()", "descendants().select($this ~ $this).allTrue()", "birthDate < today()", "contained.id", "descendants().ofType(Quantity) > 1 'kg'",
    "descendants().where(resolve() is Patient)", "name.extension('x').value", "descendants().lowBoundary()", "descendants().type().name", "descendants().memberOf('x')", "name.sort(family)", "descendants().hasValue()"].map((expression) => {
    const found = compile(expression, { type: "Patient" });
    assert.ok(found.ok, expression);
    return found.value;
  });
  fc.assert(fc.property(odd, odd, odd, (name, birthDate, contained) => {
    const resource = { resourceType: "Patient", name, birthDate, contained, extension: name } as unknown as Resource;
    for (const evaluator of compiled) evaluator.evaluate(resource);
    for (const evaluator of compiled) evaluator.items(new Node(resource, "Patient"));
  }), { numRuns: 3000, ...bounded });
});

test("what would grow without end is ended: texts, numbers, collections, nesting, recursion", () => {
  const doubled = (step: string, times: number): string => `name.given.aggregate(${step.repeat(times)})`;
  const variables = Array.from({ length: 60 }, (_, i) => `.defineVariable('v${i + 1}', %v${i}.combine(%v${i}))`).join("");
  const deep: Record<string, unknown> = { resourceType: "Patient" };
  let at = deep;
  for (let i = 0; i < 20_000; i++) { const inner: Record<string, unknown> = { url: "u" }; at.extension = [inner]; at = inner; }
  const loops = `${"descendants().select(%context.".repeat(30)}descendants()${")".repeat(30)}`;
  for (const expression of [
    `defineVariable('v0', name)${variables}.select(%v60).count()`, "'ab'.repeat($this & $this)", "'a'.repeatAll($this)", "1.5.repeatAll($this * $this)", "1.5.repeat($this * $this)", loops,
    `${"(0|1|2|3|4|5|6|7|8|9).select(".repeat(12)}$this${")".repeat(12)}`, doubled("$total & $total & 'x'", 1), "'a'.replace('', 'bbbbbbbbbb').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789')",
    "1 'm'.repeatAll($this * $this)", "extension.repeat(extension).count()", "descendants().count()", "extension ~ extension", "(extension | extension).count()",
  ]) {
    const started = cpuSeconds();
    const compiled = compile(expression, { type: "Patient" });
    for (const resource of [patient, deep as unknown as Resource]) if (compiled.ok) compiled.value.evaluate(resource);
    assert.ok(cpuSeconds() - started < 30, `${expression.slice(0, 60)} took ${cpuSeconds() - started} s`);
  }
});

test("regular expressions of any shape parse or are refused", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 40 }), (pattern) => {
    try { parseRegex(pattern); } catch (fault) { assert.equal((fault as Error).constructor.name, "RegexFault"); }
  }), { numRuns: 5000, ...bounded });
});
