/** Starts what subscriptions need in a server process: following the outbox, delivering, and websockets. */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { Deliverer, type DeliverOptions } from "./deliver.ts";
import type { EndpointRule } from "./endpoints.ts";
import { ownerReach } from "./owner-reach.ts";
import { Sockets } from "./sockets.ts";

export type SubscriptionSettings = Pick<DeliverOptions, "retryMs" | "attemptsMax" | "pollMs" | "leaseMs"> & {
  /** Absolute base of the node as subscribers reach it. */
  base: string;
  rules: readonly EndpointRule[];
};

export function startSubscriptions(app: FastifyInstance, { record, trust, log, clock }: Pick<ServerDeps, "record" | "trust" | "log" | "clock">, { base, rules, ...deliver }: SubscriptionSettings): { stop(): Promise<void> } {
  const onError = (error: unknown): void => log.error({ stack: error instanceof Error ? error.stack : String(error) }, "subscriptions");
  const reach = ownerReach(trust);
  const unfollow = record.subscriptions.follow(reach, onError);
  const deliverer = new Deliverer(record, reach, { base, rules, clock, onError, ...deliver });
  const sockets = new Sockets(record, reach, {
    base, clock, onError, ...(deliver.pollMs === undefined ? {} : { pollMs: deliver.pollMs }),
    callerOf: async (token) => {
      const principal = await trust.principal(token);
      return principal.ok ? principal.value.caller : undefined;
    },
  });
  sockets.attach(app.server);
  return {
    async stop() {
      await unfollow();
      await deliverer.close();
      await sockets.close();
    },
  };
}
