/** `salus reindex`: index rows derived again from what is stored, beside a server that goes on working. */
import { parseArgs } from "node:util";
import { progressBar } from "#platform/progress.ts";
import { openNode } from "#server/node.ts";
import type { Command } from "./command.ts";

const usage = `npx salus reindex [--data DIR] [--json]

Derives the index rows of every resource again and mends those that differ, while servers go on reading and writing.
Stopped with Ctrl+C or killed, it goes on where it was when it is run again. What differs: npx salus ledger verify.

  --data          folder of the node's files (default .salus; DATABASE_URL is honoured)
  --json          {resources, changed}`;

export const command: Command = {
  name: "reindex",
  summary: "Derive all index rows again while serving",
  usage,
  async run(args, io) {
    let values;
    try {
      values = parseArgs({ args: [...args], options: { data: { type: "string" }, json: { type: "boolean", default: false } } }).values;
    } catch (error) {
      io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
      return 2;
    }
    const node = await openNode({ ...(values.data ? { folder: values.data } : {}) });
    const bar = progressBar(process.stderr, "reindex");
    const stop = new AbortController();
    const interrupted = (): void => stop.abort();
    process.once("SIGINT", interrupted);
    try {
      const report = await node.record.reindex({ signal: stop.signal, progress: (done, total, type) => bar.update(done, total, type) });
      if (report === "aborted") { io.stderr.write("Stopped; run it again to go on.\n"); return 1; }
      io.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${report.resources.toLocaleString("en")} resources looked at, the rows of ${report.changed.toLocaleString("en")} mended.\n`);
      return 0;
    } finally {
      process.off("SIGINT", interrupted);
      bar.end();
      await node.close();
    }
  },
};
