import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { until } from "#platform/testing.ts";
import { observation } from "./server.ts";
import { backport, numbersOf, statusIs, statusOf, subscribe, subscriptionServer, topicSubscription, type Notification, type SubscriptionServer } from "./subscriptions.ts";

let server: SubscriptionServer;
before(async () => { server = await subscriptionServer(); });
after(() => server.close());

type Opened = { socket: WebSocket; messages: string[]; closed: () => string | undefined; bundles(): Notification[] };

async function open(url: string, headers: Record<string, string> = {}): Promise<Opened> {
  const socket = new WebSocket(url, { headers });
  const messages: string[] = [];
  let reason: string | undefined;
  socket.on("message", (data) => messages.push(String(data)));
  socket.on("close", (code, text) => { reason = `${code} ${String(text)}`; });
  await new Promise((resolve, reject) => { socket.once("open", resolve); socket.once("error", reject); });
  return { socket, messages, closed: () => reason, bundles: () => messages.map((one) => JSON.parse(one) as Notification) };
}

async function tokenFor(ids: readonly string[], as: "admin" | "wang" = "admin"): Promise<{ token: string; url: string; ids: string[] }> {
  const answer = await server.send("GET", `${server.origin}/fhir/R4/Subscription/$get-ws-binding-token?${ids.map((id) => `id=${id}`).join("&")}`.slice(server.origin.length), { as, headers: { host: new URL(server.origin).host } });
  assert.equal(answer.statusCode, 200, answer.body);
  const { parameter } = answer.json() as { parameter: { name: string; valueString?: string; valueUrl?: string }[] };
  return { token: parameter.find(({ name }) => name === "token")!.valueString!, url: parameter.find(({ name }) => name === "websocket-url")!.valueUrl!, ids: parameter.filter(({ name }) => name === "subscription").map(({ valueString }) => valueString!) };
}

async function observe(patient: string, value: number): Promise<void> {
  assert.equal((await server.send("POST", "Observation", { body: observation(patient, value) })).statusCode, 201);
}

test("one socket binds to several subscriptions with one token: a handshake for each, then events", async () => {
  const both = [await subscribe(server, topicSubscription({ filters: ["patient=Patient/ann"] })), await subscribe(server, topicSubscription({ filters: ["patient=Patient/bob"], content: "full-resource" }))];
  for (const id of both) await statusIs(server, id, "active");
  const { token, url, ids } = await tokenFor(both);
  assert.deepEqual(ids.toSorted(), both.toSorted());
  const client = await open(url);
  client.socket.send(`bind-with-token ${token}`);
  await until(() => client.messages.length >= 2);
  assert.deepEqual(client.bundles().map((one) => statusOf(one).type), ["handshake", "handshake"]);
  for (let i = 0; i < 3; i++) { await observe("ann", i); await observe("bob", i); }
  await until(() => client.messages.length >= 8);
  for (const id of both) assert.deepEqual(numbersOf(client.bundles().filter((one) => statusOf(one).subscription.endsWith(id))), ["1", "2", "3"]);
  client.socket.close();
});

test("RFC 9110 7.8: an upgrade that is not offered is ignored: the request is answered as it stands, whatever its address", async () => {
  const { hostname, port } = new URL(server.origin);
  const sent = async (path: string, upgrade: string, more = ""): Promise<string> => {
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${server.tokens.get("operator")!}\r\nConnection: Upgrade, close\r\nUpgrade: ${upgrade}\r\n${more}\r\n`);
    let text = "";
    for await (const part of socket) text += String(part);
    return text;
  };
  assert.match(await sent("/fhir/R4/Patient/ann", "h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"), /^HTTP\/1\.1 200 [^]*"id":"ann"/);
  assert.match(await sent("/fhir/R4/Patient/ann", "websocket"), /^HTTP\/1\.1 200 /);
  for (const path of ["//", "//[", "/websocket/", "http://[/websocket", "*"]) assert.match(await sent(path, "websocket"), /^HTTP\/1\.1 4\d\d /, path);
  assert.match(await sent("/websocket", "h2c"), /^HTTP\/1\.1 404 /);
  assert.equal((await server.send("GET", "Patient/ann")).statusCode, 200, "it still runs");
});

test("a subscription that is bound while the news of others is looked for is not forgotten", async () => {
  const [first, second] = [await subscribe(server, topicSubscription({ filters: ["patient=Patient/ann"] })), await subscribe(server, topicSubscription({ filters: ["patient=Patient/bob"] }))];
  for (const id of [first, second]) await statusIs(server, id, "active");
  const client = await open((await tokenFor([first])).url);
  client.socket.send(`bind-with-token ${(await tokenFor([first])).token}`);
  await until(() => client.messages.length >= 1);
  const { subscriptions } = server.node.record, { find } = subscriptions;
  let held = false, go = () => {};
  subscriptions.find = async (ids) => {
    const rows = await find.call(subscriptions, ids);
    if (ids.length === 1 && ids[0] === first) await new Promise<void>((done) => { held = true; go = done; });
    return rows;
  };
  await until(() => held);
  client.socket.send(`bind-with-token ${(await tokenFor([second])).token}`);
  await until(() => client.messages.length >= 2);
  subscriptions.find = find;
  go();
  await observe("bob", 1);
  await until(() => client.messages.length >= 3);
  assert.ok(statusOf(client.bundles()[2]!).subscription.endsWith(second));
  client.socket.close();
});

test("a heartbeat comes over the socket when nothing else does", async () => {
  const id = await subscribe(server, topicSubscription({ extension: [{ url: `${backport}/backport-heartbeat-period`, valueUnsignedInt: 5 }], filters: ["patient=Patient/nobody"] }));
  await statusIs(server, id, "active");
  const { token, url } = await tokenFor([id]);
  const client = await open(url);
  client.socket.send(`bind-with-token ${token}`);
  await until(() => client.messages.length >= 2);
  assert.deepEqual(client.bundles().map((one) => statusOf(one).type), ["handshake", "heartbeat"]);
  client.socket.close();
});

test("an unknown token, another's subscription or another message closes the socket", async () => {
  const { url } = await tokenFor([await subscribe(server, topicSubscription({}))]);
  for (const message of ["bind-with-token swb_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "bind nothing", "hello", "x".repeat(5000)]) {
    const client = await open(url);
    client.socket.send(message);
    assert.match(await until(client.closed), /^(?:1008|1009)/, message.slice(0, 40));
  }
});

test("a socket ends when the account of its subscription is disabled", async () => {
  const id = await subscribe(server, topicSubscription({}), "wang");
  await statusIs(server, id, "active");
  const { token, url } = await tokenFor([id], "wang");
  const client = await open(url);
  client.socket.send(`bind-with-token ${token}`);
  await until(() => client.messages.length >= 1);
  await server.node.trust.setDisabled((await server.node.trust.account("wang"))!.id, true);
  await observe("ann", 1);
  await until(client.closed);
  assert.equal(client.messages.length, 1);
});

test("R4: a socket with a bearer token binds to a classic subscription by id and is pinged", async () => {
  const id = await subscribe(server, { resourceType: "Subscription", status: "requested", reason: "test", criteria: "Observation?patient=Patient/ann", channel: { type: "websocket" } });
  await statusIs(server, id, "active");
  const { url } = await tokenFor([id]);
  const stranger = await open(url);
  stranger.socket.send(`bind ${id}`);
  assert.match(await until(stranger.closed), /^1008/);
  const client = await open(url, { authorization: `Bearer ${server.tokens.get("admin")!}` });
  client.socket.send(`bind ${id}`);
  await until(() => client.messages.length >= 1);
  await observe("ann", 1);
  await until(() => client.messages.length >= 2);
  assert.deepEqual(client.messages, [`bound ${id}`, `ping ${id}`]);
  client.socket.close();
});
