/**
 * Search type `uri`. Source: https://hl7.org/fhir/R4/search.html#uri
 * Exact, case and trailing slash included; `:below` the value or anything under its path, `:above` the value or
 * any path over it. Hierarchy is for urls, not for urns.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { Node, type Item } from "../fhirpath/values.ts";
import type { UriTerm } from "./query-model.ts";
import type { TypedRows, UriRow } from "./rows.ts";
import { unescape } from "./value.ts";

export function extractUris(item: Item, params: readonly string[], rows: TypedRows): void {
  const value = item instanceof Node ? item.value : item;
  if (typeof value !== "string" || value === "") return;
  for (let i = 0; i < params.length; i++) rows.uris.push({ param: params[i]!, value });
}

export function parseUri(raw: string, modifier: "above" | "below" | undefined): Result<UriTerm> {
  const value = unescape(raw);
  if (value === "") return fail("invalid", "the uri is empty");
  if (modifier && value.startsWith("urn:")) return fail("invalid", `:${modifier} needs a url; "${value}" is a urn and has no hierarchy`);
  return ok({ value });
}

function isUnder(path: string, top: string): boolean {
  return path === top || path.startsWith(top.endsWith("/") ? top : `${top}/`);
}

export function matchesUri(row: UriRow, term: UriTerm, modifier: "above" | "below" | undefined): boolean {
  if (modifier === "below") return isUnder(row.value, term.value);
  return modifier === "above" ? isUnder(term.value, row.value) : row.value === term.value;
}
