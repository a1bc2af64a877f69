/** A change on its way: read, checked and with its id settled; its version is settled inside the transaction. */
import { fail, ok, type Failure, type Issue, type Result } from "#platform/result.ts";
import { isId, type Resource } from "#fhir/resource.ts";
import { isResourceType } from "#fhir/definitions/load.ts";
import { parseDocument, type Document } from "#fhir/json/document.ts";
import { indexRows, type IndexRows } from "#fhir/search/index-rows.ts";
import { validateResource } from "#fhir/validate/validate.ts";
import { newId, randomBucket, placeOf } from "../keys.ts";
import { patientsOf } from "../persons.ts";
import type { Change } from "../record.ts";

export type Draft = {
  kind: "create" | "update" | "delete";
  type: string;
  id: string;
  /** Whether the id is known to be new: assigned here a moment ago. */
  fresh: boolean;
  ifMatch?: number;
  /** When the version was written that this content was made from; another time when it is written means that a writer came between. */
  base?: number;
  /** Absent for delete. */
  document?: Pick<Document, "text" | "span">;
  /** Parsed content with every reference resolved. This and what follows from it is gone while the draft is written, see `release`. */
  value?: Resource | undefined;
  index?: IndexRows | undefined;
};

/**
 * Drops what is read out of a draft's text: while PostgreSQL writes, thousands of drafts would be held, and copied by each
 * collection of garbage. One that has to be decided again is restored.
 */
export function release(draft: Draft): void {
  draft.value = undefined;
  draft.index = undefined;
}

export function restore(draft: Draft): void {
  if (draft.document) draft.value ??= JSON.parse(draft.document.text) as Resource;
}

/** Carriers of one request, never records themselves. */
const unstorable = new Set(["Parameters"]);

export function draftOf(change: Exclude<Change, { kind: "patch" }>, validate: boolean): Result<Draft> {
  if (!isResourceType(change.type)) return fail("not-supported", `"${change.type.slice(0, 64)}" is no resource type of FHIR R4`);
  if ("id" in change && change.id !== undefined && !isId(change.id)) return fail("value", `"${change.id.slice(0, 80)}" is no resource id: 1 to 64 of A-Z a-z 0-9 - .`);
  if (change.kind === "delete") return ok({ kind: "delete", type: change.type, id: change.id, fresh: false, ...(change.ifMatch === undefined ? {} : { ifMatch: change.ifMatch }) });
  const parsed = change.kind === "update" && change.document ? ok(change.document) : parseDocument(change.text);
  if (!parsed.ok) return parsed;
  const fault = faultOf(parsed.value, change.type, change.kind === "update" ? change.id : undefined, validate);
  if (fault) return { ok: false, failure: fault };
  const { value, text, span } = parsed.value, document = { text, span };
  if (change.kind === "update") return ok({ kind: "update", type: change.type, id: change.id, fresh: false, document, value, ...(change.ifMatch === undefined ? {} : { ifMatch: change.ifMatch }) });
  const index = indexRows(value);
  return ok({
    kind: "create", type: change.type, id: change.id ?? newId(bucketFor(value, index)), fresh: change.id === undefined, document, value,
    // A Patient's own row names its id, which is only known now.
    ...(change.type === "Patient" ? {} : { index }),
  });
}

/** Bucket of the person a new resource is filed under; any when it names none. */
export function bucketFor(resource: Resource, index: IndexRows): number {
  return resource.resourceType === "Patient" ? randomBucket() : bucketNamed(resource, index) ?? randomBucket();
}

/** The bucket of the person it is about, else of a person it refers to (a Provenance of somebody's resources). */
export function bucketNamed(resource: Resource, index: IndexRows): number | undefined {
  const patient = patientsOf(resource, index)[0] ?? index.references.find(({ targetType, targetId }) => targetType === "Patient" && targetId !== undefined)?.targetId;
  return patient === undefined ? undefined : placeOf("Patient", patient);
}

export function faultOf(document: Document, type: string, id: string | undefined, validate: boolean): Failure | undefined {
  const { value } = document;
  if (value.resourceType !== type) return failure("structure", `The resource is a ${String(value.resourceType).slice(0, 64)}, the request is for ${type}`, "resourceType");
  if (unstorable.has(type)) return failure("not-supported", `${type} is not stored; send what it carries`, "");
  if (id !== undefined && value.id !== id) return failure("value", value.id === undefined ? `The resource needs "id": "${id}", as in the request` : `The resource's id is "${String(value.id).slice(0, 80)}", the request says "${id}"`, "id");
  const issues = validate ? validateResource(value).filter((issue) => issue.severity === "error" || issue.severity === "fatal") : [];
  if (!issues.length) return undefined;
  return { code: issues[0]!.code, text: describe(issues), issues };
}

function describe(issues: readonly Issue[]): string {
  const [first] = issues;
  return `${first!.expression ? `${first!.expression}: ` : ""}${first!.text}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""}`;
}

function failure(code: Failure["code"], text: string, expression: string): Failure {
  return { code, text, issues: [{ severity: "error", code, text, ...(expression ? { expression } : {}) }] };
}
