/** A process of a node, for tests that kill it: follows the outbox and delivers until it is killed. Arguments: database url, folder of the node. */
import { pino } from "pino";
import Fastify from "fastify";
import { openNode } from "#server/node.ts";
import { parseEndpointRules } from "#server/subscriptions/endpoints.ts";
import { startSubscriptions } from "#server/subscriptions/start.ts";

const [databaseUrl, folder] = process.argv.slice(2);
const node = await openNode({ databaseUrl: databaseUrl!, folder: folder! });
startSubscriptions(Fastify(), { record: node.record, trust: node.trust, log: pino({ level: "error" }, pino.destination(2)), clock: node.clock }, {
  base: "http://salus.test/fhir/R4", rules: parseEndpointRules("http://127.0.0.1:*"), retryMs: 20, pollMs: 50, leaseMs: 1000,
});
process.stdout.write("ready\n");
// Timers of the node let a process end.
setInterval(() => {}, 1000);
