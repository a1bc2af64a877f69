/**
 * A Failure as status and OperationOutcome. The table of statuses is the record's, so that an entry of a batch and a
 * request of its own are answered alike.
 * Source: https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/operationoutcome.html
 */
import type { FastifyReply } from "fastify";
import { fhirJson } from "./forms.ts";
import type { Failure, FailureCode } from "#platform/result.ts";
import { statusOf } from "#record/bundle/response.ts";

/** Codes of ours that FHIR's issue-type value set spells otherwise. */
const issueType: Partial<Record<FailureCode, string>> = { precondition: "conflict" };

export function failureStatus(failure: Failure): number {
  return Number(statusOf[failure.code]);
}

/** CodeSystem of `Reason.code` (src/platform/reason.ts). */
export const reasonSystem = "https://salus.health/fhir/CodeSystem/failure-reason";
/** The whole reason with its parameters, as JSON text. */
export const reasonExtension = "https://salus.health/fhir/StructureDefinition/failure-reason";

/** The OperationOutcome of a failure: one issue per fault, else one of the failure itself. */
export function outcomeOf(failure: Failure): string {
  const { why } = failure;
  const issues = failure.issues?.length ? failure.issues : [{ severity: "error" as const, code: failure.code, text: failure.text }];
  return JSON.stringify({
    resourceType: "OperationOutcome",
    issue: issues.map((issue) => ({
      severity: issue.severity, code: issueType[issue.code] ?? issue.code, diagnostics: issue.text,
      ...(why ? { details: { coding: [{ system: reasonSystem, code: why.code }] }, extension: [{ url: reasonExtension, valueString: JSON.stringify(why) }] } : {}),
      ...("expression" in issue && issue.expression ? { expression: [issue.expression] } : {}),
    })),
  });
}

/** `status` where HTTP knows more than the failure does (405, 406, 415). */
export function sendFailure(reply: FastifyReply, failure: Failure & { retryAfterSeconds?: number }, status: number = failureStatus(failure)): FastifyReply {
  if (failure.code === "login" || failure.code === "expired") reply.header("www-authenticate", 'Bearer realm="salus"');
  if (failure.retryAfterSeconds !== undefined) reply.header("retry-after", String(failure.retryAfterSeconds));
  return reply.code(status).header("content-type", fhirJson).send(outcomeOf(failure));
}
