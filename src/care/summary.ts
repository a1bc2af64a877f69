/**
 * The sentences of a drafted summary. Pure: (facts, language) → sections. The rules for what counts are those of
 * `#findings/usable.ts`; what is not recorded is said to be not recorded, never to be absent.
 */
import type { Quantity, Resource } from "#fhir/resource.ts";
import { urgencies, type Bilingual, type Finding } from "#findings/finding.ts";
import { findingFromFhir, isCurrent, isFinding, isMarkedStale } from "#findings/from-fhir.ts";
import type { Facts } from "#findings/method.ts";
import { moment, wholeDays } from "#findings/time.ts";
import { codings, conditionOnset, conditionStands, hasCode, isMachine, medicineTaken, objects, observationKnown, observationStatus, observedAt, text } from "#findings/usable.ts";
import type { Cited, Section, Sentence } from "./composition.ts";
import { day, nameOf, quantityText, type Language } from "./wording.ts";

export const summaryTitle: Bilingual = { en: "Summary", zh: "摘要" };

const titles = {
  "11450-4": { en: "Problems", zh: "问题" }, "10160-0": { en: "Medicines", zh: "用药" }, "48765-2": { en: "Allergies", zh: "过敏" },
  "8716-3": { en: "Vital signs", zh: "生命体征" }, "30954-2": { en: "Results", zh: "检验结果" }, "51848-0": { en: "Computed findings", zh: "计算所得结论" },
} as const satisfies Record<string, Bilingual>;
type Code = keyof typeof titles;

/** Results older than this are not part of a summary. */
const resultsMaxDays = 730;
const resultsMax = 16;

export function composeSections(facts: Facts, language: Language): Section[] {
  const nowMs = moment(facts.asOf);
  const own = facts.resources.filter((resource) => !isMachine(resource));
  const parts: [Code, Sentence[], Bilingual][] = [
    ["11450-4", problems(own, nowMs, language), { en: "No active problem is recorded.", zh: "未记录现存问题。" }],
    ["10160-0", medicines(own, nowMs, language), { en: "No current medicine is recorded.", zh: "未记录当前用药。" }],
    ["48765-2", allergies(own, nowMs, language), { en: "No allergy is recorded; whether there is none is not known.", zh: "未记录过敏；是否确无过敏不详。" }],
    ["8716-3", vitals(own, nowMs, language), { en: "No vital sign is recorded.", zh: "未记录生命体征。" }],
    ["30954-2", results(own, nowMs, language), { en: "No result of the last two years is recorded.", zh: "近两年未记录检验结果。" }],
    ["51848-0", computed(facts.resources, language), { en: "No computed finding is stored.", zh: "暂无计算所得结论。" }],
  ];
  return parts.map(([code, sentences, none]) => ({ code, title: titles[code], sentences: sentences.length > 0 ? sentences : [{ text: none[language], human: false, evidence: [] }] }));
}

function cite(resource: Resource): Cited {
  return { reference: `${resource.resourceType}/${resource.id ?? ""}`, ...(resource.meta?.versionId === undefined ? {} : { version: resource.meta.versionId }) };
}

const say = (language: Language, en: string, zh: string, evidence: Cited[]): Sentence => ({ text: language === "zh" ? zh : en, human: false, evidence });

/** Resources of one code as one item: two institutions that record the same thing are cited together. */
function grouped(resources: readonly Resource[], concept: (resource: Resource) => unknown): Resource[][] {
  const groups = new Map<string, Resource[]>();
  for (const resource of resources) {
    const coding = codings(concept(resource))[0];
    const key = coding?.code === undefined ? nameOf(concept(resource), "en") : `${coding.system}|${coding.code}`;
    const group = groups.get(key);
    if (group) group.push(resource); else groups.set(key, [resource]);
  }
  return [...groups.values()];
}

const order = (a: string | undefined, b: string | undefined): number => ((a ?? "") < (b ?? "") ? -1 : (a ?? "") > (b ?? "") ? 1 : 0);

function problems(resources: readonly Resource[], nowMs: number, language: Language): Sentence[] {
  const standing = resources.filter((resource) => resource.resourceType === "Condition" && conditionStands(resource, nowMs, false).kind === "yes");
  return grouped(standing, (resource) => resource["code"]).map((group) => {
    const onset = group.map((one) => conditionOnset(one) ?? text(one["recordedDate"])).filter((one) => one !== undefined).sort()[0];
    return { name: nameOf(group[0]!["code"], language), onset, evidence: group.map(cite) };
  }).sort((a, b) => order(b.onset, a.onset)).map(({ name, onset, evidence }) =>
    onset === undefined ? say(language, `${name}.`, `${name}。`, evidence) : say(language, `${name}, since ${day(onset)}.`, `${name}，始于 ${day(onset)}。`, evidence));
}

function medicines(resources: readonly Resource[], nowMs: number, language: Language): Sentence[] {
  const byId = new Map(resources.filter((resource) => resource.resourceType === "Medication").map((resource) => [`Medication/${resource.id}`, resource]));
  const conceptOf = (resource: Resource): unknown => resource["medicationCodeableConcept"]
    ?? byId.get((resource["medicationReference"] as { reference?: string } | undefined)?.reference ?? "")?.["code"] ?? { text: (resource["medicationReference"] as { display?: string } | undefined)?.display };
  return grouped(resources.filter((resource) => medicineTaken(resource, nowMs)), conceptOf).map((group) => {
    const newest = group.sort((a, b) => order(text(b["authoredOn"]), text(a["authoredOn"])))[0]!;
    const dose = objects(newest["dosageInstruction"] ?? newest["dosage"])[0]?.item;
    const doseText = dose && ((language === "zh" ? translationOf(dose["_text"]) : undefined) ?? text(dose["text"]));
    const name = nameOf(conceptOf(newest), language);
    return say(language, doseText ? `${name}: ${doseText}.` : `${name}.`, doseText ? `${name}：${doseText}。` : `${name}。`, group.map(cite));
  });
}

function translationOf(element: unknown): string | undefined {
  const name = nameOf({ text: "", _text: element }, "zh");
  return name === "" ? undefined : name;
}

function allergies(resources: readonly Resource[], nowMs: number, language: Language): Sentence[] {
  const standing = resources.filter((resource) => resource.resourceType === "AllergyIntolerance" && !hasCode(resource["verificationStatus"], "refuted") && !hasCode(resource["verificationStatus"], "entered-in-error")
    && !hasCode(resource["clinicalStatus"], "resolved") && !hasCode(resource["clinicalStatus"], "inactive") && !(moment(text(resource["recordedDate"]) ?? "") > nowMs));
  return grouped(standing, (resource) => resource["code"]).map((group) => {
    const name = nameOf(group[0]!["code"], language);
    const reactions = [...new Set(group.flatMap((one) => objects(one["reaction"]).flatMap(({ item }) => objects(item["manifestation"]).map((inner) => nameOf(inner.item, language)))))];
    const high = group.some((one) => one["criticality"] === "high");
    const unsure = group.every((one) => hasCode(one["verificationStatus"], "unconfirmed"));
    return say(language,
      `${name}${reactions.length > 0 ? ` (${reactions.join(", ")})` : ""}${high ? ", high criticality" : ""}${unsure ? ", unconfirmed" : ""}.`,
      `${name}${reactions.length > 0 ? `（${reactions.join("、")}）` : ""}${high ? "，高危" : ""}${unsure ? "，未确认" : ""}。`, group.map(cite));
  });
}

type Newest = { resource: Resource; at: string; atMs: number };

function newestByCode(resources: readonly Resource[], nowMs: number, wanted: (resource: Resource) => boolean): Newest[] {
  const newest = new Map<string, Newest>();
  for (const resource of resources) {
    if (resource.resourceType !== "Observation" || observationStatus(resource["status"]).kind !== "yes" || !wanted(resource) || !observationKnown(resource, nowMs)) continue;
    const when = observedAt(resource);
    const coding = codings(resource["code"])[0];
    if (!when || coding?.code === undefined || valueText(resource, "en") === undefined) continue;
    const key = `${coding.system}|${coding.code}`;
    const known = newest.get(key);
    if (!known || when.last > known.atMs) newest.set(key, { resource, at: when.at, atMs: when.last });
  }
  return [...newest.values()].sort((a, b) => b.atMs - a.atMs);
}

function valueText(resource: Resource, language: Language): string | undefined {
  const plain = quantityText(resource["valueQuantity"] as Quantity | undefined);
  if (plain !== undefined) return plain;
  if (resource["valueCodeableConcept"] !== undefined) return nameOf(resource["valueCodeableConcept"], language);
  const components = objects(resource["component"]).map(({ item }) => item);
  const systolic = components.find((item) => hasCode(item["code"], "8480-6")), diastolic = components.find((item) => hasCode(item["code"], "8462-4"));
  if (systolic && diastolic) {
    const [high, low] = [systolic["valueQuantity"] as Quantity | undefined, diastolic["valueQuantity"] as Quantity | undefined];
    if (typeof high?.value === "number" && typeof low?.value === "number") return `${high.value}/${low.value} ${high.unit ?? "mmHg"}`;
  }
  return undefined;
}

const vitalCodes = ["85354-9", "55284-4", "8867-4", "9279-1", "8310-5", "8331-1", "59408-5", "2708-6", "29463-7", "39156-5"];
const isVital = (resource: Resource): boolean => vitalCodes.some((code) => hasCode(resource["code"], code));
const inCategory = (resource: Resource, code: string): boolean => objects(resource["category"]).some(({ item }) => hasCode(item, code));

function vitals(resources: readonly Resource[], nowMs: number, language: Language): Sentence[] {
  return newestByCode(resources, nowMs, isVital).map(({ resource, at }) => observation(resource, at, language));
}

function results(resources: readonly Resource[], nowMs: number, language: Language): Sentence[] {
  const recent = newestByCode(resources, nowMs, (resource) => inCategory(resource, "laboratory") && resource["valueQuantity"] !== undefined).filter(({ atMs }) => wholeDays(atMs, nowMs) <= resultsMaxDays);
  const outside = (resource: Resource): boolean => flag(resource, language) !== "";
  return recent.sort((a, b) => Number(outside(b.resource)) - Number(outside(a.resource)) || b.atMs - a.atMs).slice(0, resultsMax).map(({ resource, at }) => observation(resource, at, language));
}

function observation(resource: Resource, at: string, language: Language): Sentence {
  const name = nameOf(resource["code"], language), value = valueText(resource, language)!, note = flag(resource, language);
  const early = resource["status"] === "preliminary" ? (language === "zh" ? "（初步）" : " (preliminary)") : "";
  return say(language, `${name} ${value}${note}${early}, ${day(at)}.`, `${name} ${value}${note}${early}，${day(at)}。`, [cite(resource)]);
}

/** Only what the laboratory itself said or its own reference range shows. */
function flag(resource: Resource, language: Language): string {
  const high = language === "zh" ? "（偏高）" : " (high)", low = language === "zh" ? "（偏低）" : " (low)";
  for (const { item } of objects(resource["interpretation"])) {
    if (["H", "HH", "HU"].some((code) => hasCode(item, code))) return high;
    if (["L", "LL", "LU"].some((code) => hasCode(item, code))) return low;
    if (hasCode(item, "N")) return "";
  }
  const quantity = resource["valueQuantity"] as Quantity | undefined;
  const ranges = objects(resource["referenceRange"]);
  const range = ranges.length === 1 ? ranges[0]!.item : undefined; // several depend on age or sex: not ours to choose
  const lower = range?.["low"] as Quantity | undefined, upper = range?.["high"] as Quantity | undefined;
  if (typeof quantity?.value !== "number" || quantity.comparator !== undefined) return "";
  if (typeof upper?.value === "number" && upper.unit === quantity.unit && quantity.value > upper.value) return high;
  if (typeof lower?.value === "number" && lower.unit === quantity.unit && quantity.value < lower.value) return low;
  return "";
}

/** Of several of one kind (an ECG of each month) the newest speaks, with the day it speaks of. */
function computed(resources: readonly Resource[], language: Language): Sentence[] {
  const newest = new Map<string, { resource: Resource; finding: Finding }>();
  for (const resource of resources) {
    if (!isFinding(resource) || !isCurrent(resource)) continue;
    const read = findingFromFhir(resource);
    if (!read.ok || read.value.outcome !== "computed") continue;
    const finding = read.value, kind = `${finding.method.id} ${finding.code.system ?? ""}|${finding.code.code ?? finding.code.label.en}`;
    const known = newest.get(kind);
    if (!known || order(known.finding.effective, finding.effective) < 0) newest.set(kind, { resource, finding });
  }
  return [...newest.values()].sort((a, b) => urgencies.indexOf(b.finding.urgency) - urgencies.indexOf(a.finding.urgency) || order(a.resource.id, b.resource.id)).map(({ resource, finding }) => {
    const stale = isMarkedStale(resource) ? (language === "zh" ? "（输入已变更，需重新计算）" : " (an input has changed since)") : "";
    const when = finding.effective === undefined ? "" : language === "zh" ? `（${day(finding.effective)}）` : ` (${day(finding.effective)})`;
    return { text: `${finding.statement[language]}${when}${stale}`, human: false, evidence: [cite(resource)] };
  });
}
