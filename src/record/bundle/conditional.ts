/**
 * Conditional create, update, patch and delete of one request, and those with references that are searches: a
 * transaction of one entry.
 * Source: https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #3.1.0.7.1, #patch
 */
import { unreachable, type Failure, type Result } from "#platform/result.ts";
import { parseDocument } from "#fhir/json/document.ts";
import type { Caller, Committed, ConditionalChange } from "../record.ts";
import type { Committer } from "../write/commit.ts";
import { write } from "./bundle.ts";
import type { Writing } from "./reading.ts";
import { entryFault } from "./transaction.ts";

export async function changeConditionally(committer: Committer, caller: Caller, change: ConditionalChange): Promise<Result<Committed[]>> {
  const document = "text" in change ? parseDocument(change.text) : undefined;
  if (document && !document.ok) return document;
  const { type } = change;
  const match = "ifMatch" in change && change.ifMatch !== undefined ? { ifMatch: change.ifMatch } : {};
  const entryOf = (): Writing => {
    switch (change.kind) {
      case "create": return { index: 0, method: "POST", type, document: document!.value, ...(change.ifNoneExist === undefined ? {} : { ifNoneExist: change.ifNoneExist }) };
      case "update": return { index: 0, method: "PUT", type, document: document!.value, target: "id" in change ? { id: change.id } : { query: change.query }, ...match };
      case "patch": return { index: 0, method: "PATCH", type, patch: change.patch, target: { query: change.query }, ...match };
      case "delete": return { index: 0, method: "DELETE", type, target: { query: change.query } };
      default: return unreachable(change);
    }
  };
  const entry = entryOf();
  const fault = entryFault(entry);
  const done = fault.ok ? await write(committer, caller, [entry], {}) : fault;
  return done.ok ? { ok: true, value: done.value.get(entry)! } : { ok: false, failure: alone(done.failure, type) };
}

/** Faults as if the resource had come alone: "Bundle.entry[0].resource.name" is "Patient.name". */
function alone({ code, text, issues }: Failure, type: string): Failure {
  const plain = (words: string): string => words.replaceAll(/Bundle\.entry\[0\]\.resource\b/g, type).replace(/^Bundle\.entry\[0\](?:\.request(?:\.\w+)?)?:? ?/, "");
  return {
    code, text: plain(text),
    ...(issues ? { issues: issues.map(({ expression, ...issue }) => ({ ...issue, text: plain(issue.text), ...(expression?.startsWith("Bundle.entry[0].resource") ? { expression: plain(expression) } : {}) })) } : {}),
  };
}
