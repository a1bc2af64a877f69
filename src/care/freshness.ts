/**
 * Keeps the stale marks true: follows the record's outbox and marks Findings whose inputs a commit changed, until
 * their method runs again. One follower for a node is enough; several do no harm, marking twice changes nothing.
 */
import type { Resource } from "#fhir/resource.ts";
import { parseReference } from "#fhir/resource.ts";
import type { Changed } from "#findings/stale.ts";
import { isMachine } from "#findings/usable.ts";
import type { ChangeSet } from "#record/changes.ts";
import type { HealthRecord } from "#record/record.ts";
import { markStale } from "./assess.ts";
import { nodeCaller } from "./node-caller.ts";

/** What is needed of an opened record. */
export type Outbox = HealthRecord & { changes(since: number, count?: number): Promise<ChangeSet[]>; lastChange(): Promise<number>; onChange(listener: () => void): () => void };

const inputTypes = new Set(["Patient", "Observation", "Condition", "MedicationRequest", "MedicationStatement"]);
const restMs = 500, batch = 200;

/** Follows from now on, or from `since`. `onError` is told of faults; they are tried again with the next change. Answers how to stop. */
export async function keepFresh(record: Outbox, options: { since?: number; onError?: (error: unknown) => void } = {}): Promise<{ stop(): Promise<void>; settle(): Promise<void> }> {
  let position = options.since ?? await record.lastChange();
  let stopped = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function drain(): Promise<void> {
    for (;;) {
      const sets = await record.changes(position, batch);
      if (sets.length === 0) return;
      await apply(record, sets);
      position = sets.at(-1)!.position;
    }
  }
  const turn = (): Promise<void> => (running = (running ?? Promise.resolve()).then(drain).catch((error: unknown) => options.onError?.(error)));
  const quiet = record.onChange(() => {
    if (stopped || timer) return;
    timer = setTimeout(() => { timer = undefined; void turn(); }, restMs); // a burst of commits is read once
    timer.unref();
  });
  return {
    settle: turn,
    async stop() {
      stopped = true;
      quiet();
      clearTimeout(timer);
      await running;
    },
  };
}

/** Marks for one run of commits: each person once. */
export async function apply(record: HealthRecord, sets: readonly ChangeSet[]): Promise<void> {
  const newest = new Map<string, { type: string; id: string; version: number; deleted: boolean }>();
  for (const { changes } of sets) for (const { kind, type, id, version } of changes) if (inputTypes.has(type)) newest.set(`${type}/${id}`, { type, id, version, deleted: kind === "delete" });
  const people = new Map<string, Changed[]>();
  for (const [reference, { type, id, version, deleted }] of newest) {
    const found = deleted ? await record.readVersion(nodeCaller, { type, id }, version - 1) : await record.read(nodeCaller, { type, id });
    if (found.kind !== "current") continue;
    const resource = JSON.parse(found.stored.text) as Resource;
    const patient = patientOf(resource);
    if (patient === undefined || isMachine(resource)) continue;
    const change: Changed = { reference, version: String(version), ...(deleted ? {} : { resource }) };
    people.set(patient, [...(people.get(patient) ?? []), change]);
  }
  for (const [patient, changed] of people) {
    const marked = await markStale(record, patient, changed);
    // Written meanwhile by an assessment: that one saw the change, or the next turn will.
    if (!marked.ok && marked.failure.code !== "precondition") throw new Error(marked.failure.text);
  }
}

function patientOf(resource: Resource): string | undefined {
  if (resource.resourceType === "Patient") return resource.id;
  const subject = (resource["subject"] ?? resource["patient"]) as { reference?: string } | undefined;
  const key = subject?.reference === undefined ? undefined : parseReference(subject.reference);
  return key?.type === "Patient" ? key.id : undefined;
}
