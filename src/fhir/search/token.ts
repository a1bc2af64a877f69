/**
 * Search type `token`. Source: https://hl7.org/fhir/R4/search.html#token
 * `code`, `system|code`, `|code` (no system), `system|` (any code of it); codes and systems compare exactly.
 * An element of type `code` states no system; where its required binding implies one, `system|code` finds it too.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { isPrimitive, Node, type Item } from "../fhirpath/values.ts";
import type { TokenTerm, TokenTraits } from "./query-model.ts";
import type { TypedRows, TokenRow } from "./rows.ts";
import { normalise } from "./string.ts";
import { splitUnescaped, unescape } from "./value.ts";

export function extractTokens(item: Item, params: readonly string[], rows: TypedRows): void {
  if (!(item instanceof Node)) {
    if (typeof item === "boolean" || typeof item === "string" || typeof item === "number") add(undefined, String(item), undefined, params, rows);
    return;
  }
  const { value, type } = item;
  if (value === undefined) return;
  if (isPrimitive(type)) {
    const code = String(value);
    // Of all codes in elements of type code, mime types alone have a slash.
    if (type === "code" && code.includes("/")) add(undefined, mimeBase(code), undefined, params.map(mimeBaseParam), rows);
    return add(undefined, type === "string" ? foldCase(code) : code, undefined, params, rows);
  }
  const element = value as Record<string, unknown>;
  switch (type) {
    case "CodeableConcept": {
      const codings = Array.isArray(element.coding) ? element.coding as Record<string, unknown>[] : [];
      const { text } = element;
      let told = false;
      for (const coding of codings) {
        if (typeof coding !== "object" || coding === null) continue;
        addCoding(coding, params, rows);
        told ||= coding.display === text;
      }
      if (!told) add(undefined, undefined, text, params, rows);
      return;
    }
    case "Coding": return addCoding(element, params, rows);
    case "Identifier": {
      const kind = element.type as Record<string, unknown> | undefined;
      addOfType(kind, element.value, params, rows);
      return add(element.system, element.value, kind?.text, params, rows);
    }
    case "ContactPoint": return add(undefined, element.value, undefined, params, rows);
  }
}

/** Rows of `:below` on mime types: the base part, for "text/xml; charset=UTF-8" text/xml. Source: https://hl7.org/fhir/R4/search.html#mimetype */
export function mimeBaseParam(param: string): string {
  return `${param}:below`;
}

export function mimeBase(mimeType: string): string {
  return mimeType.split(";")[0]!.trim().toLowerCase();
}

/** Rows of `:of-type`: one a coding of the identifier's type. */
export function ofTypeParam(param: string): string {
  return `${param}:of-type`;
}

function addOfType(kind: Record<string, unknown> | undefined, value: unknown, params: readonly string[], rows: TypedRows): void {
  if (typeof value !== "string" || !Array.isArray(kind?.coding)) return;
  for (const coding of kind.coding as (Record<string, unknown> | null)[])
    if (typeof coding?.code === "string") add(coding.system, `${coding.code}|${value}`, undefined, params.map(ofTypeParam), rows);
}

/** `system|code|value` of Identifier.type and Identifier.value. */
export function parseOfType(raw: string): Result<TokenTerm> {
  const [system, code, value, ...more] = splitUnescaped(raw, "|").map(unescape);
  if (!code || !value || more.length) return fail("invalid", `"${raw}" is no typed identifier; write system|code|value of its type and itself`);
  return ok({ ...(system ? { system } : {}), code: `${code}|${value}` });
}

function addCoding(coding: Record<string, unknown>, params: readonly string[], rows: TypedRows): void {
  add(coding.system, coding.code, coding.display, params, rows);
}

function add(system: unknown, code: unknown, text: unknown, params: readonly string[], rows: TypedRows): void {
  const hasSystem = typeof system === "string" && system !== "";
  const hasCode = typeof code === "string" && code !== "";
  const folded = typeof text === "string" && text !== "" ? normalise(text) : undefined;
  if (!hasSystem && !hasCode && folded === undefined) return;
  for (let i = 0; i < params.length; i++) {
    const row: TokenRow = { param: params[i]! };
    if (hasSystem) row.system = system;
    if (hasCode) row.code = code;
    if (folded !== undefined) row.text = folded;
    rows.tokens.push(row);
  }
}

/** An element of type string is searched without regard to case. */
function foldCase(code: string): string {
  return code.toLowerCase();
}

export function parseToken(raw: string, { foldsCase, implied }: TokenTraits = { foldsCase: false, implied: undefined }): Result<TokenTerm> {
  const parts = splitUnescaped(foldsCase ? foldCase(raw) : raw, "|").map(unescape);
  if (parts.length > 2) return fail("invalid", `"${raw}" has more than one "|"; a token is code, system|code, |code or system|`);
  if (parts.length === 1) return parts[0] === "" ? fail("invalid", "the token is empty") : ok({ code: parts[0]! });
  const [system, code] = parts as [string, string];
  if (system === "" && code === "") return fail("invalid", `"|" alone is no token; write system|code`);
  if (implied?.get(system)?.has(code)) return ok({ code });
  return ok(code === "" ? { system } : { system, code });
}

export function matchesToken(row: TokenRow, term: TokenTerm): boolean {
  if (term.code !== undefined && row.code !== term.code) return false;
  if (term.system === undefined) return row.code !== undefined;
  return term.system === "" ? row.system === undefined && row.code !== undefined : row.system === term.system;
}

/** `:text`: the row's text begins with the term, as strings do. */
export function matchesTokenText(row: TokenRow, text: string): boolean {
  return row.text?.startsWith(text) === true;
}
