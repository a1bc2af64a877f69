/** ValueSet/$expand: https://hl7.org/fhir/R4/valueset-operation-expand.html */
import { expand, type Stamp } from "../expand.ts";
import { TxFault } from "../issues.ts";
import type { Work } from "../provider.ts";
import type { ValueSet } from "../resources.ts";
import { answered, sessionOf, type Answer, type Request } from "./answer.ts";
import { asR4 } from "./r4-expansion.ts";
import { requestedSet } from "./value-set.ts";

/** `max`: codes of an expansion without count. */
export function expandOperation(request: Request & { stamp: Stamp; max?: number }): Work<Answer> {
  function* run(): Work<ValueSet> {
    const session = sessionOf(request, { validating: false });
    if (session.options.given.has("context")) throw new TxFault(400, { code: "not-supported", text: "The parameter context is not supported: name the value set with url" });
    return asR4(yield* expand(session, yield* requestedSet(session), request.stamp, request.max));
  }
  return answered(run());
}
