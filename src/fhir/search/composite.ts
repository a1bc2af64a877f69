/**
 * Search type `composite`. Source: https://hl7.org/fhir/R4/search.html#composite
 * Its components belong to one element. Where that is the resource itself, they are its own parameters, all of which
 * must hold; elements within (Observation.component) have rows of their own, element by element.
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { SearchParameter } from "../definitions/load.ts";
import { compositeBranches } from "./elements.ts";
import { tokenTraits } from "./index-rows.ts";
import { shown } from "./parameter-names.ts";
import type { Filter } from "./query-model.ts";
import { list, readLeaf, type ReadOptions } from "./terms.ts";
import { splitUnescaped } from "./value.ts";

/** `a$b`: in one branch all components hold. */
export function readComposite(type: string, parameter: SearchParameter, value: string, options: ReadOptions): Result<Filter> {
  return list(parameter.code, value, (raw) => readTerm(type, parameter, raw, options), anyOf);
}

function anyOf(filters: readonly Filter[]): Filter {
  return filters.length === 1 ? filters[0]! : { kind: "or", filters };
}

function readTerm(type: string, parameter: SearchParameter, raw: string, options: ReadOptions): Result<Filter> {
  const values = splitUnescaped(raw, "$");
  const branches = compositeBranches(type, parameter);
  const [first] = branches;
  if (!first) return fail("not-supported", `${parameter.code} of ${type} cannot be searched`);
  const names = first.components.map(({ definition }) => definition.code).join("$");
  if (values.length !== first.components.length || values.includes("")) return fail("invalid", `"${shown(raw)}" must give ${first.components.length} values, ${names}`);
  const filters: Filter[] = [];
  for (const { path, components } of branches) {
    const parts = [];
    for (const [i, { key, type: searchType, definition }] of components.entries()) {
      const traits = searchType === "token" ? tokenTraits(type, definition.code) : { foldsCase: false, implied: undefined };
      const part = readLeaf({ param: key, type: searchType, targets: definition.target ?? [], traits }, undefined, values[i]!, options);
      if (!part.ok) return part;
      parts.push(part.value);
    }
    filters.push(path === undefined ? { kind: "and", filters: parts } : { kind: "element", path, filters: parts });
  }
  return ok(anyOf(filters));
}

export function missingComposite(type: string, parameter: SearchParameter, missing: boolean): Filter {
  const there = anyOf(compositeBranches(type, parameter).map(({ path, components }): Filter => {
    const parts = components.map(({ key, type: searchType }) => ({ kind: "missing", param: key, searchType, missing: false }) as const);
    return path === undefined ? { kind: "and", filters: parts } : { kind: "element", path, filters: parts };
  }));
  return missing ? { kind: "not", filter: there } : there;
}
