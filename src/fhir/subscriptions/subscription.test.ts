import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Resource } from "../resource.ts";
import { builtInTopics } from "./built-in-topics.ts";
import { compileMatcher } from "./matcher.ts";
import { notificationBundle } from "./notification.ts";
import { backport, channelKey, parseSubscription, type SubscriptionRequest } from "./subscription.ts";

const topic = builtInTopics().find(({ url }) => url.endsWith("observation-final"))!.url;

function subscription(channel: object = {}, more: object = {}): Resource {
  return { resourceType: "Subscription", status: "requested", reason: "x", criteria: topic, channel: { type: "rest-hook", endpoint: "https://hooks.example.org/a", payload: "application/fhir+json", ...channel }, ...more };
}

function read(resource: Resource): SubscriptionRequest {
  const request = parseSubscription(resource);
  if (!request.ok) throw new Error(request.failure.text);
  return request.value;
}

test("the extensions of the backport guide are read, within bounds", () => {
  const request = read(subscription({
    extension: [{ url: backport("backport-heartbeat-period"), valueUnsignedInt: 1 }, { url: backport("backport-timeout"), valueUnsignedInt: 3600 }, { url: backport("backport-max-count"), valuePositiveInt: 5000 }],
    header: ["Authorization: Bearer abc"], _payload: { extension: [{ url: backport("backport-payload-content"), valueCode: "full-resource" }] },
  }, { _criteria: { extension: [{ url: backport("backport-filter-criteria"), valueString: "patient=Patient/1" }] }, end: "2030-01-01T00:00:00Z" }));
  assert.deepEqual(request, {
    status: "requested", of: { kind: "topic", canonical: topic, filters: ["patient=Patient/1"] }, content: "full-resource", payload: "application/fhir+json",
    channel: { kind: "rest-hook", endpoint: "https://hooks.example.org/a", headers: [["Authorization", "Bearer abc"]] },
    heartbeatSeconds: 5, timeoutSeconds: 60, maxCount: 100, end: request.end,
  });
  assert.equal(request.end, Date.UTC(2030, 0, 1));
});

test("without a content level a topic tells nothing, a classic subscription with payload the resource", () => {
  assert.equal(read(subscription()).content, "empty");
  assert.equal(read(subscription({}, { criteria: "Observation?code=1" })).content, "full-resource");
  const { payload, content } = read(subscription({ payload: undefined }, { criteria: "Observation?code=1" }));
  assert.deepEqual([payload, content], [undefined, "empty"]);
});

test("headers and endpoints that would reach further than a notification are refused", () => {
  for (const channel of [
    { header: ["Host: x"] }, { header: ["Content-Length: 1"] }, { header: ["Transfer-Encoding: chunked"] }, { header: ["webhook-signature: v1,x"] }, { header: ["A: b\r\nC: d"] }, { header: ["no colon"] },
    { endpoint: "ftp://example.org" }, { endpoint: "/relative" }, { endpoint: "https://user:secret@example.org" }, { endpoint: undefined },
    { type: "sms" }, { type: "websocket", _type: { extension: [{ url: backport("backport-channel-type"), valueCoding: { code: "zulip" } }] } },
    { payload: "application/fhir+xml" }, { payload: "application/fhir+json; fhirVersion=4.3" },
  ]) assert.equal(parseSubscription(subscription(channel)).ok, false, JSON.stringify(channel));
});

test("criteria with an extension that is not known, a filter of another version, is refused", () => {
  const narrowed = (...urls: string[]): Resource => subscription({}, { _criteria: { extension: urls.map((url) => ({ url, valueString: "patient=Patient/1" })) } });
  const known = backport("backport-filter-criteria"), later = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.filterBy";
  assert.deepEqual([narrowed(known), narrowed(later), narrowed(known, later)].map((one) => parseSubscription(one).ok), [true, false, false]);
});

test("a handshake holds for one channel: another endpoint, header or payload needs its own", () => {
  const key = channelKey(read(subscription()));
  assert.equal(channelKey(read(subscription({}, { criteria: "Observation?code=1" }))), key);
  for (const channel of [{ endpoint: "https://hooks.example.org/b" }, { header: ["A: b"] }, { payload: "application/json" }, { type: "websocket" }]) assert.notEqual(channelKey(read(subscription(channel))), key);
});

test("filters in their four forms, all of which must hold", () => {
  const observation = (patient: string, code: string): Resource => ({ resourceType: "Observation", id: "o", status: "final", code: { coding: [{ system: "http://loinc.org", code }] }, subject: { reference: `Patient/${patient}` } });
  const told = (filters: string[], patient: string, code: string): boolean => {
    const matcher = compileMatcher({ of: { kind: "topic", canonical: topic, filters } }, builtInTopics());
    if (!matcher.ok) throw new Error(matcher.failure.text);
    return matcher.value.matches({ interaction: "create", type: "Observation", current: observation(patient, code) });
  };
  for (const filters of [["patient=Patient/1", "code:not=9"], ["Observation.patient=Patient/1", "Observation.code:not=9"], ["Observation?patient=Patient/1&code:not=9"]]) {
    assert.deepEqual([told(filters, "1", "8"), told(filters, "2", "8"), told(filters, "1", "9")], [true, false, false], filters.join());
  }
  for (const filters of [["unknown=1"], ["Patient.name=x"], ["_sort=date"], [""], ["subject.name=x"]]) assert.equal(compileMatcher({ of: { kind: "topic", canonical: topic, filters } }, builtInTopics()).ok, false, filters.join());
  assert.equal(compileMatcher({ of: { kind: "topic", canonical: `${topic}|9`, filters: [] } }, builtInTopics()).ok, false);
});

test("whatever stands in a Subscription, reading it answers", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), fc.string(), (channel, element, criteria) => {
    const resource = { resourceType: "Subscription", status: "requested", criteria, _criteria: element, channel: typeof channel === "object" && channel !== null ? channel : {} } as Resource;
    const request = parseSubscription(resource);
    if (request.ok) compileMatcher(request.value, builtInTopics());
  }), { numRuns: 300 });
});

test("one entry for each fullUrl and version (bdl-7), and text as stored", () => {
  const focus = (version: number) => ({ interaction: "update" as const, type: "Observation", id: "o", version, lastUpdated: "2026-01-01T00:00:00.000Z", text: `{"resourceType":"Observation","id":"o","valueDecimal":1.${"0".repeat(version)}}` });
  const events = [1, 2].map((number) => ({ number, at: "2026-01-01T00:00:00Z", focus: focus(number) }));
  const of = (content: "id-only" | "full-resource"): string => notificationBundle({ base: "http://x", id: "s", status: "active", eventsSinceStart: 2 }, "event-notification", content, events, { uuid: "u", at: "2026-01-01T00:00:00Z" });
  assert.equal((JSON.parse(of("id-only")) as { entry: unknown[] }).entry.length, 2);
  assert.equal((JSON.parse(of("full-resource")) as { entry: unknown[] }).entry.length, 3);
  assert.ok(of("full-resource").includes('"valueDecimal":1.0}') && of("full-resource").includes('"valueDecimal":1.00}'));
});
