/**
 * Delivers what is due. A process takes a subscription for a while (a lease in its row), so that its events go out one after
 * the other; when the process dies another takes it up where the last answer was written down. An event may so arrive twice,
 * with the same number; none is left out and none comes before an earlier one.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { Again } from "#platform/again.ts";
import type { Clock } from "#platform/clock.ts";
import { ok, type Result } from "#platform/result.ts";
import type { Resource } from "#fhir/resource.ts";
import { compileMatcher } from "#fhir/subscriptions/matcher.ts";
import { channelKey, parseSubscription, type Channel, type SubscriptionRequest } from "#fhir/subscriptions/subscription.ts";
import { nodeCaller } from "#care/node-caller.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import type { Reach, SubscriptionRow } from "#record/subscriptions/subscriptions.ts";
import { endpointFault, type EndpointRule } from "./endpoints.ts";
import { bundleText, notifiedEvents, stateOf } from "./notify.ts";
import { sendHook, type Hook, type HookFailure } from "./rest-hook.ts";

export type DeliverOptions = {
  /** Absolute base of the node in notifications. */
  base: string;
  rules: readonly EndpointRule[];
  clock: Clock;
  onError: (error: unknown) => void;
  /** First wait after a failure, ms; each further one is twice as long. Default 1 s, at most 5 minutes. */
  retryMs?: number;
  /** Failed attempts after which a subscription is in error. Default 10: about half an hour. */
  attemptsMax?: number;
  pollMs?: number;
  /** How long, beyond the longest attempt, a process that died keeps a subscription from others. Default 20 s. */
  leaseMs?: number;
};

const retryMsMax = 300_000;
const defaultTimeoutSeconds = 10;
const atOnce = 8;

export class Deliverer {
  readonly #record: OpenRecord;
  readonly #reach: Reach;
  readonly #options: Required<DeliverOptions>;
  readonly #worker = `${hostname()}/${process.pid}/${randomUUID()}`;
  readonly #abort = new AbortController();
  /** By rid. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #quiet: () => void;
  readonly #taking: Again;

  constructor(record: OpenRecord, reach: Reach, options: DeliverOptions) {
    this.#record = record;
    this.#reach = reach;
    this.#options = { retryMs: 1000, attemptsMax: 10, pollMs: 1000, leaseMs: 20_000, ...options };
    this.#taking = new Again(() => this.#take(), options.onError, this.#options.pollMs);
    this.#quiet = record.subscriptions.onDue(() => this.#taking.ask());
  }

  async #take(): Promise<void> {
    while (!this.#abort.signal.aborted && this.#running.size < atOnce) {
      const row = await this.#record.subscriptions.take(this.#worker, this.#options.leaseMs + defaultTimeoutSeconds * 1000, [...this.#running.keys()]);
      if (!row) return;
      this.#running.set(row.rid, this.#serve(row).catch(this.#options.onError).finally(() => {
        this.#running.delete(row.rid);
        this.#taking.ask();
      }));
    }
  }

  async #serve(row: SubscriptionRow): Promise<void> {
    const retry = await this.#attend(row);
    await this.#record.subscriptions.release(row.id, this.#worker, retry);
  }

  /** Does what is due for one subscription; answers when to try again after a failure. */
  async #attend(row: SubscriptionRow): Promise<{ in: number; attempts: number; error: string } | undefined> {
    const stored = await this.#record.readVersion(nodeCaller, { type: "Subscription", id: row.id }, row.version);
    if (stored.kind !== "current") return void await this.#record.subscriptions.setState(row.id, row.version, "off");
    const resource = JSON.parse(stored.stored.text) as Resource;
    const request = parseSubscription(resource);
    if (!request.ok) return void await this.#end(row, resource, "error", request.failure.text);
    const caller = await this.#reach(row.owner);
    if (!caller) return void await this.#end(row, resource, "off", "The account that this subscription belongs to is disabled");
    if (row.ends !== undefined && row.ends <= this.#options.clock.now().getTime()) return void await this.#end(row, resource, "off", "Its end is reached");
    if (row.state === "requested") return void await this.#begin(row, resource, request.value);
    if (row.state !== "active" || request.value.channel.kind !== "rest-hook") return undefined;
    const failed = await this.#send(row, request.value, request.value.channel, caller);
    // Stopped in the middle: the next process goes on.
    if (!failed || this.#abort.signal.aborted) return undefined;
    const attempts = row.attempts + 1;
    if (failed.final || attempts >= this.#options.attemptsMax) return void await this.#end(row, resource, "error", `Event ${row.delivered + 1} was not delivered after ${attempts} attempts: ${failed.text}`);
    return { in: Math.round(Math.min(this.#options.retryMs * 2 ** (attempts - 1), retryMsMax) * (1 + Math.random() / 4)), attempts, error: failed.text };
  }

  /** A requested subscription becomes active when its topic is there and its endpoint answers the handshake. */
  async #begin(row: SubscriptionRow, resource: Resource, request: SubscriptionRequest): Promise<void> {
    const matcher = compileMatcher(request, request.of.kind === "topic" ? await this.#record.subscriptions.topics() : []);
    if (!matcher.ok) return await this.#end(row, resource, "error", matcher.failure.text);
    const answered = await this.#handshake(row, request);
    if (!answered.ok && this.#abort.signal.aborted) return;
    if (!answered.ok) return await this.#end(row, resource, "error", `Handshake: ${answered.failure.text}`);
    await this.#record.subscriptions.setState(row.id, row.version, "active", { verified: channelKey(request) });
    await this.#write(row, resource, "active");
  }

  async #handshake(row: SubscriptionRow, request: SubscriptionRequest): Promise<Result<unknown, HookFailure>> {
    const { channel, of } = request;
    if (channel.kind === "websocket") return ok(undefined);
    // R4's own subscriptions know no handshake: an empty request would be taken for an event.
    if (of.kind === "criteria") {
      const text = endpointFault(this.#options.rules, channel.endpoint);
      return text === undefined ? ok(undefined) : { ok: false, failure: { text, final: true } };
    }
    return await this.#post(row, request, channel, "handshake", bundleText(stateOf(row, request, this.#options.base), "handshake", request.content, [], this.#options.clock.now()));
  }

  async #send(row: SubscriptionRow, request: SubscriptionRequest, channel: Extract<Channel, { kind: "rest-hook" }>, caller: Caller): Promise<HookFailure | undefined> {
    const { subscriptions } = this.#record;
    let delivered = row.delivered;
    const now = this.#options.clock.now();
    if (delivered >= row.events) {
      if (request.of.kind === "criteria" || row.heartbeat === undefined || row.sent + row.heartbeat > now.getTime()) return undefined;
      const beat = await this.#post(row, request, channel, `heartbeat-${now.getTime()}`, bundleText(stateOf(row, request, this.#options.base), "heartbeat", request.content, [], now));
      if (!beat.ok) return beat.failure;
      await subscriptions.delivered(row.id, this.#worker, delivered);
      return undefined;
    }
    while (delivered < row.events) {
      const events = await subscriptions.events(row.id, delivered + 1, row.events, request.of.kind === "criteria" ? 1 : request.maxCount);
      const last = events.at(-1)?.number ?? row.events;
      if (events.length) {
        const told = await notifiedEvents(this.#record, caller, request.content, events);
        const sent = request.of.kind === "criteria" ? await this.#classic(row, request, channel, told[0]!)
          : await this.#post(row, request, channel, String(last), bundleText({ ...stateOf(row, request, this.#options.base), eventsSinceStart: last }, "event-notification", request.content, told, now));
        if (!sent.ok) return sent.failure;
      }
      if (!await subscriptions.delivered(row.id, this.#worker, last)) return undefined;
      row.delivered = delivered = last;
      row.attempts = 0;
      if (this.#abort.signal.aborted) return undefined;
    }
    return undefined;
  }

  /** R4: an empty POST, or, with a payload, the resource as an update under the endpoint. Deletions make no event. */
  async #classic(row: SubscriptionRow, request: SubscriptionRequest, channel: Extract<Channel, { kind: "rest-hook" }>, { number, focus }: { number: number; focus?: { type: string; id: string; text?: string } }): Promise<Result<unknown, HookFailure>> {
    if (request.content !== "full-resource") return await this.#post(row, request, channel, String(number), "");
    // Out of reach by now: there is nothing left that may be told.
    if (focus?.text === undefined) return ok(undefined);
    const { type, id, text } = focus;
    const url = new URL(channel.endpoint);
    url.pathname = `${url.pathname.replace(/\/$/, "")}/${type}/${id}`;
    return await this.#request(row, { ...this.#hook(row, request, channel, String(number), text), method: "PUT", url: url.href });
  }

  #post(row: SubscriptionRow, request: SubscriptionRequest, channel: Extract<Channel, { kind: "rest-hook" }>, what: string, body: string): Promise<Result<unknown, HookFailure>> {
    return this.#request(row, this.#hook(row, request, channel, what, body));
  }

  async #request(row: SubscriptionRow, hook: Hook): Promise<Result<unknown, HookFailure>> {
    // Never sends what another process may be sending.
    if (!await this.#record.subscriptions.hold(row.id, this.#worker, this.#options.leaseMs + hook.timeoutMs)) return { ok: false, failure: { text: "another process took over", final: false } };
    return await sendHook(this.#options.rules, hook, this.#abort.signal);
  }

  #hook({ id, secret, version }: SubscriptionRow, { payload, timeoutSeconds = defaultTimeoutSeconds }: SubscriptionRequest, { endpoint, headers }: Extract<Channel, { kind: "rest-hook" }>, what: string, body: string): Hook {
    return {
      method: "POST", url: endpoint, headers, body, ...(payload === undefined ? {} : { contentType: payload }), secret,
      messageId: what === "handshake" ? `${id}.${version}.handshake` : `${id}.${what}`, timeoutMs: timeoutSeconds * 1000, at: this.#options.clock.now().getTime(),
    };
  }

  async #end(row: SubscriptionRow, resource: Resource, state: "error" | "off", error: string): Promise<void> {
    await this.#record.subscriptions.setState(row.id, row.version, state, { error });
    await this.#write(row, resource, state, error);
  }

  /** Says in the resource what became of it; a version that was written meanwhile decides for itself. */
  async #write(row: SubscriptionRow, { error: _, ...resource }: Resource, status: string, error?: string): Promise<void> {
    const text = JSON.stringify({ ...resource, status, ...(error === undefined ? {} : { error }) });
    const done = await this.#record.commit(nodeCaller, [{ kind: "update", type: "Subscription", id: row.id, text, ifMatch: row.version }]);
    if (!done.ok && done.failure.code !== "precondition") this.#options.onError(new Error(`Subscription/${row.id}: ${done.failure.text}`));
  }

  async close(): Promise<void> {
    this.#quiet();
    this.#abort.abort();
    await this.#taking.close();
    await Promise.all(this.#running.values());
  }
}
