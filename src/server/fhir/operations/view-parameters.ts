/** Parameters that $viewdefinition-run and $viewdefinition-export share. */
import type { Parameter } from "#fhir/terminology/parameters.ts";
import { fail, ok, type Failure, type Result } from "#platform/result.ts";
import { scopeOf } from "#research/views/view-scope.ts";
import { findView, readView, type ReadView } from "#research/views/view-source.ts";
import type { Selection } from "#research/views/run-views.ts";
import type { InputParameter, OperationCall } from "./operation.ts";

export const viewSourceDocumentation = "A view is sent as viewResource, or stored as a Library that holds its JSON as content of type application/json; viewReference is Library/[id], its absolute address here, or its canonical url with or without |version. _format: ndjson, json, csv, parquet, arrow.";

export function selectionInput(patientsMax: number): readonly InputParameter[] {
  return [
    { name: "_format", type: "code" }, { name: "header", type: "boolean" }, { name: "_since", type: "instant" },
    { name: "patient", type: "Reference", max: patientsMax, inQuery: true }, { name: "group", type: "Reference", max: 100, inQuery: true },
  ];
}

function references({ given }: Pick<OperationCall, "given">, name: string): string[] {
  return given.all.filter((one) => one.name === name).map(({ valueReference }) => String((valueReference as { reference?: unknown } | undefined)?.reference));
}

/** Whose resources, and of when; `at` is to be added. */
export async function readSelection(call: OperationCall): Promise<Result<Omit<Selection, "at">>> {
  const since = call.given.text("_since");
  const from = since === undefined ? undefined : Date.parse(since);
  if (Number.isNaN(from)) return fail("value", `_since: "${since!.slice(0, 40)}" is no instant; write 2026-01-31T12:00:00Z`);
  const scope = await scopeOf(call.deps.record, call.caller, { patients: references(call, "patient"), groups: references(call, "group") });
  return scope.ok ? ok({ scope: scope.value, ...(from === undefined ? {} : { since: from }) }) : scope;
}

/** The one view of `parameters`, by viewResource or viewReference; `place` leads the texts of faults. */
export async function viewOf({ deps: { record }, caller, base }: OperationCall, parameters: readonly Parameter[], place = ""): Promise<Result<ReadView>> {
  const given = parameters.filter(({ name }) => name === "viewResource" || name === "viewReference");
  const [one] = given;
  if (!one) return fail("required", `${place}send the ViewDefinition as viewResource, or name a stored one with viewReference`);
  if (given.length > 1) return fail("value", `${place}viewResource or viewReference names the view: send one of them, once`);
  const reference = (one.valueReference as { reference?: unknown } | undefined)?.reference;
  if (one.name === "viewReference" && typeof reference !== "string") return fail("value", `${place}viewReference needs a reference`);
  const read = one.name === "viewResource" ? readView(one.resource) : await findView(record, caller, reference as string, base);
  return read.ok ? read : { ok: false, failure: placed(read.failure, place) };
}

function placed(failure: Failure, place: string): Failure {
  return { ...failure, text: place + failure.text, ...(failure.issues ? { issues: failure.issues.map((issue) => ({ ...issue, text: place + issue.text })) } : {}) };
}
