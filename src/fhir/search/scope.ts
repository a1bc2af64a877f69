/**
 * Where a search looks: one type, several (`_type`, or all of them), and whether in a compartment only.
 * Source: https://hl7.org/fhir/R4/http.html#vsearch, https://hl7.org/fhir/R4/http.html#search (variant searches)
 */
import { fail, ok, type Result } from "#platform/result.ts";
import { membershipsOf, type CompartmentType } from "../compartment/definitions.ts";
import { isResourceType, resourceTypes } from "../definitions/load.ts";
import { isId } from "../resource.ts";
import { didYouMean, shown } from "./parameter-names.ts";
import { parseQuery, type QueryOptions } from "./query.ts";
import type { SearchQuery } from "./query-model.ts";

/** Without `type`: the types that `_type` names, else all. */
export type SearchScope = { type?: string; compartment?: { type: CompartmentType; id: string } };

/** One query for each type, alike but for what its parameters mean there. Parameters hold for every type of the search. */
export function parseSearch(scope: SearchScope, raw: string, options: QueryOptions = {}): Result<SearchQuery[]> {
  const named = scope.type === undefined ? splitTypes(raw) : ok({ types: [scope.type], rest: raw, part: undefined });
  if (!named.ok) return named;
  const { compartment } = scope;
  const { rest, part } = named.value;
  let { types } = named.value;
  if (compartment) {
    if (!isId(compartment.id)) return fail("value", `"${shown(compartment.id)}" is not a FHIR id: 1 to 64 letters, digits, "-" or "."`);
    const members = membershipsOf(compartment.type);
    const outside = types?.find((type) => !members.has(type));
    if (outside !== undefined) return fail("not-supported", `${outside} is never in the compartment of a ${compartment.type}; ask for one of ${[...members.keys()].slice(0, 8).join(", ")}, … or for *`);
    types ??= [...members.keys()].sort();
  }
  const parsed = parseForAll(types ?? resourceTypes(), rest, { ...options, takesContained: scope.type !== undefined && !compartment });
  if (!parsed.ok) return parsed;
  return ok(parsed.value.map((query) => ({
    ...query,
    ...(part === undefined ? {} : { searched: [part, ...query.searched] }),
    ...(compartment ? { filters: [...query.filters, { kind: "compartment" as const, of: compartment, ...membershipsOf(compartment.type).get(query.type)! }] } : {}),
  })));
}

/** What one type drops under lenient handling is dropped for all, so that no type is searched with fewer conditions than another. */
function parseForAll(types: readonly string[], raw: string, options: QueryOptions): Result<SearchQuery[]> {
  const queries: SearchQuery[] = [];
  for (const type of types) {
    const parsed = parseQuery(type, raw, options);
    if (!parsed.ok) return parsed;
    queries.push(parsed.value);
  }
  const picky = queries.length > 1 ? queries.find(({ searched }) => searched.length < queries[0]!.searched.length) ?? (queries[0]!.ignored.length ? queries[0] : undefined) : undefined;
  if (!picky) return ok(queries);
  const again = parseForAll(types, picky.searched.join("&"), options);
  return again.ok ? ok(again.value.map((query) => ({ ...query, ignored: [...picky.ignored, ...query.ignored] }))) : again;
}

function splitTypes(raw: string): Result<{ types: readonly string[] | undefined; rest: string; part: string | undefined }> {
  const parts = raw.split("&");
  const mine = parts.filter((part) => /^_type(?:=|%3[dD]|:|$)/.test(part));
  if (mine.length === 0) return ok({ types: undefined, rest: raw, part: undefined });
  const [part] = mine;
  if (mine.length > 1) return fail("value", "_type stands twice in the search; list the types in one, separated by commas");
  let names: string[];
  try { names = decodeURIComponent(part!.slice("_type=".length)).split(","); } catch { return fail("invalid", `"${shown(part!)}" is not percent-encoded text`); }
  const wrong = names.find((name) => !isResourceType(name));
  if (wrong !== undefined) return fail("value", `_type: there is no resource type "${shown(wrong)}" in FHIR R4${didYouMean(wrong, resourceTypes())}`);
  return ok({ types: [...new Set(names)], rest: parts.filter((one) => one !== part).join("&"), part });
}
