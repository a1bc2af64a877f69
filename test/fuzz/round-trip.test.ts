/** There and back again, over random resources of every type: XML, and each of the three patches with its inverse. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { typeDefinition } from "#fhir/definitions/load.ts";
import { parseDocument } from "#fhir/json/document.ts";
import { bundleEntries } from "#fhir/json/bundle.ts";
import { applyFhirPathPatch } from "#fhir/patch/fhirpath/fhirpath-patch.ts";
import { applyJsonPatch } from "#fhir/patch/json/json-patch.ts";
import { xmlPatchText } from "#fhir/patch/xml/xml-patch.ts";
import type { Json, JsonObject, Resource } from "#fhir/resource.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { xmlFromJson } from "#fhir/xml/to-xml.ts";
import type { Result } from "#platform/result.ts";
import { random, type Random } from "#research/population/random.ts";
import { randomResource } from "./resource.ts";

const resources = fc.nat().map((seed) => ({ dice: random("round-trip", seed, "edit"), resource: randomResource(random("round-trip", seed)) }));
const bounded = { numRuns: 3000, interruptAfterTimeLimit: 3000, markInterruptAsFailure: false } as const;

function value<T>(result: Result<T>): T {
  if (!result.ok) assert.fail(result.failure.text);
  return result.value;
}

test("JSON → XML → JSON → XML", () => {
  fc.assert(fc.property(resources, ({ resource }) => {
    const xml = value(xmlFromJson(JSON.stringify(resource)));
    const json = value(jsonFromXml(xml));
    assert.deepEqual(JSON.parse(json), resource);
    assert.equal(value(xmlFromJson(json)), xml);
  }), bounded);
});

test("a transaction's entries are the resources that went in, by text", () => {
  fc.assert(fc.property(fc.array(resources, { maxLength: 4 }), (list) => {
    const texts = list.map(({ resource }) => JSON.stringify(resource));
    const text = `{"resourceType":"Bundle","type":"transaction","entry":[${texts.map((one) => `{"resource":${one},"request":{"method":"POST","url":"x"}}`).join(",")}]}`;
    const { entries } = value(parseDocument(text));
    assert.deepEqual(entries.map(({ start, end }) => text.slice(start, end)), texts);
    assert.equal(value(bundleEntries(text)).length, texts.length);
  }), { ...bounded, numRuns: 500 });
});

/** Every place in a JSON value, as the tokens of its pointer. */
function* places(at: Json, tokens: string[] = []): Generator<{ tokens: string[]; holder: JsonObject | Json[]; key: string; value: Json }> {
  if (typeof at !== "object" || at === null) return;
  for (const key of Object.keys(at)) {
    const inner = (at as JsonObject)[key]!;
    const here = [...tokens, key];
    yield { tokens: here, holder: at, key, value: inner };
    yield* places(inner, here);
  }
}

function onePlace(resource: Resource, dice: Random): ReturnType<typeof places> extends Generator<infer P> ? P : never {
  return dice.pick([...places(resource as Json)]);
}

test("JSON Patch: remove then add, replace then replace", () => {
  fc.assert(fc.property(resources, ({ resource, dice }) => {
    const { tokens, value: old } = onePlace(resource, dice);
    const path = `/${tokens.map((token) => token.replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
    const before = structuredClone(resource);
    for (const patch of [[{ op: "remove", path }, { op: "add", path, value: old }], [{ op: "replace", path, value: [1, { a: null }] }, { op: "replace", path, value: old }, { op: "test", path, value: old }]])
      assert.deepEqual(value(applyJsonPatch(resource as Json, patch as Json)), before);
  }), bounded);
});

const operation = (type: string, path: string, rest: JsonObject[]): JsonObject => ({ name: "operation", part: [{ name: "type", valueCode: type }, { name: "path", valueString: path }, ...rest] });

test("FHIRPath Patch: move there and back, delete then insert, replace then replace", () => {
  let lists = 0, texts = 0;
  fc.assert(fc.property(resources, ({ resource, dice }) => {
    const before = structuredClone(resource);
    const patched = (...operations: JsonObject[]): Json => value(applyFhirPathPatch(resource as Json, { resourceType: "Parameters", parameter: operations }));
    for (const { name, max, types } of typeDefinition(resource.resourceType)!.elements) {
      const list = resource[name] as Json;
      const type = types[0]!, path = `${resource.resourceType}.${name}`;
      if (max > 1 && Array.isArray(list) && list.length > 1) {
        lists++;
        const source = dice.int(list.length), destination = dice.int(list.length);
        const moved = (from: number, to: number): JsonObject => operation("move", path, [{ name: "source", valueInteger: from }, { name: "destination", valueInteger: to }]);
        assert.deepEqual(patched(moved(source, destination), moved(destination, source)), before);
      }
      // What replaces an element replaces its id and extensions too.
      if (max === 1 && type === "string" && typeof list === "string" && resource[`_${name}`] === undefined) {
        texts++;
        const set = (text: string): JsonObject => operation("replace", path, [{ name: "value", valueString: text }]);
        assert.deepEqual(patched(set("other"), set(list)), before);
      }
      if (max > 1 && type === "string" && Array.isArray(list) && list.every((item) => typeof item === "string") && resource[`_${name}`] === undefined) {
        const index = dice.int(list.length);
        if (list.length > 1) assert.deepEqual(patched(operation("delete", `${path}[${index}]`, []), operation("insert", path, [{ name: "index", valueInteger: index }, { name: "value", valueString: list[index]! }])), before);
      }
    }
  }), bounded);
  assert.ok(lists > 20 && texts > 20, `${lists} lists, ${texts} texts`);
});

test("XML Patch: a value replaced and set back, an element added and removed", () => {
  let values = 0;
  fc.assert(fc.property(resources, ({ resource }) => {
    const source = JSON.stringify(resource), type = resource.resourceType;
    // In the definition's order already, so that what comes back is the same text.
    const text = value(jsonFromXml(value(xmlFromJson(source))));
    const patched = (inner: string): string => value(xmlPatchText(text, `<diff xmlns="http://hl7.org/fhir">${inner}</diff>`));
    for (const { name, max } of typeDefinition(type)!.elements) {
      const old = resource[name];
      if (max !== 1 || typeof old !== "string" || name === "id" || !/^[\w -]+$/.test(old)) continue;
      values++;
      const set = (to: string): string => `<replace sel="${type}/${name}/@value">${to}</replace>`;
      assert.equal(patched(set("other") + set(old)), text);
    }
    assert.equal(patched(`<add sel="${type}"><language id="new" value="de"/></add><remove sel="${type}/language[@id='new']"/>`), text);
  }), { ...bounded, numRuns: 1000 });
  assert.ok(values > 20, String(values));
});
