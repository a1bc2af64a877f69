/**
 * Required bindings: a code must be in the value set; a Coding must be in it with its system; of a
 * CodeableConcept one coding must be. Source: https://hl7.org/fhir/R4/terminologies.html#required
 */
import type { CodeSet } from "../definitions/load.ts";
import { shown, type Fault } from "./primitives.ts";

type Coded = { system?: unknown; code?: unknown; coding?: unknown; text?: unknown; extension?: unknown; _code?: unknown };

export function codeFault(set: CodeSet, value: unknown): Fault | undefined {
  return typeof value !== "string" || set.codes.has(value) ? undefined : notIn(set, shown(value));
}

export function codingFault(set: CodeSet, value: unknown): Fault | undefined {
  if (!isObject(value)) return undefined;
  if (contains(set, value)) return undefined;
  if (value.code === undefined && (value.extension !== undefined || value._code !== undefined)) return undefined; // says why it is absent
  return notIn(set, describe(value));
}

export function conceptFault(set: CodeSet, value: unknown): Fault | undefined {
  if (!isObject(value)) return undefined;
  const codings = Array.isArray(value.coding) ? value.coding.filter(isObject) : [];
  if (codings.some(coding => contains(set, coding))) return undefined;
  if (codings.length === 0) return value.extension !== undefined ? undefined : notIn(set, "a concept without a coding");
  return notIn(set, codings.map(describe).join(", "));
}

function contains(set: CodeSet, coding: Coded): boolean {
  return typeof coding.code === "string" && typeof coding.system === "string" && set.bySystem.get(coding.system)?.has(coding.code) === true;
}

function describe(coding: Coded): string {
  const { system, code } = coding;
  return system === undefined ? `${shown(code)} without a system` : `${shown(code)} of ${shown(system)}`;
}

function notIn(set: CodeSet, found: string): Fault {
  const allowed = [...set.bySystem].map(([system, codes]) => {
    const some = [...codes].slice(0, 12);
    return `${some.join(", ")}${codes.size > some.length ? `, … (${codes.size} codes)` : ""} of ${system}`;
  }).slice(0, 4).join("; ");
  return { code: "code-invalid", text: `${found} is not in the required value set ${set.url}; allowed: ${allowed}` };
}

function isObject(value: unknown): value is Coded {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
