/**
 * What a bulk export asks for, read before the job begins. Source: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
 */
import { isResourceType, patientCompartmentParams, resourceTypes } from "#fhir/definitions/load.ts";
import type { SearchQuery } from "#fhir/search/query-model.ts";
import { fail, ok, type Result } from "#platform/result.ts";
import { sharedTypes } from "#record/access.ts";
import type { ExportScope } from "#record/export/export.ts";

/** Words of the request; `types` and `filters` as they were sent. */
export type ExportWords = { outputFormat?: string; since?: string; types: readonly string[]; filters: readonly string[]; elements: readonly string[]; scope: ExportScope };
/** JSON, as it stands in the job. `filters`: queries as sent, by type. */
export type ExportRequest = { scope: ExportScope; types: readonly string[]; since?: number; filters: Readonly<Record<string, readonly string[]>>; elements: readonly string[] };

/** The names of the one form that files have, https://hl7.org/fhir/R4/async.html */
export const ndjsonNames: ReadonlySet<string> = new Set(["application/fhir+ndjson", "application/ndjson", "ndjson"]);
const filtersMax = 100;
const elementForm = /^(?:[A-Z][A-Za-z]{0,63}\.)?[A-Za-z][A-Za-z0-9]{0,63}$/;
/** Never records themselves. */
const unstored = new Set(["Parameters"]);

/** `readQuery` parses a search of one type that looks at the resource alone. */
export async function readExportRequest(words: ExportWords, readQuery: (type: string, query: string) => Promise<Result<SearchQuery>>): Promise<Result<ExportRequest>> {
  const { outputFormat, since, scope } = words;
  if (outputFormat !== undefined && !ndjsonNames.has(outputFormat.replace(" ", "+"))) return fail("not-supported", `_outputFormat: "${outputFormat.slice(0, 64)}" is not written; application/fhir+ndjson is`);
  const from = since === undefined ? undefined : Date.parse(since);
  if (Number.isNaN(from)) return fail("value", `_since=${since!.slice(0, 40)} is no instant; write 2026-01-31T12:00:00Z`);
  const types = split(words.types);
  for (const type of types) {
    if (!isResourceType(type)) return fail("value", `_type: there is no resource type "${type.slice(0, 64)}" in FHIR R4`);
    if (scope.level !== "system" && sharedTypes.has(type) && !patientCompartmentParams(type) && type !== "Device") return fail("not-supported", `_type: a ${type} is about nobody and in no patient's export; ask for it at the system level`);
  }
  const filters: Record<string, string[]> = {};
  for (const text of words.filters.flatMap(splitFilters)) {
    const mark = text.indexOf("?");
    const type = mark < 0 ? text : text.slice(0, mark);
    if (mark < 0 || !isResourceType(type)) return fail("value", `_typeFilter: "${text.slice(0, 80)}" must be Type?search`);
    if (types.length && !types.includes(type)) return fail("value", `_typeFilter: ${type} is not among the types of _type`);
    const query = await readQuery(type, text.slice(mark + 1));
    if (!query.ok) return { ok: false, failure: { ...query.failure, text: `_typeFilter: ${query.failure.text}` } };
    const fault = filterFault(query.value);
    if (fault !== undefined) return fail("not-supported", `_typeFilter: ${type}: ${fault}`);
    (filters[type] ??= []).push(text.slice(mark + 1));
  }
  if (Object.values(filters).flat().length > filtersMax) return fail("too-costly", `_typeFilter: at most ${filtersMax} are taken`);
  const elements = split(words.elements);
  const wrong = elements.find((element) => !elementForm.test(element));
  if (wrong !== undefined) return fail("value", `_elements: "${wrong.slice(0, 64)}" must be an element or Type.element`);
  return ok({ scope, types: types.length ? [...new Set(types)].sort() : resourceTypes().filter((type) => !unstored.has(type)), filters, elements, ...(from === undefined ? {} : { since: from }) });
}

/** `readQuery` refuses what follows references. */
function filterFault({ sort, includes, revincludes, count, total, summary, elements }: SearchQuery): string | undefined {
  const shaped = Object.entries({ _sort: sort.length, _include: includes.length, _revinclude: revincludes.length, _count: count !== undefined, _total: total, _summary: summary, _elements: elements }).find(([, value]) => value);
  return shaped && `${shaped[0]} shapes a search's pages and means nothing here`;
}

function split(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(",")).map((text) => text.trim()).filter((text) => text !== "");
}

/** Queries hold commas of their own: the next one begins with a type and "?". */
function splitFilters(text: string): string[] {
  return text.split(/,(?=[A-Z][A-Za-z]{1,63}\?)/);
}
