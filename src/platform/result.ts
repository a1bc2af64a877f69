/**
 * Expected failures are values. A `Failure` names its category (one table in server/ maps it to an
 * HTTP status and an OperationOutcome), says what is wrong, where, and how to mend it.
 */
import type { Reason } from "./reason.ts";

/** FHIR R4 issue-type codes that Salus uses (https://hl7.org/fhir/R4/valueset-issue-type.html). */
export type FailureCode =
  | "invalid" | "structure" | "required" | "value" | "invariant" | "code-invalid" | "duplicate"
  | "login" | "expired" | "forbidden" | "throttled"
  | "not-found" | "deleted" | "conflict" | "precondition" | "multiple-matches"
  | "too-long" | "too-costly" | "not-supported" | "processing" | "incomplete" | "no-store" | "exception";

/** One fault: `expression` is the FHIRPath of the element at fault, `text` what is wrong and how to mend it. */
export type Issue = {
  severity: "fatal" | "error" | "warning" | "information";
  code: FailureCode;
  text: string;
  expression?: string;
};

/** `why`: the same as `text` for the screens, which word it in the reader's language. */
export type Failure = { code: FailureCode; text: string; issues?: readonly Issue[]; why?: Reason };

export type Result<T, F = Failure> = { ok: true; value: T } | { ok: false; failure: F };

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function fail(code: FailureCode, text: string, issues?: readonly Issue[]): { ok: false; failure: Failure } {
  return { ok: false, failure: issues ? { code, text, issues } : { code, text } };
}

/** A failure that the screens may meet. */
export function refuse(code: FailureCode, why: Reason, text: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { code, text, why } };
}

/** For the default branch of an exhaustive switch: does not compile when a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
