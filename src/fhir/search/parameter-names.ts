/** A type's search parameters by name, and names as messages show them. */
import { searchParametersOf, type SearchParameter } from "../definitions/load.ts";
import { nearNames } from "../fhirpath/near.ts";

const parametersByType = new Map<string, ReadonlyMap<string, SearchParameter>>();

export function parametersOf(type: string): ReadonlyMap<string, SearchParameter> {
  let found = parametersByType.get(type);
  if (!found) parametersByType.set(type, found = new Map(searchParametersOf(type).map((parameter) => [parameter.code, parameter])));
  return found;
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
