/** Puts notifications together: what the owner may read now, at the level the subscription asked for. */
import { randomUUID } from "node:crypto";
import { notificationBundle, type NotificationType, type NotifiedEvent, type SubscriptionState } from "#fhir/subscriptions/notification.ts";
import { parseSubscription, type ContentLevel, type SubscriptionRequest } from "#fhir/subscriptions/subscription.ts";
import type { Resource } from "#fhir/resource.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import type { SubscriptionEvent, SubscriptionRow } from "#record/subscriptions/subscriptions.ts";

/**
 * Reads what events are about, as the caller, which leaves its leaves. Events keep their number when the version went out of
 * reach since; they no longer say what they were about.
 */
export async function notifiedEvents(record: OpenRecord, caller: Caller, content: ContentLevel, events: readonly SubscriptionEvent[]): Promise<NotifiedEvent[]> {
  const told: NotifiedEvent[] = [];
  for (const { number, at, interaction, type, id, version } of events) {
    const found = content === "empty" ? undefined : await record.readVersion(caller, { type, id }, version);
    switch (found?.kind) {
      case "current": told.push({ number, at, focus: { interaction, type, id, version, lastUpdated: found.stored.lastUpdated, text: found.stored.text } }); break;
      case "deleted": told.push({ number, at, focus: { interaction, type, id, version, lastUpdated: found.lastUpdated } }); break;
      case "absent": case undefined: told.push({ number, at }); break;
    }
  }
  return told;
}

export function stateOf(row: SubscriptionRow, request: SubscriptionRequest | undefined, base: string): SubscriptionState {
  return {
    base, id: row.id, status: row.state, eventsSinceStart: row.events,
    ...(request?.of.kind === "topic" ? { topic: request.of.canonical } : {}), ...(row.error === undefined ? {} : { error: row.error }),
  };
}

export function bundleText(state: SubscriptionState, type: NotificationType, content: ContentLevel, events: readonly NotifiedEvent[], now: Date): string {
  return notificationBundle(state, type, content, events, { uuid: randomUUID(), at: now.toISOString() });
}

/** The subscription as its resource says; undefined when it cannot be read (any more). */
export function requestOf(text: string): SubscriptionRequest | undefined {
  const request = parseSubscription(JSON.parse(text) as Resource);
  return request.ok ? request.value : undefined;
}
