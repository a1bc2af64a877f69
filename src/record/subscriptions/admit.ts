/**
 * Whether a Subscription may be stored: one that is to run must be one that can. The guide asks for the refusal of topics,
 * filters, channels and content levels that are not supported; one that is off or in error is stored as it is.
 * Source: http://hl7.org/fhir/uv/subscriptions-backport/components.html#accepting-subscription-requests
 */
import type { Failure } from "#platform/result.ts";
import { compileMatcher } from "#fhir/subscriptions/matcher.ts";
import { parseSubscription } from "#fhir/subscriptions/subscription.ts";
import type { Caller } from "../record.ts";
import type { Queryable } from "../sql.ts";
import type { Draft } from "../write/draft.ts";
import { ownerOf } from "./owner.ts";
import { readTopics } from "./topics.ts";

/** Running ones of one owner: each change is held against all of them. */
export const ownedMax = 500;

export async function subscriptionFault(db: Queryable, caller: Caller, drafts: readonly Draft[]): Promise<Failure | undefined> {
  // The node itself writes what became of a subscription.
  if (caller.role === "system") return undefined;
  for (const { type, id, value } of drafts) {
    if (type !== "Subscription" || !value || value["status"] === "off" || value["status"] === "error") continue;
    const request = parseSubscription(value);
    const done = request.ok ? compileMatcher(request.value, request.value.of.kind === "topic" ? await readTopics(db) : []) : request;
    if (done.ok && await countOthers(db, caller, id) >= ownedMax) return { code: "throttled", text: `${ownedMax} subscriptions of yours are running; switch one off first` };
    if (!done.ok) return { ...done.failure, issues: [{ severity: "error", code: done.failure.code, text: done.failure.text, expression: "Subscription" }] };
  }
  return undefined;
}

async function countOthers(db: Queryable, caller: Caller, id: string): Promise<number> {
  const [row] = await db.unsafe<{ count: string }[]>("select count(*) as count from subscription where owner = $1 and id <> $2 and state <> 'off'", [JSON.stringify(ownerOf(caller)), id], { prepare: true });
  return Number(row!.count);
}
