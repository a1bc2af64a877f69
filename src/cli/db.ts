/** `salus db distribute`: the record's tables over the workers of a Citus coordinator. */
import { parseArgs } from "node:util";
import { openClient } from "#platform/database/client.ts";
import { distribute, distributeApplication } from "#record/citus/distribute.ts";
import { openDatabase } from "#server/node.ts";
import type { Command } from "./command.ts";

const usage = `npx salus db distribute [--shards N] [--data DIR] [--json]

  distribute   spreads the record's tables over the workers of a Citus coordinator (DATABASE_URL), by person. Servers
               must be stopped. Run again, it goes on where it stopped, and adds tables of a newer Salus
  --shards N   shards of each table (default 32; not to be changed later without moving everything)
  --json       {citus, workers, shards, moved, already}

How to start a coordinator, and what Citus changes: docs/scale.md`;

export const command: Command = {
  name: "db",
  summary: "Distribute the record over a Citus cluster",
  usage,
  async run(args, io) {
    const wrong = (text: string): number => { io.stderr.write(`${text}\n\n${usage}\n`); return 2; };
    let parsed;
    try {
      parsed = parseArgs({ args: [...args], allowPositionals: true, options: { shards: { type: "string" }, data: { type: "string" }, json: { type: "boolean", default: false } } });
    } catch (error) {
      return wrong(error instanceof Error ? error.message : String(error));
    }
    const { values, positionals } = parsed;
    if (positionals.length !== 1 || positionals[0] !== "distribute") return wrong(`db has no "${positionals.join(" ")}"; there is distribute`);
    const { shards } = values;
    if (shards !== undefined && (!/^\d{1,4}$/.test(shards) || Number(shards) < 1)) return wrong(`--shards must be a whole number from 1 to 9999, not "${shards}"`);
    const database = await openDatabase(values.data === undefined ? {} : { folder: values.data });
    const db = openClient(database.url, { max: 1, onnotice: () => {}, connection: { application_name: distributeApplication } });
    try {
      const done = await distribute(db, { ...(shards === undefined ? {} : { shards: Number(shards) }), onTable: (table) => { io.stderr.write(`${table}\n`); } });
      if (!done.ok) { io.stderr.write(`${done.failure.text}\n`); return 1; }
      const { citus, workers, shards: made, moved, already } = done.value;
      io.stdout.write(values.json ? `${JSON.stringify(done.value)}\n` : `${moved.length} tables distributed, ${already.length} were already: ${made} shards on ${workers} ${workers === 1 ? "node" : "nodes"}, Citus ${citus}.\n`);
      return 0;
    } finally {
      await db.end({ timeout: 5 });
      await database.stop();
    }
  },
};
