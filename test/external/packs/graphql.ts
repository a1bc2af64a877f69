/** Pack `graphql`: queries with their answers, the two server tests, and the syntax samples. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defaultLimits, readDocument } from "#fhir/graphql/document.ts";
import { runGraphql, type Reader } from "#fhir/graphql/graphql.ts";
import { parseReference, type JsonObject, type Resource } from "#fhir/resource.ts";
import { matches } from "#fhir/search/matches.ts";
import { parseQuery } from "#fhir/search/query.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { xmlFromJson } from "#fhir/xml/to-xml.ts";
import { xmlText } from "#fhir/xml/reader.ts";
import { readElement } from "#fhir/xml/tree.ts";
import { ok } from "#platform/result.ts";
import { attribute, compareShape, must } from "../graphql/compare.ts";

export const pack = "graphql";

export type GraphqlCase = { name: string; run: () => void | Promise<void> };

export async function* cases(dir: string): AsyncGenerator<GraphqlCase> {
  const files = readdirSync(join(dir, "resources")).filter(name => name.endsWith(".xml")).sort();
  const texts = new Map(files.map(file => [file, readFileSync(join(dir, "resources", file))]));
  for (const [file, text] of texts) yield { name: `xml ${file}`, run: () => {
    const json = must(jsonFromXml(text, { anyOrder: true })); // observation-example.xml has its extension after its status
    assert.equal(must(jsonFromXml(must(xmlFromJson(json)))), json);
  } };
  const all = [...texts].map(([file, text]) => ({ file, resource: JSON.parse(must(jsonFromXml(text, { anyOrder: true }))) as Resource }));
  const manifest = readElement(must(xmlText(readFileSync(join(dir, "manifest.xml")))));
  for (const test of manifest.children.filter(node => node.kind === "element")) {
    const name = attribute(test, "name")!;
    yield { name, run: async () => {
      const [type, id] = attribute(test, "context")!.split("/");
      const named = attribute(test, "resource") ?? `${type?.toLowerCase()}-${id}`; // some files say another id than the context
      const scope = type ? all.find(({ resource }) => resource.resourceType === type && resource.id === id) ?? all.find(({ file }) => file === `${named}.xml`) : undefined;
      if (type) assert.ok(scope, `${type}/${id} is in the pack`);
      // SOURCE.md: the searches expect a store without the third active patient.
      const reader = readerOf(all.filter(({ file }) => type || file !== "patient-glossy-example.xml").map(({ resource }) => resource));
      const operation = attribute(test, "operation");
      const answer = await runGraphql({ query: readFileSync(join(dir, attribute(test, "source")!), "utf8"), ...(operation ? { operationName: operation, variables: { var: true } } : {}) }, reader, scope?.resource);
      const output = attribute(test, "output")!;
      if (output === "$error") {
        assert.ok((answer.errors?.length ?? 0) > 0 && !answer.data, JSON.stringify(answer));
        return;
      }
      const expected = JSON.parse(readFileSync(join(dir, output), "utf8")) as JsonObject;
      if (name === "search-full") compareShape(answer, expected);
      else assert.deepEqual(answer, { data: expected });
    } };
  }
  const server = JSON.parse(readFileSync(join(dir, "server-tests.json"), "utf8")) as Record<string, Record<string, { url: string; output: JsonObject }>>;
  for (const [group, tests] of Object.entries(server).filter(([, value]) => typeof value === "object"))
    for (const [name, { url, output }] of Object.entries(tests)) yield { name: `${group} ${name}`, run: async () => {
      const [path, query] = url.split("?query=");
      const [, type, id] = path!.split("/");
      const scope = type === "$graphql" ? undefined : all.find(({ resource }) => resource.resourceType === type && resource.id === id)!.resource;
      assert.deepEqual(await runGraphql({ query: query! }, readerOf(all.map(({ resource }) => resource)), scope), output);
    } };
  for (const [, name, query] of readFileSync(join(dir, "parser-tests.gql"), "utf8").matchAll(/^####\s*(.*?)\s*$\n([\s\S]*?)(?=^####|(?![\s\S]))/gm))
    yield { name: `parser ${name}`, run: () => { readDocument(query!, defaultLimits); } };
}

function readerOf(resources: readonly Resource[]): Reader {
  const find = (type: string, id: string) => resources.find(resource => resource.resourceType === type && resource.id === id);
  const ordered = [...resources].sort((a, b) => a.id! < b.id! ? -1 : 1);
  return {
    read: async (type, id) => ok(find(type, id)),
    resolve: async reference => {
      const key = parseReference(reference);
      return ok(key && find(key.type, key.id));
    },
    search: async (type, parameters) => {
      const query = parseQuery(type, new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString());
      if (!query.ok) return query;
      const found = ordered.filter(resource => resource.resourceType === type && matches(resource, query.value));
      return ok({ edges: found.map(resource => ({ resource, mode: "match" })), count: found.length, offset: 0, pagesize: 50 });
    },
  };
}
