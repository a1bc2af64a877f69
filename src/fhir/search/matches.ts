/**
 * In-memory reference evaluation of a search: what the database's answer is compared with in tests.
 * Plain on purpose; it reads the same rows that the database stores.
 */
import assert from "node:assert/strict";
import { unreachable } from "#platform/result.ts";
import type { Resource } from "../resource.ts";
import { holdsOfContained } from "./contained.ts";
import { instantRange, matchesDate } from "./date.ts";
import { indexRows } from "./index-rows.ts";
import { matchesNear } from "./near.ts";
import { matchesNumber } from "./number.ts";
import { matchesQuantity } from "./quantity.ts";
import type { Filter, IndexedType, Leaf, SearchQuery } from "./query-model.ts";
import { matchesReference } from "./reference.ts";
import type { ContainedRows, IndexRows, ReferenceRow, TypedRows } from "./rows.ts";
import { matchesString } from "./string.ts";
import { matchesToken, matchesTokenText } from "./token.ts";
import { matchesUri } from "./uri.ts";
import { matchesWords } from "./words.ts";

/** What chains and `_has` look through: all there is to the caller. */
export type World = {
  refersTo(rows: IndexRows, chain: Extract<Filter, { kind: "chain" }>): boolean;
  isReferredTo(resource: Resource, has: Extract<Filter, { kind: "has" }>): boolean;
};

/** Nothing but the resource itself. */
const alone: World = { refersTo: () => false, isReferredTo: () => false };

/** Resources in memory. */
export class MemoryWorld implements World {
  readonly #resources: readonly { resource: Resource; rows: IndexRows }[];
  readonly #byName: ReadonlyMap<string, { resource: Resource; rows: IndexRows }>;

  /** `rowsOf`: where there are parameters beside R4's own. */
  constructor(resources: readonly Resource[], rowsOf: (resource: Resource) => IndexRows = indexRows) {
    this.#resources = resources.map((resource) => ({ resource, rows: rowsOf(resource) }));
    this.#byName = new Map(this.#resources.map((one) => [`${one.resource.resourceType}/${one.resource.id}`, one]));
  }

  find(query: Pick<SearchQuery, "type" | "filters">): Resource[] {
    return this.#resources.filter(({ resource, rows }) => resource.resourceType === query.type && query.filters.every((filter) => holds(resource, filter, rows, this))).map(({ resource }) => resource);
  }

  refersTo(rows: IndexRows, { param, canonical, branches }: Extract<Filter, { kind: "chain" }>): boolean {
    return rows.references.some((row) => row.param === param && branches.some(({ type, filter }) => {
      if (leadsIntoContained(rows, row, { type, filter }, this)) return true;
      const local = row.targetType === type && row.targetId !== undefined ? this.#byName.get(`${type}/${row.targetId}`) : undefined;
      const targets = [...local ? [local] : [], ...canonical ? this.#resources.filter(({ resource }) => resource.resourceType === type && isNamedBy(resource, row)) : []];
      return targets.some((target) => holds(target.resource, filter, target.rows, this));
    }));
  }

  isReferredTo(target: Resource, { type, param, canonical, filter }: Extract<Filter, { kind: "has" }>): boolean {
    const leadsThere = (row: ReferenceRow) => row.targetType === target.resourceType && row.targetId === target.id || canonical === true && isNamedBy(target, row);
    return this.#resources.some(({ resource, rows }) => resource.resourceType === type && rows.references.some((row) => row.param === param && leadsThere(row)) && holds(resource, filter, rows, this));
  }
}

/** Whether the row of a resource, or of one it contains, leads to a contained resource that the branch finds. */
export function leadsIntoContained({ contained }: IndexRows, row: ReferenceRow, { type, filter }: { type: string; filter: Filter }, world: World): boolean {
  return row.contained !== undefined && row.targetType === type && holdsOfContained(type, filter)
    && contained.some((one) => one.id === row.contained && one.type === type && holds(changedWith(one), filter, one.rows, world));
}

/** The contained resources that all filters find. */
export function containedMatches({ contained }: IndexRows, { type, filters }: Extract<Filter, { kind: "contained" }>, world: World = alone): ContainedRows[] {
  return contained.filter((one) => one.type === type && filters.every((filter) => holdsOfContained(type, filter) && holds(changedWith(one), filter, one.rows, world)));
}

/** A contained resource with the time of what holds it. */
function changedWith({ resource, updated }: ContainedRows): Resource {
  return updated === undefined ? resource : { ...resource, meta: { ...resource.meta, lastUpdated: updated } };
}

/** By canonical url, and by version where the reference names one. */
export function isNamedBy(resource: Readonly<Record<string, unknown>>, { url, version }: Pick<ReferenceRow, "url" | "version">): boolean {
  return url !== undefined && resource.url === url && (version === undefined || resource.version === version);
}

/** Whether a resource is found by a query that is resolved. Sorting, paging and includes are the store's. */
export function matches(resource: Resource, query: Pick<SearchQuery, "type" | "filters">, rows: IndexRows = indexRows(resource), world: World = alone): boolean {
  return resource.resourceType === query.type && query.filters.every((filter) => holds(resource, filter, rows, world));
}

const rowsOfType = {
  token: "tokens", string: "strings", date: "dates", number: "numbers", quantity: "quantities", reference: "references", uri: "uris",
} as const satisfies Record<IndexedType, keyof TypedRows>;

function holds(resource: Resource, filter: Filter, rows: IndexRows, world: World): boolean {
  switch (filter.kind) {
    case "id": return resource.id !== undefined && filter.ids.includes(resource.id);
    case "lastUpdated": {
      const at = instantRange(resource.meta?.lastUpdated);
      return at !== undefined && filter.terms.some((term) => matchesDate({ param: "_lastUpdated", ...at }, term));
    }
    case "compartment": return filter.self && resource.id === filter.of.id || rows.references.some((row) => filter.params.includes(row.param) && row.targetType === filter.of.type && row.targetId === filter.of.id);
    case "missing": return filter.searchType === "position" ? (rows.positions.length === 0) === filter.missing : isMissing(rows, filter.searchType, filter.param) === filter.missing;
    case "other": {
      const { param, kind } = filter.leaf;
      return rows[rowsOfType[kind === "token-text" ? "token" : kind]].some((row) => row.param === param && !holdsLeaf({ ...noRows, [rowsOfType[kind === "token-text" ? "token" : kind]]: [row] }, filter.leaf));
    }
    case "and": return filter.filters.every((one) => holds(resource, one, rows, world));
    case "or": return filter.filters.some((one) => holds(resource, one, rows, world));
    case "not": return !holds(resource, filter.filter, rows, world);
    case "element": return rows.elements.some(({ path, rows: own }) => path === filter.path
      && filter.filters.every((one) => one.kind === "missing" ? one.searchType !== "position" && isMissing(own, one.searchType, one.param) === one.missing : holdsLeaf(own, one)));
    case "chain": return world.refersTo(rows, filter);
    case "has": return world.isReferredTo(resource, filter);
    case "contained": return containedMatches(rows, filter, world).length > 0;
    case "near": return rows.positions.some((row) => filter.terms.some((term) => matchesNear(row, term)));
    case "words": return matchesWords(rows.words[filter.of], filter.query);
    case "value-set": case "subsumes": case "hierarchy": return assert.fail(`${filter.kind} is resolved first, see resolve.ts`);
    default: return holdsLeaf(rows, filter);
  }
}

const noRows: TypedRows = { tokens: [], strings: [], dates: [], numbers: [], quantities: [], references: [], uris: [] };

function isMissing(rows: TypedRows, searchType: IndexedType, param: string): boolean {
  return rows[rowsOfType[searchType]].every((row) => row.param !== param);
}

function holdsLeaf(rows: TypedRows, filter: Leaf): boolean {
  switch (filter.kind) {
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
