/**
 * From a parsed query to the set of its resources, as SQL over the index tables: one filter drives (the one likely
 * to find fewest rows), the others are checked on its rows, the caller's filter last. `m` is the driving row.
 */
import assert from "node:assert/strict";
import { unreachable } from "#platform/result.ts";
import type { Filter, IndexedType, SearchQuery } from "#fhir/search/query-model.ts";
import { candidateVisible, sharedTypes } from "../access.ts";
import { paramKey, placeOf, ridOf } from "../keys.ts";
import type { Caller } from "../record.ts";
import { join, numbers, raw, sql, type Sql } from "../sql.ts";
import { dateSource, dateTest } from "./date.ts";
import { numberSource } from "./number.ts";
import { quantitySource } from "./quantity.ts";
import { compartmentSource, ownRow } from "./compartment.ts";
import { patientsAsked, referenceSource } from "./reference.ts";
import { hasMainDate, type Source } from "./source.ts";
import { stringSource } from "./string.ts";
import { tokenSource, tokenTextSource } from "./token.ts";
import { uriSource } from "./uri.ts";

/**
 * `buckets`: where given, `m` lies in one of these, each walked on its own in index order.
 * `driver`: what `m` is. "at": index rows with the main date; "resource": the resource itself; "plain": (ck, rid) alone.
 * Checks are scalar subqueries on purpose: one index probe per driving row. As joins, PostgreSQL gathers all rows of
 * a person first, for it cannot know that code and person go together.
 */
export type Candidates = { from: Sql; where: Sql; buckets?: Sql; driver: "at" | "resource" | "plain" };

const tableOf: Readonly<Record<IndexedType, Source["table"]>> = { token: "token", string: "string", date: "date", number: "number", quantity: "quantity", reference: "reference", uri: "uri" };

/** Lower drives first. Undefined: cannot drive, for it says what is not there. */
function rank(filter: Filter, people: boolean): number | undefined {
  switch (filter.kind) {
    case "id": return 0;
    case "token": {
      if (filter.modifier === "not" || filter.terms.some((term) => term.code === undefined)) return undefined;
      if (filter.param === "identifier") return 1;
      // Within one person's bucket a code finds few rows; across all people a status finds nearly all.
      return (people ? 2 : 6) + (filter.param.endsWith("code") || filter.param === "vaccine-code" ? 0 : 0.5);
    }
    case "uri": return filter.modifier ? 8 : 3;
    case "reference": case "compartment": return 4;
    case "string": return filter.modifier === "contains" ? 7 : 5;
    case "date": return 7.1;
    case "quantity": return 7.2;
    case "number": return 7.3;
    case "token-text": return 8;
    case "lastUpdated": case "missing": return undefined;
    default: return unreachable(filter);
  }
}

function sourceOf(type: string, filter: Exclude<Filter, { kind: "id" | "lastUpdated" | "missing" | "compartment" }>): Source {
  switch (filter.kind) {
    case "token": return tokenSource(type, filter);
    case "token-text": return tokenTextSource(type, filter);
    case "string": return stringSource(type, filter);
    case "date": return dateSource(type, filter);
    case "number": return numberSource(type, filter);
    case "quantity": return quantitySource(type, filter);
    case "reference": return referenceSource(type, filter);
    case "uri": return uriSource(type, filter);
    default: return unreachable(filter);
  }
}

export function candidates(query: Pick<SearchQuery, "type" | "filters">, caller: Caller): Candidates {
  const { type, filters } = query;
  const people = filters.map(patientsAsked).find((ids) => ids !== undefined);
  let best: Filter | undefined, bestRank = Infinity;
  for (const filter of filters) {
    const value = rank(filter, people !== undefined);
    if (value !== undefined && value < bestRank) { best = filter; bestRank = value; }
  }
  const drive = best ? driverOf(type, best) : wholeType(type, caller);
  const conditions = [...drive.conditions, ...filters.filter((filter) => filter !== best).map((filter) => check(type, filter, drive.driver))];
  conditions.push(candidateVisible(caller.filter, "m"));
  return { from: drive.from, where: join(conditions, " and "), driver: drive.driver, ...(people && drive.driver === "at" && best?.kind === "token" ? { buckets: bucketsOf(people) } : {}) };
}

type Driver = { from: Sql; conditions: Sql[]; driver: Candidates["driver"] };

/** All resources of a type; a patient's are found from their compartment, not among everybody's. */
function wholeType(type: string, { filter }: Caller): Driver {
  const from = filter.kind === "patient" && !sharedTypes.has(type)
    ? sql`(select r.* from compartment p join resource r on r.ck = p.ck and r.rid = p.rid where p.person = ${ridOf("Patient", filter.patient)}::bigint and p.person <> 0) m`
    : raw("resource m");
  return { from, conditions: [sql`m.type = ${type}::text and not m.deleted`], driver: "resource" };
}

function driverOf(type: string, filter: Filter): Driver {
  assert(filter.kind !== "lastUpdated" && filter.kind !== "missing", "these never drive, see rank");
  if (filter.kind === "id") {
    const ids = [...new Set(filter.ids)];
    const places = numbers(ids.map((id) => placeOf(type, id) ?? "null"));
    return {
      from: sql`(select r.* from unnest(${numbers(ids.map((id) => ridOf(type, id)))}::bigint[], ${places}::bigint[]) i(rid, ck) left join directory d on i.ck is null and d.rid = i.rid join resource r on r.ck = coalesce(i.ck, d.ck) and r.rid = i.rid) m`,
      conditions: [sql`m.type = ${type}::text and not m.deleted`], driver: "resource",
    };
  }
  if (filter.kind === "compartment" && filter.self) {
    return { from: sql`(${ownRow(filter.of)} union select x.ck, x.rid from reference x where ${compartmentSource(type, filter).condition("x")}) m`, conditions: [probe("there", sql`resource r where r.ck = m.ck and r.rid = m.rid and r.type = ${type}::text and not r.deleted`)], driver: "plain" };
  }
  const source = filter.kind === "compartment" ? compartmentSource(type, filter) : sourceOf(type, filter);
  return { from: raw(`${source.table} m`), conditions: [source.condition("m")], driver: hasMainDate(source.table) ? "at" : "plain" };
}

/** Buckets in which rows of these people stand: their own, and those noted as strays. */
function bucketsOf(people: readonly string[]): Sql {
  const [only] = people;
  if (people.length === 1) { const own = sql`${String(placeOf("Patient", only!)!)}::bigint`; return sql`(select ${own} as ck union all select s.ck from stray s where s.person = ${ridOf("Patient", only!)}::bigint and s.ck <> ${own})`; }
  const own = numbers(people.map((id) => placeOf("Patient", id)!));
  return sql`(select unnest(${own}::bigint[]) union select s.ck from stray s where s.person = any(${numbers(people.map((id) => ridOf("Patient", id)))}::bigint[]))`;
}

/** One index probe per driving row; never turned into a join. */
function probe(is: "there" | "absent", from: Sql): Sql {
  return sql`(select true from ${from} limit 1) is ${raw(is === "there" ? "not null" : "null")}`;
}

function check(type: string, filter: Filter, driver: Candidates["driver"]): Sql {
  const same = raw("x.ck = m.ck and x.rid = m.rid");
  switch (filter.kind) {
    case "id": return probe("there", sql`resource x where ${same} and x.id = any(${`{${filter.ids.join(",")}}`}::text[])`);
    case "lastUpdated": {
      const test = (alias: string): Sql => join(filter.terms.map((term) => dateTest(raw(`${alias}.updated`), raw(`(${alias}.updated + 1)`), term)), " or ");
      return driver === "resource" ? sql`(${test("m")})` : probe("there", sql`resource x where ${same} and (${test("x")})`);
    }
    case "compartment": {
      const refers = probe("there", sql`reference x where ${same} and ${compartmentSource(type, filter).condition("x")}`);
      return filter.self ? sql`(m.rid = ${ridOf(filter.of.type, filter.of.id)}::bigint or ${refers})` : refers;
    }
    case "missing": return probe(filter.missing ? "absent" : "there", sql`${raw(tableOf[filter.searchType])} x where ${same} and x.param = ${paramKey(type, filter.param)}::int`);
    default: {
      const source = sourceOf(type, filter);
      const is = filter.kind === "token" && filter.modifier === "not" ? "absent" : "there";
      // A resource has one main date. Saying so makes every index of these tables a single descent: without it a plan may walk all that refers to a person.
      const sameDate = driver === "at" && hasMainDate(source.table) ? raw(" and x.at = m.at") : raw("");
      return probe(is, sql`${raw(source.table)} x where ${same}${sameDate} and ${source.condition("x")}`);
    }
  }
}
