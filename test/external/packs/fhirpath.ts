/** Pack `fhirpath`: the FHIRPath test suite for R4 (tests-fhir-r4.xml beside its input resources). */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Resource } from "#fhir/resource.ts";
import { profilePorts } from "#fhir/validate/fhirpath-ports.ts";
import { createValidator } from "#fhir/validate/validator.ts";
import { compile, type Item } from "#fhir/fhirpath/compile.ts";
import { condition, Node, Quantity, system, systemTypeName, TypeInfo } from "#fhir/fhirpath/values.ts";
import { Temporal } from "#fhir/fhirpath/temporal.ts";
import { functions } from "#fhir/fhirpath/functions/registry.ts";
import { resourceFromXml } from "../xml/fhir.ts";
import { parseXml, type Element } from "../xml/xml.ts";

export const pack = "fhirpath";

const environment = { ...profilePorts(createValidator()) };

export type Case = { name: string; run: () => void; skip?: string };

/** One case per test; a name that occurs twice is told apart by its group and position. */
export async function* cases(dir: string): AsyncGenerator<Case> {
  const suite = parseXml(readFileSync(join(dir, "tests-fhir-r4.xml"), "utf8"));
  const inputs = new Map<string, Resource>();
  const seen = new Map<string, number>();
  for (const group of suite.children.filter((element) => element.name === "group"))
    for (const test of group.children.filter((element) => element.name === "test")) {
      const base = `${group.attributes.name}/${test.attributes.name}`;
      const times = (seen.get(base) ?? 0) + 1;
      seen.set(base, times);
      const name = times === 1 ? base : `${base}#${times}`;
      const expression = test.children.find((element) => element.name === "expression")!;
      const missing = expression.attributes.invalid ? undefined : notImplemented(expression.text);
      yield { name, run: () => { check(test, expression, input(dir, test, inputs)); }, ...(missing ? { skip: `${missing}() is not implemented yet` } : {}) };
    }
}

/** The suite's expressions that give a result, each with its resource: work for the bench. */
export function pairs(dir: string): { expression: string; resource: Resource }[] {
  const suite = parseXml(readFileSync(join(dir, "tests-fhir-r4.xml"), "utf8"));
  const inputs = new Map<string, Resource>();
  return suite.children.filter((element) => element.name === "group").flatMap((group) => group.children.filter((element) => element.name === "test"))
    .map((test) => ({ expression: test.children.find((element) => element.name === "expression")!, resource: input(dir, test, inputs) }))
    .filter(({ expression }) => !expression.attributes.invalid)
    .map(({ expression, resource }) => ({ expression: expression.text, resource }));
}

/** The first function an expression calls that the registry lacks; strings, names in backticks and comments do not count. */
function notImplemented(expression: string): string | undefined {
  const code = expression.replace(/'(?:\\.|[^'\\])*'|`[^`]*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, " ");
  const words = new Set(["and", "or", "xor", "implies", "in", "contains", "div", "mod", "is", "as"]);
  for (const [, name] of code.matchAll(/([A-Za-z_]\w*)\s*\(/g)) if (!functions.has(name!) && !words.has(name!)) return name;
  return undefined;
}

function input(dir: string, test: Element, known: Map<string, Resource>): Resource {
  const file = test.attributes.inputfile;
  if (!file) return { resourceType: "Basic" };
  let found = known.get(file);
  if (!found) {
    const path = join(dir, "input", file);
    const text = readFileSync(existsSync(path) ? path : join(dir, "input-json", file), "utf8");
    known.set(file, found = file.endsWith(".xml") ? resourceFromXml(text) : JSON.parse(text) as Resource);
  }
  return found;
}

function check(test: Element, expression: Element, resource: Resource): void {
  const invalid = expression.attributes.invalid;
  const strict = test.attributes.mode === "strict" || expression.attributes.mode === "strict";
  const compiled = compile(expression.text, { strict, ...(test.attributes.inputfile ? { type: resource.resourceType } : {}) });
  if (invalid === "syntax") return assert.ok(!compiled.ok, "must not parse");
  const result = compiled.ok ? compiled.value.evaluate(resource, environment) : compiled;
  if (invalid) return assert.ok(!result.ok, `must be refused, gave ${result.ok && JSON.stringify(result.value.map(shown))}`);
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  const outputs = test.children.filter((element) => element.name === "output");
  const actual = test.attributes.predicate === "true" ? [asCondition(result.value)] : result.value.map(shown);
  const expected = outputs.map((output) => wanted(output));
  const order = test.attributes.ordered === "false" ? (list: string[]) => [...list].sort() : (list: string[]) => list;
  assert.deepEqual(order(actual.map((value, i) => typed(value, outputs[i]))), order(expected));
}

/** "When predicate is true the result is converted to boolean": existence, or the boolean itself. */
function asCondition(items: readonly Item[]): { type: string; text: string } {
  const value = items.length === 1 ? condition(items, "predicate") : items.length > 0;
  return { type: "boolean", text: String(value ?? false) };
}

function shown(item: Item): { type: string; text: string } {
  if (item instanceof TypeInfo) return { type: "TypeInfo", text: `${item.namespace}.${item.name}` };
  const value = system(item);
  const type = item instanceof Node ? item.type : systemTypeName(item as Exclude<Item, Node | TypeInfo>);
  if (value instanceof Temporal) return { type, text: value.text };
  if (value instanceof Quantity && item instanceof Node) return { type: "Quantity", text: String(value) };
  return { type, text: value instanceof Node ? JSON.stringify(value.value) : String(value) };
}

const systemNames: Readonly<Record<string, string>> = { Boolean: "boolean", String: "string", Integer: "integer", Decimal: "decimal", Date: "date", DateTime: "dateTime", Time: "time" };

/** Compared with the type where the suite states one. */
function typed({ type, text }: { type: string; text: string }, output: Element | undefined): string {
  const stated = output?.attributes.type;
  const name = systemNames[type] ?? type;
  return stated === undefined ? normal(stated, text) : `${name} ${normal(stated, text)}`;
}

function wanted(output: Element): string {
  const { type } = output.attributes;
  return type === undefined ? normal(type, output.text) : `${type} ${normal(type, output.text)}`;
}

/** Decimals by value, so that -0.0 is 0.0; dates without the literal's @. */
function normal(type: string | undefined, text: string): string {
  if ((type === "decimal" || type === undefined) && /^-?\d+(\.\d+)?$/.test(text)) return String(Number(text) || 0);
  return text.replace(/^@T?/, "");
}
