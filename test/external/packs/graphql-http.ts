/** Pack `graphql` over HTTP: its queries sent to $graphql of a server that holds the pack's resources. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject, Resource } from "#fhir/resource.ts";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { xmlText } from "#fhir/xml/reader.ts";
import { readElement } from "#fhir/xml/tree.ts";
import { operator } from "#server/node.ts";
import { testServer, type Answer, type TestServer } from "../../integration/server.ts";
import { attribute, compareShape, must } from "../graphql/compare.ts";
import type { ExternalCase } from "../run.ts";

export const pack = "graphql";

let open: TestServer | undefined;

/** As they are: some of the pack's examples are not valid R4. */
async function put({ node }: TestServer, resources: readonly Resource[]): Promise<void> {
  must(await node.record.commit(operator, resources.map((resource) => ({ kind: "update", type: resource.resourceType, id: resource.id!, text: JSON.stringify(resource) })), { validate: false }));
}

/** What the server adds to a stored resource and the pack's answers do not have. */
function withoutStamp(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, member: unknown) => {
    if (name !== "meta" || typeof member !== "object" || member === null) return member;
    const { versionId: _version, lastUpdated: _updated, ...rest } = member as JsonObject;
    return Object.keys(rest).length > 0 ? rest : undefined;
  }));
}

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  const files = readdirSync(join(dir, "resources")).filter((name) => name.endsWith(".xml")).sort();
  const all = files.map((file) => ({ file, resource: JSON.parse(must(jsonFromXml(readFileSync(join(dir, "resources", file)), { anyOrder: true }))) as Resource }));
  const distinct = [...new Map(all.map(({ resource }) => [`${resource.resourceType}/${resource.id}`, resource])).values()];
  const node = open = await testServer({ people: false });
  const glossy = all.find(({ file }) => file === "patient-glossy-example.xml")!.resource;
  await put(node, distinct.filter((resource) => resource !== glossy));
  const manifest = readElement(must(xmlText(readFileSync(join(dir, "manifest.xml")))));
  const tests = manifest.children.filter((child) => child.kind === "element");
  let complete = false;
  const searches = tests.filter((test) => attribute(test, "context") === "");
  // SOURCE.md: the searches expect a store without the third active patient, so they come before it.
  for (const test of [...searches, ...tests.filter((one) => !searches.includes(one))]) {
    if (!searches.includes(test) && !complete) { await put(node, [glossy]); complete = true; }
    const name = attribute(test, "name")!;
    yield { name: `http ${name}`, run: async () => {
      const [type, id] = attribute(test, "context")!.split("/");
      const named = attribute(test, "resource") ?? `${type?.toLowerCase()}-${id}`; // some files say another id than the context
      const scope = type ? distinct.find((one) => one.resourceType === type && one.id === id) ?? all.find(({ file }) => file === `${named}.xml`)?.resource : undefined;
      if (type) assert.ok(scope, `${type}/${id} is in the pack`);
      const operation = attribute(test, "operation");
      const body = { query: readFileSync(join(dir, attribute(test, "source")!), "utf8"), ...(operation ? { operationName: operation, variables: { var: true } } : {}) };
      const answer = await node.send("POST", scope ? `${scope.resourceType}/${scope.id}/$graphql` : "$graphql", { body, headers: { "content-type": "application/json" } });
      const output = attribute(test, "output")!;
      const found = read(answer);
      if (output === "$error") {
        assert.ok((found.errors?.length ?? 0) > 0 && !found.data, answer.body);
        return;
      }
      const expected = JSON.parse(readFileSync(join(dir, output), "utf8")) as JsonObject;
      if (name === "search-full") compareShape(found, expected);
      else assert.deepEqual(withoutStamp(found), { data: withoutStamp(expected) });
    } };
  }
  const server = JSON.parse(readFileSync(join(dir, "server-tests.json"), "utf8")) as Record<string, Record<string, { url: string; output: JsonObject }>>;
  for (const [group, tests] of Object.entries(server).filter(([, value]) => typeof value === "object"))
    for (const [name, { url, output }] of Object.entries(tests)) yield { name: `http ${group} ${name}`, run: async () => {
      const [path, query] = url.split("?query=");
      const answer = await node.send("GET", `${path!.replace(/^\//, "")}?query=${encodeURIComponent(query!)}`);
      assert.deepEqual(withoutStamp(read(answer)), output);
    } };
}

function read(answer: Answer): { data?: JsonObject | null; errors?: { message: string }[] } {
  assert.match(String(answer.headers["content-type"]), /^application\/json/, answer.body);
  return answer.json() as { data?: JsonObject };
}

export async function close(): Promise<void> {
  await open?.close();
}
