/**
 * A filter as a condition on one resource that another part of the statement has found: probes of indexes, one a row.
 * They are scalar subqueries on purpose: as joins, PostgreSQL gathers all rows of a person first, for it cannot know
 * that code and person go together.
 */
import assert from "node:assert/strict";
import type { Filter, Leaf } from "#fhir/search/query-model.ts";
import { ridOf } from "../keys.ts";
import { join, numbers, raw, sql, type Sql } from "../sql.ts";
import { compartmentSource } from "./compartment.ts";
import { heldIn } from "./contained.ts";
import { updatedTest } from "./date.ts";
import { elementTest } from "./element.ts";
import { checkChain, checkHas } from "./hop.ts";
import { sourceOf } from "./leaf.ts";
import { nearTest } from "./near.ts";
import { probe } from "./probe.ts";
import type { Row, Scope } from "./scope.ts";
import { anyOf, hasMainDate, ofParam, tableOf } from "./source.ts";
import { opposite, wordsTest } from "./words.ts";

/** Always true or false, never null. */
export function check(scope: Scope, type: string, filter: Filter, row: Row): Sql {
  const of = (table: string, condition: (alias: string) => Sql): Sql => {
    const alias = scope.alias();
    return probe(sql`${raw(`${table} ${alias}`)} where ${same(alias, row)} and ${condition(alias)}`);
  };
  switch (filter.kind) {
    case "id": return sql`${raw(row.alias)}.rid = any(${numbers(filter.ids.map((id) => ridOf(type, id)))}::bigint[])`;
    case "lastUpdated": return row.resource ? updatedTest(row.alias, filter) : of("resource", (alias) => updatedTest(alias, filter));
    case "compartment": {
      const refers = of("reference", compartmentSource(type, filter).condition);
      return filter.self ? sql`(${raw(row.alias)}.rid = ${ridOf(filter.of.type, filter.of.id)}::bigint or ${refers})` : refers;
    }
    case "missing": {
      const there = of(filter.searchType === "position" ? "position" : tableOf[filter.searchType], (alias) => filter.searchType === "position" ? raw("true") : ofParam(alias, type, filter.param));
      return filter.missing ? sql`not ${there}` : there;
    }
    case "other": {
      const { table, condition } = sourceOf(type, filter.leaf);
      return of(table, (alias) => sql`${ofParam(alias, type, filter.leaf.param)} and (${condition(alias)}) is not true`);
    }
    case "and": return filter.filters.length ? sql`(${join(filter.filters.map((one) => check(scope, type, one, row)), " and ")})` : raw("true");
    case "or": return anyOf(filter.filters.map((one) => check(scope, type, one, row)));
    case "not": return sql`not ${check(scope, type, filter.filter, row)}`;
    case "element": return of("element", (alias) => elementTest(scope, type, filter.filters, alias));
    case "contained": return of("element", (alias) => heldIn(scope, type, filter, alias));
    case "near": return of("position", (alias) => nearTest(alias, filter.terms));
    case "words": {
      const absent = opposite(filter);
      return absent ? sql`not ${of("words", (alias) => wordsTest(alias, type, absent))}` : of("words", (alias) => wordsTest(alias, type, filter));
    }
    case "chain": return checkChain(scope, type, filter, row);
    case "has": return checkHas(scope, type, filter, row);
    case "value-set": case "subsumes": case "hierarchy": return assert.fail(`${filter.kind} is resolved first, see resolve.ts`);
    default: return checkLeaf(scope, type, filter, row);
  }
}

function checkLeaf(scope: Scope, type: string, leaf: Leaf, row: Row): Sql {
  const { table, condition } = sourceOf(type, leaf);
  const alias = scope.alias();
  // A resource has one main date. Saying so makes every index of these tables a single descent: without it a plan may walk all that refers to a person.
  const sameDate = row.main && hasMainDate(table) ? sql` and ${raw(alias)}.at = ${raw(row.alias)}.at` : raw("");
  const there = probe(sql`${raw(`${table} ${alias}`)} where ${same(alias, row)}${sameDate} and ${condition(alias)}`);
  return leaf.kind === "token" && leaf.modifier === "not" ? sql`not ${there}` : there;
}

function same(alias: string, row: Row): Sql {
  return raw(`${alias}.ck = ${row.alias}.ck and ${alias}.rid = ${row.alias}.rid`);
}
