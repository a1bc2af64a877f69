/** The Subscriptions a caller may read, and what is known of them beside the resource. */
import { ok, type Result } from "#platform/result.ts";
import type { SubscriptionRow } from "#record/subscriptions/subscriptions.ts";
import type { OperationCall } from "./operation.ts";

export type VisibleSubscription = { id: string; text: string; row?: SubscriptionRow };

const listMax = 1000;

/** Of the ids given, or all; what lies beyond reach is left out. */
export async function visibleSubscriptions({ deps: { record }, caller }: Pick<OperationCall, "deps" | "caller">, ids: readonly string[]): Promise<Result<VisibleSubscription[]>> {
  const found = await record.search(caller, "Subscription", ids.length ? `_id=${ids.map(encodeURIComponent).join(",")}&_count=${listMax}` : `_count=${listMax}`);
  if (!found.ok) return found;
  const stored = found.value.entries.filter(({ mode }) => mode === "match").map((entry) => entry.stored);
  const rows = await record.subscriptions.find(stored.map(({ id }) => id));
  return ok(stored.map(({ id, text }) => {
    const row = rows.get(id);
    return { id, text, ...(row ? { row } : {}) };
  }));
}
