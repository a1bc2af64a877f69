/** `salus bench`: the same as `npm run bench`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "#platform/database/binaries.ts";
import type { Command } from "./command.ts";

export const command: Command = {
  name: "bench",
  summary: "Measure against the raw engine in the same run",
  usage: "npx salus bench [GROUP…] [--json]\n\n  GROUP   record, http, signals, scores, ledger, … (all when none is named)",
  async run(args) {
    const done = spawnSync(process.execPath, [join(repositoryRoot, "bench/run.ts"), ...args], { stdio: "inherit", cwd: repositoryRoot });
    return done.status ?? 1;
  },
};
