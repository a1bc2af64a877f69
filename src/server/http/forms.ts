/**
 * Media types that are spoken here: the forms of answers, of bodies, and of patches.
 * Source: https://hl7.org/fhir/R4/http.html#mime-type, #version-parameter, #patch, RFC 7231 section 5.3.2
 */

export const fhirJson = "application/fhir+json; charset=utf-8";

/** `contentType`: what the answer calls itself; who asks for application/json gets that. */
export type Form = { readonly language: "json" | "xml"; readonly contentType: string };

const json: Form = { language: "json", contentType: fhirJson };
const plainJson: Form = { language: "json", contentType: "application/json; charset=utf-8" };
const xml: Form = { language: "xml", contentType: "application/fhir+xml; charset=utf-8" };
const plainXml: Form = { language: "xml", contentType: "application/xml; charset=utf-8" };

/** What is sent to who asks for nothing in particular. */
export const usualForm: Form = json;

const forms: Readonly<Record<string, Form | undefined>> = {
  __proto__: null as never,
  "application/fhir+json": json, json, "application/json+fhir": json, "*/*": json, "application/*": json,
  "application/json": plainJson, "text/json": plainJson,
  "application/fhir+xml": xml, xml, "application/xml+fhir": xml,
  "application/xml": plainXml, "text/xml": plainXml,
};

/** Types of bodies that hold a resource, and of patches. */
export const jsonTypes = ["application/fhir+json", "application/json", "application/json+fhir", "text/json"];
export const xmlTypes = ["application/fhir+xml", "application/xml", "application/xml+fhir", "text/xml"];
export const patchTypes = { "application/json-patch+json": "json-patch", "application/xml-patch+xml": "xml-patch" } as const;

export type MediaRange = { type: string; parameters: ReadonlyMap<string, string> };

export function mediaRange(text: string): MediaRange {
  const [type = "", ...rest] = text.split(";");
  return { type: type.trim().toLowerCase(), parameters: new Map(rest.map((part) => {
    const [name = "", value = ""] = part.split("=");
    return [name.trim().toLowerCase(), value.trim().replaceAll('"', "").toLowerCase()];
  })) };
}

/** fhirVersion=4.0 is what is spoken here. */
export function speaks({ parameters }: MediaRange): boolean {
  const version = parameters.get("fhirversion");
  return version === undefined || version === "4.0" || version === "4.0.1";
}

/** The form for an Accept header, or undefined when it takes none of ours. `_format` goes before Accept. */
export function formFor(accept: string | undefined, format: string | undefined): Form | undefined {
  if (format !== undefined) {
    // A "+" that was not escaped in a query reads as a space.
    const range = mediaRange(format.replace(/^(application\/(?:fhir|json|xml)) (?=json|xml|fhir)/, "$1+"));
    return speaks(range) && !range.type.includes("*") ? forms[range.type] : undefined;
  }
  if (accept === undefined || accept.trim() === "") return json;
  let best: Form | undefined, bestQuality = 0;
  for (const part of accept.split(",")) {
    const range = mediaRange(part);
    const form = speaks(range) ? forms[range.type] : undefined;
    const quality = Number(range.parameters.get("q") ?? 1);
    if (form && (quality > bestQuality || (quality === bestQuality && quality > 0 && form === json))) { best = form; bestQuality = quality; }
  }
  return best;
}
