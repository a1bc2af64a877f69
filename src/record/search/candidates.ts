/**
 * From a parsed query to the set of its resources, as SQL over the index tables: one filter drives (the one likely
 * to find fewest rows), the others are checked on its rows, the caller's filter last.
 */
import { unreachable } from "#platform/result.ts";
import type { Filter, Leaf, SearchQuery } from "#fhir/search/query-model.ts";
import { candidateVisible, rowVisible, sharedTypes } from "../access.ts";
import { paramKey, placeOf, ridOf } from "../keys.ts";
import type { Caller } from "../record.ts";
import { join, numbers, raw, sql, type Sql } from "../sql.ts";
import { check, elementTest, nearTest } from "./check.ts";
import { compartmentSource, ownRow } from "./compartment.ts";
import { chainTargets, referredBy } from "./hop.ts";
import { sourceOf } from "./leaf.ts";
import { patientsAsked } from "./reference.ts";
import { isSmall, weightMax, type Row, type Scope } from "./scope.ts";
import { hasMainDate } from "./source.ts";
import { namesWords, wordsTest } from "./words.ts";

/**
 * `m` is the driving row. `starts`: where given, `m` is walked in index order from each of these (distinct) values of the column on its own.
 * `driver`: what `m` is. "at": index rows with the main date; "resource": the resource itself; "plain": (ck, rid) alone.
 */
export type Candidates = { from: Sql; where: Sql; starts?: { values: Sql; column: "ck" | "target" }; driver: "at" | "resource" | "plain" };

/** Which filter drives: its place in the query, −1 for none. Later pages begin where the first did. */
export type Choice = number;

export function newScope(caller: Caller, weights: ReadonlyMap<Filter, number> = new Map()): Scope {
  let used = 0;
  const scope: Scope = {
    caller, weights, alias: () => `a${++used}`,
    check: (type, filter, row) => check(scope, type, filter, row), setOf: (type, filters) => setOf(scope, type, filters),
  };
  return scope;
}

/** Lower drives first. Undefined: cannot drive, for it says what is not there. */
function rank(scope: Scope, filter: Filter, people: boolean): number | undefined {
  const weight = scope.weights.get(filter);
  // Counted: the fewest first, before all that is only guessed.
  if (isSmall(weight)) return weight! / weightMax - 1;
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
    case "string": return filter.modifier === "contains" || filter.modifier === "ends" ? 7 : 5;
    case "near": return 5.5;
    case "element": return filter.filters[0]!.kind === "token" ? 6.2 : undefined;
    case "words": return namesWords(filter.query) ? 6.9 : undefined;
    case "date": return 7.1;
    case "quantity": return 7.2;
    case "number": return 7.3;
    case "token-text": return 8;
    case "or": {
      const ranks = filter.filters.map((one) => rank(scope, one, people));
      return ranks.length && ranks.every((one) => one !== undefined) ? Math.max(...ranks) + 0.1 : undefined;
    }
    case "and": {
      const ranks = filter.filters.map((one) => rank(scope, one, people)).filter((one) => one !== undefined);
      return ranks.length ? Math.min(...ranks) + 0.05 : undefined;
    }
    // Not counted, or found to lead to many: then the rows of the type are walked and their references followed.
    case "chain": case "has": return undefined;
    case "lastUpdated": case "missing": case "not": case "other": case "value-set": case "subsumes": case "hierarchy": return undefined;
    default: return unreachable(filter);
  }
}

/** The filter to begin with. */
export function choose(scope: Scope, filters: readonly Filter[]): Choice {
  const people = filters.some((filter) => patientsAsked(filter) !== undefined);
  let best = -1, bestRank = Infinity;
  for (const [i, filter] of filters.entries()) {
    const value = rank(scope, filter, people);
    if (value !== undefined && value < bestRank) { best = i; bestRank = value; }
  }
  return best;
}

/** Of resolved filters. */
export function candidates({ type, filters }: Pick<SearchQuery, "type" | "filters">, caller: Caller, weights?: ReadonlyMap<Filter, number>, choice?: Choice): Candidates {
  const scope = newScope(caller, weights);
  return found(scope, type, filters, "m", choice ?? choose(scope, filters));
}

/** (ck, rid) of what the filters find, for a set within another statement. */
function setOf(scope: Scope, type: string, filters: readonly Filter[]): Sql {
  const m = scope.alias(), b = scope.alias();
  const { from, where, starts } = found(scope, type, filters.flatMap((filter) => filter.kind === "and" && filter.filters.length ? filter.filters : [filter]), m);
  if (!starts) return sql`select ${raw(`${m}.ck, ${m}.rid`)} from ${from} where ${where}`;
  return sql`select q.* from (${starts.values}) ${raw(b)}(s) cross join lateral (select ${raw(`${m}.ck, ${m}.rid`)} from ${from} where ${raw(`${m}.${starts.column} = ${b}.s`)} and ${where} offset 0) q`;
}

function found(scope: Scope, type: string, filters: readonly Filter[], m: string, choice: Choice = choose(scope, filters)): Candidates {
  const best = filters[choice];
  const drive = best ? driverOf(scope, type, best, m) : wholeType(scope, type, m);
  const row: Row = { alias: m, resource: drive.driver === "resource", main: drive.driver === "at" };
  const conditions = [...drive.conditions, ...filters.filter((filter) => filter !== best).map((filter) => check(scope, type, filter, row))];
  conditions.push(row.resource ? rowVisible(scope.caller.filter, m) : candidateVisible(scope.caller.filter, m));
  const starts = drive.starts ?? (best?.kind === "token" ? bucketsOf(scope, filters) : undefined);
  return { from: drive.from, where: join(conditions, " and "), driver: drive.driver, ...(starts ? { starts } : {}) };
}

type Driver = { from: Sql; conditions: Sql[]; driver: Candidates["driver"]; starts?: Candidates["starts"] };

/** All resources of a type; a patient's are found from their compartment, not among everybody's. */
function wholeType({ caller: { filter } }: Scope, type: string, m: string): Driver {
  const from = filter.kind === "patient" && !sharedTypes.has(type)
    ? sql`(select r.* from compartment p join resource r on r.ck = p.ck and r.rid = p.rid where p.person = ${ridOf("Patient", filter.patient)}::bigint and p.person <> 0) ${raw(m)}`
    : raw(`resource ${m}`);
  return { from, conditions: [isOf(type, m)], driver: "resource" };
}

function isOf(type: string, m: string): Sql {
  return sql`${raw(m)}.type = ${type}::text and not ${raw(m)}.deleted`;
}

function driverOf(scope: Scope, type: string, filter: Filter, m: string): Driver {
  const plain = (table: string, condition: Sql): Driver => ({ from: raw(`${table} ${m}`), conditions: [condition], driver: "plain" });
  switch (filter.kind) {
    case "id": {
      const ids = [...new Set(filter.ids)];
      const places = numbers(ids.map((id) => placeOf(type, id) ?? "null"));
      return {
        from: sql`(select r.* from unnest(${numbers(ids.map((id) => ridOf(type, id)))}::bigint[], ${places}::bigint[]) i(rid, ck) left join directory d on i.ck is null and d.rid = i.rid join resource r on r.ck = coalesce(i.ck, d.ck) and r.rid = i.rid) ${raw(m)}`,
        conditions: [isOf(type, m)], driver: "resource",
      };
    }
    case "chain": return {
      from: raw(`reference ${m}`), conditions: [sql`${raw(m)}.param = ${paramKey(type, filter.param)}::int`], driver: "at",
      starts: { values: chainTargets(scope, filter), column: "target" },
    };
    case "has": return {
      from: sql`(select r.* from (${referredBy(scope, filter)}) k join resource r on r.ck = k.ck and r.rid = k.rid) ${raw(m)}`,
      conditions: [isOf(type, m)], driver: "resource",
    };
    case "or": return { from: sql`(${join(filter.filters.map((one) => setOf(scope, type, [one])), " union ")}) ${raw(m)}`, conditions: [], driver: "plain" };
    case "and": return { from: sql`(${setOf(scope, type, filter.filters)}) ${raw(m)}`, conditions: [], driver: "plain" };
    case "compartment": {
      if (!filter.self) return { from: raw(`reference ${m}`), conditions: [compartmentSource(type, filter).condition(m)], driver: "at" };
      return { from: sql`(select r.* from (${ownRow(filter.of)} union select x.ck, x.rid from reference x where ${compartmentSource(type, filter).condition("x")}) k join resource r on r.ck = k.ck and r.rid = k.rid) ${raw(m)}`, conditions: [isOf(type, m)], driver: "resource" };
    }
    case "element": return plain("element", elementTest(scope, type, filter.filters, m));
    case "near": return plain("position", nearTest(m, filter.terms));
    case "words": return plain("words", wordsTest(m, type, filter));
    case "lastUpdated": case "missing": case "not": case "other": case "value-set": case "subsumes": case "hierarchy": throw new Error(`${filter.kind} never drives, see rank`);
    default: return driverOfLeaf(type, filter, m);
  }
}

function driverOfLeaf(type: string, leaf: Leaf, m: string): Driver {
  const { table, condition } = sourceOf(type, leaf);
  return { from: raw(`${table} ${m}`), conditions: [condition(m)], driver: hasMainDate(table) ? "at" : "plain" };
}

/** Buckets in which rows of the people stand that a search is limited to: their own, and those noted as strays. */
function bucketsOf(scope: Scope, filters: readonly Filter[]): Candidates["starts"] {
  const people = filters.map(patientsAsked).find((ids) => ids !== undefined);
  if (people) return { values: bucketsOfPeople(people), column: "ck" };
  const chain = filters.find((filter) => filter.kind === "chain" && isSmall(scope.weights.get(filter)) && filter.branches.every(({ type }) => type === "Patient"));
  if (chain?.kind !== "chain") return undefined;
  const set = join(chain.branches.map(({ type, filter }) => setOf(scope, type, [filter])), " union ");
  return { values: sql`select distinct coalesce(s.ck, p.ck) from (${set}) p cross join lateral (select null::bigint as ck union all select x.ck from stray x where x.person = p.rid) s`, column: "ck" };
}

function bucketsOfPeople(people: readonly string[]): Sql {
  const [only] = people;
  if (people.length === 1) { const own = sql`${String(placeOf("Patient", only!)!)}::bigint`; return sql`select ${own} as ck union all select s.ck from stray s where s.person = ${ridOf("Patient", only!)}::bigint and s.ck <> ${own}`; }
  const own = numbers(people.map((id) => placeOf("Patient", id)!));
  return sql`select unnest(${own}::bigint[]) union select s.ck from stray s where s.person = any(${numbers(people.map((id) => ridOf("Patient", id)))}::bigint[])`;
}
