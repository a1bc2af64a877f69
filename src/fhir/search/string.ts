/**
 * Search type `string`. Source: https://hl7.org/fhir/R4/search.html#string
 * Plain: begins with, without regard to case, accents and surplus space; `:contains` anywhere; `:exact` as written.
 * HumanName and Address give a row for each of their parts. Punctuation does not count.
 */
import { ok, type Result } from "#platform/result.ts";
import { isSubtype } from "../definitions/load.ts";
import { Node, type Item } from "../fhirpath/values.ts";
import type { StringTerm } from "./query-model.ts";
import type { TypedRows, StringRow } from "./rows.ts";
import { unescape } from "./value.ts";

/**
 * Folded form that search compares: lower case, compatibility forms unified, accents and punctuation dropped,
 * runs of white space as one; a text of nothing but punctuation keeps it. Only Latin, Greek and Cyrillic accents go; marks that are letters elsewhere (Hindi vowels,
 * Japanese voicing) stay.
 */
export function normalise(text: string): string {
  if (/^[0-9A-Za-z]+(?: [0-9A-Za-z]+)*$/.test(text)) return text.toLowerCase();
  const folded = foldLetters(text);
  return tidy(folded.replace(/\p{P}+/gu, "")) || tidy(folded);
}

/** Case, compatibility forms and accents; punctuation and space stay. */
export function foldLetters(text: string): string {
  return text.normalize("NFKD").toLowerCase().toUpperCase().toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC");
}

function tidy(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

const nameParts = ["text", "family", "given", "prefix", "suffix"] as const;
const addressParts = ["text", "line", "city", "district", "state", "postalCode", "country"] as const;

export function extractStrings(item: Item, params: readonly string[], rows: TypedRows): void {
  if (typeof item === "string") return add(item, params, rows, false);
  if (!(item instanceof Node)) return;
  const { value, type } = item;
  if (typeof value === "string") {
    if (isSubtype(type, "string") || isSubtype(type, "uri")) add(value, params, rows, false);
    return;
  }
  if (type === "HumanName") addParts(value, nameParts, params, rows);
  else if (type === "Address") addParts(value, addressParts, params, rows);
}

function addParts(value: unknown, parts: readonly string[], params: readonly string[], rows: TypedRows): void {
  for (const part of parts) {
    const found = (value as Record<string, unknown>)[part];
    if (Array.isArray(found)) for (const text of found) add(text, params, rows, false);
    else add(found, params, rows, part === "family");
  }
}

/** Each part is a row of its own with the rest of the name: without an end a long text would become its square. */
const familyPartsMax = 12;

/** A family name is found by each of its parts too, as far as they are few: "Carreno Quinones" and "Carreno-Quinones" by "quinones". */
function add(text: unknown, params: readonly string[], rows: TypedRows, family: boolean): void {
  if (typeof text !== "string" || text === "") return;
  const value = normalise(text);
  for (let i = 0; i < params.length; i++) {
    const param = params[i]!;
    rows.strings.push({ param, value, exact: text });
    if ((family || param === "family") && /[\s-]/.test(text)) {
      let parts = 0;
      for (const { index } of text.matchAll(/[\s-]+(?=[^\s-])/g)) {
        if (++parts === familyPartsMax) break;
        if (index > 0) rows.strings.push({ param, value: normalise(text.slice(index)), exact: text });
      }
    }
  }
}

export function parseString(raw: string): Result<StringTerm> {
  const exact = unescape(raw);
  return ok({ value: normalise(exact), exact });
}

export function matchesString(row: StringRow, term: StringTerm, modifier: "exact" | "contains" | "equals" | "ends" | undefined): boolean {
  switch (modifier) {
    case "exact": return row.exact === term.exact;
    case "contains": return row.value.includes(term.value);
    case "equals": return row.value === term.value;
    case "ends": return row.value.endsWith(term.value);
    default: return row.value.startsWith(term.value);
  }
}
