/**
 * Pack `terminology`: the HL7 terminology ecosystem's tests. Each case goes through the operations over the suite's
 * resources alone; R4 answers are lifted to R5's form of expansion properties, in which the pack expects them.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { batchValidateOperation } from "#fhir/terminology/operations/batch-validate.ts";
import { terminologyCapabilities } from "#fhir/terminology/operations/capabilities.ts";
import { validateInSystemOperation } from "#fhir/terminology/operations/code-system-validate-code.ts";
import { expandOperation } from "#fhir/terminology/operations/expand.ts";
import { lookupOperation } from "#fhir/terminology/operations/lookup.ts";
import { translateOperation } from "#fhir/terminology/operations/translate.ts";
import { validateCodeOperation } from "#fhir/terminology/operations/validate-code.ts";
import { withParameters, type Answer, type Request } from "#fhir/terminology/operations/answer.ts";
import type { Parameters } from "#fhir/terminology/parameters.ts";
import { runSync, type Work } from "#fhir/terminology/provider.ts";
import type { TerminologyResource } from "#fhir/terminology/resources.ts";
import { Terminology } from "#fhir/terminology/terminology.ts";
import type { ExternalCase } from "../run.ts";
import { liftExpansion } from "../terminology/lift.ts";
import { difference, lacks, type Texts } from "../terminology/match.ts";

export const pack = "terminology";

type Test = { name: string; operation: string; request?: string; response: string; profile?: string; "http-code"?: string; "Accept-Language"?: string; mode?: string; [more: string]: unknown };
type Suite = { name: string; setup?: string[]; tests: Test[] };

const stamp = { identifier: "urn:uuid:5f0f4a7e-30cf-4f0c-9a43-0c9d3a9f9a01", timestamp: "2026-01-01T00:00:00.000Z" };

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  const folder = join(dir, "tests");
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8").replace(/^\uFEFF/, ""));
  const { suites } = read("test-cases.json") as { suites: Suite[] };
  const texts = read("messages-tx.fhir.org.json") as Record<string, Texts>;
  const defaults = read("parameters-default.json") as Parameters;
  for (const { name: suite, setup, tests } of suites) {
    const source = Terminology.of((setup ?? []).map(read) as TerminologyResource[]);
    const seen = new Map<string, number>();
    for (const test of tests) {
      const times = (seen.get(test.name) ?? 0) + 1;
      seen.set(test.name, times);
      const name = `${suite}/${test.name}${times > 1 ? ` (${times})` : ""}`;
      if (test.operation === "metadata") {
        yield { name, run: () => {}, skip: "a server's CapabilityStatement: of the node, not of the engine" };
        continue;
      }
      if (test.operation === "term-caps") {
        yield { name, run: () => assert.equal(lacks(read(test.response), terminologyCapabilities({ version: "1.0.0", date: "2026-01-01", systems: [] })), undefined) };
        continue;
      }
      yield {
        name,
        run: () => {
          const more = [defaults, ...(test.profile === undefined ? [] : [read(test.profile) as Parameters])].flatMap(({ parameter }) => parameter ?? []);
          const language = test["Accept-Language"];
          const { status, body } = runSync(operationOf(test.operation, { source, parameters: withParameters(read(test.request!) as Parameters, more), ...(language === undefined ? {} : { language }) }));
          const wanted = test["http-code"] ?? "200";
          assert.match(String(status), new RegExp(`^${wanted.replaceAll("x", "\\d")}$`), `HTTP status: ${JSON.stringify(body).slice(0, 500)}`);
          const expected = read(test.response);
          const found = difference(expected, liftExpansion(body), texts[test.response]);
          assert.equal(found, undefined, `${found ?? ""}\n  expected ${JSON.stringify(expected)}\n  found ${JSON.stringify(liftExpansion(body))}`);
        },
      };
    }
  }
}

function operationOf(operation: string, request: Request): Work<Answer> {
  switch (operation) {
    case "expand": return expandOperation({ ...request, stamp });
    case "validate-code": return validateCodeOperation(request);
    case "cs-validate-code": return validateInSystemOperation(request);
    case "lookup": return lookupOperation(request);
    case "translate": return translateOperation(request);
    case "batch-validate": return batchValidateOperation(request);
    default: throw new Error(`no operation ${operation}`);
  }
}
