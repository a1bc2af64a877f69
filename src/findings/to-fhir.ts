/**
 * The one mapping Finding → FHIR R4. A risk is a RiskAssessment, a measured or coded result an Observation, a fault
 * in care a DetectedIssue, a judgement without a value a ClinicalImpression (`formOf`). Each is labelled
 * `meta.security` AIAST and comes with a Provenance whose agent is the method's Device and whose entities are the
 * versions it rests on. What FHIR has no place for stands in extensions (docs/findings.md), so nothing is lost.
 *
 * Abstained: RiskAssessment without prediction, Observation with dataAbsentReason `unknown`, others without summary.
 */
import { createHash } from "node:crypto";
import type { CodeableConcept, Coding, Meta, Resource } from "#fhir/resource.ts";
import { parseReference } from "#fhir/resource.ts";
import { aiast, deviceSystem, extensionUrl, findingSystem, methodSystem, stateTag, ucumSystem, urgencyTag } from "./canonical.ts";
import { pack, type Extension, type Plain } from "./extension.ts";
import { formOf, type Bilingual, type Evidence, type Finding, type FindingForm } from "./finding.ts";
import type { Method } from "./method.ts";

const types = { risk: "RiskAssessment", measure: "Observation", issue: "DetectedIssue", impression: "ClinicalImpression" } as const satisfies Record<FindingForm, string>;
export const findingTypes: readonly string[] = Object.values(types);

/** Same person, method and part: same id, so that a rerun writes a new version and never a second resource. */
export function findingId(subject: string, methodId: string, part: string | undefined): string {
  return `f-${createHash("sha256").update(JSON.stringify([subject, methodId, part ?? ""])).digest("hex").slice(0, 40)}`;
}

export const provenanceId = (id: string): string => `p-${id.slice(2)}`;

/** SHA-256 of the Finding with its members in order: equal hashes mean there is nothing to write. */
export function findingHash(finding: Finding): string {
  return createHash("sha256").update(ordered(finding)).digest("hex");
}

function ordered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(ordered).join(",")}]`;
  if (value !== null && typeof value === "object")
    return `{${Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => `${JSON.stringify(key)}:${ordered(member)}`).join(",")}}`;
  return JSON.stringify(value);
}

/** Device id of a method: letters, digits, - and . only, at most 64. */
export function deviceId(methodId: string): string {
  const plain = `method-${methodId.replace(/[^A-Za-z0-9.-]/g, "-")}`;
  return plain.length <= 64 && !/[^A-Za-z0-9.-]/.test(methodId) ? plain : `${plain.slice(0, 51)}-${createHash("sha256").update(methodId).digest("hex").slice(0, 12)}`;
}

export const deviceReference = (methodId: string): string => `Device/${deviceId(methodId)}`;

/** The method as a Device: who acted, in every Provenance. */
export function methodDevice(method: Pick<Method, "id" | "version" | "title" | "sources">): Resource {
  return {
    resourceType: "Device", id: deviceId(method.id),
    identifier: [{ system: deviceSystem, value: method.id }], status: "active",
    deviceName: [{ name: method.title.en, type: "user-friendly-name" }, { name: method.title.zh, type: "other" }],
    type: { coding: [{ system: methodSystem, code: method.id, display: method.title.en }], text: "Computing method" },
    version: [{ value: method.version }],
    note: method.sources.map((source) => ({ text: [source.citation, source.doi ? `doi:${source.doi}` : undefined].filter(Boolean).join(" ") })),
  };
}

/** FHIR's own way to carry a second language. */
function bilingualConcept(coding: Coding[], label: Bilingual): CodeableConcept & { _text?: { extension: Extension[] } } {
  return { coding, text: label.en, _text: { extension: [{ url: "http://hl7.org/fhir/StructureDefinition/translation", extension: [{ url: "lang", valueCode: "zh" }, { url: "content", valueString: label.zh }] }] } };
}

const escape = (words: string): string => words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

export function findingToFhir(finding: Finding): Resource {
  const form = formOf(finding);
  const id = findingId(finding.subject, finding.method.id, finding.part);
  const common: Resource = {
    resourceType: types[form], id, meta: metaOf(finding),
    text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml"><p lang="en">${escape(finding.statement.en)}</p><p lang="zh">${escape(finding.statement.zh)}</p></div>` },
    extension: extensionsOf(finding),
    identifier: [{ system: findingSystem, value: [finding.method.id, finding.part].filter(Boolean).join("/") }],
  };
  const { label, ...codeCoding } = finding.code;
  const code = bilingualConcept([codeCoding], label);
  const subject = { reference: finding.subject };
  const device = { reference: deviceReference(finding.method.id), display: finding.method.title.en };
  const method = { coding: [{ system: methodSystem, code: finding.method.id, version: finding.method.version, display: finding.method.title.en }] };
  const basis = referencesOf(finding.evidence);
  const when = finding.effective;
  switch (form) {
    case "risk": return {
      ...common, status: "final", method, code, subject, ...(when === undefined ? {} : { occurrenceDateTime: when }), performer: device,
      ...(basis.length > 0 ? { basis } : {}),
      ...(finding.probability === undefined ? {} : {
        prediction: [{
          outcome: { text: label.en }, probabilityDecimal: finding.probability,
          ...(finding.horizonYears === undefined ? {} : { whenRange: { high: { value: finding.horizonYears, unit: "years", system: ucumSystem, code: "a" } } }),
        }],
      }),
    };
    case "measure": {
      const derivedFrom = basis.filter(({ reference }) => /^(Observation|DocumentReference|ImagingStudy|Media|QuestionnaireResponse|MolecularSequence)\//.test(reference));
      return {
        ...common, status: "final", code, subject, ...(when === undefined ? {} : { effectiveDateTime: when }),
        ...(finding.outcome === "abstained" && !finding.value ? { dataAbsentReason: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/data-absent-reason", code: "unknown", display: "Unknown" }], text: finding.statement.en } } : {}),
        ...valueOf(finding), method, device, ...(derivedFrom.length > 0 ? { derivedFrom } : {}),
      };
    }
    case "issue": return {
      ...common, status: "final", code, severity: finding.urgency === "routine" ? "low" : finding.urgency === "soon" ? "moderate" : "high", patient: subject,
      ...(when === undefined ? {} : { identifiedDateTime: when }), author: device,
      ...(basis.length > 0 ? { evidence: [{ detail: basis }] } : {}), detail: finding.statement.en,
    };
    case "impression": return {
      ...common, status: "completed", code, description: finding.statement.en, subject, ...(when === undefined ? {} : { effectiveDateTime: when }),
      ...(finding.outcome === "computed" ? { summary: finding.statement.en } : {}), ...(basis.length > 0 ? { supportingInfo: basis } : {}),
    };
  }
}

function metaOf(finding: Finding): Meta {
  return {
    security: [aiast],
    tag: [finding.outcome === "computed" ? { system: urgencyTag, code: finding.urgency } : { system: stateTag, code: "abstained" }],
  };
}

function valueOf(finding: Finding): Record<string, unknown> {
  const value = finding.value;
  if (!value) return {};
  return value.kind === "quantity"
    ? { valueQuantity: { value: value.value, unit: value.unit, system: ucumSystem, code: value.code } }
    : { valueCodeableConcept: bilingualConcept([value.coding], value.label) };
}

/** Resources named by the evidence, each once, without version: versions stand in the extension and the Provenance. */
function referencesOf(evidence: readonly Evidence[]): { reference: string }[] {
  const names = evidence.flatMap((one) => (one.kind === "resource" && parseReference(one.reference) ? [one.reference] : []));
  return [...new Set(names)].map((reference) => ({ reference }));
}

function extensionsOf(finding: Finding): Extension[] {
  const one = (name: string, value: Plain | undefined): Extension[] => pack(extensionUrl(name), value);
  const quantity = finding.value?.kind === "quantity" && formOf(finding) !== "measure" ? finding.value : undefined;
  const coded = finding.value?.kind === "coded" && formOf(finding) !== "measure" ? finding.value : undefined;
  return [
    ...one("method", finding.method), ...one("outcome", finding.outcome), ...one("form", finding.form), ...one("stage", finding.stage),
    ...one("part", finding.part), ...one("urgency", finding.urgency), ...one("statement", finding.statement),
    ...(formOf(finding) === "risk" ? [] : [...one("probability", finding.probability), ...one("horizon-years", finding.horizonYears)]),
    ...(finding.probability === undefined && formOf(finding) === "risk" ? one("horizon-years", finding.horizonYears) : []),
    ...one("value", quantity ?? (coded as Plain | undefined)),
    ...finding.contributions.flatMap((contribution) => one("contribution", contribution)),
    ...finding.evidence.flatMap((evidence) => one("evidence", evidence)),
    ...finding.limits.flatMap((limit) => one("limit", limit)),
    ...one("hash", findingHash(finding)),
  ];
}

/** Who computed it from what. `targetVersion` is the version the commit will make. `recorded` is an instant. */
export function provenanceOf(finding: Finding, targetVersion: number, recorded: string): Resource {
  const id = findingId(finding.subject, finding.method.id, finding.part);
  const versions = new Map<string, string>();
  for (const one of finding.evidence)
    if (one.kind === "resource" && parseReference(one.reference)) versions.set(one.reference, one.version === undefined ? one.reference : `${one.reference}/_history/${one.version}`);
  return {
    resourceType: "Provenance", id: provenanceId(id), meta: { security: [aiast] },
    target: [{ reference: `${types[formOf(finding)]}/${id}/_history/${targetVersion}` }],
    ...(finding.effective === undefined ? {} : { occurredDateTime: finding.effective }), recorded,
    activity: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-DataOperation", code: targetVersion === 1 ? "CREATE" : "UPDATE" }] },
    agent: [{ type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/provenance-participant-type", code: "assembler", display: "Assembler" }] }, who: { reference: deviceReference(finding.method.id), display: `${finding.method.title.en} ${finding.method.version}` } }],
    ...(versions.size > 0 ? { entity: [...versions.values()].map((what) => ({ role: "source", what: { reference: what } })) } : {}),
  };
}

/** The stored resource with the mark "an input changed since"; the next run writes it without. */
export function withStaleMark(resource: Resource): Resource {
  const tag = (resource.meta?.tag ?? []).filter((one) => !(one.system === stateTag && one.code === "stale"));
  return { ...resource, meta: { ...resource.meta, tag: [...tag, { system: stateTag, code: "stale" }] } };
}
