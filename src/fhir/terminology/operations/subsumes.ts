/** CodeSystem/$subsumes: https://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
import { TxFault } from "../issues.ts";
import { ParameterWriter, type Parameters } from "../parameters.ts";
import { ask, type Work } from "../provider.ts";
import { answered, sessionOf, type Answer, type Request } from "./answer.ts";
import { requiredSystem } from "./lookup.ts";

export function subsumesOperation(request: Request): Work<Answer> {
  function* run(): Work<Parameters> {
    const session = sessionOf(request, { validating: true });
    const { given } = session.options;
    const [codingA, codingB] = [given.coding("codingA"), given.coding("codingB")];
    const [a, b] = [given.text("codeA") ?? codingA?.code, given.text("codeB") ?? codingB?.code];
    const url = given.text("system") ?? codingA?.system;
    if (a === undefined || b === undefined || url === undefined) throw new TxFault(400, { code: "required", text: "$subsumes takes codeA, codeB and system, or codingA and codingB" });
    for (const coding of [codingA, codingB]) if (coding?.system !== undefined && coding.system !== url) throw new TxFault(400, { code: "invalid", text: `$subsumes compares codes of one system; found ${url} and ${coding.system}` });
    const system = yield* requiredSystem(session, url, given.text("version") ?? codingA?.version);
    const found = yield* ask(() => system.concepts([a, b]));
    for (const [i, code] of [a, b].entries()) if (!found[i]) throw new TxFault(404, { code: "not-found", text: `Unknown code '${code}' in the CodeSystem '${url}'` });
    const [above, below] = found.map((concept) => concept!.code) as [string, string];
    const outcome = above === below ? "equivalent"
      : (yield* ask(() => system.subsumes(above, below))) ? "subsumes"
      : (yield* ask(() => system.subsumes(below, above))) ? "subsumed-by" : "not-subsumed";
    return new ParameterWriter().add("outcome", "Code", outcome).done();
  }
  return answered(run());
}
