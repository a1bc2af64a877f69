/** `salus doctor`: looks at the node's folder and database, says what is wrong and how to mend it, changes nothing. */
import { parseArgs } from "node:util";
import { inspectEmbedded } from "#platform/database/inspect.ts";
import { defaultFolder } from "#platform/database/embedded.ts";
import type { Remark, Severity } from "#platform/remark.ts";
import { checks, examine } from "#record/doctor/doctor.ts";
import { version } from "#server/facts.ts";
import { openDatabase } from "#server/node.ts";
import { migrations } from "#trust/migrations.ts";
import { inspectKeys } from "#trust/signing/inspect.ts";
import { keyFileOf } from "./backup.ts";
import type { Command } from "./command.ts";

const usage = `npx salus doctor [--start] [--data DIR] [--json]

Looks at the node's folder and its database: settings that endanger data, free disk, migrations, missing or invalid
indexes, the ledger's counters and what waits for the sequencer, jobs nobody works on, left-over lock files, keys, clock.
Changes nothing. An embedded database that does not run is looked at by its files alone.

  --start     start the embedded database for the time of the look (that may recover it after a crash)
  --data DIR  folder of the node's files (default .salus; DATABASE_URL is honoured)
  --json      {ok, version, checks, remarks: [{check, severity, text, mend?}]}

Exit codes: 0 no errors (there may be warnings), 1 errors, 2 the words were wrong.`;

const order: readonly Severity[] = ["error", "warning", "information"];
/** Contents of every entry are beyond a quick look. */
const folderChecks = ["folder", "locks", "secrets"], clusterChecks = ["cluster", "disk"];

export const command: Command = {
  name: "doctor",
  summary: "Look at the node's folder and database, and say what to mend",
  usage,
  async run(args, io) {
    let values;
    try {
      values = parseArgs({ args: [...args], options: { start: { type: "boolean", default: false }, data: { type: "string" }, json: { type: "boolean", default: false } } }).values;
    } catch (error) {
      io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
      return 2;
    }
    const folder = values.data ?? process.env.SALUS_DATA ?? defaultFolder;
    const { remarks, looked } = await look(folder, process.env.DATABASE_URL || undefined, values.start);
    remarks.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
    const sick = remarks.some(({ severity }) => severity === "error");
    if (values.json) io.stdout.write(`${JSON.stringify({ ok: !sick, version, checks: looked, remarks })}\n`);
    else {
      for (const { check, severity, text, mend } of remarks) io.stdout.write(`${severity.toUpperCase()} ${check}: ${text}.${mend === undefined ? "" : `\n  → ${mend}.`}\n`);
      const quiet = looked.filter((check) => !remarks.some((remark) => remark.check === check));
      io.stdout.write(`${remarks.length ? "\n" : ""}Nothing to say of: ${quiet.join(", ")}.\n${sick ? "There are errors." : "No errors."} Every version and entry against each other: npx salus ledger verify\n`);
    }
    return sick ? 1 : 0;
  },
};

async function look(folder: string, given: string | undefined, start: boolean): Promise<{ remarks: Remark[]; looked: string[] }> {
  const examined = (url: string): Promise<Remark[]> => examine({ url, migrations, more: (tx) => inspectKeys(tx, keyFileOf(folder)) });
  if (given !== undefined) {
    // The folder still holds the key file; the embedded cluster in it, if any, is not the database asked about.
    const files = (await inspectEmbedded(folder)).remarks.filter(({ check }) => folderChecks.includes(check) && check !== "folder");
    return { remarks: [...files, ...await examined(given), { check: "disk", severity: "information", text: "Free space of the database's machine is not seen from here", mend: "Watch it there" }], looked: ["locks", "secrets", ...checks, "keys"] };
  }
  const state = await inspectEmbedded(folder);
  const looked = [...folderChecks, ...clusterChecks];
  if (state.url !== undefined) return { remarks: [...state.remarks, ...await examined(state.url)], looked: [...looked, ...checks, "keys"] };
  if (state.dataFolder === undefined) return { remarks: state.remarks, looked };
  if (!start) return { remarks: [...state.remarks, { check: "database", severity: "information", text: "The embedded database does not run: only its files were looked at", mend: "npm start, and doctor again; or npx salus doctor --start" }], looked };
  const database = await openDatabase({ folder });
  try {
    return { remarks: [...state.remarks, ...await examined(database.url)], looked: [...looked, ...checks, "keys"] };
  } finally {
    await database.stop();
  }
}
