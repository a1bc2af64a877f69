/**
 * Filters whose terms have to be looked up: codes of a value set, codes above and below another, what a place is part
 * of. They become plain terms, so that an evaluation asks for nothing. Source: https://hl7.org/fhir/R4/search.html#modifiers
 */
import { fail, ok, type Result } from "#platform/result.ts";
import type { Filter, TokenTerm, TokenTraits } from "./query-model.ts";

export type Code = { system: string; code: string };

/** Each lists itself too, and fails beyond `lookedUpMax`. */
export type Lookups = {
  /** `valueSet`: canonical url or ValueSet/id. */
  expand(valueSet: string): Promise<Result<readonly Code[]>>;
  /** The code and all above or below it in its system. */
  subsumes(code: Code, direction: "above" | "below"): Promise<Result<readonly Code[]>>;
  /** Ids and all that lie above or below them, where `by` leads from the part to the whole. */
  hierarchy(type: string, by: string, ids: readonly string[], direction: "above" | "below"): Promise<Result<readonly string[]>>;
};

export const lookedUpMax = 50_000;

export const noLookups: Lookups = {
  expand: async () => fail("not-supported", ":in and :not-in cannot be answered here"),
  subsumes: async () => fail("not-supported", ":above and :below on codes cannot be answered here"),
  hierarchy: async () => fail("not-supported", ":above and :below on references cannot be answered here"),
};

export async function resolve(filters: readonly Filter[], lookups: Lookups): Promise<Result<Filter[]>> {
  const resolved: Filter[] = [];
  for (const filter of filters) {
    const one = await resolveOne(filter, lookups);
    if (!one.ok) return one;
    resolved.push(one.value);
  }
  return ok(resolved);
}

async function resolveOne(filter: Filter, lookups: Lookups): Promise<Result<Filter>> {
  switch (filter.kind) {
    case "value-set": {
      const codes = await gather(filter.valueSets, (valueSet) => lookups.expand(valueSet));
      return codes.ok ? ok(tokens(filter.param, codes.value, filter.traits, filter.modifier === "not-in")) : codes;
    }
    case "subsumes": {
      const codes = await gather(filter.terms, (term) => lookups.subsumes(term, filter.modifier));
      return codes.ok ? ok(tokens(filter.param, codes.value, filter.traits, false)) : codes;
    }
    case "hierarchy": {
      const ids = await lookups.hierarchy(filter.type, filter.by, filter.ids, filter.modifier);
      return ids.ok ? ok({ kind: "reference", param: filter.param, terms: ids.value.map((id) => ({ kind: "local", type: filter.type, id })) }) : ids;
    }
    case "and": case "or": {
      const filters = await resolve(filter.filters, lookups);
      return filters.ok ? ok({ kind: filter.kind, filters: filters.value }) : filters;
    }
    case "contained": {
      const filters = await resolve(filter.filters, lookups);
      return filters.ok ? ok({ ...filter, filters: filters.value }) : filters;
    }
    case "not": case "has": {
      const inner = await resolveOne(filter.filter, lookups);
      return inner.ok ? ok({ ...filter, filter: inner.value }) : inner;
    }
    case "chain": {
      const inner = await resolve(filter.branches.map((branch) => branch.filter), lookups);
      return inner.ok ? ok({ ...filter, branches: filter.branches.map(({ type }, i) => ({ type, filter: inner.value[i]! })) }) : inner;
    }
    default: return ok(filter);
  }
}

async function gather<T>(asked: readonly T[], find: (one: T) => Promise<Result<readonly Code[]>>): Promise<Result<Code[]>> {
  const codes: Code[] = [];
  for (const one of asked) {
    const found = await find(one);
    if (!found.ok) return found;
    codes.push(...found.value);
    if (codes.length > lookedUpMax) return fail("too-costly", `the codes asked for are more than ${lookedUpMax}; narrow the value set or the code`);
  }
  return ok(codes);
}

/** An element of type code states no system. */
function tokens(param: string, codes: readonly Code[], { foldsCase, implied }: TokenTraits, negative: boolean): Filter {
  const terms = codes.map(({ system, code }): TokenTerm => implied?.get(system)?.has(code) ? { code } : { system, code: foldsCase ? code.toLowerCase() : code });
  if (!terms.length) return { kind: negative ? "and" : "or", filters: [] };
  return negative ? { kind: "token", param, modifier: "not", terms } : { kind: "token", param, terms };
}

/** Whether one resource by itself tells whether it is found: no reference is followed. */
export function standsAlone(filter: Filter): boolean {
  return !some(filter, ({ kind }) => kind === "chain" || kind === "has");
}

/** Whether something has to be looked up first. */
export function isOpen(filter: Filter): boolean {
  return some(filter, ({ kind }) => kind === "value-set" || kind === "subsumes" || kind === "hierarchy");
}

function some(filter: Filter, test: (filter: Filter) => boolean): boolean {
  if (test(filter)) return true;
  switch (filter.kind) {
    case "and": case "or": case "contained": return filter.filters.some((one) => some(one, test));
    case "not": case "has": return some(filter.filter, test);
    case "chain": return filter.branches.some((branch) => some(branch.filter, test));
    default: return false;
  }
}
