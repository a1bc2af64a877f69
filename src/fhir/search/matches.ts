/**
 * In-memory reference evaluation of a search: what the database's answer is compared with in tests.
 * Plain on purpose; it reads the same rows that the database stores.
 */
import { unreachable } from "#platform/result.ts";
import type { Resource } from "../resource.ts";
import { instantRange, matchesDate } from "./date.ts";
import { indexRows } from "./index-rows.ts";
import { matchesNumber } from "./number.ts";
import { matchesQuantity } from "./quantity.ts";
import type { Filter, IndexedType, SearchQuery } from "./query-model.ts";
import { matchesReference } from "./reference.ts";
import type { IndexRows } from "./rows.ts";
import { matchesString } from "./string.ts";
import { matchesToken, matchesTokenText } from "./token.ts";
import { matchesUri } from "./uri.ts";

/** Whether a resource is found by a query. Sorting, paging and includes are the store's. */
export function matches(resource: Resource, query: SearchQuery, rows: IndexRows = indexRows(resource)): boolean {
  return resource.resourceType === query.type && query.filters.every((filter) => holds(resource, filter, rows));
}

const rowsOfType = {
  token: "tokens", string: "strings", date: "dates", number: "numbers", quantity: "quantities", reference: "references", uri: "uris",
} as const satisfies Record<IndexedType, keyof IndexRows>;

function holds(resource: Resource, filter: Filter, rows: IndexRows): boolean {
  switch (filter.kind) {
    case "id": return resource.id !== undefined && filter.ids.includes(resource.id);
    case "lastUpdated": {
      const at = instantRange(resource.meta?.lastUpdated);
      return at !== undefined && filter.terms.some((term) => matchesDate({ param: "_lastUpdated", ...at }, term));
    }
    case "compartment": return filter.self && resource.id === filter.of.id || rows.references.some((row) => filter.params.includes(row.param) && row.targetType === filter.of.type && row.targetId === filter.of.id);
    case "missing": return rows[rowsOfType[filter.searchType]].every((row) => row.param !== filter.param) === filter.missing;
    case "token": {
      const found = any(rows.tokens, filter.param, filter.terms, matchesToken);
      return filter.modifier === "not" ? !found : found;
    }
    case "token-text": return any(rows.tokens, filter.param, filter.terms, matchesTokenText);
    case "string": return any(rows.strings, filter.param, filter.terms, (row, term) => matchesString(row, term, filter.modifier));
    case "date": return any(rows.dates, filter.param, filter.terms, matchesDate);
    case "number": return any(rows.numbers, filter.param, filter.terms, matchesNumber);
    case "quantity": return any(rows.quantities, filter.param, filter.terms, matchesQuantity);
    case "reference": return any(rows.references, filter.param, filter.terms, matchesReference);
    case "uri": return any(rows.uris, filter.param, filter.terms, (row, term) => matchesUri(row, term, filter.modifier));
    default: return unreachable(filter);
  }
}

function any<Row extends { param: string }, Term>(rows: readonly Row[], param: string, terms: readonly Term[], test: (row: Row, term: Term) => boolean): boolean {
  return rows.some((row) => row.param === param && terms.some((term) => test(row, term)));
}
