/**
 * Notifications as the R4 form of the backport guide has them: a history Bundle whose first entry is the status of the
 * subscription as Parameters. Resources are put in as stored text.
 * Source: http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition-backport-subscription-status-r4.html
 */
import { backport, type ContentLevel, type SubscriptionStatus } from "./subscription.ts";
import type { Interaction } from "./topic.ts";

export type NotificationType = "handshake" | "heartbeat" | "event-notification" | "query-status" | "query-event";

/** `focus` is absent where it may not be told any more. */
export type NotifiedEvent = { number: number; /** instant */ at: string; focus?: { interaction: Interaction; type: string; id: string; version: number; lastUpdated: string; /** the version as stored; absent for a deletion */ text?: string } };

export type SubscriptionState = {
  /** Absolute base of the node. */
  base: string;
  id: string;
  topic?: string;
  status: SubscriptionStatus;
  /** Numbered so far, whether delivered or not. */
  eventsSinceStart: number;
  error?: string;
};

type Part = { name: string; part?: Part[]; [value: string]: unknown };
export type StatusParameters = { resourceType: "Parameters"; meta: { profile: string[] }; parameter: Part[] };

/** `content` decides what `events` say of themselves; without events it has no effect but on the topic. */
export function statusParameters({ base, id, topic, status, eventsSinceStart, error }: SubscriptionState, type: NotificationType, content: ContentLevel, events: readonly NotifiedEvent[] = []): StatusParameters {
  return {
    resourceType: "Parameters", meta: { profile: [backport("backport-subscription-status-r4")] },
    parameter: [
      { name: "subscription", valueReference: { reference: `${base}/Subscription/${id}` } },
      // An empty notification goes over channels that are not trusted with what it is about.
      ...(topic === undefined || (content === "empty" && type !== "query-status") ? [] : [{ name: "topic", valueCanonical: topic }]),
      { name: "status", valueCode: status },
      { name: "type", valueCode: type },
      { name: "events-since-subscription-start", valueString: String(eventsSinceStart) },
      ...events.map(({ number, at, focus }) => ({
        name: "notification-event",
        part: [
          { name: "event-number", valueString: String(number) },
          { name: "timestamp", valueInstant: at },
          ...(focus && content !== "empty" ? [{ name: "focus", valueReference: { reference: `${base}/${focus.type}/${focus.id}` } }] : []),
        ],
      })),
      ...(error === undefined ? [] : [{ name: "error", valueCodeableConcept: { text: error } }]),
    ],
  };
}

/** The Bundle as text. `uuid` names the status entry. */
export function notificationBundle(state: SubscriptionState, type: NotificationType, content: ContentLevel, events: readonly NotifiedEvent[], { uuid, at }: { uuid: string; at: string }): string {
  const status = { id: uuid, ...statusParameters(state, type, content, events) };
  const first = `{"fullUrl":"urn:uuid:${uuid}","resource":${JSON.stringify(status)},"request":{"method":"GET","url":"${state.base}/Subscription/${state.id}/$status"},"response":{"status":"200"}}`;
  return `{"resourceType":"Bundle","type":"history","timestamp":"${at}","entry":[${[first, ...focusEntries(state.base, content, events)].join(",")}]}`;
}

function focusEntries(base: string, content: ContentLevel, events: readonly NotifiedEvent[]): string[] {
  if (content === "empty") return [];
  const entries = new Map<string, string>();
  for (const { focus } of events) {
    if (!focus) continue;
    const { interaction, type, id, version, lastUpdated, text } = focus;
    const resource = content === "full-resource" && text !== undefined ? `"resource":${text},` : "";
    const [method, url, status] = interaction === "create" ? ["POST", type, "201"] : interaction === "update" ? ["PUT", `${type}/${id}`, "200"] : ["DELETE", `${type}/${id}`, "204"];
    // One entry for each fullUrl and version (bdl-7).
    entries.set(resource === "" ? `${type}/${id}` : `${type}/${id}/${version}`,
      `{"fullUrl":"${base}/${type}/${id}",${resource}"request":{"method":"${method}","url":"${url}"},"response":{"status":"${status}","etag":"W/\\"${version}\\"","lastModified":"${lastUpdated}"}}`);
  }
  return [...entries.values()];
}
