/**
 * Pack `terminology`: the HL7 terminology ecosystem's tests. Each case goes through the operations over the suite's
 * resources alone; R4 answers are lifted to R5's form of expansion properties, in which the pack expects them.
 */
import assert from "node:assert/strict";
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
import { difference, lacks } from "../terminology/match.ts";
import { readSuites } from "../terminology/suites.ts";

export const pack = "terminology";

const stamp = { identifier: "urn:uuid:5f0f4a7e-30cf-4f0c-9a43-0c9d3a9f9a01", timestamp: "2026-01-01T00:00:00.000Z" };

export async function* cases(dir: string): AsyncGenerator<ExternalCase> {
  const { read, each, texts } = readSuites(dir);
  const sources = new Map<readonly TerminologyResource[], Terminology>();
  for (const { name, test, setup, more } of each) {
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
        const source = sources.get(setup) ?? Terminology.of(setup);
        sources.set(setup, source);
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
