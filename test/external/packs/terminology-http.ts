/**
 * Pack `terminology` over HTTP: the cases of terminology.ts through a server's operations, each suite's resources sent
 * along as `tx-resource` parameters. Known failures are those of the engine.
 */
import assert from "node:assert/strict";
import type { Parameters } from "#fhir/terminology/parameters.ts";
import type { Resource } from "#fhir/resource.ts";
import { testServer, type TestServer } from "../../integration/server.ts";
import type { ExternalCase } from "../run.ts";
import { liftExpansion } from "../terminology/lift.ts";
import { difference, lacks } from "../terminology/match.ts";
import { readSuites } from "../terminology/suites.ts";

export const pack = "terminology";

const addresses: Readonly<Record<string, string>> = {
  expand: "ValueSet/$expand", "validate-code": "ValueSet/$validate-code", "cs-validate-code": "CodeSystem/$validate-code", lookup: "CodeSystem/$lookup",
  translate: "ConceptMap/$translate", "batch-validate": "ValueSet/$batch-validate-code",
};

let server: TestServer | undefined;

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  const at = server = await testServer({ people: false });
  const { read, each, texts } = readSuites(dir);
  for (const { name, test, setup, more } of each) {
    const named = `http ${name}`;
    if (test.operation === "metadata" || test.operation === "term-caps") {
      const url = test.operation === "metadata" ? "metadata" : "metadata?mode=terminology";
      yield test.operation === "metadata" ? { name: named, run: () => {}, skip: "asks the CapabilityStatement for the certificate of one particular server" }
        : { name: named, run: async () => assert.equal(lacks(read(test.response), (await at.send("GET", url)).json()), undefined) };
      continue;
    }
    yield {
      name: named,
      run: async () => {
        const request = read(test.request!) as Parameters;
        const parameter = [...(request.parameter ?? []), ...more, ...setup.map((resource) => ({ name: "tx-resource", resource }))];
        const language = test["Accept-Language"];
        const answer = await at.send("POST", addresses[test.operation]!, { body: { resourceType: "Parameters", parameter }, ...(language === undefined ? {} : { headers: { "accept-language": language } }) });
        assert.match(String(answer.statusCode), new RegExp(`^${(test["http-code"] ?? "200").replaceAll("x", "\\d")}$`), `HTTP status: ${answer.body.slice(0, 500)}`);
        const found = liftExpansion(answer.json() as Resource);
        assert.equal(difference(read(test.response), found, texts[test.response]), undefined, `found ${JSON.stringify(found).slice(0, 1500)}`);
      },
    };
  }
}

export async function close(): Promise<void> {
  await server?.close();
}
