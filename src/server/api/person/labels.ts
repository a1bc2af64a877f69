/**
 * Bilingual names of people, concepts and places as the screens show them: the resource's own words first
 * (the FHIR translation extension for the second language), else the display of a coding, else the code.
 */
import type { Bilingual } from "#findings/finding.ts";
import type { CodeableConcept, Coding, Resource } from "#fhir/resource.ts";

type Extension = { url?: string; valueCode?: string; valueString?: string; extension?: Extension[] };
type HumanName = { text?: string; family?: string; given?: string[]; prefix?: string[]; use?: string; extension?: Extension[] };

const translationUrl = "http://hl7.org/fhir/StructureDefinition/translation";
const representationUrl = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";
const han = /\p{Script=Han}/u;

/** The Chinese text a primitive's `_member` carries, if any. */
export function translated(twin: unknown, language = "zh"): string | undefined {
  for (const extension of (twin as { extension?: Extension[] } | undefined)?.extension ?? []) {
    if (extension.url !== translationUrl) continue;
    const part = (name: string): Extension | undefined => extension.extension?.find((child) => child.url === name);
    const lang = part("lang");
    if ((lang?.valueCode ?? lang?.valueString)?.startsWith(language)) return part("content")?.valueString;
  }
  return undefined;
}

/** Both languages from one text and its translation; a text in Han script stands for Chinese. */
export function bilingual(text: string, twin?: unknown): Bilingual {
  const zh = translated(twin);
  const en = translated(twin, "en");
  return han.test(text) ? { en: en ?? text, zh: text } : { en: text, zh: zh ?? text };
}

export function conceptLabel(concept: unknown): Bilingual | undefined {
  const value = (Array.isArray(concept) ? concept[0] : concept) as (CodeableConcept & { _text?: unknown }) | undefined;
  if (!value) return undefined;
  if (value.text) return bilingual(value.text, value._text);
  for (const coding of value.coding ?? []) if (coding.display) return bilingual(coding.display, (coding as Coding & { _display?: unknown })._display);
  const code = value.coding?.[0]?.code;
  return code ? { en: code, zh: code } : undefined;
}

function formatName(name: HumanName): string {
  if (name.text) return name.text;
  const given = (name.given ?? []).join(" ");
  return han.test(`${name.family ?? ""}${given}`) ? `${name.family ?? ""}${given.replaceAll(" ", "")}` : [given, name.family].filter(Boolean).join(" ");
}

/** A person's name in both scripts; the one there is stands for both. Names no longer used come last. */
export function humanName(names: unknown): Bilingual {
  const list = ((names as HumanName[] | undefined) ?? []).filter((name) => name.use !== "old");
  if (list.length === 0) return { en: "Name not recorded", zh: "姓名未记录" };
  const representation = (name: HumanName): string | undefined => name.extension?.find((extension) => extension.url === representationUrl)?.valueCode;
  const official = [...list.filter((name) => name.use === "official"), ...list];
  const zh = official.find((name) => representation(name) === "IDE") ?? official.find((name) => han.test(formatName(name)));
  const en = official.find((name) => representation(name) === "ABC") ?? official.find((name) => !han.test(formatName(name)));
  const first = official[0]!;
  return { en: formatName(en ?? first), zh: formatName(zh ?? first) };
}

/** What to call any resource in a list or above its JSON. */
export function resourceLabel(resource: Resource): Bilingual {
  const field = (name: string): unknown => resource[name];
  switch (resource.resourceType) {
    case "Patient": case "Practitioner": case "RelatedPerson": case "Person": return humanName(field("name"));
    case "Encounter": return conceptLabel(field("type")) ?? conceptLabel(field("reasonCode")) ?? { en: "Encounter", zh: "就诊" };
    case "MedicationRequest": case "MedicationStatement": case "MedicationAdministration": return conceptLabel(field("medicationCodeableConcept")) ?? { en: "Medicine", zh: "药物" };
    case "Immunization": return conceptLabel(field("vaccineCode")) ?? { en: "Immunization", zh: "疫苗接种" };
    case "Organization": case "Location": return typeof field("name") === "string" ? bilingual(field("name") as string, field("_name")) : { en: resource.resourceType, zh: resource.resourceType };
    case "Device": {
      const [name] = (field("deviceName") as { name?: string; _name?: unknown }[] | undefined) ?? [];
      return name?.name === undefined ? conceptLabel(field("type")) ?? { en: "Device", zh: "设备" } : bilingual(name.name, name._name);
    }
    case "Composition": return typeof field("title") === "string" ? bilingual(field("title") as string, field("_title")) : { en: "Note", zh: "病历摘要" };
    default: return conceptLabel(field("code")) ?? { en: resource.resourceType, zh: resource.resourceType };
  }
}
