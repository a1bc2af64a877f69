/** The value set that a request names by url and valueSetVersion, or brings along. */
import { joinCanonical, splitCanonical } from "../../canonical.ts";
import { TxFault } from "../issues.ts";
import type { Work } from "../provider.ts";
import type { ValueSet } from "../resources.ts";
import type { Session } from "../session.ts";
import { wellShaped } from "./answer.ts";

export function* requestedSet(session: Session): Work<ValueSet> {
  const { given } = session.options;
  const brought = given.resource("valueSet");
  if (brought) {
    if (brought.resourceType !== "ValueSet") throw new TxFault(400, { code: "invalid", text: `The parameter valueSet holds a ${brought.resourceType}; it takes a ValueSet` });
    return wellShaped(brought as ValueSet);
  }
  const named = given.text("url");
  if (named === undefined) throw new TxFault(400, { code: "invalid", text: "No ValueSet specified: provide the parameter url or valueSet" });
  const { url, version } = splitCanonical(named);
  const wanted = joinCanonical(url, session.versionFor(url, given.text("valueSetVersion") ?? version));
  const found = yield* session.valueSet(wanted);
  if (!found) throw new TxFault(404, { code: "not-found", type: "not-found", id: "Unable_to_resolve_value_Set_", text: `A definition for the value Set '${wanted}' could not be found` });
  return found;
}
