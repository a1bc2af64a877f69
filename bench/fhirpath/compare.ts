/** Our engine beside each peer on the same pairs, in turns, so that the machine's moods meet all alike. */
import { compile } from "#fhir/fhirpath/compile.ts";
import { population } from "#research/population/population.ts";
import type { Resource } from "#fhir/resource.ts";
import type { Row } from "../row.ts";
import { peers, type Evaluate, type Peer } from "./peers.ts";
import { searchPairs, suitePairs, type Pair } from "./work.ts";

const own: Peer = {
  name: "ours",
  compile(expression, type) {
    const compiled = compile(expression, { type });
    if (!compiled.ok) throw new Error(compiled.failure.text);
    const evaluator = compiled.value;
    return (resource) => {
      const result = evaluator.evaluate(resource);
      if (!result.ok) throw new Error(result.failure.text);
      return result.value.length;
    };
  },
};

type Task = { run: Evaluate; resource: Resource };

/** One task per pair that every engine answers without an error; expressions compile once per type. */
function tasks(engines: readonly Peer[], pairs: readonly Pair[]): { perEngine: Task[][]; kept: number } {
  const compiled = engines.map(() => new Map<string, Evaluate | undefined>());
  const perEngine: Task[][] = engines.map(() => []);
  for (const { expression, resource } of pairs) {
    const runs = engines.map((engine, i) => {
      const known = compiled[i]!;
      const key = `${resource.resourceType} ${expression}`;
      if (!known.has(key)) known.set(key, attempt(() => engine.compile(expression, resource.resourceType)));
      return known.get(key);
    });
    if (!runs.every((run) => run !== undefined && attempt(() => run(resource)) !== undefined)) continue;
    runs.forEach((run, i) => perEngine[i]!.push({ run: run!, resource }));
  }
  return { perEngine, kept: perEngine[0]!.length };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

let sink = 0;

function pass(list: readonly Task[]): void {
  for (let i = 0; i < list.length; i++) sink += list[i]!.run(list[i]!.resource);
}

const turns = 5;
const turnMs = 150;

/** Milliseconds of processor this thread has used: on an idle machine the clock's, on a busy one what others take is left out. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Evaluations per second of each engine: the best of five turns. */
function rates(perEngine: readonly (readonly Task[])[]): number[] {
  const best = perEngine.map(() => 0);
  for (let turn = 0; turn < turns; turn++)
    perEngine.forEach((list, i) => {
      pass(list);
      const started = threadMs();
      let passes = 0;
      do { pass(list); passes += 1; } while (threadMs() - started < turnMs);
      best[i] = Math.max(best[i]!, (passes * list.length) / (threadMs() - started) * 1000);
    });
  return best;
}

/** Up to two resources of each type of a small virtual population. */
async function sample(): Promise<Resource[]> {
  const found = new Map<string, Resource[]>();
  for await (const { bundle } of population({ size: 12, seed: 1, asOf: "2026-01-01" }))
    for (const { resource } of bundle.entry ?? []) {
      const list = found.get(resource!.resourceType) ?? [];
      if (list.length < 2) list.push(resource as Resource);
      found.set(resource!.resourceType, list);
    }
  return [...found.values()].flat();
}

/** Expressions of literals alone are computed once by our engine, so they are counted apart. */
function readsData({ expression, resource }: Pair): boolean {
  const compiled = compile(expression, { type: resource.resourceType });
  return compiled.ok && !compiled.value.fixed;
}

/** Each peer is compared on the pairs that it and we answer; neither its failures nor its printed warnings cost it anything. */
export async function compareWithPeers(): Promise<Row[]> {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await compared();
  } finally {
    console.warn = warn;
  }
}

async function compared(): Promise<Row[]> {
  const others = await peers();
  const search = searchPairs(await sample());
  const suite = await suitePairs();
  const rows: Row[] = [];
  for (const [what, pairs] of [["R4 search parameters", search], ["the FHIRPath suite", suite], ["the suite where it reads data", suite.filter(readsData)]] as const)
    for (const peer of pairs.length === 0 ? [] : others) {
      const { perEngine, kept } = tasks([own, peer], pairs);
      const [ours, floor] = rates(perEngine) as [number, number];
      rows.push({ group: "fhirpath", name: `${what}: floor ${peer.name}`, unit: "evaluations/s", ours, floor, note: `${kept} of ${pairs.length} pairs that both answer` });
    }
  return rows;
}
