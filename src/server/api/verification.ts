/**
 * The full verification of the record as one job of the node: started once, asked for by whoever may, with its share
 * done. It goes on when the page that started it is closed.
 */
import type { FastifyInstance } from "fastify";
import { openCheckpoint } from "#ledger/checkpoint.ts";
import type { VerifyProgress, VerifyReport } from "#record/ledger/verify-report.ts";
import type { ServerDeps } from "../deps.ts";
import type { VerifyState } from "./contract.ts";
import { administratorOnly } from "./administrator.ts";

const steps: readonly VerifyProgress["step"][] = ["leaves", "versions", "index"];

/** Each step counts for a third: how long they take differs by what the record holds. */
export function shareOf({ step, done, total }: VerifyProgress): number {
  return (steps.indexOf(step) + (total === 0 ? 1 : Math.min(1, done / total))) / steps.length;
}

export function verificationRoutes(app: FastifyInstance, { record, trust, clock, log }: Pick<ServerDeps, "record" | "trust" | "clock" | "log">): void {
  let state: VerifyState = { state: "none" };
  let running: Promise<void> | undefined;

  async function report(): Promise<VerifyReport> {
    const since = clock.now().toISOString();
    const onProgress = (progress: VerifyProgress): void => { state = { state: "running", since, share: shareOf(progress), ...progress }; };
    onProgress({ step: "leaves", done: 0, total: 1 });
    const known = await record.latestCheckpoint();
    const opened = known && openCheckpoint(known.note, [await trust.checkpointSigner()]);
    if (opened && !opened.ok) return { ok: false, versionsChecked: 0, leavesChecked: 0, indexRowsChecked: 0, ms: 0, faults: [{ what: "checkpoint", fault: { code: "checkpoint-unreadable" }, text: opened.failure.text }] };
    return record.verify({ onProgress, ...(opened ? { checkpoint: { size: opened.value.checkpoint.size, root: opened.value.checkpoint.root } } : {}) });
  }

  function start(): void {
    running ??= report().then(
      (done) => { state = { state: "done", report: { ...done, at: clock.now().toISOString() } }; },
      (error: unknown) => {
        log.error({ stack: error instanceof Error ? error.stack : String(error) }, "verification");
        state = { state: "failed", at: clock.now().toISOString() };
      },
    ).finally(() => { running = undefined; });
  }

  app.post("/ledger/verify", { preHandler: administratorOnly }, async (_request, reply) => {
    start();
    return reply.code(202).send(state);
  });
  app.get("/ledger/verify", { preHandler: administratorOnly }, async () => state);
}
