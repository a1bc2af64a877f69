/**
 * Chains look at resources as they are now. Where a match refers to a version by its number, that is to be said:
 * https://hl7.org/fhir/R4/search.html#versions
 */
import type { Resource } from "#fhir/resource.ts";
import { indexRows } from "#fhir/search/index-rows.ts";
import type { Filter } from "#fhir/search/query-model.ts";
import type { Found } from "./include.ts";
import type { Part } from "./page.ts";

const namedMax = 3;

/** A warning for the client; undefined where no chain passed over a version. */
export function passedVersions(parts: readonly Part[], matched: readonly Found[]): string | undefined {
  const params = new Map(parts.map(({ query }) => [query.type, new Set(chainedBy(query.filters))]));
  const passed: string[] = [];
  for (const { type, id, content } of matched) {
    const chained = params.get(type);
    if (!chained?.size || !content.includes("/_history/")) continue;
    const row = indexRows(JSON.parse(content) as Resource).references.find(({ param, targetId, version }) => chained.has(param) && targetId !== undefined && version !== undefined);
    if (row) passed.push(`${type}/${id} refers to ${row.targetType}/${row.targetId}/_history/${row.version}`);
  }
  if (!passed.length) return undefined;
  return `chains look at resources as they are now, not at versions that are referred to: ${passed.slice(0, namedMax).join(", ")}${passed.length > namedMax ? `, and ${passed.length - namedMax} more` : ""}`;
}

function* chainedBy(filters: readonly Filter[]): Iterable<string> {
  for (const filter of filters) {
    if (filter.kind === "chain") yield filter.param;
    else if (filter.kind === "and" || filter.kind === "or") yield* chainedBy(filter.filters);
    else if (filter.kind === "not") yield* chainedBy([filter.filter]);
  }
}
