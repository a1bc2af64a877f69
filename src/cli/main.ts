/** `npx salus <command>`: finds the command and runs it. Each command is loaded only when asked for. */
import type { Command } from "./command.ts";

const commands: Record<string, () => Promise<{ command: Command }>> = {
  start: () => import("./start.ts"),
  import: () => import("./import.ts"),
  export: () => import("./export.ts"),
  population: () => import("./population.ts"),
  assess: () => import("./assess.ts"),
  score: () => import("./score.ts"),
  ecg: () => import("./ecg.ts"),
  fhirpath: () => import("./fhirpath.ts"),
  ledger: () => import("./ledger.ts"),
  backup: () => import("./backup.ts"),
  restore: () => import("./restore.ts"),
  doctor: () => import("./doctor.ts"),
  db: () => import("./db.ts"),
  token: () => import("./token.ts"),
  validate: () => import("./validate.ts"),
  view: () => import("./view.ts"),
  query: () => import("./query.ts"),
  terminology: () => import("./terminology.ts"),
  reindex: () => import("./reindex.ts"),
  bench: () => import("./bench.ts"),
};

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write("Usage: npx salus <command> [options]\n\n");
    for (const load of Object.values(commands)) {
      const { command } = await load();
      process.stdout.write(`  ${command.name.padEnd(12)}${command.summary}\n`);
    }
    process.stdout.write("\n`npx salus <command> --help` tells more. JSON shapes: docs/cli.md\n");
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    process.stderr.write(`There is no command "${name}". Commands: ${Object.keys(commands).join(", ")}.\n`);
    return 2;
  }
  const { command } = await load();
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`${command.summary}\n\n${command.usage}\n`);
    return 0;
  }
  return command.run(args, { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin });
}

main().then(
  (code) => { process.exitCode = code; },
  (error: unknown) => {
    const isDebug = process.env.SALUS_LOG_LEVEL === "debug";
    process.stderr.write(`${error instanceof Error ? (isDebug ? error.stack : error.message) : String(error)}\n${isDebug ? "" : "(SALUS_LOG_LEVEL=debug shows where.)\n"}`);
    process.exitCode = 1;
  },
);
