/**
 * Subscription/$get-ws-binding-token: a token with which a websocket is bound to subscriptions of the caller.
 * Source: http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition-backport-subscription-get-ws-binding-token.html
 */
import { fail, type Result } from "#platform/result.ts";
import { requestOf } from "../../subscriptions/notify.ts";
import { socketUrl } from "../../subscriptions/sockets.ts";
import { answer, type Operation, type OperationAnswer } from "./operation.ts";
import { visibleSubscriptions } from "./subscriptions-visible.ts";

const minutes = 60;

export const subscriptionBindingToken: Operation = {
  definition: {
    url: "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-get-ws-binding-token", code: "get-ws-binding-token", resource: ["Subscription"], levels: ["type", "instance"], affectsState: false,
    input: [{ name: "id", type: "id", max: 200 }],
  },
  async run({ deps, caller, level, id, given, base }): Promise<Result<OperationAnswer>> {
    const asked = level === "instance" ? [id] : given.texts("id");
    const found = await visibleSubscriptions({ deps, caller }, asked);
    if (!found.ok) return found;
    // Who binds gets what the owner is told: only the owner may.
    const own = found.value.filter(({ row, text }) => row !== undefined && row.owner.agent === caller.agent && row.owner.account === caller.account && requestOf(text)?.channel.kind === "websocket");
    const missing = asked.find((one) => !own.some((subscription) => subscription.id === one));
    if (missing !== undefined || own.length === 0) return fail("not-found", `${missing === undefined ? "There is" : `Subscription/${missing} is`} no websocket subscription of yours.`);
    const expires = deps.clock.now().getTime() + minutes * 60_000;
    const token = await deps.record.subscriptions.bind(own.map((one) => one.id), expires);
    return answer({
      resourceType: "Parameters",
      parameter: [
        { name: "token", valueString: token }, { name: "expiration", valueDateTime: new Date(expires).toISOString() },
        ...own.map((one) => ({ name: "subscription", valueString: one.id })), { name: "websocket-url", valueUrl: socketUrl(base) },
      ],
    });
  },
};
