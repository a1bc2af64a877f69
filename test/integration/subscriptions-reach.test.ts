import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "#platform/testing.ts";
import { operator } from "#server/node.ts";
import { observation } from "./server.ts";
import { Endpoint, numbersOf, statusIs, statusOf, subscribe, subscriptionServer, topicSubscription, type Notification, type SubscriptionServer } from "./subscriptions.ts";

let server: SubscriptionServer, endpoint: Endpoint;
before(async () => {
  server = await subscriptionServer();
  endpoint = await Endpoint.open();
});
after(async () => {
  const faults = server.log.filter((line) => line.includes("subscriptions"));
  await endpoint.close();
  await server.close();
  assert.deepEqual(faults, []);
});

async function put(resource: { resourceType: string; id: string; [name: string]: unknown }): Promise<void> {
  const answer = await server.send("PUT", `${resource.resourceType}/${resource.id}`, { body: resource });
  assert.ok(answer.statusCode < 300, answer.body);
}

test("a practitioner is told of people in their care alone; whom else something happens to is neither told nor counted", async () => {
  const id = await subscribe(server, topicSubscription({ endpoint: `${endpoint.url}/wang` }), "wang");
  await statusIs(server, id, "active");
  await put({ ...observation("bob", 1), id: "reach-bob" });
  await put({ ...observation("ann", 2), id: "reach-ann" });
  await until(() => endpoint.bundles("event-notification").length >= 1);
  await put({ ...observation("bob", 3), id: "reach-bob" });
  await put({ ...observation("ann", 4), id: "reach-ann" });
  await until(() => endpoint.bundles("event-notification").length >= 2);
  assert.deepEqual(numbersOf(endpoint.bundles("event-notification")), ["1", "2"]);
  assert.ok(endpoint.received.every(({ body }) => !body.includes("bob")));
});

test("each delivery of what is somebody's leaves a leaf and an access the subject can see", async () => {
  const before = ((await server.node.record.accesses(operator, "ann", 100))).length;
  const count = endpoint.bundles("event-notification").length;
  await put({ ...observation("ann", 5), id: "reach-ann" });
  await until(() => endpoint.bundles("event-notification").length > count);
  const accesses = await server.node.record.accesses(operator, "ann", 100);
  assert.ok(accesses.length > before);
  assert.equal(accesses[0]!.agent, "Practitioner/wang");
});

test("a Subscription is its owner's: others neither read, find, change nor bind it, nor ask what it told", async () => {
  const own = await subscribe(server, topicSubscription({ endpoint: `${endpoint.url}/own` }), "wang");
  const other = await subscribe(server, topicSubscription({ endpoint: `${endpoint.url}/other` }), "admin");
  assert.equal((await server.send("GET", `Subscription/${own}`, { as: "wang" })).statusCode, 200);
  const listed = (await server.send("GET", "Subscription", { as: "wang" })).json() as { entry: { resource: { id: string } }[] };
  assert.ok(listed.entry.some(({ resource }) => resource.id === own));
  assert.ok(!listed.entry.some(({ resource }) => resource.id === other));
  for (const url of ["", "/$status", "/$events", "/$signing-secret", "/$get-ws-binding-token"])
    assert.equal((await server.send("GET", `Subscription/${other}${url}`, { as: "wang" })).statusCode, 404, url);
  for (const as of ["ann", "nobody"] as const) assert.equal((await server.send("GET", `Subscription/${own}`, { as })).statusCode, 404);
  const taken = (await server.send("GET", `Subscription/${other}`)).json() as object;
  assert.equal((await server.send("PUT", `Subscription/${other}`, { as: "wang", body: { ...taken, status: "off" } })).statusCode, 403);
  const status = (await server.send("GET", "Subscription/$status", { as: "wang" })).json() as { entry: Notification["entry"] };
  assert.ok(status.entry.every((entry) => !JSON.stringify(entry).includes(other)));
  // The owner may switch it off.
  const mine = (await server.send("GET", `Subscription/${own}`, { as: "wang" })).json() as object;
  assert.equal((await server.send("PUT", `Subscription/${own}`, { as: "wang", body: { ...mine, status: "off" } })).statusCode, 200);
  await until(async () => statusOf({ ...status, entry: ((await server.send("GET", `Subscription/${own}/$status`)).json() as Notification).entry } as Notification).status === "off");
});

test("what went out of reach after it happened keeps its number and says nothing more", async () => {
  const id = await subscribe(server, topicSubscription({ endpoint: `${endpoint.url}/late`, content: "full-resource" }), "wang");
  await statusIs(server, id, "active");
  endpoint.answer = ({ path }) => (path === "/late" ? 500 : 200);
  await put({ ...observation("ann", 77), id: "reach-late" });
  await until(() => endpoint.received.some(({ path, body }) => path === "/late" && body.includes("reach-late")));
  await put({ resourceType: "Patient", id: "ann", name: [{ family: "Andersen" }] });
  // One may have been put together before and be on its way; they follow each other.
  const before = endpoint.received.length;
  await until(() => endpoint.received.slice(before).some(({ path }) => path === "/late"));
  const from = endpoint.received.length;
  endpoint.answer = () => 200;
  const late = await until(() => endpoint.received.slice(from).find(({ path, body }) => path === "/late" && body.includes("event-notification")));
  assert.deepEqual(statusOf(JSON.parse(late.body) as Notification).numbered.map(({ number, focus }) => [number, focus]), [["1", undefined]]);
  assert.ok(!late.body.includes("reach-late"));
  const events = (await server.send("GET", `Subscription/${id}/$events`, { as: "wang" })).body;
  assert.ok(!events.includes("reach-late"));
  await put({ resourceType: "Patient", id: "ann", name: [{ family: "Andersen" }], generalPractitioner: [{ reference: "Practitioner/wang" }] });
});

test("a topic does not tell what a version said that the subscriber may not read", async () => {
  const id = await subscribe(server, { ...topicSubscription({ endpoint: `${endpoint.url}/moved` }), criteria: "https://salus.health/fhir/SubscriptionTopic/encounter-end" }, "wang");
  await statusIs(server, id, "active");
  const encounter = (patient: string, status: string) => ({ resourceType: "Encounter", id: "moved", status, class: { code: "AMB" }, subject: { reference: `Patient/${patient}` } });
  await put(encounter("bob", "finished"));
  await put(encounter("ann", "finished"));
  // For whoever could not see Bob's, Ann's finished encounter is new.
  await until(() => endpoint.received.some(({ path, body }) => path === "/moved" && body.includes("event-notification")));
});

test("a disabled account ends its subscriptions", async () => {
  const id = await subscribe(server, topicSubscription({ endpoint: `${endpoint.url}/disabled` }), "wang");
  await statusIs(server, id, "active");
  const account = await server.node.trust.account("wang");
  await server.node.trust.setDisabled(account!.id, true);
  await put({ ...observation("ann", 9), id: "reach-ann" });
  assert.match((await statusIs(server, id, "off")).error!, /disabled/);
  assert.ok(endpoint.received.every(({ path, body }) => path !== "/disabled" || body.includes("handshake")));
});

test("of a person who is erased events keep their number alone; changing meta in place makes no event", async () => {
  const id = await subscribe(server, topicSubscription({ filters: ["patient=Patient/bob"] }));
  await statusIs(server, id, "active");
  await put({ ...observation("bob", 5), id: "reach-erased" });
  const events = async (): Promise<Notification> => (await server.send("GET", `Subscription/${id}/$events`)).json() as Notification;
  await until(async () => numbersOf([await events()]).length === 1);
  const tag = { resourceType: "Parameters", parameter: [{ name: "meta", valueMeta: { tag: [{ system: "urn:x", code: "y" }] } }] };
  assert.equal((await server.send("POST", "Observation/reach-erased/$meta-add", { body: tag })).statusCode, 200);
  await put({ ...observation("bob", 6), id: "reach-after" });
  await until(async () => numbersOf([await events()]).length === 2);
  assert.ok((await server.send("GET", `Subscription/${id}/$events`)).body.includes("reach-erased"));
  assert.equal((await server.send("POST", "Patient/bob/$purge")).statusCode, 200);
  assert.deepEqual(statusOf(await events()).numbered.map(({ number, focus }) => [number, focus]), [["1", undefined], ["2", undefined]]);
});

test("the record with subscriptions in it verifies", async () => {
  assert.deepEqual((await server.node.record.verify()).faults, []);
});
