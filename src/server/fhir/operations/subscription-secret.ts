/**
 * Subscription/id/$signing-secret: what the notifications of a rest-hook are signed with; for its owner alone. Salus' own.
 * Form of the secret and of the signature: https://www.standardwebhooks.com/
 */
import { fail, type Result } from "#platform/result.ts";
import { answer, type Operation, type OperationAnswer } from "./operation.ts";
import { visibleSubscriptions } from "./subscriptions-visible.ts";

export const subscriptionSecret: Operation = {
  definition: {
    url: "https://salus.health/fhir/OperationDefinition/Subscription-signing-secret", code: "signing-secret", resource: ["Subscription"], levels: ["instance"], affectsState: false, input: [],
  },
  async run({ deps, caller, id }): Promise<Result<OperationAnswer>> {
    const found = await visibleSubscriptions({ deps, caller }, [id]);
    if (!found.ok) return found;
    const row = found.value[0]?.row;
    if (!row || row.owner.agent !== caller.agent || row.owner.account !== caller.account) return fail("not-found", `Subscription/${id} is no subscription of yours.`);
    return answer({ resourceType: "Parameters", parameter: [{ name: "secret", valueString: row.secret }] });
  },
};
