/** `salus population`: writes a virtual population as NDJSON. Output depends only on size, seed and date. */
import { createWriteStream, existsSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkOptions, population } from "#research/population/population.ts";
import type { Command } from "./command.ts";

const usage = `npx salus population --size N --seed S --as-of YYYY-MM-DD [--out DIR] [--json]

  --size N         how many people (0 to 10000000; default 200)
  --seed S         whole number; the same seed and date give the same bytes (default 7)
  --as-of DATE     nothing lies on or after this day
  --out DIR        one file of resources per type, DIR/<Type>.ndjson, as in a bulk export
                   without it: one transaction Bundle per line on stdout, the shared one first
  --json           a summary as JSON: on stdout with --out, else on stderr`;

/** Makes a folder and those above it. Node's own `recursive` never returns where a file system answers ENOENT to mkdir itself (as /proc does). */
async function makeFolder(path: string): Promise<void> {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path);
}

export const command: Command = {
  name: "population",
  summary: "Write a virtual population, the same for the same seed and date",
  usage,
  async run(args, io) {
    let words;
    try {
      words = parseArgs({ args: [...args], options: { size: { type: "string", default: "200" }, seed: { type: "string", default: "7" }, "as-of": { type: "string" }, out: { type: "string" }, json: { type: "boolean", default: false } } }).values;
    } catch (error) {
      io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
      return 2;
    }
    const asOf = words["as-of"];
    if (asOf === undefined) { io.stderr.write(`--as-of is missing: give the date the population ends, e.g. --as-of 2026-01-31\n`); return 2; }
    const whole = (text: string): number => (/^\d+$/.test(text) ? Number(text) : NaN);
    const options = { size: whole(words.size), seed: whole(words.seed), asOf };
    const checked = checkOptions(options);
    if (!checked.ok) {
      const said = Number.isNaN(options.size) ? `--size "${words.size}" is not a whole number` : Number.isNaN(options.seed) ? `--seed "${words.seed}" is not a whole number` : checked.failure.text;
      io.stderr.write(`${said}\n`);
      return 2;
    }

    const counts: Record<string, number> = {};
    const files = new Map<string, NodeJS.WritableStream>();
    let failed: Error | undefined;
    const open = (type: string): NodeJS.WritableStream => {
      let file = files.get(type);
      if (!file) {
        file = createWriteStream(join(words.out!, `${type}.ndjson`));
        file.on("error", (error: Error) => { failed = error; });
        files.set(type, file);
      }
      return file;
    };
    // Waits for a slow reader, so that memory stays bounded; a closed stream ends the wait.
    const write = async (stream: NodeJS.WritableStream, text: string): Promise<void> => {
      if (stream.write(text) || failed) return;
      await new Promise<void>((resolve) => {
        const done = (): void => { for (const event of ["drain", "close", "error"]) stream.removeListener(event, done); resolve(); };
        for (const event of ["drain", "close", "error"]) stream.once(event, done);
      });
    };
    if (words.out === undefined) io.stdout.on("error", (error: Error) => { failed = error; });
    try {
      if (words.out !== undefined) await makeFolder(resolve(words.out));
      for await (const { bundle } of population(options)) {
        for (const entry of bundle.entry!) counts[entry.resource!.resourceType] = (counts[entry.resource!.resourceType] ?? 0) + 1;
        if (words.out === undefined) await write(io.stdout, `${JSON.stringify(bundle)}\n`);
        else for (const entry of bundle.entry!) await write(open(entry.resource!.resourceType), `${JSON.stringify(entry.resource)}\n`);
        if (failed) throw failed;
      }
      for (const file of files.values()) await new Promise<void>((resolve) => file.end(() => resolve()));
      if (failed) throw failed;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EPIPE") return 0; // the reader has seen enough
      io.stderr.write(`The population could not be written: ${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    }
    const resources = Object.values(counts).reduce((sum, n) => sum + n, 0);
    const to = words.out === undefined ? io.stderr : io.stdout;
    if (words.json) to.write(`${JSON.stringify({ people: options.size, seed: options.seed, asOf, resources, counts: Object.fromEntries(Object.entries(counts).sort()), ...(words.out === undefined ? {} : { out: words.out }) })}\n`);
    else io.stderr.write(`${options.size} people, ${resources} resources${words.out === undefined ? "" : `, in ${words.out}`}\n`);
    return 0;
  },
};
