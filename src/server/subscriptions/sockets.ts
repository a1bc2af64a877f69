/**
 * Notifications over websockets. A client binds with the token of $get-ws-binding-token ("bind-with-token <token>"), or, to a
 * classic subscription and with a bearer token in the opening request, with "bind <id>" (answered "bound <id>", then
 * "ping <id>" for each event). Sockets belong to one process; events come from the database, so it does not matter which
 * process numbered them. A client that was away asks $events for what it missed.
 * Source: http://hl7.org/fhir/uv/subscriptions-backport/channels.html#websockets, https://hl7.org/fhir/R4/subscription.html
 */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { Again } from "#platform/again.ts";
import type { Clock } from "#platform/clock.ts";
import type { SubscriptionRequest } from "#fhir/subscriptions/subscription.ts";
import { nodeCaller } from "#care/node-caller.ts";
import type { OpenRecord } from "#record/open.ts";
import type { Caller } from "#record/record.ts";
import type { Reach, SubscriptionRow } from "#record/subscriptions/subscriptions.ts";
import { bundleText, notifiedEvents, requestOf, stateOf } from "./notify.ts";

export const socketPath = "/websocket";

/** Where clients of a node with this base connect. */
export function socketUrl(base: string): string {
  const url = new URL(socketPath, base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * Whether a request is for a websocket here. Any other upgrade is not offered and is ignored, so that the request is answered
 * as it stands: some HTTP clients offer h2c with each. Source: RFC 9110 section 7.8
 */
export function asksForSocket({ url = "", headers: { upgrade = "" } }: IncomingMessage): boolean {
  return url.split("?", 1)[0] === socketPath && upgrade.toLowerCase() === "websocket";
}

export type SocketOptions = {
  base: string;
  clock: Clock;
  /** The caller behind a bearer token. */
  callerOf: (token: string) => Promise<Caller | undefined>;
  onError: (error: unknown) => void;
  pollMs?: number;
};

type Binding = { id: string; /** epoch ms; of the token */ expires: number; /** number of the last event sent */ told: number; /** epoch ms */ sent: number; classic: boolean };
type Client = { socket: WebSocket; bearer?: string; bindings: Map<string, Binding>; wasBound: boolean; /** answered the last ping */ alive: boolean };

const messageBytesMax = 4096, bindingsMax = 200, clientsMax = 10_000;
/** What a client does not take in time is not kept for it. */
const bufferedBytesMax = 8 * 1024 * 1024;
const eventsAtOnce = 100;
/** A client that binds nothing in this time is let go; one that does not answer a ping until the next, too. */
const bindWithinMs = 30_000, pingEveryMs = 30_000;
/** Of a classic binding, which has no token of its own. */
const classicHours = 1;

export class Sockets {
  readonly #record: OpenRecord;
  readonly #reach: Reach;
  readonly #options: Required<SocketOptions>;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false });
  readonly #clients = new Set<Client>();
  readonly #quiet: () => void;
  readonly #telling: Again;
  readonly #pings: NodeJS.Timeout;
  #closed = false;

  constructor(record: OpenRecord, reach: Reach, options: SocketOptions) {
    this.#record = record;
    this.#reach = reach;
    this.#options = { pollMs: 1000, ...options };
    this.#telling = new Again(() => this.#tell(), options.onError, this.#options.pollMs);
    this.#quiet = record.subscriptions.onDue(() => this.#telling.ask());
    this.#pings = setInterval(() => this.#ping(), pingEveryMs);
    this.#pings.unref();
  }

  /** Serves websockets of an HTTP server at `socketPath`. */
  attach(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      if (!asksForSocket(request) || this.#closed || this.#clients.size >= clientsMax) {
        // Node listens no more: one that is gone already would end the process.
        stream.on("error", () => stream.destroy());
        stream.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
        return;
      }
      // Cookies are not looked at: another site's page could open a socket with them.
      const bearer = /^Bearer (\S{16,520})$/i.exec(request.headers.authorization ?? "")?.[1];
      this.#server.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket, bearer));
    });
  }

  #welcome(socket: WebSocket, bearer: string | undefined): void {
    const client: Client = { socket, ...(bearer === undefined ? {} : { bearer }), bindings: new Map(), wasBound: false, alive: true };
    const waited = setTimeout(() => { if (!client.wasBound) socket.close(1008, "nothing was bound in time"); }, bindWithinMs);
    waited.unref();
    this.#clients.add(client);
    let reading: Promise<void> = Promise.resolve();
    socket.on("message", (data, isBinary) => {
      const text = isBinary ? "" : String(data);
      reading = reading.then(() => this.#read(client, text.trim())).catch((error: unknown) => { this.#options.onError(error); socket.close(1011); });
    });
    socket.on("pong", () => { client.alive = true; });
    socket.on("close", () => {
      clearTimeout(waited);
      this.#clients.delete(client);
    });
    socket.on("error", () => socket.terminate());
  }

  #ping(): void {
    for (const client of this.#clients) {
      if (!client.alive) { client.socket.terminate(); continue; }
      client.alive = false;
      client.socket.ping();
    }
  }

  async #read(client: Client, message: string): Promise<void> {
    const [, word, value = ""] = /^(bind-with-token|bind)\s+:?\s*(\S+)$/.exec(message) ?? [];
    if (word === "bind-with-token") return await this.#bindWithToken(client, value);
    if (word === "bind") return await this.#bindClassic(client, value);
    client.socket.close(1008, "send bind-with-token <token>, or bind <id>");
  }

  async #bindWithToken(client: Client, token: string): Promise<void> {
    const binding = await this.#record.subscriptions.binding(token);
    if (!binding) return client.socket.close(1008, "the binding token is not known or has expired");
    for (const [id, row] of await this.#record.subscriptions.find(binding.ids)) {
      const open = await this.#openFor(row);
      if (!open || !this.#add(client, { id, expires: binding.expires, told: row.events, sent: this.#now(), classic: false })) continue;
      client.socket.send(bundleText(stateOf(row, open.request, this.#options.base), "handshake", open.request.content, [], this.#options.clock.now()));
    }
  }

  async #bindClassic(client: Client, id: string): Promise<void> {
    const caller = client.bearer === undefined ? undefined : await this.#options.callerOf(client.bearer);
    const seen = caller && /^[A-Za-z0-9\-.]{1,64}$/.test(id) ? await this.#record.read(caller, { type: "Subscription", id }) : undefined;
    const row = seen?.kind === "current" ? (await this.#record.subscriptions.find([id])).get(id) : undefined;
    const open = row && await this.#openFor(row);
    if (!row || open?.request.of.kind !== "criteria" || !this.#add(client, { id, expires: this.#now() + classicHours * 3_600_000, told: row.events, sent: this.#now(), classic: true }))
      return client.socket.close(1008, "bind names no classic websocket subscription of yours; open the socket with a bearer token");
    client.socket.send(`bound ${id}`);
  }

  #add(client: Client, binding: Binding): boolean {
    const { bindings } = client;
    const before = bindings.get(binding.id);
    // A binding that is renewed goes on where it was.
    if (before) { before.expires = binding.expires; return true; }
    if (bindings.size >= bindingsMax) return false;
    bindings.set(binding.id, binding);
    client.wasBound = true;
    return true;
  }

  /** What may be told of a subscription now; undefined: nothing (off, not a websocket, owner disabled). */
  async #openFor(row: SubscriptionRow): Promise<{ request: SubscriptionRequest; caller: Caller } | undefined> {
    if (row.state === "off" || row.version === 0) return undefined;
    const stored = await this.#record.readVersion(nodeCaller, { type: "Subscription", id: row.id }, row.version);
    const request = stored.kind === "current" ? requestOf(stored.stored.text) : undefined;
    if (request?.channel.kind !== "websocket") return undefined;
    const caller = await this.#reach(row.owner);
    return caller && { request, caller };
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }

  /** Sends every bound client what is new. */
  async #tell(): Promise<void> {
    const ids = new Set([...this.#clients].flatMap(({ bindings }) => [...bindings.keys()]));
    if (!ids.size) return;
    const rows = await this.#record.subscriptions.find([...ids]);
    for (const client of this.#clients) {
      for (const binding of [...client.bindings.values()]) {
        // Bound while the rows were read: the next turn knows it.
        if (!ids.has(binding.id)) continue;
        const row = rows.get(binding.id);
        if (!row || row.state === "off" || binding.expires <= this.#now() || client.socket.readyState !== client.socket.OPEN) { client.bindings.delete(binding.id); continue; }
        const beat = row.heartbeat !== undefined && binding.sent + row.heartbeat <= this.#now();
        if (row.state === "active" && (row.events > binding.told || beat)) await this.#tellClient(client, binding, row);
      }
      // Nothing binds it any more: a revoked or expired client does not stay connected.
      if (!client.bindings.size && client.socket.readyState === client.socket.OPEN && client.wasBound) client.socket.close(1000, "no subscription is bound any more");
    }
  }

  async #tellClient(client: Client, binding: Binding, row: SubscriptionRow): Promise<void> {
    const open = await this.#openFor(row);
    if (!open) { client.bindings.delete(binding.id); return; }
    const { request, caller } = open;
    const state = stateOf(row, request, this.#options.base);
    if (row.events === binding.told && !binding.classic) client.socket.send(bundleText(state, "heartbeat", request.content, [], this.#options.clock.now()));
    while (binding.told < row.events) {
      const count = Math.min(binding.classic ? eventsAtOnce : request.maxCount, eventsAtOnce);
      const events = await this.#record.subscriptions.events(row.id, binding.told + 1, row.events, count);
      const last = events.at(-1)?.number ?? row.events;
      if (client.socket.bufferedAmount > bufferedBytesMax) { client.socket.close(1013, "too slow; ask $events for the rest"); return; }
      if (binding.classic) for (let i = 0; i < events.length; i++) client.socket.send(`ping ${row.id}`);
      else if (events.length) client.socket.send(bundleText({ ...state, eventsSinceStart: last }, "event-notification", request.content, await notifiedEvents(this.#record, caller, request.content, events), this.#options.clock.now()));
      binding.told = last;
    }
    binding.sent = this.#now();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#quiet();
    clearInterval(this.#pings);
    for (const { socket } of this.#clients) socket.terminate();
    this.#server.close();
    await this.#telling.close();
  }
}
