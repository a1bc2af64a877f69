/**
 * What a SearchParameter of the record says may be asked of it, and a query beyond that.
 * Source: https://hl7.org/fhir/R4/searchparameter.html (multipleOr, multipleAnd, comparator, modifier)
 * What it does not state is no limit, nor is anything that R4 states of its own parameters: those may be asked all that
 * the page on search allows. Comparators and modifiers that a SearchParameter lists are all there are; `eq` is what no
 * comparator means. Of chains R4 does not ask that all be listed.
 */
import { isResourceType } from "../definitions/load.ts";
import { shown } from "./parameter-names.ts";
import { splitPrefix, splitUnescaped, unescape } from "./value.ts";

export type Limits = {
  multipleOr?: false;
  multipleAnd?: false;
  comparator?: readonly string[];
  /** R4's codes: "type" for a resource type, "ofType" for `:of-type`. */
  modifier?: readonly string[];
};

/** Of a SearchParameter resource; undefined where it limits nothing. */
export function limitsOf(resource: Readonly<Record<string, unknown>>): Limits | undefined {
  const limits: Limits = {};
  if (resource.multipleOr === false) limits.multipleOr = false;
  if (resource.multipleAnd === false) limits.multipleAnd = false;
  for (const name of ["comparator", "modifier"] as const) {
    const listed = resource[name];
    if (!Array.isArray(listed)) continue;
    const codes = listed.filter((one) => typeof one === "string");
    if (codes.length) limits[name] = codes;
  }
  return Object.keys(limits).length ? limits : undefined;
}

type Limited = { code: string; type: string; limits?: Limits };

/** Why the SearchParameter does not let itself be asked this; undefined: it does. */
export function beyondLimits({ code, type, limits }: Limited, modifier: string | undefined, value: string): string | undefined {
  if (!limits) return undefined;
  const { modifier: modifiers, multipleOr } = limits;
  if (modifier !== undefined && modifiers && !modifiers.includes(codeOf(modifier))) return `${code}:${shown(modifier)}: its SearchParameter states ${listed(modifiers, "modifier")}, and not this one`;
  if (modifier === "missing") return undefined;
  const values = splitUnescaped(value, ",");
  if (multipleOr === false && values.length > 1) return `${code} takes one value, says its SearchParameter (multipleOr); ask for each of the ${values.length} by itself`;
  return values.map((one) => beyondComparators({ code, type, limits }, splitPrefix(unescape(one)).prefix)).find((fault) => fault !== undefined);
}

const compared: ReadonlySet<string> = new Set(["date", "number", "quantity"]);

export function beyondComparators({ code, type, limits }: Limited, prefix: string): string | undefined {
  return prefix === "eq" || !compared.has(type) || !limits?.comparator || limits.comparator.includes(prefix) ? undefined : `${code} is not compared by ${prefix}: its SearchParameter states ${listed(limits.comparator, "comparator")}`;
}

export function beyondOnce({ code }: Limited): string {
  return `${code} may be asked once, says its SearchParameter (multipleAnd); leave out all but one`;
}

function codeOf(modifier: string): string {
  return isResourceType(modifier) ? "type" : modifier === "of-type" ? "ofType" : modifier;
}

function listed(codes: readonly string[], what: string): string {
  return `the ${what}${codes.length === 1 ? "" : "s"} ${codes.slice(0, 12).map(shown).join(", ")}`;
}
