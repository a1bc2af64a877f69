/**
 * Code systems that are grammars: their codes are checked, never listed.
 * UCUM: https://ucum.org/ucum · languages: RFC 5646 §2.1 · media types: RFC 6838 §4.2, RFC 2045 §5.1 (parameters).
 */
import { fail } from "#platform/result.ts";
import { parseUnit } from "../ucum/parse.ts";
import type { CodeSystemProvider, Concept, ConceptFilter } from "./provider.ts";

type Grammar = { url: string; name: string; title: string; accepts: (code: string) => boolean };

const languageTag = /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?$|^x(?:-[a-z\d]{1,8})+$/i;
const mediaType = /^[a-z\d][a-z\d!#$&^_.+-]{0,126}\/[a-z\d*][a-z\d!#$&^_.+-]{0,126}(?:\s*;\s*[a-z\d!#$&^_.+-]{1,127}=(?:[a-z\d!#$&^_.+-]{1,127}|"[^"\\]{0,500}"))*$/i;
const codeLengthMax = 1000;

const grammars: readonly Grammar[] = [
  { url: "http://unitsofmeasure.org", name: "UCUM", title: "Unified Code for Units of Measure", accepts: (code) => parseUnit(code).ok },
  { url: "urn:ietf:bcp:47", name: "BCP47", title: "Tags for Identifying Languages", accepts: (code) => languageTag.test(code) },
  { url: "urn:ietf:bcp:13", name: "BCP13", title: "Media Types", accepts: (code) => mediaType.test(code) },
];

export const grammarSystems: ReadonlyMap<string, CodeSystemProvider> = new Map(grammars.map((grammar) => [grammar.url, provider(grammar)]));

function provider({ url, name, title, accepts }: Grammar): CodeSystemProvider {
  const concept = (code: string): Concept | undefined => code.length <= codeLengthMax && accepts(code) ? { code, parents: [], abstract: false, inactive: false } : undefined;
  const filterFault = ({ property, op }: ConceptFilter): string => `${title} (${url}) cannot be filtered by ${property} ${op}`;
  return {
    header: { url, name, title, content: "complete", caseSensitive: true, status: "active", grammar: true, hierarchy: false, properties: [] },
    concepts: (codes) => codes.map(concept),
    filterFault,
    select: () => fail("too-costly", `${title} (${url}) is a grammar: its codes can be checked, not listed`),
    matches: (filters, codes) => codes.map((code) => filters.length === 0 && concept(code) !== undefined),
    subsumes: (above, below) => above === below && concept(above) !== undefined,
    children: () => [],
  };
}
