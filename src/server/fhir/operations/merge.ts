/**
 * Patient/$merge, and $unmerge, which undoes one. For administrators. R4 has no merge: this is the operation of the
 * current build of FHIR, with `preview`. Source: https://build.fhir.org/patient-operation-merge.html
 */
import { parseReference, type Identifier, type Reference, type Resource } from "#fhir/resource.ts";
import type { Parameter } from "#fhir/terminology/parameters.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import type { Merge } from "#record/merge/merge.ts";
import { base as ownCanonicals } from "#findings/canonical.ts";
import { answer, hl7, type InputParameter, type Operation, type OperationAnswer, type OperationCall } from "./operation.ts";
import { sentResource } from "./parameters.ts";

const people: readonly InputParameter[] = ["source", "target"].flatMap((side) => [{ name: `${side}-patient`, type: "Reference" }, { name: `${side}-patient-identifier`, type: "Identifier", max: 20 }]);

export const merge: Operation = {
  definition: {
    url: hl7("Patient-merge"), code: "merge", resource: ["Patient"], levels: ["type"], affectsState: true,
    input: [...people, { name: "result-patient", type: "Patient" }, { name: "preview", type: "boolean" }],
  },
  async run(call) {
    const { deps: { record }, caller, given } = call;
    const named = await peopleOf(call, "merge Patients");
    if (!named.ok) return named;
    const preview = given.flag("preview") === true;
    const result = sentResource(call, "result-patient");
    const done = await record.mergePatients(caller, { ...named.value, ...(result === undefined ? {} : { result }) }, { preview });
    if (!done.ok) return done;
    const { source, target } = named.value;
    return merged(call, done.value, `Patient/${source} ${preview ? "would be" : "was"} merged into Patient/${target}`);
  },
};

export const unmerge: Operation = {
  definition: { url: `${ownCanonicals}/OperationDefinition/Patient-unmerge`, code: "unmerge", resource: ["Patient"], levels: ["type"], affectsState: true, input: people },
  async run(call) {
    const named = await peopleOf(call, "undo a merge");
    if (!named.ok) return named;
    const done = await call.deps.record.unmergePatients(call.caller, named.value);
    return done.ok ? merged(call, done.value, `The merge of Patient/${named.value.source} into Patient/${named.value.target} was undone`) : done;
  },
};

function merged({ parameters }: OperationCall, { entries, result }: Merge, text: string): Result<OperationAnswer> {
  return answer({ resourceType: "Parameters", parameter: [
    { name: "input", resource: parameters },
    { name: "outcome", resource: { resourceType: "OperationOutcome", issue: [{ severity: "information", code: "informational", diagnostics: `${text}; ${entries.length} resources are changed` }] } },
    { name: "result", resource: JSON.parse(result) as Resource },
  ] });
}

/** Both ids. Whoever may not merge is told so before anything is looked up. */
async function peopleOf(call: OperationCall, what: string): Promise<Result<{ source: string; target: string }>> {
  if (!call.caller.canWrite || call.caller.filter.kind !== "all") return fail("forbidden", `${call.caller.display} may not ${what}; an administrator may`);
  const [source, target] = [await personOf(call, "source"), await personOf(call, "target")];
  if (!source.ok) return source;
  return target.ok ? ok({ source: source.value, target: target.value }) : target;
}

/** By reference, or by identifiers that together name one Patient; where both are given they must agree. */
async function personOf({ deps: { record }, caller, parameters, base }: OperationCall, side: "source" | "target"): Promise<Result<string>> {
  const all: readonly Parameter[] = parameters.parameter ?? [];
  const link = (all.find(({ name }) => name === `${side}-patient`)?.valueReference as Reference | undefined)?.reference;
  const identifiers = all.filter(({ name }) => name === `${side}-patient-identifier`).map(({ valueIdentifier }) => valueIdentifier as Identifier);
  const key = link === undefined ? undefined : parseReference(link);
  if (link !== undefined && (key?.type !== "Patient" || (link.includes("://") && !link.startsWith(`${base}/`)))) return fail("value", `${side}-patient must name a Patient here, as in Patient/123`);
  if (identifiers.length === 0) return key ? ok(key.id) : fail("required", `${side}-patient or ${side}-patient-identifier is needed`);
  const query = identifiers.map(({ system, value }) => `identifier=${encodeURIComponent(`${system === undefined ? "" : `${escaped(system)}|`}${escaped(value ?? "")}`)}`).join("&");
  const found = await record.search(caller, "Patient", `${query}&_count=2`);
  if (!found.ok) return found;
  const ids = found.value.entries.filter(({ mode }) => mode === "match").map(({ stored }) => stored.id);
  if (ids.length !== 1) return fail("processing", `${side}-patient-identifier names ${ids.length === 0 ? "no Patient" : "several Patients"}`);
  if (key && key.id !== ids[0]) return fail("processing", `${side}-patient and ${side}-patient-identifier name different Patients`);
  return ok(ids[0]!);
}

function escaped(text: string): string {
  return text.replace(/[\\$,|]/g, "\\$&");
}
