/**
 * Subscriptions as the record keeps them: events numbered from the outbox, what is due, who delivers. Sending is done by
 * whoever takes a subscription (server/subscriptions/); any number of processes may.
 */
import { EventEmitter } from "node:events";
import type postgres from "postgres";
import { Again } from "#platform/again.ts";
import type { Clock } from "#platform/clock.ts";
import type { SubscriptionStatus } from "#fhir/subscriptions/subscription.ts";
import type { Topic } from "#fhir/subscriptions/topic.ts";
import { ridOf } from "../keys.ts";
import { evaluate, type Cache, type Reach } from "./evaluate.ts";
import { hold, insertBinding, markDelivered, readBinding, readEvents, readSubscriptions, release, setState, sweep, takeDue, type SubscriptionEvent, type SubscriptionRow } from "./store.ts";
import { readTopics } from "./topics.ts";

export type { Owner } from "./owner.ts";
export type { Reach } from "./evaluate.ts";
export type { SubscriptionEvent, SubscriptionRow } from "./store.ts";

/** How long an event can be asked for again. */
export const eventDays = 30;
const sweepEveryMs = 3_600_000;
/** Entries of other processes are seen within this time. */
const idleMs = 1000;

export class Subscriptions {
  readonly #writers: postgres.Sql;
  readonly #readers: postgres.Sql;
  readonly #clock: Clock;
  readonly #onChange: (listener: () => void) => () => void;
  readonly #events = new EventEmitter().setMaxListeners(0);

  constructor(writers: postgres.Sql, readers: postgres.Sql, clock: Clock, onChange: (listener: () => void) => () => void) {
    this.#writers = writers;
    this.#readers = readers;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Follows the outbox from now on; of several processes one at a time has a turn. `onError` is told of faults, which are tried again. Answers how to stop. */
  follow(reach: Reach, onError: (error: unknown) => void): () => Promise<void> {
    let cache: Cache | undefined;
    let stopped = false, sweptAt = 0;
    const turn = async (): Promise<void> => {
      const now = this.#clock.now().getTime();
      if (now - sweptAt > sweepEveryMs) {
        sweptAt = now;
        await sweep(this.#writers, now - eventDays * 86_400_000, now);
      }
      for (let more = true; more && !stopped;) {
        const done = await evaluate(this.#writers, cache, reach, this.#clock.now().getTime());
        if (done.kind === "elsewhere") return;
        ({ cache, more } = done);
        if (done.changed) this.#events.emit("due");
      }
    };
    const turns = new Again(turn, (error) => { cache = undefined; onError(error); }, idleMs);
    const quiet = this.#onChange(() => turns.ask());
    turns.ask();
    return async () => {
      stopped = true;
      quiet();
      await turns.close();
    };
  }

  /** Called when something may be due or new events may be readable. Answers how to stop. */
  onDue(listener: () => void): () => void {
    this.#events.on("due", listener);
    return () => { this.#events.off("due", listener); };
  }

  /** `except`: rids of those that the worker is at already. */
  take(worker: string, leaseMs: number, except: readonly string[]): Promise<SubscriptionRow | undefined> {
    return takeDue(this.#writers, worker, this.#clock.now().getTime(), leaseMs, except);
  }

  hold(id: string, worker: string, leaseMs: number): Promise<boolean> {
    return hold(this.#writers, ridOf("Subscription", id), worker, this.#clock.now().getTime() + leaseMs);
  }

  delivered(id: string, worker: string, number: number): Promise<boolean> {
    return markDelivered(this.#writers, ridOf("Subscription", id), worker, number, this.#clock.now().getTime());
  }

  /** `retry.in`: ms until the next attempt. */
  release(id: string, worker: string, retry?: { in: number; attempts: number; error: string }): Promise<void> {
    const now = this.#clock.now().getTime();
    return release(this.#writers, ridOf("Subscription", id), worker, now, retry && { at: now + retry.in, attempts: retry.attempts, error: retry.error });
  }

  setState(id: string, version: number, state: SubscriptionStatus, more: { verified?: string; error?: string } = {}): Promise<void> {
    return setState(this.#writers, ridOf("Subscription", id), version, state, more, this.#clock.now().getTime());
  }

  /** By id. Whoever asks must have read the Subscription with the caller's reach before. */
  find(ids: readonly string[]): Promise<Map<string, SubscriptionRow>> {
    return readSubscriptions(this.#readers, ids);
  }

  /** Events from one number to another, both included, oldest first. They name what changed: tell only what the caller may read. */
  events(id: string, from: number, until: number, count: number): Promise<SubscriptionEvent[]> {
    return readEvents(this.#readers, ridOf("Subscription", id), from, until, count);
  }

  topics(): Promise<readonly Topic[]> {
    return readTopics(this.#readers);
  }

  /** A token that binds a websocket to these subscriptions until `expires` (epoch ms). */
  bind(ids: readonly string[], expires: number): Promise<string> {
    return insertBinding(this.#writers, ids, expires);
  }

  binding(token: string): Promise<{ ids: string[]; expires: number } | undefined> {
    return readBinding(this.#readers, token, this.#clock.now().getTime());
  }
}
