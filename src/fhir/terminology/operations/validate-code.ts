/** ValueSet/$validate-code: https://hl7.org/fhir/R4/valueset-operation-validate-code.html */
import type { Resource } from "../../resource.ts";
import { prepare } from "../compose.ts";
import { TxFault } from "../issues.ts";
import type { ParameterReader } from "../parameters.ts";
import type { Work } from "../provider.ts";
import { faultResult, validateCode, type Question } from "../validate-code.ts";
import { answered, sessionOf, type Answer, type Request } from "./answer.ts";
import { requestedSet } from "./value-set.ts";

export function validateCodeOperation(request: Request): Work<Answer> {
  function* run(): Work<Resource> {
    const session = sessionOf(request, { validating: true });
    const { given } = session.options;
    const asked = codedValue(given, { system: "system", version: "systemVersion" });
    const set = yield* requestedSet(session);
    const question: Question = { ...asked, abstractOk: given.flag("abstract") ?? true, inferSystem: given.flag("inferSystem") ?? (asked.mode === "code" && asked.concept.coding?.[0]?.system === undefined), ofSystem: false };
    try {
      const prepared = yield* prepare(session, set, (canonical) => new TxFault(422, { code: "not-found", type: "not-found", id: "Unable_to_resolve_value_Set_", text: `A definition for the value Set '${canonical}' could not be found` }, { asResult: true }));
      session.requireSupplements(422);
      return yield* validateCode(session, prepared, question);
    } catch (fault) {
      if (fault instanceof TxFault && fault.asResult) return faultResult(fault, question);
      throw fault;
    }
  }
  return answered(run());
}

/** The coding asked about: codeableConcept, coding, or code with its system. */
export function codedValue(given: ParameterReader, names: { system: string; version: string }): Pick<Question, "concept" | "mode"> {
  const concept = given.concept("codeableConcept");
  if (concept) return { concept, mode: "codeableConcept" };
  const coding = given.coding("coding");
  if (coding) return { concept: { coding: [coding] }, mode: "coding" };
  const code = given.text("code");
  if (code === undefined) throw new TxFault(400, { code: "invalid", text: "Unable to find code to validate (looked for coding | codeableConcept | code+system | code+inferSystem in parameters" });
  const [system, version, display] = [given.text(names.system), given.text(names.version), given.text("display")];
  return { concept: { coding: [{ ...(system === undefined ? {} : { system }), ...(version === undefined ? {} : { version }), code, ...(display === undefined ? {} : { display }) }] }, mode: "code" };
}
