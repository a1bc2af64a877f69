import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { observation } from "./server.ts";
import { backport, Endpoint, finalResults, numbersOf, statusIs, statusOf, subscribe, subscriptionServer, topicSubscription, type Notification, type SubscriptionServer } from "./subscriptions.ts";

let server: SubscriptionServer;
/** Ms by which the server's clock is ahead. */
let ahead = 0;
before(async () => { server = await subscriptionServer({ clock: { now: () => new Date(Date.now() + ahead) } }); });
after(async () => {
  const faults = server.log.filter((line) => line.includes("subscriptions"));
  await server.close();
  assert.deepEqual(faults, []);
});

async function withEndpoint(work: (endpoint: Endpoint) => Promise<void>): Promise<void> {
  const endpoint = await Endpoint.open();
  try { await work(endpoint); } finally { await endpoint.close(); }
}

async function observe(patient: string, value: number, more: object = {}): Promise<string> {
  const answer = await server.send("POST", "Observation", { body: observation(patient, value, more) });
  assert.equal(answer.statusCode, 201, answer.body);
  return (answer.json() as { id: string }).id;
}

test("a rest-hook is requested, gets a handshake and is active when the endpoint accepts it", () => withEndpoint(async (endpoint) => {
  const answer = await server.send("POST", "Subscription", { as: "admin", body: topicSubscription({ endpoint: `${endpoint.url}/hook`, channel: { header: ["X-Key: open sesame"] } }) });
  assert.equal((answer.json() as { status: string }).status, "requested");
  const { id } = answer.json() as { id: string };
  await statusIs(server, id, "active");
  const [received] = endpoint.received;
  assert.deepEqual([received!.method, received!.path, received!.headers["content-type"], received!.headers["x-key"]], ["POST", "/hook", "application/fhir+json", "open sesame"]);
  const [handshake] = endpoint.bundles();
  assert.equal(handshake!.type, "history");
  assert.deepEqual(handshake!.entry[0]!.request, { method: "GET", url: `${server.origin}/fhir/R4/Subscription/${id}/$status` });
  assert.deepEqual(statusOf(handshake!), { type: "handshake", status: "requested", events: "0", subscription: `${server.origin}/fhir/R4/Subscription/${id}`, topic: finalResults, numbered: [] });
}));

test("an endpoint that refuses the handshake puts the subscription in error, and says why", () => withEndpoint(async (endpoint) => {
  endpoint.answer = () => 403;
  const id = await subscribe(server, topicSubscription({ endpoint: endpoint.url }));
  assert.match((await statusIs(server, id, "error")).error!, /Handshake: the endpoint answered 403/);
  assert.equal(statusOf(await statusBundle(id)).status, "error");
  // The client asks for it again.
  endpoint.answer = () => 200;
  const again = { ...(await server.send("GET", `Subscription/${id}`)).json() as object, status: "requested" };
  assert.equal((await server.send("PUT", `Subscription/${id}`, { as: "admin", body: again })).statusCode, 200);
  assert.equal((await statusIs(server, id, "active")).error, undefined);
}));

async function statusBundle(id: string): Promise<Notification> {
  return (await server.send("GET", `Subscription/${id}/$status`)).json() as Notification;
}

test("events come once, in order and without gaps, also when the endpoint fails for a while", () => withEndpoint(async (endpoint) => {
  const id = await subscribe(server, topicSubscription({ endpoint: endpoint.url, filters: ["patient=Patient/ann"] }));
  await statusIs(server, id, "active");
  let refused = 0;
  endpoint.answer = () => (refused < 3 ? (refused++, 500) : 200);
  const ids: string[] = [];
  for (let i = 0; i < 12; i++) {
    ids.push(await observe("ann", 100 + i));
    await observe("bob", i);
    await observe("ann", i, { status: "preliminary" });
  }
  await until(() => numbersOf(endpoint.bundles("event-notification")).length >= 15);
  const delivered = endpoint.bundles("event-notification").slice(3);
  assert.deepEqual(numbersOf(delivered), ids.map((_, i) => String(i + 1)));
  assert.deepEqual(delivered.flatMap((one) => statusOf(one).numbered.map(({ focus }) => focus)), ids.map((one) => `${server.origin}/fhir/R4/Observation/${one}`));
  assert.deepEqual(delivered.map((one) => statusOf(one).events), ids.map((_, i) => String(i + 1)));
  assert.deepEqual(delivered[0]!.entry[1], { fullUrl: `${server.origin}/fhir/R4/Observation/${ids[0]}`, request: { method: "POST", url: "Observation" }, response: delivered[0]!.entry[1]!.response });
  assert.equal(statusOf(await statusBundle(id)).events, "12");
}));

test("Standard Webhooks: a notification is signed with the subscription's secret, which its owner alone may ask for", () => withEndpoint(async (endpoint) => {
  const id = await subscribe(server, topicSubscription({ endpoint: endpoint.url }), "admin");
  await statusIs(server, id, "active");
  const secret = ((await server.send("GET", `Subscription/${id}/$signing-secret`, { as: "admin" })).json() as { parameter: { valueString: string }[] }).parameter[0]!.valueString;
  const { headers, body } = endpoint.received[0]!;
  const signed = createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64")).update(`${headers["webhook-id"] as string}.${headers["webhook-timestamp"] as string}.${body}`).digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${signed}`);
  assert.equal((await server.send("GET", `Subscription/${id}/$signing-secret`, { as: "operator" })).statusCode, 404);
  assert.equal((await server.send("GET", `Subscription/${id}/$signing-secret`, { as: "wang" })).statusCode, 404);
}));

test("content levels: empty tells neither topic nor focus, full-resource brings the version as stored", () => withEndpoint(async (endpoint) => {
  const ids = new Map<string, string>();
  for (const content of ["empty", "id-only", "full-resource"]) ids.set(content, await subscribe(server, topicSubscription({ endpoint: `${endpoint.url}/${content}`, content })));
  for (const id of ids.values()) await statusIs(server, id, "active");
  const observed = await observe("ann", 7);
  await until(() => endpoint.bundles("event-notification").length >= 3);
  const of = (content: string): Notification => endpoint.bundles("event-notification").find((one) => statusOf(one).subscription.endsWith(ids.get(content)!))!;
  assert.deepEqual([of("empty").entry.length, statusOf(of("empty")).topic, statusOf(of("empty")).numbered[0]!.focus], [1, undefined, undefined]);
  assert.deepEqual([of("id-only").entry.length, of("id-only").entry[1]!.resource], [2, undefined]);
  const stored = (await server.send("GET", `Observation/${observed}`)).json() as object;
  assert.deepEqual(of("full-resource").entry[1]!.resource, stored);
}));

test("backport-max-count: events that wait come together, never more than asked for", () => withEndpoint(async (endpoint) => {
  const id = await subscribe(server, topicSubscription({ endpoint: endpoint.url, content: "full-resource", extension: [{ url: `${backport}/backport-max-count`, valuePositiveInt: 4 }] }));
  await statusIs(server, id, "active");
  const entry = Array.from({ length: 10 }, (_, i) => ({ resource: observation("ann", i), request: { method: "POST", url: "Observation" } }));
  assert.equal((await server.send("POST", "", { body: { resourceType: "Bundle", type: "transaction", entry } })).statusCode, 200);
  await until(() => numbersOf(endpoint.bundles("event-notification")).length >= 10);
  assert.deepEqual(endpoint.bundles("event-notification").map((one) => statusOf(one).numbered.length), [4, 4, 2]);
}));

test("backport-heartbeat-period: a heartbeat without a new number comes when nothing else does", () => withEndpoint(async (endpoint) => {
  await subscribe(server, topicSubscription({ endpoint: endpoint.url, extension: [{ url: `${backport}/backport-heartbeat-period`, valueUnsignedInt: 5 }] }));
  const [beat] = await until(() => { const beats = endpoint.bundles("heartbeat"); return beats.length > 0 && beats; });
  assert.deepEqual([statusOf(beat!).status, statusOf(beat!).events, statusOf(beat!).numbered], ["active", "0", []]);
}));

test("an endpoint that keeps failing ends in error after a bounded number of attempts; events go on being counted", () => withEndpoint(async (endpoint) => {
  const id = await subscribe(server, topicSubscription({ endpoint: endpoint.url, filters: ["patient=Patient/bob"] }));
  await statusIs(server, id, "active");
  endpoint.answer = () => 503;
  await observe("bob", 1);
  assert.match((await statusIs(server, id, "error")).error!, /Event 1 was not delivered after 5 attempts: the endpoint answered 503/);
  assert.equal(endpoint.bundles("event-notification").length, 5);
  await observe("bob", 2);
  await until(async () => statusOf(await statusBundle(id)).events === "2");
  assert.equal(endpoint.bundles("event-notification").length, 5);
  // $events tells what was missed; and what was not delivered comes when the subscription is asked for again.
  const missed = (await server.send("GET", `Subscription/${id}/$events?eventsSinceNumber=2`)).json() as Notification;
  assert.deepEqual([statusOf(missed).type, numbersOf([missed])], ["query-event", ["2"]]);
  endpoint.answer = () => 200;
  const again = { ...(await server.send("GET", `Subscription/${id}`)).json() as object, status: "requested" };
  await server.send("PUT", `Subscription/${id}`, { as: "admin", body: again });
  await until(() => numbersOf(endpoint.bundles("event-notification")).length >= 7);
  assert.deepEqual(numbersOf(endpoint.bundles("event-notification")).slice(5), ["1", "2"]);
}));

test("hosts that are not listed are never called, redirects not followed", () => withEndpoint(async (endpoint) => {
  const other = await subscribe(server, topicSubscription({ endpoint: "https://169.254.169.254/latest/meta-data" }));
  assert.match((await statusIs(server, other, "error")).error!, /not among the hosts that this node may notify/);
  const local = await subscribe(server, topicSubscription({ endpoint: endpoint.url.replace("127.0.0.1", "localhost") }));
  assert.match((await statusIs(server, local, "error")).error!, /not among the hosts/);
  assert.equal(endpoint.received.length, 0);
  endpoint.answer = () => 307;
  const redirected = await subscribe(server, topicSubscription({ endpoint: endpoint.url }));
  assert.match((await statusIs(server, redirected, "error")).error!, /answered 307/);
}));

test("what cannot be honoured is refused: unknown topics, filters, channels, payloads", async () => {
  const endpoint = "http://127.0.0.1:9/";
  const refusals: [object, RegExp][] = [
    [{ ...topicSubscription({ endpoint }), criteria: "http://example.org/topic/none" }, /no topic/],
    [topicSubscription({ endpoint, filters: ["nonsense=1"] }), /no search parameter ..nonsense/],
    [topicSubscription({ endpoint, filters: ["Encounter?patient=Patient/ann"] }), /no events of Encounter/],
    [topicSubscription({ endpoint, channel: { type: "email" } }), /email is not offered/],
    [topicSubscription({ endpoint, channel: { payload: "application/fhir+xml" } }), /channel.payload/],
    [topicSubscription({ endpoint, content: "everything" }), /empty, id-only or full-resource/],
    [topicSubscription({ endpoint, channel: { header: ["Host: internal"] } }), /may not set Host/],
    [topicSubscription({ endpoint: "file:///etc/passwd" }), /http or https/],
    [{ ...topicSubscription({ endpoint }), criteria: "Observation?_sort=date" }, /arrange results/],
  ];
  for (const [body, reason] of refusals) {
    const answer = await server.send("POST", "Subscription", { as: "admin", body });
    assert.equal(answer.statusCode, 400, answer.body);
    assert.match(answer.body, reason);
  }
});

test("Subscription.end: from then on it is off", () => withEndpoint(async (endpoint) => {
  const id = await subscribe(server, topicSubscription({ endpoint: endpoint.url, end: new Date(Date.now() + 600_000).toISOString() }));
  await statusIs(server, id, "active");
  ahead = 600_001;
  assert.match((await statusIs(server, id, "off")).error!, /end is reached/);
}));

test("R4 criteria: a rest-hook without payload gets an empty POST, with payload the resource as an update", () => withEndpoint(async (endpoint) => {
  const criteria = "Observation?code=http://loinc.org|2339-0&patient=Patient/ann";
  const plain = await subscribe(server, { resourceType: "Subscription", status: "requested", reason: "test", criteria, channel: { type: "rest-hook", endpoint: `${endpoint.url}/plain` } });
  const loaded = await subscribe(server, { resourceType: "Subscription", status: "requested", reason: "test", criteria, channel: { type: "rest-hook", endpoint: `${endpoint.url}/loaded`, payload: "application/fhir+json" } });
  await statusIs(server, plain, "active");
  await statusIs(server, loaded, "active");
  assert.equal(endpoint.received.length, 0, "no handshake, which would look like an event");
  const id = await observe("ann", 5, { status: "preliminary" });
  await observe("bob", 5);
  await until(() => endpoint.received.length >= 2);
  const sent = endpoint.received.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  assert.deepEqual(sent.map(({ method, path }) => [method, path]), [["PUT", `/loaded/Observation/${id}`], ["POST", "/plain"]]);
  assert.deepEqual(JSON.parse(sent[0]!.body), (await server.send("GET", `Observation/${id}`)).json());
  assert.equal(sent[1]!.body, "");
}));

test("a topic stored as Basic is offered, and its FHIRPath sees the version before", () => withEndpoint(async (endpoint) => {
  const url = "http://example.org/topics/doubled";
  const extension = (name: string, value: object): object => ({ url: `http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.${name}`, ...value });
  const topic = {
    resourceType: "Basic", code: { coding: [{ system: "http://hl7.org/fhir/fhir-types", code: "SubscriptionTopic" }] },
    extension: [
      extension("url", { valueUri: url }),
      extension("resourceTrigger", { extension: [{ url: "resource", valueUri: "http://hl7.org/fhir/StructureDefinition/Observation" }, { url: "supportedInteraction", valueCode: "update" }, { url: "fhirPathCriteria", valueString: "%current.value.value >= 2 * %previous.value.value" }] }),
    ],
  };
  assert.equal((await server.send("POST", "Basic", { body: topic })).statusCode, 201);
  const metadata = (await server.send("GET", "metadata")).json() as { rest: { resource: { type: string; extension?: { valueCanonical: string }[] }[] }[] };
  assert.ok(metadata.rest[0]!.resource.find(({ type }) => type === "Subscription")!.extension!.some(({ valueCanonical }) => valueCanonical === url));
  const id = await subscribe(server, { ...topicSubscription({ endpoint: endpoint.url }), criteria: url });
  await statusIs(server, id, "active");
  const observed = await observe("ann", 10);
  for (const value of [15, 40, 41]) await server.send("PUT", `Observation/${observed}`, { body: { ...observation("ann", value), id: observed } });
  await until(() => endpoint.bundles("event-notification").length >= 1);
  const stored = (await server.send("GET", `Observation/${observed}/_history/3`)).json() as { meta: { lastUpdated: string } };
  assert.deepEqual(statusOf(endpoint.bundles("event-notification")[0]!).numbered, [{ number: "1", at: stored.meta.lastUpdated, focus: `${server.origin}/fhir/R4/Observation/${observed}` }]);
}));
