/** Subscribers for tests: an endpoint that keeps what it is sent, and a node that delivers to it. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import type { Clock } from "#platform/clock.ts";
import { until } from "#platform/testing.ts";
import { parseEndpointRules } from "#server/subscriptions/endpoints.ts";
import { startSubscriptions } from "#server/subscriptions/start.ts";
import { base, testServer, type TestServer } from "./server.ts";

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
type Parameter = { name: string; part?: Parameter[]; valueString?: string; valueCode?: string; valueCanonical?: string; valueInstant?: string; valueReference?: { reference: string }; valueUrl?: string; valueCodeableConcept?: { text: string } };
export type StatusResource = { resourceType: "Parameters"; parameter: Parameter[] };
export type Notification = { resourceType: "Bundle"; type: string; entry: { fullUrl: string; resource?: StatusResource & { id?: string; [name: string]: unknown }; request: { method: string; url: string }; response: { status: string } }[] };

export const backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";
export const finalResults = "https://salus.health/fhir/SubscriptionTopic/observation-final";

export class Endpoint {
  readonly received: Received[] = [];
  /** Status of each answer, asked for every request. */
  answer: (received: Received) => number = () => 200;
  readonly #server: Server;

  private constructor(server: Server) { this.#server = server; }

  static async open(): Promise<Endpoint> {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => { body += chunk; });
      request.on("end", () => {
        const received = { method: request.method!, path: request.url!, headers: request.headers, body };
        const status = endpoint.answer(received);
        endpoint.received.push(received);
        response.writeHead(status, status >= 300 && status < 400 ? { location: "http://127.0.0.1:1/elsewhere" } : {}).end();
      });
    });
    const endpoint = new Endpoint(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return endpoint;
  }

  get url(): string { return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; }

  bundles(type?: string): Notification[] {
    return this.received.filter(({ body }) => body !== "").map(({ body }) => JSON.parse(body) as Notification).filter((one) => type === undefined || statusOf(one).type === type);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Parameters of the status entry by name; events as their parts. */
export function statusOf(notification: Notification): { type: string; status: string; topic?: string; events: string; error?: string; subscription: string; numbered: { number: string; at?: string; focus?: string }[] } {
  const { parameter } = notification.entry[0]!.resource!;
  const of = (name: string, from: readonly Parameter[] = parameter): Parameter | undefined => from.find((one) => one.name === name);
  const topic = of("topic")?.valueCanonical, error = of("error")?.valueCodeableConcept?.text;
  return {
    type: of("type")!.valueCode!, status: of("status")!.valueCode!, events: of("events-since-subscription-start")!.valueString!, subscription: of("subscription")!.valueReference!.reference,
    ...(topic === undefined ? {} : { topic }), ...(error === undefined ? {} : { error }),
    numbered: parameter.filter(({ name }) => name === "notification-event").map(({ part = [] }) => {
      const at = of("timestamp", part)?.valueInstant, focus = of("focus", part)?.valueReference?.reference;
      return { number: of("event-number", part)!.valueString!, ...(at === undefined ? {} : { at }), ...(focus === undefined ? {} : { focus }) };
    }),
  };
}

export function numbersOf(notifications: readonly Notification[]): string[] {
  return notifications.flatMap((one) => statusOf(one).numbered.map(({ number }) => number));
}

type Wanted = { endpoint?: string; filters?: string[]; content?: string; channel?: Record<string, unknown>; extension?: { url: string; [value: string]: unknown }[]; [name: string]: unknown };

export function topicSubscription({ endpoint, filters = [], content = "id-only", channel = {}, extension = [], ...more }: Wanted): { resourceType: "Subscription"; [name: string]: unknown } {
  return {
    resourceType: "Subscription", status: "requested", reason: "test", criteria: finalResults,
    ...(filters.length ? { _criteria: { extension: filters.map((valueString) => ({ url: `${backport}/backport-filter-criteria`, valueString })) } } : {}),
    channel: {
      ...(extension.length ? { extension } : {}), type: endpoint === undefined ? "websocket" : "rest-hook", ...(endpoint === undefined ? {} : { endpoint }),
      payload: "application/fhir+json", _payload: { extension: [{ url: `${backport}/backport-payload-content`, valueCode: content }] }, ...channel,
    },
    ...more,
  };
}

export type SubscriptionServer = TestServer & { origin: string; stop(): Promise<void> };

/** A node that listens, follows its outbox and delivers; quick to try again, and gives up after five attempts. */
export async function subscriptionServer(options: { hosts?: string; attemptsMax?: number; clock?: Clock } = {}): Promise<SubscriptionServer> {
  const server = await testServer(options.clock ? { clock: options.clock } : {});
  const origin = await server.app.listen({ port: 0, host: "127.0.0.1" });
  const started = startSubscriptions(server.app, { record: server.node.record, trust: server.node.trust, log: pino({ level: "error" }, { write: (line: string) => { server.log.push(line); } }), clock: server.node.clock }, {
    base: origin + base, rules: parseEndpointRules(options.hosts ?? "http://127.0.0.1:*"), retryMs: 20, pollMs: 50, attemptsMax: options.attemptsMax ?? 5,
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => stopped ??= started.stop();
  return { ...server, origin, stop, async close() { await stop(); await server.close(); } };
}

/** Stores a Subscription and answers its id. */
export async function subscribe(server: TestServer, subscription: object, as: "admin" | "wang" | "operator" = "admin"): Promise<string> {
  const answer = await server.send("POST", "Subscription", { as, body: subscription });
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${answer.body}`);
  return (answer.json() as { id: string }).id;
}

export async function statusIs(server: TestServer, id: string, status: string): Promise<{ status: string; error?: string; meta: { versionId: string } }> {
  return await until(async () => {
    const resource = (await server.send("GET", `Subscription/${id}`)).json() as { status: string; error?: string; meta: { versionId: string } };
    return resource.status === status && resource;
  }, `status ${status}`);
}
