/**
 * Contained resources in SQL. Each stands in `element` among the rows of what holds it: one row names it, others of the
 * same element are what it says (rows.ts). So a test of one asks for rows of its element, as a test of a resource asks
 * for rows of its rid. Source: https://hl7.org/fhir/R4/search.html#contained
 */
import assert from "node:assert/strict";
import { holdsOfContained } from "#fhir/search/contained.ts";
import type { Filter, Leaf } from "#fhir/search/query-model.ts";
import { containedCode, containedElementParam, containedParam, containedType, paramKey } from "../keys.ts";
import { positionParam } from "../rows.ts";
import { join, raw, sql, texts, type Sql } from "../sql.ts";
import { versionFits } from "./canonical.ts";
import { elementTest } from "./element.ts";
import { nearTest } from "./near.ts";
import { sourceOf } from "./leaf.ts";
import { among, probe } from "./probe.ts";
import type { Scope } from "./scope.ts";
import { anyOf, ofParam } from "./source.ts";

type Held = Extract<Filter, { kind: "contained" }>;

/** Rows `e` that name contained resources of the type which all filters find, in a resource of type `holder`. */
export function heldBy(scope: Scope, holder: string, { type, filters }: Held, e: string): Sql {
  return sql`${raw(e)}.code = ${containedCode(type, holder)}::bigint and ${heldTests(scope, holder, type, filters, e)}`;
}

/** The same, where its resource is known: found by that, not among all that hold such ones. */
export function heldIn(scope: Scope, holder: string, { type, filters }: Held, e: string): Sql {
  return sql`${raw(e)}.param = ${containedParam(type)}::int and ${heldTests(scope, holder, type, filters, e)}`;
}

function heldTests(scope: Scope, holder: string, type: string, filters: readonly Filter[], e: string): Sql {
  return filters.length ? join(filters.map((filter) => test(scope, holder, type, filter, e)), " and ") : raw("true");
}

/** Selects `columns` of the rows `e` that name what the filter finds in resources of type `holder`; begins with a code where one is asked for. */
export function heldSet(scope: Scope, holder: string, type: string, filter: Filter, columns: (e: string) => string): Sql | undefined {
  if (!holdsOfContained(type, filter)) return undefined;
  const e = scope.alias(), code = codeIn(filter);
  const found = heldBy(scope, holder, { kind: "contained", type, filters: [filter] }, e);
  if (!code) return sql`select ${raw(columns(e))} from element ${raw(e)} where ${found}`;
  const x = scope.alias();
  return sql`select ${raw(columns(e))} from element ${raw(x)} join element ${raw(`${e} on ${e}.ck = ${x}.ck and ${e}.rid = ${x}.rid and ${e}.element = ${x}.element`)}
    where ${sourceOf(containedType(type), code).condition(x)} and ${raw(e)}.param = ${containedParam(type)}::int and ${found}`;
}

/** Codes that whatever the filter finds has one of. */
function codeIn(filter: Filter): Leaf | undefined {
  if (filter.kind === "token") return filter.modifier === "not" || filter.terms.some(({ code }) => code === undefined) ? undefined : filter;
  return filter.kind === "and" ? filter.filters.map(codeIn).find((one) => one !== undefined) : undefined;
}

/** The filter as a condition on the contained resource that row `e` names. Always true or false, never null. */
function test(scope: Scope, holder: string, type: string, filter: Filter, e: string): Sql {
  const own = containedType(type);
  const of = (condition: (alias: string) => Sql, table = raw("element")): Sql => {
    const x = scope.alias();
    return probe(sql`${table} ${raw(`${x} where ${x}.ck = ${e}.ck and ${x}.rid = ${e}.rid and ${x}.element = ${e}.element`)} and ${condition(x)}`);
  };
  switch (filter.kind) {
    case "id": return sql`${raw(e)}.value = any(${texts(filter.ids)}::text[])`;
    case "and": return filter.filters.length ? sql`(${join(filter.filters.map((one) => test(scope, holder, type, one, e)), " and ")})` : raw("true");
    case "or": return anyOf(filter.filters.map((one) => test(scope, holder, type, one, e)));
    case "not": return sql`not ${test(scope, holder, type, filter.filter, e)}`;
    case "missing": {
      const there = of((x) => filter.searchType === "position" ? isPosition(own, x) : ofParam(x, own, filter.param));
      return filter.missing ? sql`not ${there}` : there;
    }
    case "other": {
      const { condition } = sourceOf(own, filter.leaf);
      return of((x) => sql`${ofParam(x, own, filter.leaf.param)} and (${condition(x)}) is not true`, columnsOf(filter.leaf));
    }
    case "element": {
      const l = scope.alias(), x = scope.alias();
      return probe(sql`element ${raw(l)} join element ${raw(`${x} on ${x}.ck = ${l}.ck and ${x}.rid = ${l}.rid and ${x}.element = ${l}.element`)}
        where ${raw(`${l}.ck = ${e}.ck and ${l}.rid = ${e}.rid and ${l}.target = ${e}.target`)} and ${raw(l)}.param = ${containedElementParam(type)}::int and ${elementTest(scope, own, filter.filters, x)}`);
    }
    case "near": return of((x) => sql`${isPosition(own, x)} and ${nearTest(x, filter.terms)}`, raw("(select ck, rid, element, param, low as latitude, high as longitude from element)"));
    // What lies beyond is a set: an element does not say where its references lead.
    case "chain": return of((x) => sql`${ofParam(x, own, filter.param)} and ${among(scope, raw(`${x}.target`), scope.targetsOf(holder, filter))}${filter.canonical ? sql` and ${versionFits(scope, x, filter)}` : raw("")}`);
    case "has": case "words": case "lastUpdated": case "compartment": case "contained": return assert.fail(`${filter.kind} is not asked of contained resources, see holdsOfContained`);
    case "value-set": case "subsumes": case "hierarchy": return assert.fail(`${filter.kind} is resolved first, see resolve.ts`);
    default: {
      const there = of(sourceOf(own, filter).condition, columnsOf(filter));
      return filter.kind === "token" && filter.modifier === "not" ? sql`not ${there}` : there;
    }
  }
}

/** The text of a token stands where strings have their value. */
function columnsOf(leaf: Leaf): Sql {
  return raw(leaf.kind === "token-text" ? "(select ck, rid, element, param, value as text from element)" : "element");
}

function isPosition(own: string, alias: string): Sql {
  return sql`${raw(alias)}.param = ${paramKey(own, positionParam)}::int`;
}
