/** Pack `fhir-patch`: FHIRPath Patch, JSON Patch and XML Patch cases for R4. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseLiterals } from "#fhir/json/literals.ts";
import { applyFhirPathPatch } from "#fhir/patch/fhirpath/fhirpath-patch.ts";
import { applyJsonPatch } from "#fhir/patch/json/json-patch.ts";
import { applyXmlPatch } from "#fhir/patch/xml/xml-patch.ts";
import type { Json } from "#fhir/resource.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { xmlText } from "#fhir/xml/reader.ts";
import { printElement, readElement, type XmlElement, type XmlNode } from "#fhir/xml/tree.ts";
import type { Result } from "#platform/result.ts";

export const pack = "fhir-patch";

export type PatchCase = { name: string; run: () => void };

export async function* cases(dir: string): AsyncGenerator<PatchCase> {
  for (const test of fhirPathTests(dir))
    yield { name: `fhirpath ${attribute(test, "name")}`, run: () => fhirPathCase(test) };
  for (const test of JSON.parse(readFileSync(join(dir, "json-patch-tests.json"), "utf8")) as JsonCase[])
    yield { name: `json ${test.comment}`, run: () => jsonCase(test) };
  for (const test of readElement(must(xmlText(readFileSync(join(dir, "xml-patch-tests.xml"))))).children.filter(isElement))
    yield { name: `xml ${attribute(test, "name")}`, run: () => xmlCase(test) };
}

export function fhirPathTests(dir: string): XmlElement[] {
  return readElement(must(xmlText(readFileSync(join(dir, "fhir-patch-tests.xml")))), { keep: true }).children.filter(isElement);
}

type JsonCase = { comment: string; doc: Json; patch: Json; expected?: Json; error?: string };

function jsonCase({ doc, patch, expected, error }: JsonCase): void {
  const before = structuredClone(doc);
  const result = applyJsonPatch(doc, patch);
  assert.deepEqual(doc, before, "the document given must not change");
  if (error !== undefined) return refused(result);
  assert.deepEqual(must(result), expected);
}

function fhirPathCase(test: XmlElement): void {
  const result = applyFhirPathPatch(resource(test, "input"), resource(test, "diff"));
  if (child(test, "error")) return refused(result);
  assert.deepEqual(evened(must(result)), evened(resource(test, "output")));
}

export function resource(test: XmlElement, name: string): Json {
  return must(parseLiterals(must(jsonFromXml(printElement(child(child(test, name)!)!)))));
}

/** Narratives are compared without the amount of white space. */
export function evened(value: Json): Json {
  return JSON.parse(JSON.stringify(value, (name, inner: unknown) => name === "div" && typeof inner === "string" ? inner.replace(/\s+/g, " ").replaceAll("&quot;", '"') : inner)) as Json;
}

function xmlCase(test: XmlElement): void {
  const result = applyXmlPatch(child(child(test, "target")!), child(test, "patch")!);
  if (child(test, "error")) return refused(result);
  assert.deepEqual(bare(must(result)), bare(child(child(test, "patched")!)!));
}

/** An element without the white space around its nodes; attributes in order of name. */
function bare(node: XmlNode): unknown {
  if (node.kind !== "element") return node.kind === "instruction" ? node : { ...node, text: node.text.trim() };
  return {
    name: `{${node.namespace}}${node.local}`, attributes: Object.fromEntries(node.attributes.map(({ name, value }) => [name, value]).sort()),
    declared: [...node.declared].filter(([prefix]) => prefix !== "").sort(), children: node.children.map(bare).filter(inner => !(inner as { kind?: string; text?: string }).kind || (inner as { text: string }).text !== ""),
  };
}

export function isElement(node: XmlNode): node is XmlElement {
  return node.kind === "element";
}

/** The child of a name, or the first one. */
export function child(element: XmlElement, name?: string): XmlElement | undefined {
  return element.children.filter(isElement).find(inner => name === undefined || inner.local === name);
}

export function attribute(element: XmlElement, name: string): string | undefined {
  return element.attributes.find(other => other.name === name)?.value;
}

function refused(result: Result<unknown>): void {
  assert.ok(!result.ok, `must be refused, gave ${JSON.stringify(result)}`);
  assert.match(result.failure.text, /\[\d+\]|no operation|no document/);
}

export function must<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? "" : result.failure.text);
  return result.value;
}
