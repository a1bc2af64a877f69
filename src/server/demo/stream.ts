/**
 * Brings the demo population into the record, person by person, and assesses each. Runs in a process of its own
 * (forked by `startDemo`), so that the ready page stays quick; reports progress to its parent.
 */
import { assessPerson } from "#care/assess.ts";
import type { Caller, Change } from "#record/record.ts";
import { population } from "#research/population/population.ts";
import { openNode } from "../node.ts";

export type DemoOptions = { size: number; seed: number; asOf: string; folder: string; databaseUrl: string };
export type DemoMessage = { kind: "progress"; done: number; resources: number } | { kind: "finished"; resources: number; seconds: number } | { kind: "failed"; text: string };

const nodeItself: Caller = { agent: "Device/salus", display: "Salus", role: "system", filter: { kind: "all" }, canWrite: true };
const changesMax = 2_000;

export async function streamDemo(options: DemoOptions, say: (message: DemoMessage) => void): Promise<void> {
  const started = Date.now();
  const node = await openNode({ folder: options.folder, databaseUrl: options.databaseUrl });
  let resources = 0;
  try {
    for await (const part of population(options)) {
      const changes: Change[] = (part.bundle.entry ?? []).map(({ resource }) => ({ kind: "update", type: resource!.resourceType, id: resource!.id!, text: JSON.stringify(resource) }));
      for (let at = 0; at < changes.length; at += changesMax) {
        const done = await node.record.commit(nodeItself, changes.slice(at, at + changesMax), { source: "demo" });
        if (!done.ok) throw new Error(done.failure.issues?.[0] ? `${done.failure.text} (${done.failure.issues[0].expression ?? ""}: ${done.failure.issues[0].text})` : done.failure.text);
      }
      resources += changes.length;
      if (part.kind === "person") {
        const patient = part.bundle.entry!.find(({ resource }) => resource!.resourceType === "Patient")!.resource!.id!;
        const assessed = await assessPerson(node.record, nodeItself, patient, { asOf: new Date().toISOString() });
        if (!assessed.ok) throw new Error(assessed.failure.text);
        say({ kind: "progress", done: part.index + 1, resources });
      }
    }
    say({ kind: "finished", resources, seconds: (Date.now() - started) / 1000 });
  } finally {
    await node.close();
  }
}

if (process.send && process.argv[2]) {
  const options = JSON.parse(process.argv[2]) as DemoOptions;
  const say = (message: DemoMessage): void => void process.send!(message);
  const parent = process;
  process.on("disconnect", () => process.exit(0));
  streamDemo(options, say).then(
    () => parent.disconnect?.(),
    (error: unknown) => {
      say({ kind: "failed", text: error instanceof Error ? error.message : String(error) });
      process.exitCode = 1;
      parent.disconnect?.();
    },
  );
}
