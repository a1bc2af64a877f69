/**
 * Assess a person: gather the compartment, run every applicable method, store what is new with its Provenance.
 * A result equal to the stored one is not written; one that no longer applies is cancelled; a stale mark goes when
 * its method has run. The caller must see the person and be allowed to write; the writing is the node's, because the
 * result must not depend on who asked.
 */
import type { Resource } from "#fhir/resource.ts";
import { findingFromFhir, isCurrent, isFinding, isMarkedStale, storedHash } from "#findings/from-fhir.ts";
import type { Finding } from "#findings/finding.ts";
import type { Method, Values } from "#findings/method.ts";
import { isStale, type Changed } from "#findings/stale.ts";
import { urgencyTag } from "#findings/canonical.ts";
import { deviceId, findingHash, findingToFhir, methodDevice, provenanceOf, withStaleMark } from "#findings/to-fhir.ts";
import { systemClock, type Clock } from "#platform/clock.ts";
import { ok, refuse, type Result } from "#platform/result.ts";
import type { Caller, Change, HealthRecord } from "#record/record.ts";
import { methods as all } from "./methods.ts";
import { nodeCaller } from "./node-caller.ts";
import { runMethods } from "./run.ts";

export type AssessOptions = { asOf: string; methods?: readonly Method[]; /** Inputs no record holds, e.g. riskRegion. */ given?: Values; clock?: Clock };
export type Assessed = { stored: number; unchanged: number; cancelled: number; findings: Finding[]; failed: { method: string; text: string }[] };

export async function assessPerson(record: HealthRecord, caller: Caller, patientId: string, options: AssessOptions): Promise<Result<Assessed>> {
  const person = await record.read(caller, { type: "Patient", id: patientId });
  if (person.kind !== "current") return refuse("not-found", { code: "unknown", what: `Patient/${patientId}` }, `Patient/${patientId} is not known`);
  if (!caller.canWrite) return refuse("forbidden", { code: "read-only" }, "You may read this record but not write to it");
  // A commit between reading and writing makes one attempt fail; the second sees it.
  const first = await attempt(record, patientId, options, false);
  return first.ok || (first.failure.code !== "precondition" && first.failure.code !== "conflict") ? first : attempt(record, patientId, options, true);
}

async function attempt(record: HealthRecord, patientId: string, options: AssessOptions, readVersions: boolean): Promise<Result<Assessed>> {
  const resources = await record.compartment(nodeCaller, patientId);
  const facts = { subject: `Patient/${patientId}`, asOf: options.asOf, resources, ...(options.given === undefined ? {} : { given: options.given }) };
  const methods = options.methods ?? all;
  const recorded = (options.clock ?? systemClock).now().toISOString();
  const { findings, ran, failed } = runMethods(facts, methods);
  const stored = new Map(resources.filter(isFinding).map((resource) => [`${resource.resourceType}/${resource.id}`, resource]));
  const result: Assessed = { stored: 0, unchanged: 0, cancelled: 0, findings, failed };
  const changes: Change[] = [];
  const kept = new Set<string>();
  const acting = new Set<string>();
  for (const finding of findings) {
    const resource = findingToFhir(finding);
    const key = `${resource.resourceType}/${resource.id}`;
    kept.add(key);
    const before = stored.get(key);
    if (before && isCurrent(before) && !isMarkedStale(before) && storedHash(before) === findingHash(finding)) { result.unchanged++; continue; }
    let version = before ? Number(before.meta?.versionId ?? 1) : 0;
    if (!before && readVersions) { // deleted once, or filed elsewhere: its versions go on
      const known = await record.read(nodeCaller, { type: resource.resourceType, id: resource.id! });
      version = known.kind === "current" ? known.stored.version : known.kind === "deleted" ? known.version : 0;
    }
    changes.push(put(resource, version), put(provenanceOf(finding, version + 1, recorded)));
    acting.add(finding.method.id);
    result.stored++;
  }
  const ranIds = new Set(ran.map((method) => method.id));
  for (const [key, resource] of stored) {
    if (kept.has(key) || !isCurrent(resource)) continue;
    const finding = findingFromFhir(resource);
    if (!finding.ok || !ranIds.has(finding.value.method.id)) continue;
    changes.push(put(cancelled(resource), Number(resource.meta?.versionId ?? 1)));
    result.cancelled++;
  }
  if (changes.length === 0) return ok(result);
  const devices = await missingDevices(record, methods.filter((method) => acting.has(method.id)));
  const done = await record.commit(nodeCaller, [...devices, ...changes], { source: "#salus" });
  if (!done.ok) return done;
  rememberDevices(record, methods.filter((method) => acting.has(method.id)));
  return ok(result);
}

function put(resource: Resource, ifMatch?: number): Change {
  return { kind: "update", type: resource.resourceType, id: resource.id!, text: JSON.stringify(resource), ...(ifMatch === undefined ? {} : { ifMatch }) };
}

/** No longer said: the resource keeps its content as history and leaves the worklist. */
function cancelled(resource: Resource): Resource {
  const { meta, ...rest } = resource;
  return {
    ...rest, resourceType: resource.resourceType, status: resource.resourceType === "ClinicalImpression" ? "entered-in-error" : "cancelled",
    meta: { ...(meta?.security ? { security: meta.security } : {}), ...tags(meta?.tag?.filter((tag) => tag.system !== urgencyTag)) },
  };
}

function tags<T>(tag: T[] | undefined): { tag?: T[] } {
  return tag && tag.length > 0 ? { tag } : {};
}

const knownDevices = new WeakMap<HealthRecord, Set<string>>();
const deviceKey = (method: Method): string => `${deviceId(method.id)} ${method.version}`;

/** Devices of methods that act for the first time, or in a new version. Read once for each opened record. */
async function missingDevices(record: HealthRecord, methods: readonly Method[]): Promise<Change[]> {
  const known = knownDevices.get(record) ?? new Set<string>();
  const changes: Change[] = [];
  for (const method of methods) {
    if (known.has(deviceKey(method))) continue;
    const device = methodDevice(method);
    const found = await record.read(nodeCaller, { type: "Device", id: device.id! });
    const version = found.kind === "current" ? (JSON.parse(found.stored.text) as { version?: { value: string }[] }).version?.[0]?.value : undefined;
    if (version !== method.version) changes.push(put(device));
  }
  return changes;
}

function rememberDevices(record: HealthRecord, methods: readonly Method[]): void {
  const known = knownDevices.get(record) ?? new Set<string>();
  for (const method of methods) known.add(deviceKey(method));
  knownDevices.set(record, known);
}

/** After a commit about a person: marks the Findings whose inputs it changed. Answers how many were marked. */
export async function markStale(record: HealthRecord, patientId: string, changed: readonly Changed[], methods: readonly Method[] = all): Promise<Result<number>> {
  const resources = await record.compartment(nodeCaller, patientId);
  const changes = resources.filter((resource) => isFinding(resource) && isCurrent(resource) && !isMarkedStale(resource)).flatMap((resource): Change[] => {
    const finding = findingFromFhir(resource);
    if (!finding.ok || !isStale(finding.value, changed, methods.find((method) => method.id === finding.value.method.id))) return [];
    return [put(withStaleMark(resource), Number(resource.meta?.versionId ?? 1))];
  });
  if (changes.length === 0) return ok(0);
  const done = await record.commit(nodeCaller, changes, { source: "#salus" });
  return done.ok ? ok(changes.length) : done;
}

