/** The node as its administrator sees it. Where the ledger stands is read, not signed anew. */
import type { FastifyInstance } from "fastify";
import type { ServerDeps } from "../deps.ts";
import { administratorOnly } from "./administrator.ts";
import type { NodeView } from "./contract.ts";

export function nodeRoutes(app: FastifyInstance, { record, trust, node, population, facts }: ServerDeps): void {
  app.get("/node", { preHandler: administratorOnly }, async () => {
    const [own, ledger, checkpoint, accounts] = await Promise.all([facts(), record.ledgerState(), record.latestCheckpoint(), trust.accountCount()]);
    const progress = population();
    return {
      ...own, name: { en: node.nameEn, zh: node.nameZh }, demo: node.demo, accounts,
      ledger: { size: ledger.size, pending: ledger.pending, ...(checkpoint ? { checkpoint: { size: checkpoint.size, at: checkpoint.at } } : {}) },
      ...(progress ? { population: progress } : {}),
    } satisfies NodeView;
  });
}
