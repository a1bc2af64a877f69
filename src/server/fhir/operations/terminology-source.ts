/**
 * The terminology that a request sees: CodeSystems, ValueSets and ConceptMaps of the record that the caller may read,
 * over the large systems that were loaded, over R4's own.
 */
import type { Resource } from "#fhir/resource.ts";
import { layer } from "#fhir/terminology/layer.ts";
import { runAsync, type TerminologySource, type Work } from "#fhir/terminology/provider.ts";
import { r4Terminology } from "#fhir/terminology/r4.ts";
import type { Answer, Request } from "#fhir/terminology/operations/answer.ts";
import { ok, type Result } from "#platform/result.ts";
import { recordTerminology } from "#record/terminology/stored.ts";
import type { OperationAnswer, OperationCall } from "./operation.ts";

export function sourceOf({ deps: { record }, caller }: Pick<OperationCall, "deps" | "caller">): TerminologySource {
  return layer(recordTerminology(record, caller), layer(record.terminology, r4Terminology()));
}

/** Runs one of the engine's operations. */
export async function runTerminology(call: OperationCall, work: (request: Request) => Work<Answer>): Promise<Result<OperationAnswer>> {
  const { parameters, language } = call;
  const { status, body } = await runAsync(work({ source: sourceOf(call), parameters, ...(language === undefined ? {} : { language }) }));
  return ok({ status, text: JSON.stringify(body) });
}

/** The instance that an operation is called on, as a parameter of the operation on its type. */
export async function withInstance(call: OperationCall, name: string): Promise<Result<OperationCall>> {
  if (call.level !== "instance") return ok(call);
  const found = await readInstance(call);
  if (!found.ok) return found;
  const parameter = [...(call.parameters.parameter ?? []).filter((one) => one.name !== name && one.name !== "url"), { name, resource: found.value }];
  return ok({ ...call, parameters: { resourceType: "Parameters", parameter } });
}

/** The resource of the address, or "not-found", alike for what is unknown and what is beyond reach. */
export async function readInstance({ deps: { record }, caller, type, id }: Pick<OperationCall, "deps" | "caller" | "type" | "id">): Promise<Result<Resource>> {
  const found = await record.read(caller, { type, id });
  switch (found.kind) {
    case "current": return ok(JSON.parse(found.stored.text) as Resource);
    case "deleted": return { ok: false, failure: { code: "deleted", text: `${type}/${id} was deleted.` } };
    case "absent": return { ok: false, failure: { code: "not-found", text: `${type}/${id} is not known.` } };
  }
}
