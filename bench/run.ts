/**
 * `npm run bench [-- GROUP…] [--json]`: one table of our figures beside the floor's figure for the same work in the same
 * run, and their ratio. Absolute figures vary with the machine; ratios are what we quote.
 */
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Row } from "./row.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const args = process.argv.slice(2);
const json = args.includes("--json");
/** What a group's name brings along. */
const also: Readonly<Record<string, readonly string[]>> = { record: ["growth", "http", "bulk"] };
const only = args.filter((arg) => !arg.startsWith("--")).flatMap((name) => [name, ...also[name] ?? []]);
const groups = readdirSync(here).filter((name) => name.endsWith(".ts") && !["run.ts", "row.ts", "rate.ts", "folder.ts"].includes(name)).map((name) => name.slice(0, -3)).sort();
const strange = only.find((name) => !groups.includes(name));
if (strange !== undefined) {
  process.stderr.write(`There is no bench group "${strange}". Groups: ${groups.join(", ")}.\n`);
  process.exit(2);
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

const rows: Row[] = [];
if (!json) process.stdout.write(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}\n\n${"group".padEnd(12)}${"what".padEnd(58)}${"ours".padStart(12)}${"floor".padStart(12)}${"ratio".padStart(9)}  unit\n`);
for (const group of groups.filter((name) => only.length === 0 || only.includes(name))) {
  const { run } = (await import(pathToFileURL(join(here, `${group}.ts`)).href)) as { run(): Promise<Row[]> };
  for (const row of await run()) {
    rows.push(row);
    if (!json) process.stdout.write(`${row.group.padEnd(12)}${row.name.padEnd(58)}${figure(row.ours).padStart(12)}${figure(row.floor).padStart(12)}${figure(row.ours / row.floor).padStart(9)}  ${row.unit}${row.note ? `  (${row.note})` : ""}\n`);
  }
}
if (json) process.stdout.write(`${JSON.stringify({ node: process.version, cpus: cpus().length, rows }, null, 2)}\n`);
process.exit(0);
