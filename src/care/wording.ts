/** Names of concepts and values in a language, as the record gives them: FHIR's translation extension, else the text as it stands. */
import type { CodeableConcept, Coding, Quantity } from "#fhir/resource.ts";
import { codings } from "#findings/usable.ts";

export type Language = "en" | "zh";
type Translated = { extension?: { url?: string; extension?: { url?: string; valueCode?: string; valueString?: string }[] }[] };

const translationUrl = "http://hl7.org/fhir/StructureDefinition/translation";

function translated(element: Translated | undefined, language: Language): string | undefined {
  for (const extension of element?.extension ?? []) {
    if (extension.url !== translationUrl) continue;
    const lang = extension.extension?.find((one) => one.url === "lang")?.valueCode;
    if (lang?.split("-")[0] === language) return extension.extension?.find((one) => one.url === "content")?.valueString;
  }
  return undefined;
}

/** Never empty: a concept without words is named by its code. */
export function nameOf(concept: unknown, language: Language): string {
  const one = (concept ?? {}) as CodeableConcept & { _text?: Translated };
  const list = codings(one) as (Coding & { _display?: Translated })[];
  return translated(one._text, language) ?? list.map((coding) => translated(coding._display, language)).find((text) => text !== undefined)
    ?? one.text ?? list.find((coding) => coding.display !== undefined)?.display ?? list[0]?.code ?? (language === "zh" ? "未命名" : "unnamed");
}

export function quantityText(quantity: Quantity | undefined): string | undefined {
  return typeof quantity?.value === "number" ? `${quantity.comparator ?? ""}${quantity.value} ${quantity.unit ?? quantity.code ?? ""}`.trim() : undefined;
}

/** The day of a FHIR date, as it is known: "2024-05-03", "2024-05", "2024". */
export const day = (at: string): string => at.slice(0, 10);
