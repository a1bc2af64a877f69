/**
 * Writes a batch of a stream of resources, each resource under its own identity: one that is there already is not
 * written again, a bad one is rejected with its reason and the others are kept. Of two with one identity the later one
 * meets the earlier one stored.
 */
import { parseDocument } from "#fhir/json/document.ts";
import { restamp } from "#fhir/json/restamp.ts";
import { rewriteReferences } from "#fhir/json/references.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import type { Caller, Change, ImportOutcome, ImportSource } from "../record.ts";
import type { Committer } from "../write/commit.ts";
import { identityOf } from "./identity.ts";

export type Names = ReadonlyMap<string, string>;
type Update = Extract<Change, { kind: "update" }>;
/** `at`: its place in the batch. */
type Part = { at: number; change: Update };

/** One outcome for each source. `enter` is told what will be written, and waited for before anything is (order.ts). */
export async function writeBatch(committer: Committer, caller: Caller, sources: readonly ImportSource[], names: Names, enter: (keys: readonly string[]) => Promise<void>): Promise<ImportOutcome[]> {
  const outcomes = new Array<ImportOutcome>(sources.length);
  /** What stands twice is written in turn. */
  const runs: { parts: Part[]; keys: Set<string> }[] = [];
  for (const [at, source] of sources.entries()) {
    const prepared = prepare(source, names);
    if (!prepared.ok) { outcomes[at] = { kind: "rejected", reason: prepared.failure.text }; continue; }
    const change = prepared.value, key = `${change.type}/${change.id}`;
    let run = runs.at(-1);
    if (!run || run.keys.has(key)) runs.push(run = { parts: [], keys: new Set() });
    run.parts.push({ at, change });
    run.keys.add(key);
  }
  await enter(runs.flatMap(({ keys }) => [...keys]));
  for (const { parts } of runs) await commit(committer, caller, parts, outcomes);
  return outcomes;
}

/** Parts that fail together are halved until the bad ones stand alone. */
async function commit(committer: Committer, caller: Caller, parts: readonly Part[], outcomes: ImportOutcome[]): Promise<void> {
  const writing = committer.commit(caller, parts.map(({ change }) => change), { skipEarlier: true });
  // Read by now: what waits for PostgreSQL holds texts alone.
  for (const { change } of parts) change.document = undefined;
  const done = await writing;
  if (done.ok) {
    for (const [i, { kind }] of done.value.entries()) if (kind !== "deleted") outcomes[parts[i]!.at] = { kind };
    return;
  }
  const [one] = parts;
  if (parts.length === 1) {
    outcomes[one!.at] = { kind: "rejected", reason: reasonOf(done.failure), resource: `${one!.change.type}/${one!.change.id}` };
    return;
  }
  const half = parts.length >> 1;
  await commit(committer, caller, parts.slice(0, half), outcomes);
  await commit(committer, caller, parts.slice(half), outcomes);
}

function prepare({ text, place }: ImportSource, names: Names): Result<Update> {
  const parsed = parseDocument(text);
  if (!parsed.ok) return parsed;
  const value = parsed.value.value;
  if (!isResourceType(value.resourceType)) return fail("structure", `${place} says resourceType "${String(value.resourceType)}", which is no resource type of FHIR R4.`);
  const { type, id } = identityOf(value, text);
  const named = value.id === id ? text : restamp(parsed.value, { id, meta: { versionId: "1" } });
  if (named === text && names.size === 0) return ok({ kind: "update", type, id, text, document: parsed.value });
  return ok({ kind: "update", type, id, text: names.size > 0 ? rewriteReferences(named, (link) => names.get(link)) : named });
}

function reasonOf(failure: Failure): string {
  const issues = failure.issues ?? [];
  if (issues.length === 0) return failure.text;
  return issues.filter(({ severity }) => severity === "error" || severity === "fatal").slice(0, 5).map(({ expression, text }) => (expression && !text.startsWith(expression) ? `${expression}: ${text}` : text)).join("; ");
}
