/** Response Bundles and outcomes as text: member order fixed, nothing parsed to be printed. */
import type { Failure, FailureCode, Issue } from "#platform/result.ts";
import { isUnchanged } from "../preconditions.ts";
import type { BundleOptions, Committed, ReadResult } from "../record.ts";
import type { Unless } from "./request.ts";

/** HTTP status of a failure. */
export const statusOf: Readonly<Record<FailureCode, string>> = {
  invalid: "400", structure: "400", required: "400", value: "400", invariant: "400", "code-invalid": "400", duplicate: "400", login: "401", expired: "401",
  forbidden: "403", throttled: "429", "not-found": "404", deleted: "410", conflict: "409", precondition: "412", "multiple-matches": "412", "too-long": "413",
  "too-costly": "400", "not-supported": "400", processing: "422", incomplete: "503", "no-store": "503", exception: "500",
};

/** Codes of Salus that R4's issue-type calls by another name. */
const issueType: Partial<Record<FailureCode, string>> = { precondition: "conflict" };

export function outcomeText({ code, text, issues }: Failure): string {
  return JSON.stringify({ resourceType: "OperationOutcome", issue: (issues?.length ? issues : [{ severity: "error" as const, code, text }]).map(issueOf) });
}

function issueOf({ severity, code, text, expression }: Issue): object {
  return { severity, code: issueType[code] ?? code, diagnostics: text, ...(expression ? { expression: [expression] } : {}) };
}

/** `resource` is inserted as it is. */
export function entryText(status: string, { location, version, etag = version === undefined ? undefined : `W/"${version}"`, lastModified, resource, outcome, fullUrl }: { location?: string; version?: number; etag?: string; lastModified?: string; resource?: string; outcome?: string; fullUrl?: string } = {}): string {
  const response = JSON.stringify({ status, location, etag, lastModified });
  return `{${fullUrl === undefined ? "" : `"fullUrl":${JSON.stringify(fullUrl)},`}${resource === undefined ? "" : `"resource":${resource},`}"response":${outcome === undefined ? response : `${response.slice(0, -1)},"outcome":${outcome}}`}}`;
}

/** An OperationOutcome that tells of success. */
export function informationText(committed: readonly Committed[], hints: readonly Issue[] = []): string {
  return JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity: "information", code: "informational", diagnostics: toldOf(committed) }, ...hints.map(issueOf)] });
}

/** A resource and, where the base is known, the fullUrl that R4 wants of each that has an id: https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl */
function identified(base: string | undefined, type: string, id: string, resource: string): { resource: string; fullUrl?: string } {
  return { resource, ...(base === undefined ? {} : { fullUrl: `${base}/${type}/${id}` }) };
}

/** What became of a change, in words. `committed` as in `committedText`. */
function toldOf(committed: readonly Committed[]): string {
  const [one] = committed;
  if (!one || committed.length > 1) return `${committed.length} resources were deleted.`;
  const { kind, type, id, version } = one;
  if (kind === "deleted") return version > 0 ? `${type}/${id} is deleted, version ${version}.` : `${type}/${id} was not there.`;
  return kind === "unchanged" ? `${type}/${id} is as it was, version ${version}.` : `${type}/${id} was ${kind}, version ${version}.`;
}

/** `committed`: one outcome; none or several of a conditional deletion. */
export function committedText(committed: readonly Committed[], { returns, base }: Pick<BundleOptions, "returns" | "base">): string {
  const [one] = committed;
  const outcome = returns === "OperationOutcome" ? { outcome: informationText(committed) } : {};
  if (!one || one.kind === "deleted") return entryText(returns === "OperationOutcome" ? "200 OK" : "204 No Content", { ...(committed.length === 1 && one!.version > 0 ? { version: one!.version, lastModified: one!.lastUpdated } : {}), ...outcome });
  const { kind, type, id, version, lastUpdated, text } = one;
  const whole = returns === "representation";
  return entryText(kind === "created" ? "201 Created" : "200 OK", { location: `${type}/${id}/_history/${version}`, version, lastModified: lastUpdated, ...(whole && text !== undefined ? identified(base, type, id, text) : {}), ...outcome });
}

/** `head`: without the resource. */
export function readText(head: boolean, result: ReadResult, unless: Unless = {}, base?: string): string {
  switch (result.kind) {
    case "current":
      if (isUnchanged(unless, result.stored.version, result.stored.lastUpdated)) return entryText("304 Not Modified", { version: result.stored.version, lastModified: result.stored.lastUpdated });
      return entryText("200 OK", { ...(head ? {} : identified(base, result.stored.type, result.stored.id, result.stored.text)), version: result.stored.version, lastModified: result.stored.lastUpdated });
    case "deleted": return entryText("410 Gone", { outcome: outcomeText({ code: "deleted", text: "The resource was deleted" }) });
    case "absent": return entryText("404 Not Found", { outcome: outcomeText({ code: "not-found", text: "The resource is not known" }) });
  }
}

export function bundleText(type: "transaction-response" | "batch-response", entries: readonly string[]): string {
  // A list without members is none in FHIR JSON.
  return `{"resourceType":"Bundle","type":"${type}"${entries.length ? `,"entry":[${entries.join(",")}]` : ""}}`;
}
