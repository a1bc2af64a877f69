/**
 * What an operation has to say, as the FHIR terminology ecosystem wants it said: an issue type, a tx-issue-type, and
 * the id of the message. https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/
 */
import type { Resource } from "../resource.ts";

export type Severity = "error" | "warning" | "information";

/** `code`: https://hl7.org/fhir/R4/valueset-issue-type.html; `type`: http://hl7.org/fhir/tools/CodeSystem/tx-issue-type; `path`: FHIRPath. */
export type TxIssue = { severity: Severity; code: string; type?: string; id?: string; path?: string; text: string; diagnostics?: string };

const messageId = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id";
const issueTypes = "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type";

/** Ends an operation: caught where it began, never beyond. `asResult`: a validation tells it as its result. */
export class TxFault extends Error {
  readonly issue: TxIssue;
  readonly status: number;
  readonly asResult: boolean;

  constructor(status: number, issue: Omit<TxIssue, "severity"> & { severity?: Severity }, { asResult = false } = {}) {
    super(issue.text);
    this.issue = { severity: "error", ...issue };
    this.status = status;
    this.asResult = asResult;
  }
}

/** Issues in order; the same one is said once. */
export class Issues {
  readonly all: TxIssue[] = [];

  /** Whether it is new. */
  add(issue: TxIssue): boolean {
    if (this.all.some((one) => one.severity === issue.severity && one.id === issue.id && one.path === issue.path && one.text === issue.text)) return false;
    this.all.push(issue);
    return true;
  }

  /** Takes back errors about the code itself that were said from one place up to another; gives them. */
  retractCodeFaults(from: number, to: number): TxIssue[] {
    const isCodeFault = ({ severity, type }: TxIssue): boolean => severity === "error" && (type === "invalid-code" || type === "code-rule");
    const retracted = this.all.slice(from, to).filter(isCodeFault);
    this.all.splice(from, to - from, ...this.all.slice(from, to).filter((issue) => !isCodeFault(issue)));
    return retracted;
  }

  get errors(): readonly TxIssue[] {
    return this.all.filter(({ severity }) => severity === "error");
  }
}

export function outcome(issues: readonly TxIssue[]): Resource {
  return { resourceType: "OperationOutcome", issue: issues.map(outcomeIssue) };
}

function outcomeIssue({ severity, code, type, id, path, text, diagnostics }: TxIssue): object {
  return {
    ...(id === undefined ? {} : { extension: [{ url: messageId, valueString: id }] }),
    severity, code,
    details: { ...(type === undefined ? {} : { coding: [{ system: issueTypes, code: type }] }), text },
    ...(diagnostics === undefined ? {} : { diagnostics }),
    ...(path === undefined || path === "" ? {} : { location: [path], expression: [path] }),
  };
}

/** "Coding" and "code" → "Coding.code" */
export function below(path: string, member: string): string {
  return path === "" ? member : `${path}.${member}`;
}
