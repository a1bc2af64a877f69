/**
 * The fuzzing loop, in a thread of its own: the parent sees by `beat` whether it moves on, and by the shared input what
 * it stands at when it does not, or when its heap is exhausted.
 */
import { parentPort, workerData } from "node:worker_threads";
import { random } from "#research/population/random.ts";
import { Corpus } from "./corpus.ts";
import { counters } from "./counters.ts";
import { instrument } from "./instrument.ts";
import { minimise } from "./minimise.ts";
import { mutate } from "./mutate.ts";
import { bytesOf, type Target } from "./target.ts";

export type Work = {
  target: string; seed: string; corpus: Uint8Array[]; seconds: number;
  /** Runs begun; the length of the input; and the input of the present run. */
  beat: SharedArrayBuffer; input: SharedArrayBuffer;
};
export type Coverage = { reached: number; points: number; modules: { file: string; reached: number; points: number }[] };
export type Report =
  | { kind: "found"; fault: "crash" | "slow"; signature: string; detail: string; input: Uint8Array }
  | { kind: "kept"; input: Uint8Array }
  | { kind: "state"; runs: number; corpus: number; coverage: Coverage; done: boolean };

/** A run beyond this is reported, in milliseconds. */
const slowAfter = 1000;
const minimiseFor = 3000;

const { target: name, seed, corpus: known, seconds, beat, input: shared } = workerData as Work;
const port = parentPort!;
const beats = new Int32Array(beat), stage = new Uint8Array(shared);

const { target } = (await import(`./targets/${name}.ts`)) as { target: Target };
const points = instrument(target.rooms);
const run = await target.open();

const size = (): number => points.modules.at(-1)?.to ?? 0;
const corpus = new Corpus(size);
const words = [...new Set([...points.words, ...(target.words ?? [])])].map((word) => Buffer.from(word));
const dice = random("fuzz", name, seed);
const lengthMax = target.lengthMax ?? 2048;
const signatures = new Set<string>();
let runs = 0;

function send(report: Report): void {
  port.postMessage(report);
}

function polluted(): string | undefined {
  return Object.keys(Object.prototype).concat(Object.keys(Array.prototype))[0];
}

/** What went wrong with an input; undefined: nothing. */
async function trial(input: Uint8Array): Promise<{ signature: string; detail: string } | undefined> {
  stage.set(input);
  Atomics.store(beats, 1, input.length);
  Atomics.add(beats, 0, 1);
  counters.fill(0);
  try {
    const pending = run(input);
    if (pending) await pending;
  } catch (error) {
    const fault = error instanceof Error ? error : new Error(String(error));
    const frame = /\((?:file:\/\/)?[^()]*?\/((?:src|test)\/[^()]+:\d+):\d+\)|at (?:file:\/\/)?[^()]*?\/((?:src|test)\/\S+:\d+):\d+/.exec(fault.stack ?? "");
    return { signature: `${fault.name} ${frame?.[1] ?? frame?.[2] ?? fault.message.slice(0, 60)}`, detail: (fault.stack ?? fault.message).slice(0, 2000) };
  }
  const key = polluted();
  if (key !== undefined) {
    for (const prototype of [Object.prototype, Array.prototype]) Reflect.deleteProperty(prototype, key);
    return { signature: "prototype", detail: `a prototype has got "${key}"` };
  }
  return undefined;
}

async function one(input: Uint8Array): Promise<void> {
  runs++;
  const started = performance.now();
  const fault = await trial(input);
  const took = performance.now() - started;
  if (fault) {
    if (signatures.has(fault.signature)) return;
    signatures.add(fault.signature);
    const least = await minimise(input, async (shorter) => (await trial(shorter))?.signature === fault.signature, minimiseFor);
    send({ kind: "found", fault: "crash", ...fault, input: least });
    return;
  }
  if (corpus.consider(input)) send({ kind: "kept", input });
  if (took > slowAfter && signatures.size < 20) {
    const again = performance.now();
    await trial(input);
    const second = performance.now() - again;
    if (second <= slowAfter) return;
    signatures.add(`slow ${signatures.size}`);
    send({ kind: "found", fault: "slow", signature: `slow ${Math.round(second)} ms`, detail: `took ${Math.round(took)} and ${Math.round(second)} ms`, input: Uint8Array.from(input) });
  }
}

function state(done: boolean): void {
  const modules = points.modules.map(({ file, from, to }) => ({ file, reached: corpus.reached(from, to), points: to - from }));
  send({ kind: "state", runs, corpus: corpus.inputs.length, coverage: { reached: corpus.reached(0, size()), points: size(), modules }, done });
}

for (const input of [...target.seeds.map(bytesOf), ...known]) await one(input.subarray(0, lengthMax));
const until = performance.now() + seconds * 1000;
let told = performance.now();
if (corpus.inputs.length === 0) corpus.inputs.push(new Uint8Array());
while (performance.now() < until) {
  await one(mutate(corpus.pick(dice), corpus.pick(dice), words, dice, lengthMax));
  if (performance.now() - told > 5000) { told = performance.now(); state(false); }
}
state(true);
