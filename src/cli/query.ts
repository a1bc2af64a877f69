/** `salus query SQL`: a question to the columnar mirror of the record, which is brought up to date first. */
import { parseArgs } from "node:util";
import { progressBar } from "#platform/progress.ts";
import { Mirror, type MirrorAnswer } from "#research/mirror/mirror.ts";
import { openNode, operator } from "#server/node.ts";
import type { Command } from "./command.ts";

const usage = `npx salus query SQL [--json] [--rebuild] [--data DIR]

  --json      {columns, rows, truncated, position} instead of a table
  --rebuild   builds the mirror anew first
  --data      folder of the node's files (default .salus; DATABASE_URL is honoured)

Tables: 'show tables'; of one: 'describe observation'. Reads only, 30 s, 100,000 rows.`;

export const command: Command = {
  name: "query",
  summary: "SQL over a columnar mirror of the record",
  usage,
  async run(args, io) {
    let options;
    try {
      options = parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: "boolean" }, rebuild: { type: "boolean" }, data: { type: "string" } } });
    } catch (error) {
      io.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
      return 2;
    }
    const { positionals: [sql, ...more], values: { json, rebuild, data } } = options;
    if (sql === undefined || more.length) { io.stderr.write(`Give one SQL statement, in quotes.\n\n${usage}\n`); return 2; }
    const node = await openNode(data === undefined ? {} : { folder: data });
    const bar = progressBar(process.stderr, "mirror");
    try {
      const answer = await new Mirror(node.record, node.folder).query(operator, sql, { rebuild: rebuild ?? false, progress: (count, type) => bar.update(0, 0, `${count.toLocaleString("en")} resources, ${type}`) });
      bar.end();
      if (!answer.ok) { io.stderr.write(`${answer.failure.text}\n`); return 1; }
      io.stdout.write(json ? `${JSON.stringify(answer.value)}\n` : table(answer.value));
      if (answer.value.truncated) io.stderr.write(`There are more rows than these ${answer.value.rows.length.toLocaleString("en")}.\n`);
      return 0;
    } finally {
      bar.end();
      await node.close();
    }
  },
};

const widthMax = 60;

/** Columns side by side; numbers to the right. */
function table({ columns, rows }: MirrorAnswer): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? "" : typeof cell === "object" ? JSON.stringify(cell) : String(cell)).replaceAll(/\s+/g, " ")));
  const widths = columns.map(({ name }, i) => Math.min(widthMax, cells.reduce((widest, row) => Math.max(widest, row[i]!.length), name.length)));
  const isNumber = columns.map((_, i) => rows.some((row) => row[i] !== null) && rows.every((row) => row[i] === null || typeof row[i] === "number"));
  const line = (row: readonly string[]): string => row.map((cell, i) => isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)).join("  ").trimEnd();
  return `${[line(columns.map(({ name }) => name)), ...cells.map(line)].join("\n")}\n`;
}
