/**
 * Stale: a Finding rests on versions that are no longer current, or something newer could have been its input.
 * A stale Finding stays readable and says so until its method runs again.
 */
import type { Resource } from "#fhir/resource.ts";
import { parseReference } from "#fhir/resource.ts";
import { concerns } from "./facts.ts";
import type { Finding } from "./finding.ts";
import type { Method } from "./method.ts";

/** A resource as it is now; `resource` is absent when it was deleted. */
export type Changed = { reference: string; version: string; resource?: Resource };

/** `method` lets resources count that the Finding does not cite yet: a new value, a new problem. */
export function isStale(finding: Finding, changed: readonly Changed[], method?: Method): boolean {
  return changed.some((change) => restsOnOther(finding, change) || (change.resource !== undefined && isAbout(finding, change.resource) && (method?.inputs.some((spec) => concerns(spec, change.resource!)) ?? false) && !cites(finding, change)));
}

function restsOnOther(finding: Finding, change: Changed): boolean {
  return finding.evidence.some((evidence) => evidence.kind === "resource" && evidence.reference === change.reference && (change.resource === undefined || evidence.version !== change.version));
}

function cites(finding: Finding, change: Changed): boolean {
  return finding.evidence.some((evidence) => evidence.kind === "resource" && evidence.reference === change.reference && evidence.version === change.version);
}

function isAbout(finding: Finding, resource: Resource): boolean {
  if (resource.resourceType === "Patient") return `Patient/${resource.id}` === finding.subject;
  const subject = (resource["subject"] ?? resource["patient"]) as { reference?: string } | undefined;
  const key = subject?.reference === undefined ? undefined : parseReference(subject.reference);
  return key !== undefined && `${key.type}/${key.id}` === finding.subject;
}
