/**
 * The one table from failure code to HTTP status, and from Failure to OperationOutcome.
 * Source: https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/operationoutcome.html
 */
import type { FastifyReply } from "fastify";
import type { Failure, FailureCode } from "#platform/result.ts";

const statusOf = {
  invalid: 400, structure: 400, required: 400, value: 400, invariant: 400, "code-invalid": 400, duplicate: 400,
  login: 401, expired: 401, forbidden: 403, throttled: 429,
  "not-found": 404, deleted: 410, conflict: 409, precondition: 412, "multiple-matches": 412,
  "too-long": 413, "too-costly": 400, "not-supported": 400, processing: 422, incomplete: 503, exception: 500,
} satisfies Record<FailureCode, number>;

/** Codes of ours that FHIR's issue-type value set spells otherwise. */
const issueType: Partial<Record<FailureCode, string>> = { precondition: "conflict" };

export function failureStatus(failure: Failure): number {
  return statusOf[failure.code];
}

/** The OperationOutcome of a failure: one issue per fault, else one of the failure itself. */
export function outcomeOf(failure: Failure): string {
  const issues = failure.issues?.length ? failure.issues : [{ severity: "error" as const, code: failure.code, text: failure.text }];
  return JSON.stringify({
    resourceType: "OperationOutcome",
    issue: issues.map((issue) => ({
      severity: issue.severity, code: issueType[issue.code] ?? issue.code, diagnostics: issue.text,
      ...("expression" in issue && issue.expression ? { expression: [issue.expression] } : {}),
    })),
  });
}

export const fhirJson = "application/fhir+json; charset=utf-8";

export function sendFailure(reply: FastifyReply, failure: Failure): FastifyReply {
  if (failure.code === "login" || failure.code === "expired") reply.header("www-authenticate", 'Bearer realm="salus"');
  return reply.code(failureStatus(failure)).header("content-type", fhirJson).send(outcomeOf(failure));
}
