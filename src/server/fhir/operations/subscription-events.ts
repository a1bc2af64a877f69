/**
 * Subscription/id/$events: events again, for a subscriber who missed some. Kept for 30 days.
 * Source: http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition-backport-subscription-events.html
 * Events hold what the caller may read now, never more than the content level of the subscription.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { ContentLevel } from "#fhir/subscriptions/subscription.ts";
import { bundleText, notifiedEvents, requestOf, stateOf } from "../../subscriptions/notify.ts";
import { ownerReach } from "../../subscriptions/owner-reach.ts";
import type { Operation, OperationAnswer } from "./operation.ts";
import { visibleSubscriptions } from "./subscriptions-visible.ts";

const eventsMax = 200;
const levels: readonly ContentLevel[] = ["empty", "id-only", "full-resource"];

export const subscriptionEvents: Operation = {
  definition: {
    url: "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events", code: "events", resource: ["Subscription"], levels: ["instance"], affectsState: false,
    input: [{ name: "eventsSinceNumber", type: "string" }, { name: "eventsUntilNumber", type: "string" }, { name: "content", type: "code" }],
  },
  async run({ deps, caller, id, given, base }): Promise<Result<OperationAnswer>> {
    const from = numberOf("eventsSinceNumber", given.text("eventsSinceNumber"), 1), until = numberOf("eventsUntilNumber", given.text("eventsUntilNumber"), Number.MAX_SAFE_INTEGER);
    if (!from.ok) return from;
    if (!until.ok) return until;
    const asked = given.text("content") ?? "full-resource";
    if (!levels.includes(asked as ContentLevel)) return fail("value", `content must be empty, id-only or full-resource, not "${asked.slice(0, 40)}".`);
    const found = await visibleSubscriptions({ deps, caller }, [id]);
    if (!found.ok) return found;
    const [one] = found.value;
    const request = one && requestOf(one.text);
    if (!one?.row || !request) return fail("not-found", `Subscription/${id} is not known, or nothing of it is recorded.`);
    // An administrator who looks at somebody's subscription sees what its owner would.
    const owner = await ownerReach(deps.trust)(one.row.owner);
    if (!owner) return fail("forbidden", "The account that this subscription belongs to is disabled.");
    const content = levels[Math.min(levels.indexOf(asked as ContentLevel), levels.indexOf(request.content))]!;
    const events = await deps.record.subscriptions.events(id, from.value, until.value, eventsMax);
    const reader = caller.filter.kind === "all" ? { ...owner, agent: caller.agent, display: caller.display } : caller;
    return ok({ status: 200, text: bundleText(stateOf(one.row, request, base), "query-event", content, await notifiedEvents(deps.record, reader, content, events), deps.clock.now()) });
  },
};

function numberOf(name: string, text: string | undefined, otherwise: number): Result<number> {
  if (text === undefined) return ok(otherwise);
  return /^\d{1,15}$/.test(text) ? ok(Number(text)) : fail("value", `${name} must be a whole number, not "${text.slice(0, 40)}".`);
}
