/**
 * Which resources may be inputs at a moment. Never: entered in error, cancelled, refuted, merely provisional, dated
 * after the moment, or asserted by a machine (`meta.security` AIAST: a result never feeds itself).
 */
import type { CodeableConcept, Coding, Quantity, Resource } from "#fhir/resource.ts";
import { aiast } from "./canonical.ts";
import { span } from "./time.ts";

export function codings(value: unknown): Coding[] {
  const coding = (value as CodeableConcept | undefined)?.coding;
  return Array.isArray(coding) ? coding.filter((one) => one !== null && typeof one === "object") : [];
}

export function hasCode(value: unknown, code: string): boolean {
  return codings(value).some((coding) => coding.code === code);
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function isMachine(resource: Resource): boolean {
  return resource.meta?.security?.some((label) => label.system === aiast.system && label.code === aiast.code) ?? false;
}

/** Members of an array element that are objects, each with its place: unvalidated files may hold anything. */
export function objects(value: unknown): { item: Record<string, unknown>; i: number }[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown, i) => ({ item: item as Record<string, unknown>, i })).filter(({ item }) => item !== null && typeof item === "object");
}

/** Systems whose codes carry their hierarchy in their letters: a listed code stands for everything that begins with it. */
const prefixSystems = new Set(["http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-9-cm", "http://www.whocc.no/atc"]);
const icd10 = new Set(["http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"]);

export function matches(coding: Coding, wanted: Coding): boolean {
  if (coding.code === undefined || wanted.code === undefined || coding.system === undefined) return false;
  const same = coding.system === wanted.system || (icd10.has(coding.system) && wanted.system !== undefined && icd10.has(wanted.system));
  if (!same) return false;
  return prefixSystems.has(coding.system) ? coding.code.startsWith(wanted.code) : coding.code === wanted.code;
}

/** When an Observation speaks of: text as recorded and instants. undefined: it bears no usable date. */
export function observedAt(observation: Resource): { at: string; first: number; last: number; precise: boolean } | undefined {
  const period = observation["effectivePeriod"] as { start?: string; end?: string } | undefined;
  const at = text(observation["effectiveDateTime"]) ?? text(observation["effectiveInstant"]) ?? period?.end ?? period?.start ?? text(observation["issued"]);
  const range = at === undefined ? undefined : span(at);
  return range && { at: at!, first: range.first, last: range.last, precise: range.precision === "instant" };
}

/** Known at the moment: neither the clinical time nor the time of issue lies after it. */
export function observationKnown(observation: Resource, nowMs: number): boolean {
  const when = observedAt(observation);
  if (when && when.first > nowMs) return false;
  const period = observation["effectivePeriod"] as { start?: string } | undefined;
  const started = period?.start === undefined ? undefined : span(period.start);
  if (started && started.first > nowMs) return false;
  const issued = span(text(observation["issued"]) ?? "");
  return !issued || issued.first <= nowMs;
}

export type Verdict = { kind: "yes" } | { kind: "no" } /* not to be spoken of */ | { kind: "named"; en: string; zh: string } /* not used, and said so */;
const yes: Verdict = { kind: "yes" };
const no: Verdict = { kind: "no" };

/** https://hl7.org/fhir/R4/valueset-observation-status.html ; `preliminary` counts and is named by the caller. */
export function observationStatus(status: unknown): Verdict {
  if (status === "final" || status === "amended" || status === "corrected" || status === "preliminary") return yes;
  return no;
}

/**
 * Whether a Condition stands at the moment. Source: https://hl7.org/fhir/R4/condition.html
 * Unconfirmed, provisional and differential diagnoses are named and not counted. With `history`, a problem that is
 * over counts too.
 */
export function conditionStands(condition: Resource, nowMs: number, history: boolean): Verdict {
  const verification = condition["verificationStatus"];
  if (hasCode(verification, "entered-in-error") || hasCode(verification, "refuted")) return no;
  const onset = conditionOnset(condition);
  const begun = onset === undefined ? undefined : span(onset);
  if (begun && begun.first > nowMs) return no;
  const recorded = span(text(condition["recordedDate"]) ?? "");
  if (recorded && recorded.first > nowMs) return no;
  for (const [code, en, zh] of [["unconfirmed", "unconfirmed", "未确认"], ["provisional", "provisional", "暂定"], ["differential", "a differential diagnosis", "鉴别诊断"]] as const)
    if (hasCode(verification, code)) return { kind: "named", en, zh };
  if (history) return yes;
  const abatedText = text(condition["abatementDateTime"]) ?? (condition["abatementPeriod"] as { start?: string } | undefined)?.start;
  const abated = abatedText === undefined ? undefined : span(abatedText);
  if (abated) return abated.first <= nowMs ? no : yes; // over later: it still stood then
  if (condition["abatementString"] !== undefined || condition["abatementAge"] !== undefined || condition["abatementRange"] !== undefined) return no;
  const clinical = condition["clinicalStatus"];
  return hasCode(clinical, "inactive") || hasCode(clinical, "remission") || hasCode(clinical, "resolved") ? no : yes;
}

export function conditionOnset(condition: Resource): string | undefined {
  return text(condition["onsetDateTime"]) ?? (condition["onsetPeriod"] as { start?: string } | undefined)?.start;
}

/** Whether a MedicationRequest or MedicationStatement means the person takes it at the moment. */
export function medicineTaken(resource: Resource, nowMs: number): boolean {
  const status = resource["status"];
  if (resource["doNotPerform"] === true) return false;
  if (resource.resourceType === "MedicationRequest") {
    if (status !== "active") return false;
    if (resource["intent"] === "proposal" || resource["intent"] === "plan" || resource["intent"] === "option") return false;
    const authored = span(text(resource["authoredOn"]) ?? "");
    if (authored && authored.first > nowMs) return false;
    const validity = (resource["dispenseRequest"] as { validityPeriod?: { start?: string; end?: string } } | undefined)?.validityPeriod;
    return within(validity, nowMs);
  }
  if (resource.resourceType !== "MedicationStatement" || status !== "active") return false;
  const at = span(text(resource["effectiveDateTime"]) ?? "");
  if (at && at.first > nowMs) return false;
  return within(resource["effectivePeriod"] as { start?: string; end?: string } | undefined, nowMs);
}

function within(period: { start?: string; end?: string } | undefined, nowMs: number): boolean {
  const start = period?.start === undefined ? undefined : span(period.start);
  const end = period?.end === undefined ? undefined : span(period.end);
  return !(start && start.first > nowMs) && !(end && end.last < nowMs);
}

/** The unit a Quantity is in: UCUM code, else the printed unit. */
export function unitOf(quantity: Quantity): string | undefined {
  if (quantity.code !== undefined && (quantity.system === undefined || quantity.system === "http://unitsofmeasure.org")) return quantity.code;
  return quantity.unit ?? quantity.code;
}
