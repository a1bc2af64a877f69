/** A type's search parameters by name, and names as messages show them. */
import { searchParametersOf, type SearchParameter } from "../definitions/load.ts";
import { nearNames } from "../fhirpath/near.ts";
import type { CustomSearch } from "./custom.ts";
import type { Limits } from "./limits.ts";

/** `limits`: of the node's own. */
export type NamedParameter = SearchParameter & { limits?: Limits };

const parametersByType = new Map<string, ReadonlyMap<string, NamedParameter>>();

/** R4's own and, where given, the node's. */
export function parametersOf(type: string, custom?: CustomSearch): ReadonlyMap<string, NamedParameter> {
  let found = parametersByType.get(type);
  if (!found) parametersByType.set(type, found = new Map(searchParametersOf(type).map((parameter) => [parameter.code, parameter])));
  const more = custom?.of(type) ?? [];
  return more.length ? new Map([...found, ...more.map((parameter) => [parameter.code, parameter] as const)]) : found;
}

/** What a caller sent, short enough for a message. */
export function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The end of a message about an unknown name: "; did you mean …?", or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = nearNames(name, [...known]);
  return near.length ? `; did you mean ${near.map((n) => `"${n}"`).join(" or ")}?` : "";
}
