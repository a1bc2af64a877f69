/**
 * Contained resources in SQL. Each stands in `element` among the rows of what holds it: one row names it, others of the
 * same element are what it says (rows.ts). So a test of one asks for rows of its element, as a test of a resource asks
 * for rows of its rid. Source: https://hl7.org/fhir/R4/search.html#contained
 */
import assert from "node:assert/strict";
import type { Filter, Leaf } from "#fhir/search/query-model.ts";
import { containedCode, containedElementParam, containedParam, containedType, paramKey } from "../keys.ts";
import { positionParam } from "../rows.ts";
import { join, raw, sql, texts, type Sql } from "../sql.ts";
import { versionFits } from "./canonical.ts";
import { updatedTest } from "./date.ts";
import { elementTest } from "./element.ts";
import { nearTest } from "./near.ts";
import { sourceOf } from "./leaf.ts";
import { among, probe } from "./probe.ts";
import type { Scope } from "./scope.ts";
import { anyOf, ofParam } from "./source.ts";

type Token = Extract<Filter, { kind: "token" }>;
type Held = Extract<Filter, { kind: "contained" }>;

/** Selects `columns` of the rows `e` that name contained resources which all filters find, in resources of type `holder`. One may come twice. */
export function heldSet(scope: Scope, holder: string, { type, filters }: Held, columns: (e: string) => string): Sql {
  const k = scope.alias(), e = scope.alias(), code = codeIn({ kind: "and", filters });
  const holds = (alias: string): Sql => sql`${raw(alias)}.code = ${containedCode(type, holder)}::bigint`;
  const begins = code ? sql`${sourceOf(containedType(type), withoutSystems(code)).condition(k)} and ${again(holds)}` : holds(k);
  // What has the code may be held by a resource of another type.
  function again(condition: (alias: string) => Sql): Sql {
    const t = scope.alias();
    return probe(sql`token ${raw(`${t} where ${t}.ck = ${k}.ck and ${t}.at = ${k}.at and ${t}.rid = ${k}.rid`)} and ${condition(t)}`);
  }
  const held = heldIn(scope, holder, { kind: "contained", type, filters }, e);
  if (scope.distributed) return sql`select ${raw(columns(e))} from token ${raw(k)} join element ${raw(`${e} on ${e}.ck = ${k}.ck and ${e}.rid = ${k}.rid`)} where ${begins} and ${held}`;
  // In this order, whatever PostgreSQL expects: from the elements' side it would read all of their index.
  return sql`select ${raw(columns(e))} from (select ${raw(`${k}.ck, ${k}.rid from token ${k}`)} where ${begins} offset 0) ${raw(k)}
    cross join lateral (select ${raw(`${e}.* from element ${e} where ${e}.ck = ${k}.ck and ${e}.rid = ${k}.rid`)} and ${held} offset 0) ${raw(e)}`;
}

/** As a condition on rows `e` of elements of a resource that is known. */
export function heldIn(scope: Scope, holder: string, { type, filters }: Held, e: string): Sql {
  const tests = filters.map((filter) => test(scope, holder, type, filter, e));
  return join([sql`${raw(e)}.param = ${containedParam(type)}::int`, ...tests], " and ");
}

/** Codes that whatever the filter finds has one of. */
function codeIn(filter: Filter): Token | undefined {
  if (filter.kind === "token") return filter.modifier === "not" || filter.terms.some(({ code }) => code === undefined) ? undefined : filter;
  return filter.kind === "and" ? filter.filters.map(codeIn).find((one) => one !== undefined) : undefined;
}

/** The rows that a search begins with state codes alone. */
function withoutSystems({ param, terms }: Token): Token {
  return { kind: "token", param, terms: terms.flatMap(({ code }) => code === undefined ? [] : { code }) };
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
    // It changes with what holds it.
    case "lastUpdated": {
      const x = scope.alias();
      return probe(sql`resource ${raw(`${x} where ${x}.ck = ${e}.ck and ${x}.rid = ${e}.rid`)} and ${updatedTest(x, filter)}`);
    }
    case "near": return of((x) => sql`${isPosition(own, x)} and ${nearTest(x, filter.terms)}`, raw("(select ck, rid, element, param, low as latitude, high as longitude from element)"));
    // What lies beyond is a set: an element does not say where its references lead.
    case "chain": return of((x) => sql`${ofParam(x, own, filter.param)} and ${among(scope, raw(`${x}.target`), scope.targetsOf(holder, filter))}${filter.canonical ? sql` and ${versionFits(scope, x, filter)}` : raw("")}`);
    case "has": case "words": case "compartment": case "contained": return assert.fail(`${filter.kind} is not asked of contained resources, see holdsOfContained`);
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
