/**
 * Several validations in one call: `validation` parameters, each with Parameters of its own; what stands beside them
 * counts for all. https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/
 */
import type { Resource } from "../../resource.ts";
import { TxFault } from "../issues.ts";
import { ParameterReader, ParameterWriter, type Parameters } from "../parameters.ts";
import type { Work } from "../provider.ts";
import { answered, sourceOf, type Answer, type Request } from "./answer.ts";
import { validateInSystemOperation } from "./code-system-validate-code.ts";
import { validateCodeOperation } from "./validate-code.ts";

const validationsMax = 10_000;

/** `inSystem`: CodeSystem/$batch-validate-code; a validation that names a value set asks the value set all the same. */
export function batchValidateOperation(request: Request & { inSystem?: boolean }): Work<Answer> {
  function* run(): Work<Resource> {
    const given = new ParameterReader(request.parameters);
    const validations = given.resources("validation");
    if (validations.length > validationsMax) throw new TxFault(422, { code: "too-costly", text: `At most ${validationsMax} validations go into one call; found ${validations.length}` });
    const shared = given.all.filter(({ name }) => name !== "validation" && name !== "tx-resource");
    const source = sourceOf(request);
    const result = new ParameterWriter();
    for (const validation of validations) {
      const own = (validation as Parameters).parameter ?? [];
      const named = new Set(own.map(({ name }) => name));
      // What a validation says itself counts before what is said for all.
      const parameters: Parameters = { resourceType: "Parameters", parameter: [...own, ...shared.filter(({ name }) => !named.has(name))] };
      const ofSet = parameters.parameter!.some(({ name }) => name === "url" || name === "valueSet") && request.inSystem !== true;
      const { body } = yield* (ofSet ? validateCodeOperation : validateInSystemOperation)({ ...request, source, parameters });
      result.addResource("validation", body);
    }
    return result.done();
  }
  return answered(run());
}
