/**
 * Coverage-guided fuzzing of the parsers: `npm run fuzz -- TARGET… [--seconds N] [--seed S] [--replay FILE]`.
 * What is found (a throw, an unsound answer, a run that is slow, that does not end, or that exhausts its heap) is kept
 * under .salus/fuzz/TARGET/found, smallest form first known; inputs that lead on under corpus, for the next run.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { Target } from "./target.ts";
import type { Coverage, Report, Work } from "./worker.ts";

/** A run that has not ended after this is a hang, in milliseconds. */
const hangAfter = 20_000;
/** Heap of the thread, in MB; what asks for more is found. */
const heapMax = 512;
const inputMax = 1 << 16;

const here = fileURLToPath(new URL(".", import.meta.url));
const targets = readdirSync(join(here, "targets")).filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -3)).sort();

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: "1" }, replay: { type: "string" } } });
const seconds = Number(values.seconds);
const strange = positionals.find((name) => !targets.includes(name));
if (strange !== undefined || !(seconds > 0)) {
  process.stderr.write(strange === undefined ? `--seconds is a number above zero, not "${values.seconds}".\n` : `There is no fuzz target "${strange}". Targets: ${targets.join(", ")}.\n`);
  process.exit(2);
}

type Outcome = { runs: number; found: number; coverage?: Coverage };

function stored(folder: string, input: Uint8Array, about?: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, createHash("sha256").update(input).digest("hex").slice(0, 16));
  writeFileSync(file, input);
  if (about !== undefined) writeFileSync(`${file}.txt`, `${about}\n`);
}

/** One target; a thread that hangs or dies is replaced until the time is over. */
async function fuzz(target: string): Promise<Outcome> {
  const home = join(here, "..", "..", ".salus", "fuzz", target);
  const corpusFolder = join(home, "corpus"), foundFolder = join(home, "found");
  mkdirSync(corpusFolder, { recursive: true });
  const corpus: Uint8Array[] = readdirSync(corpusFolder).map((file) => new Uint8Array(readFileSync(join(corpusFolder, file))));
  const outcome: Outcome = { runs: 0, found: 0 };
  const found = (kind: string, detail: string, input: Uint8Array): void => {
    outcome.found++;
    stored(foundFolder, input, `${kind}: ${detail}`);
    process.stdout.write(`  ${target}: ${kind} on ${JSON.stringify(Buffer.from(input).toString("latin1").slice(0, 300))}\n    ${detail.split("\n").slice(0, 6).join("\n    ")}\n`);
  };
  const until = Date.now() + seconds * 1000;
  for (let turn = 0; Date.now() < until; turn++) {
    const beat = new SharedArrayBuffer(8), input = new SharedArrayBuffer(inputMax);
    const workerData: Work = { target, seed: `${values.seed}/${turn}`, corpus, seconds: (until - Date.now()) / 1000, beat, input };
    const beats = new Int32Array(beat);
    const current = (): Uint8Array => Uint8Array.from(new Uint8Array(input).subarray(0, Atomics.load(beats, 1)));
    const worker = new Worker(join(here, "worker.ts"), { workerData, resourceLimits: { maxOldGenerationSizeMb: heapMax } });
    const before = outcome.runs;
    await new Promise<void>((resolve) => {
      let last = -1, since = Date.now();
      const watch = setInterval(() => {
        const now = Atomics.load(beats, 0);
        if (now !== last) { last = now; since = Date.now(); return; }
        if (now === 0 || Date.now() - since < hangAfter) return;
        found("hang", `did not end within ${hangAfter} ms`, current());
        void worker.terminate();
      }, 250);
      worker.on("message", (report: Report) => {
        if (report.kind === "kept") { corpus.push(report.input); stored(corpusFolder, report.input); }
        else if (report.kind === "found") found(report.fault, `${report.signature}\n${report.detail}`, report.input);
        else {
          outcome.runs = before + report.runs;
          outcome.coverage = report.coverage;
          const { reached, points } = report.coverage;
          process.stdout.write(`  ${target}: ${outcome.runs} runs, ${report.corpus} inputs kept, ${reached} of ${points} points (${Math.round(100 * reached / points)} %), ${outcome.found} found\n`);
        }
      });
      worker.on("error", (error: Error & { code?: string }) => found(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "memory" : "error", error.stack ?? String(error), current()));
      worker.on("exit", () => { clearInterval(watch); resolve(); });
    });
  }
  return outcome;
}

if (values.replay !== undefined) {
  const [name] = positionals;
  if (name === undefined) throw new Error("--replay FILE needs the name of its target");
  const { target } = (await import(`./targets/${name}.ts`)) as { target: Target };
  const run = await target.open();
  await run(new Uint8Array(readFileSync(values.replay)));
  process.stdout.write("runs through\n");
  process.exit(0);
}

let found = 0;
for (const target of positionals.length > 0 ? positionals : targets) {
  process.stdout.write(`${target}\n`);
  const outcome = await fuzz(target);
  found += outcome.found;
  for (const { file, reached, points } of outcome.coverage?.modules ?? []) if (points > 0) process.stdout.write(`    ${file.padEnd(48)} ${reached} of ${points}\n`);
}
process.exit(found === 0 ? 0 : 1);
