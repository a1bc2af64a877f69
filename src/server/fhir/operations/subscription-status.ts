/**
 * Subscription/$status. Source: http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition-backport-subscription-status.html
 * The subscriptions that the caller may read; others are left out of a list and not known by id.
 */
import { randomUUID } from "node:crypto";
import { fail, type Result } from "#platform/result.ts";
import { statusParameters, type SubscriptionState } from "#fhir/subscriptions/notification.ts";
import { requestOf, stateOf } from "../../subscriptions/notify.ts";
import { answer, type Operation, type OperationAnswer, type OperationCall } from "./operation.ts";
import { visibleSubscriptions, type VisibleSubscription } from "./subscriptions-visible.ts";

export const subscriptionStatus: Operation = {
  definition: {
    url: "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status", code: "status", resource: ["Subscription"], levels: ["type", "instance"], affectsState: false,
    input: [{ name: "id", type: "id", max: 1000 }, { name: "status", type: "code", max: 10 }],
  },
  async run(call): Promise<Result<OperationAnswer>> {
    const found = await visibleSubscriptions(call, call.level === "instance" ? [call.id] : call.given.texts("id"));
    if (!found.ok) return found;
    if (call.level === "instance" && found.value.length === 0) return fail("not-found", `Subscription/${call.id} is not known.`);
    const wanted = call.level === "type" ? call.given.texts("status") : [];
    const states = found.value.map((one) => told(one, call)).filter(({ status }) => wanted.length === 0 || wanted.includes(status));
    return answer({
      resourceType: "Bundle", type: "searchset", total: states.length,
      ...(states.length ? { entry: states.map((state) => {
        const id = randomUUID();
        return { fullUrl: `urn:uuid:${id}`, resource: { id, ...statusParameters(state, "query-status", "id-only") }, search: { mode: "match" } };
      }) } : {}),
    });
  },
};

/** Of a subscription that was not looked at yet, what its resource says. */
function told({ id, text, row }: VisibleSubscription, { base }: OperationCall): SubscriptionState {
  const request = requestOf(text);
  if (row && row.version > 0) return stateOf(row, request, base);
  return { base, id, status: request?.status ?? "error", eventsSinceStart: 0, ...(request?.of.kind === "topic" ? { topic: request.of.canonical } : {}) };
}
