/**
 * Conditional create, update and delete, decided inside the transaction that writes: each is sent to the record as a
 * transaction of one entry. Source: https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #3.1.0.7.1
 */
import { parseDocument } from "#fhir/json/document.ts";
import { parseReference } from "#fhir/resource.ts";
import { ok, type Failure, type Result } from "#platform/result.ts";
import type { Caller, Committed, HealthRecord } from "#record/record.ts";

/** `url`: "Patient" or "Patient?identifier=…", as in Bundle.entry.request. */
export type ConditionalRequest = { method: "POST" | "PUT" | "DELETE"; url: string; ifNoneExist?: string; ifMatch?: string };

/** One entry's answer; `id` and `version` are absent where there was nothing to delete. */
type Answer = { entry: { response: { status: string; location?: string; lastModified?: string } }[] };

export async function commitConditional(record: Pick<HealthRecord, "bundle" | "readVersion">, caller: Caller, request: ConditionalRequest, text?: string): Promise<Result<Committed>> {
  // Checked alone first, so that what is wrapped is one resource and faults in it carry its own lines and columns.
  const document = text === undefined ? undefined : parseDocument(text);
  if (document && !document.ok) return document;
  const entry = `{${document ? `"resource":${document.value.text},` : ""}"request":${JSON.stringify(request)}}`;
  const done = await record.bundle(caller, `{"resourceType":"Bundle","type":"transaction","entry":[${entry}]}`);
  if (!done.ok) return { ok: false, failure: unwrapped(done.failure, document?.value.value.resourceType) };
  const { status, location, lastModified = "" } = (JSON.parse(done.value) as Answer).entry[0]!.response;
  const type = request.url.split("?")[0]!;
  if (request.method === "DELETE") return ok({ kind: "deleted", type, id: "", version: 0, lastUpdated: lastModified });
  const key = parseReference(location ?? "");
  if (!key?.version) throw new Error("a write without location");
  const version = Number(key.version);
  const stored = await record.readVersion(caller, key, version);
  return ok({
    kind: status.startsWith("201") ? "created" : "updated", type: key.type, id: key.id, version, lastUpdated: lastModified,
    ...(stored.kind === "current" ? { text: stored.stored.text } : {}),
  });
}

/** Faults as if the resource had come alone: "Bundle.entry[0].resource.name" is "Patient.name". */
function unwrapped({ code, text, issues }: Failure, type: string | undefined): Failure {
  const plain = (words: string): string => words.replaceAll(/Bundle\.entry\[0\]\.resource\b/g, type ?? "resource").replace(/^Bundle\.entry\[0\](?:\.request(?:\.\w+)?)?:? ?/, "");
  return {
    code, text: plain(text),
    ...(issues ? { issues: issues.map(({ expression, ...issue }) => ({ ...issue, text: plain(issue.text), ...(expression?.startsWith("Bundle.entry[0].resource") ? { expression: plain(expression) } : {}) })) } : {}),
  };
}
