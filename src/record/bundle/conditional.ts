/**
 * Conditional create, update, patch and delete of one request, and those with references that are searches: a
 * transaction of one entry; of two where the Provenance of the change comes with it.
 * Source: https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #3.1.0.7.1, #patch, https://hl7.org/fhir/R4/provenance.html#header
 */
import { randomUUID } from "node:crypto";
import { fail, unreachable, type Failure, type Result } from "#platform/result.ts";
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
      case "patch": return { index: 0, method: "PATCH", type, patch: change.patch, target: "id" in change ? { id: change.id } : { query: change.query }, ...match };
      case "delete": return { index: 0, method: "DELETE", type, target: { query: change.query } };
      default: return unreachable(change);
    }
  };
  const entry = entryOf();
  const origin = "provenance" in change && change.provenance !== undefined ? originOf(entry, change.provenance) : undefined;
  if (origin && !origin.ok) return origin;
  const entries = origin ? [entry, origin.value] : [entry];
  const fault = entries.map(entryFault).find((one) => !one.ok);
  // What was there already has not come about by this.
  const done = fault && !fault.ok ? fault : await write(committer, caller, entries, {}, { chosen: (prepared) => prepared.some((one) => "existing" in one) ? prepared.filter((one) => one.entry === entry) : prepared });
  return done.ok ? { ok: true, value: done.value.get(entry)! } : { ok: false, failure: alone(done.failure, type) };
}

/** The creation of the Provenance, whose target is what the entry writes. */
function originOf(entry: Writing, text: string): Result<Writing> {
  const sent = parseDocument(text);
  if (!sent.ok) return { ok: false, failure: { ...sent.failure, text: `X-Provenance: ${sent.failure.text}` } };
  const { resourceType, target } = sent.value.value;
  if (resourceType !== "Provenance") return fail("structure", "X-Provenance holds a Provenance as JSON");
  if (target !== undefined) return fail("value", "X-Provenance: the target is what the request writes; leave it out");
  const urn = entry.fullUrl = `urn:uuid:${randomUUID()}`;
  const whole = parseDocument(`${text.trimEnd().slice(0, -1)},"target":[{"reference":"${urn}"}]}`);
  return whole.ok ? { ok: true, value: { index: 1, method: "POST", type: "Provenance", document: whole.value } } : whole;
}

/** Faults as if the resource had come alone: "Bundle.entry[0].resource.name" is "Patient.name". */
function alone({ code, text, issues }: Failure, type: string): Failure {
  const plain = (words: string): string => words.replaceAll(/Bundle\.entry\[0\]\.resource\b/g, type).replaceAll(/Bundle\.entry\[1\]\.resource\b/g, "Provenance").replace(/^Bundle\.entry\[[01]\](?:\.request(?:\.\w+)?)?:? ?/, "");
  const told = (words: string, place = words): string => `${place.startsWith("Bundle.entry[1]") ? "X-Provenance: " : ""}${plain(words)}`;
  return {
    code, text: told(text),
    ...(issues ? { issues: issues.map(({ expression, ...issue }) => ({ ...issue, text: told(issue.text, expression), ...(expression?.startsWith("Bundle.entry[0].resource") ? { expression: plain(expression) } : {}) })) } : {}),
  };
}
