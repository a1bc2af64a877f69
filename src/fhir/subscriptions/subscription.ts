/**
 * An R4 Subscription as asked for: topic-based (criteria is the canonical url of a topic, details in the extensions of the
 * Subscriptions Backport guide) or classic (criteria is a search).
 * Source: http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition-backport-subscription.html,
 * https://hl7.org/fhir/R4/subscription.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Resource } from "../resource.ts";
import { isResourceType } from "../definitions/load.ts";
import { instantRange } from "../search/date.ts";
import { extensionsOf, extensionValue, valueOf, type Extended } from "./extension.ts";

export const backport = (name: string): string => `http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/${name}`;

export type SubscriptionStatus = "requested" | "active" | "error" | "off";
/** How much a notification tells. */
export type ContentLevel = "empty" | "id-only" | "full-resource";

export type Channel = { kind: "rest-hook"; endpoint: string; headers: readonly (readonly [string, string])[] } | { kind: "websocket" };

export type SubscriptionRequest = {
  status: SubscriptionStatus;
  /** Epoch ms after which it is off. */
  end?: number;
  of: { kind: "topic"; canonical: string; filters: readonly string[] } | { kind: "criteria"; type: string; query: string };
  channel: Channel;
  content: ContentLevel;
  /** MIME type of what is sent; undefined (classic alone): nothing is sent. */
  payload?: string;
  heartbeatSeconds?: number;
  /** Of one attempt. */
  timeoutSeconds?: number;
  /** Most events in one notification. */
  maxCount: number;
};

const filtersMax = 50, headersMax = 20, headerLengthMax = 8192;
export const timeoutSecondsMax = 60;
export const heartbeatSecondsMin = 5;
const countMax = 100;
/** Set by the sender of a notification. */
const reservedHeaders = /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|expect|proxy-.*|webhook-.*)$/i;

export function parseSubscription(resource: Resource): Result<SubscriptionRequest> {
  const { status, criteria, channel } = resource as { status?: SubscriptionStatus; criteria?: unknown; channel?: Extended };
  if (typeof criteria !== "string" || channel === undefined || status === undefined) return fail("required", "A Subscription needs status, criteria and channel");
  const of = criteriaOf(criteria, resource["_criteria"] as Extended | undefined);
  if (!of.ok) return of;
  const sent = channelOf(channel);
  if (!sent.ok) return sent;
  const content = contentOf(channel, of.value.kind);
  if (!content.ok) return content;
  const heartbeatSeconds = wholeNumber(channel, "backport-heartbeat-period"), timeout = wholeNumber(channel, "backport-timeout"), maxCount = wholeNumber(channel, "backport-max-count");
  const end = endOf(resource);
  return ok({
    status, of: of.value, channel: sent.value, ...content.value, maxCount: Math.min(maxCount || 1, countMax),
    ...(end === undefined ? {} : { end }),
    ...(heartbeatSeconds ? { heartbeatSeconds: Math.max(heartbeatSeconds, heartbeatSecondsMin) } : {}),
    ...(timeout ? { timeoutSeconds: Math.min(timeout, timeoutSecondsMax) } : {}),
  });
}

/** Epoch ms of Subscription.end. */
export function endOf(resource: Resource): number | undefined {
  return typeof resource["end"] === "string" ? instantRange(resource["end"])?.low : undefined;
}

function criteriaOf(criteria: string, element: Extended | undefined): Result<SubscriptionRequest["of"]> {
  const filters = extensionsOf(element).filter(({ url }) => url === backport("backport-filter-criteria")).map(valueOf);
  // What may be meant to narrow, a filter in the words of another version: passed over, more would be told than was asked for.
  const unknown = extensionsOf(element).find(({ url }) => url !== backport("backport-filter-criteria"));
  if (unknown) return fail("not-supported", `criteria takes the extension ${backport("backport-filter-criteria")} alone, found "${unknown.url.slice(0, 200)}"`);
  if (/^(?:https?:\/\/|urn:)/.test(criteria)) {
    if (filters.length > filtersMax) return fail("too-costly", `${filters.length} filters; at most ${filtersMax} are taken`);
    if (!filters.every((filter) => typeof filter === "string")) return fail("value", "backport-filter-criteria takes valueString");
    return ok({ kind: "topic", canonical: criteria, filters: filters as string[] });
  }
  const mark = criteria.indexOf("?");
  const type = mark < 0 ? criteria : criteria.slice(0, mark);
  if (!isResourceType(type)) return fail("value", `criteria must be the canonical url of a topic, or a search such as Observation?code=1234-5; found "${criteria.slice(0, 120)}"`);
  if (filters.length) return fail("not-supported", "backport-filter-criteria narrows a topic; with a search as criteria put the condition into the search");
  return ok({ kind: "criteria", type, query: mark < 0 ? "" : criteria.slice(mark + 1) });
}

function channelOf(channel: Extended): Result<Channel> {
  const other = extensionValue(channel["_type"] as Extended | undefined, backport("backport-channel-type"));
  if (other !== undefined) return fail("not-supported", "Channels are rest-hook and websocket; no other is offered through backport-channel-type");
  switch (channel["type"]) {
    case "websocket": return ok({ kind: "websocket" });
    case "rest-hook": return restHookOf(channel);
    default: return fail("not-supported", `Channels are rest-hook and websocket; ${String(channel["type"]).slice(0, 40)} is not offered`);
  }
}

function restHookOf(channel: Extended): Result<Channel> {
  const endpoint = channel["endpoint"];
  if (typeof endpoint !== "string" || !URL.canParse(endpoint) || !/^https?:\/\//i.test(endpoint)) return fail("value", "A rest-hook needs channel.endpoint, an absolute http or https url");
  const { username, password, hash } = new URL(endpoint);
  if (username !== "" || password !== "" || hash !== "") return fail("value", "channel.endpoint may not carry a user, a password or a fragment; send credentials with channel.header");
  const headers: [string, string][] = [];
  for (const line of Array.isArray(channel["header"]) ? channel["header"] as unknown[] : []) {
    const match = typeof line === "string" && line.length <= headerLengthMax ? /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) : null;
    if (!match) return fail("value", "channel.header must read Name: value, in one line");
    if (reservedHeaders.test(match[1]!)) return fail("not-supported", `channel.header may not set ${match[1]!}`);
    headers.push([match[1]!, match[2]!.trim()]);
  }
  if (headers.length > headersMax) return fail("too-costly", `${headers.length} headers; at most ${headersMax} are sent`);
  return ok({ kind: "rest-hook", endpoint, headers });
}

function contentOf(channel: Extended, kind: "topic" | "criteria"): Result<Pick<SubscriptionRequest, "content" | "payload">> {
  const payload = channel["payload"];
  if (payload !== undefined && !isJson(payload)) return fail("not-supported", `channel.payload takes application/fhir+json, also with fhirVersion=4.0; found "${String(payload).slice(0, 80)}"`);
  const level = extensionValue(channel["_payload"] as Extended | undefined, backport("backport-payload-content"));
  if (level !== undefined && level !== "empty" && level !== "id-only" && level !== "full-resource") return fail("value", `backport-payload-content takes empty, id-only or full-resource, found "${String(level).slice(0, 40)}"`);
  // Without a level classic subscriptions with a payload get the resource; of a topic nothing is told that was not asked for.
  const content = level ?? (kind === "criteria" && payload !== undefined ? "full-resource" : "empty");
  return ok({ content, ...(typeof payload === "string" ? { payload } : kind === "topic" ? { payload: "application/fhir+json" } : {}) });
}

function isJson(payload: unknown): boolean {
  if (typeof payload !== "string") return false;
  const [type = "", ...parameters] = payload.split(";").map((part) => part.trim().toLowerCase());
  return (type === "application/fhir+json" || type === "application/json") && parameters.every((part) => part === "charset=utf-8" || /^fhirversion="?4\.0(?:\.1)?"?$/.test(part));
}

function wholeNumber(channel: Extended, name: string): number | undefined {
  const value = extensionValue(channel, backport(name));
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1_000_000_000 ? value : undefined;
}

/** What a handshake proved: as long as it stays the same, none is needed again. */
export function channelKey({ channel, payload }: SubscriptionRequest): string {
  return channel.kind === "websocket" ? "websocket" : JSON.stringify([channel.endpoint, channel.headers, payload ?? ""]);
}
