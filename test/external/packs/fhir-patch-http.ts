/**
 * Pack `fhir-patch` over HTTP: each FHIRPath Patch case as PATCH of a stored resource, patch and answer in XML. The
 * pack's JSON and XML Patch cases are about documents that are no FHIR.
 */
import assert from "node:assert/strict";
import { jsonFromXml } from "#fhir/xml/from-xml.ts";
import { printElement } from "#fhir/xml/tree.ts";
import type { Json, JsonObject } from "#fhir/resource.ts";
import { testServer, type TestServer } from "../../integration/server.ts";
import type { ExternalCase } from "../run.ts";
import { attribute, child, evened, fhirPathTests, must, resource } from "./fhir-patch.ts";

export const pack = "fhir-patch";

let server: TestServer | undefined;
const xml = { "content-type": "application/fhir+xml", accept: "application/fhir+xml" };

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  const at = server = await testServer({ people: false });
  for (const test of fhirPathTests(dir)) {
    const named = `http fhirpath ${attribute(test, "name")}`;
    const input = resource(test, "input") as JsonObject;
    const created = await at.send("POST", String(input.resourceType), { body: input });
    if (created.statusCode !== 201) {
      yield { name: named, run: () => {}, skip: "starts from a resource that is not valid R4, which the record does not take" };
      continue;
    }
    const { id } = created.json() as { id: string };
    yield {
      name: named,
      run: async () => {
        const answer = await at.send("PATCH", `${String(input.resourceType)}/${id}`, { body: printElement(child(child(test, "diff")!)!), headers: xml });
        if (child(test, "error")) { assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, answer.body); return; }
        assert.equal(answer.statusCode, 200, answer.body);
        assert.deepEqual(content(JSON.parse(must(jsonFromXml(answer.body))) as JsonObject), content(resource(test, "output") as JsonObject));
      },
    };
  }
}

/** Without what the server gives. */
function content(resource: JsonObject): Json {
  return evened(Object.fromEntries(Object.entries(resource).filter(([name]) => name !== "id" && name !== "meta")) as JsonObject);
}

export async function close(): Promise<void> {
  await server?.close();
}
