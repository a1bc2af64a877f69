/**
 * FHIR → Finding: the inverse of `to-fhir.ts`. A resource that is no Finding, or whose extensions were cut, is a
 * failure that names what is missing; nothing is guessed.
 */
import type { CodeableConcept, Coding, Quantity, Resource } from "#fhir/resource.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { aiast, extensionUrl, stateTag } from "./canonical.ts";
import { unpack, type Extension, type Plain } from "./extension.ts";
import { urgencies, type Bilingual, type Contribution, type Evidence, type Finding, type FindingForm, type FindingValue, type Limit, type Stage } from "./finding.ts";
import { findingTypes } from "./to-fhir.ts";

/** Written by this mapping, whatever its status now. */
export function isFinding(resource: Resource): boolean {
  return findingTypes.includes(resource.resourceType) && (resource.meta?.security?.some((label) => label.code === aiast.code && label.system === aiast.system) ?? false)
    && extensions(resource).some((one) => one.url === extensionUrl("method"));
}

/** Not cancelled nor entered in error. */
export function isCurrent(resource: Resource): boolean {
  return resource["status"] === "final" || resource["status"] === "completed";
}

export function isMarkedStale(resource: Resource): boolean {
  return resource.meta?.tag?.some((tag) => tag.system === stateTag && tag.code === "stale") ?? false;
}

export function storedHash(resource: Resource): string | undefined {
  return extensions(resource).find((one) => one.url === extensionUrl("hash"))?.valueString;
}

function extensions(resource: Resource): Extension[] {
  return Array.isArray(resource["extension"]) ? (resource["extension"] as Extension[]) : [];
}

export function findingFromFhir(resource: Resource): Result<Finding> {
  const name = `${resource.resourceType}/${resource.id ?? ""}`;
  if (!isFinding(resource)) return fail("not-supported", `${name} is no Finding: it lacks the AIAST label or the extension ${extensionUrl("method")}`);
  const members = new Map<string, Plain[]>();
  for (const extension of extensions(resource)) {
    const value = unpack(extension);
    if (value !== undefined) members.set(extension.url, [...(members.get(extension.url) ?? []), value]);
  }
  const all = (key: string): Plain[] => members.get(extensionUrl(key)) ?? [];
  const one = (key: string): Plain | undefined => all(key)[0];
  const method = one("method") as Finding["method"] | undefined;
  const statement = one("statement") as Bilingual | undefined;
  const subject = ((resource["subject"] ?? resource["patient"]) as { reference?: string } | undefined)?.reference;
  const code = resource["code"] as CodeableConcept | undefined;
  const label = labelOf(code);
  const urgency = urgencies.find((known) => known === one("urgency"));
  const outcome = one("outcome");
  if (!method || !statement || subject === undefined || !code?.coding?.[0] || !label || !urgency || (outcome !== "computed" && outcome !== "abstained"))
    return fail("incomplete", `${name} lacks a Finding's method, statement, subject, code, urgency or outcome`);
  const prediction = (resource["prediction"] as { probabilityDecimal?: number; whenRange?: { high?: Quantity } }[] | undefined)?.[0];
  const probability = prediction?.probabilityDecimal ?? (one("probability") as number | undefined);
  const horizonYears = prediction?.whenRange?.high?.value ?? (one("horizon-years") as number | undefined);
  const value = valueOf(resource) ?? (one("value") as FindingValue | undefined);
  const effective = (resource["effectiveDateTime"] ?? resource["occurrenceDateTime"] ?? resource["identifiedDateTime"]) as string | undefined;
  const form = one("form") as FindingForm | undefined;
  const part = one("part") as string | undefined;
  return ok({
    method, outcome, ...(form === undefined ? {} : { form }), subject, stage: one("stage") as Stage, code: { ...code.coding[0], label },
    ...(part === undefined ? {} : { part }), ...(value === undefined ? {} : { value }), ...(probability === undefined ? {} : { probability }),
    ...(horizonYears === undefined ? {} : { horizonYears }), urgency, statement,
    contributions: all("contribution") as unknown as Contribution[], evidence: all("evidence") as unknown as Evidence[], limits: all("limit") as unknown as Limit[],
    ...(effective === undefined ? {} : { effective }),
  });
}

function valueOf(resource: Resource): FindingValue | undefined {
  const quantity = resource["valueQuantity"] as Quantity | undefined;
  if (quantity?.value !== undefined && quantity.unit !== undefined && quantity.code !== undefined) return { kind: "quantity", value: quantity.value, unit: quantity.unit, code: quantity.code };
  const concept = resource["valueCodeableConcept"] as CodeableConcept | undefined;
  const label = labelOf(concept);
  return concept?.coding?.[0] && label ? { kind: "coded", coding: concept.coding[0] as Coding, label } : undefined;
}

function labelOf(concept: (CodeableConcept & { _text?: { extension?: Extension[] } }) | undefined): Bilingual | undefined {
  const zh = concept?._text?.extension?.[0]?.extension?.find((inner) => inner.url === "content")?.valueString;
  return concept?.text === undefined || zh === undefined ? undefined : { en: concept.text, zh };
}
