/** The demo population as the server runs it: one child process, its progress, its end. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ProgressReport } from "#platform/progress.ts";
import type { DemoMessage, DemoOptions } from "./stream.ts";

export type Demo = { progress(): ProgressReport; finished: Promise<{ resources: number; seconds: number } | undefined>; stop(): Promise<void> };

export function startDemo(options: DemoOptions): Demo {
  const report: ProgressReport = { label: { en: "Demo population", zh: "演示人群" }, done: 0, total: options.size, finished: false };
  const child: ChildProcess = fork(fileURLToPath(new URL("./stream.ts", import.meta.url)), [JSON.stringify(options)], { execArgv: ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=64"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const finished = new Promise<{ resources: number; seconds: number } | undefined>((done) => {
    child.on("message", (message: DemoMessage) => {
      switch (message.kind) {
        case "progress": report.done = message.done; break;
        case "finished":
          report.finished = true;
          done({ resources: message.resources, seconds: message.seconds });
          break;
        case "failed": report.failed = message.text; break;
      }
    });
    child.on("exit", () => {
      if (!report.finished) report.failed ??= "the process that brings it in ended early; it goes on at the next start";
      done(undefined);
    });
  });
  return {
    progress: () => report,
    finished,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    },
  };
}
