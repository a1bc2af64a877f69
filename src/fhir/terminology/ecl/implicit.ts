/**
 * Value sets that are named and never stored: SNOMED CT's (?fhir_vs…) and LOINC's (/vs/…).
 * Sources: https://terminology.hl7.org/SNOMEDCT.html#snomed-ct-implicit-value-sets, https://terminology.hl7.org/LOINC.html
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { snomedSystem } from "./snomed.ts";

export const loincSystem = "http://loinc.org";

/** What its compose includes: all of the system, or what passes the filter. `version`: of SNOMED CT, as far as the url says it. */
export type ImplicitValueSet = { system: string; version?: string; filter?: { property: string; op: "=" | "in" | "is-a" | "exists"; value: string } };

/** Undefined: no implicit value set of either. A failure: one, but not a right one. */
export function implicitValueSet(url: string): Result<ImplicitValueSet> | undefined {
  const snomed = /^(http:\/\/snomed\.info\/(?:sct|xsct)(?:\/[1-9]\d{5,17}(?:\/version\/\d{8})?)?)\?fhir_vs(?:=(.*))?$/s.exec(url);
  if (snomed) return ofSnomed(snomed[1]!, snomed[2]);
  if (url.startsWith(snomedSystem) && url.includes("?")) return fail("value", `${shown(url)} is no implicit value set of SNOMED CT: it reads http://snomed.info/sct[/module[/version/YYYYMMDD]]?fhir_vs[=isa/ID|=refset[/ID]|=ecl/EXPRESSION]`);
  const loinc = /^http:\/\/loinc\.org\/vs(?:\/(.*))?$/s.exec(url);
  if (!loinc) return undefined;
  const code = loinc[1] ?? "";
  if (code === "") return ok({ system: loincSystem });
  const kind = /^L([LP])\d{1,7}-\d$/.exec(code)?.[1];
  if (kind === undefined) return fail("value", `${shown(url)} is no implicit value set of LOINC: http://loinc.org/vs/ is followed by an answer list (LL123-4) or a part (LP123-4)`);
  return ok({ system: loincSystem, filter: { property: kind === "L" ? "LIST" : "ancestor", op: "=", value: code } });
}

function ofSnomed(edition: string, given: string | undefined): Result<ImplicitValueSet> {
  const all: ImplicitValueSet = { system: snomedSystem, ...(edition === snomedSystem ? {} : { version: edition }) };
  if (given === undefined) return ok(all);
  const what = decoded(given);
  if (what === undefined) return fail("value", `${shown(given)} is not rightly percent-encoded`);
  // Reference sets are the concepts that have members.
  if (what === "refset") return ok({ ...all, filter: { property: "members", op: "exists", value: "true" } });
  const [, form, rest] = /^(isa|refset|ecl)\/(.+)$/s.exec(what) ?? [];
  switch (form) {
    // The expression is judged with the other filters, where its fault can be said.
    case "ecl": return ok({ ...all, filter: { property: "constraint", op: "=", value: rest! } });
    case "isa": case "refset":
      if (!/^[1-9]\d{5,17}$/.test(rest!)) return fail("value", `"${shown(rest!)}" after ${form}/ is no SNOMED CT identifier (6 to 18 digits)`);
      return ok({ ...all, filter: { property: "concept", op: form === "isa" ? "is-a" : "in", value: rest! } });
    default: return fail("value", `fhir_vs=${shown(what)} is not known; it is empty, isa/ID, refset, refset/ID or ecl/EXPRESSION`);
  }
}

/** A code of SNOMED CT that is an expression (123:456=789, 123+456) is not taken apart here. Undefined: a plain identifier. */
export function postCoordinated(code: string): string | undefined {
  if (/^\d+$/.test(code)) return undefined;
  return /^\s*(===|<<<)?\s*\d{6,18}\s*(\|[^|]*\|)?\s*([:+]|$)/.test(code)
    ? `"${shown(code)}" is a post-coordinated expression; expressions are not classified here. Send its focus concept, or the pre-coordinated concept that means the same`
    : `"${shown(code)}" is no SNOMED CT identifier (6 to 18 digits)`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // An expression that was written without encoding may hold a bare "%".
    return text.includes("%") ? undefined : text;
  }
}

function shown(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
